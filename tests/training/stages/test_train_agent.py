"""Runs of ``proactive train agent`` on a tiny model: the same losses however a step is cut, killed or spread."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from proactive_inference.models.agent_answer import AGENT_SCHEMA, read_agent_answer
from proactive_inference.models.agent_prompt import agent_messages
from proactive_inference.models.chat_template import prompt_tokens
from proactive_inference.models.local import LocalModel
from proactive_inference.models.model_settings import ModelSettings
from proactive_training.evaluation_figures import answered, evaluation_figures
from proactive_training.evaluation_file import Exposure, read_evaluations
from proactive_training.model_scores import model_scores
from proactive_training.need_data import read_need_data
from proactive_training.need_rows import need_rows
from proactive_training.run_directory import RunDirectory
from proactive_training.stages.agent_examples import read_agent_data
from small_traces import reward_rows, with_a_long_moment, write_published
from tiny_models import of_family, tiny_llama
from training_processes import TWO_PROCESSES, killed_at, losses, ranks, spawned

pytestmark = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing.*:FutureWarning")

OPTIONS = ["--held-out", "0.2", "--batch", "4", "--epochs", "2", "--most-events", "2", "--precision", "float32"]
OPTIONS += ["--learning-rate", "0.01", "--lora-rank", "8", "--early-stopping", "5"]


def command(published: Path, tiny: Path, out: Path, *more: str) -> list[str]:
    return ["train", "agent", "--data", str(published), "--model", str(tiny), "--out", str(out), *OPTIONS, *more]


def run(arguments: list[str]) -> str:
    """What a command prints that ends well, run in this process, where torch is loaded already."""
    from typer.testing import CliRunner

    from proactive_training.commands.train import app

    done = CliRunner().invoke(app, arguments[1:])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout


@pytest.fixture(scope="module")
def golden(published: Path, tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run that the others are held to: four examples at a time."""
    out = tmp_path_factory.mktemp("golden") / "run"
    told = json.loads(run(command(published, tiny, out, "--micro-batch", "4", "--json")).splitlines()[-1])
    assert told["steps"] == len(losses(out)) == 16
    assert 0 <= told["threshold"] <= 1
    return out


def test_adapters_learn(golden: Path) -> None:
    found = losses(golden)  # the random embeddings of the base, which stay, allow no more
    assert found[-1] < found[0] - 0.08


def test_all_weights_learn_when_help_is_wanted(published: Path, tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    more = ["--full", "--learning-rate", "0.005", "--epochs", "40", "--most-events", "1", "--early-stopping", "0"]
    run(command(published, tiny, out, *more))
    assert losses(out)[-1] < losses(out)[0] / 10
    bench = read_need_data(published).bench
    scores = model_scores(bench, LocalModel.open(out), most_events=1)
    found = evaluation_figures(answered(need_rows(bench), scores.speaks, scores.scores))
    assert scores.valid == 1
    assert found["f1"] > found["baselines"]["always"]["f1"] + 0.2, found


@pytest.mark.parametrize(
    "more",
    [["--micro-batch", "2"], ["--micro-batch", "4", "--packing"], ["--micro-batch", "4", "--checkpointing"]],
)
def test_a_step_may_be_cut_as_one_likes(
    golden: Path, published: Path, tiny: Path, tmp_path: Path, more: list[str]
) -> None:
    run(command(published, tiny, tmp_path / "run", *more))
    assert losses(tmp_path / "run") == pytest.approx(losses(golden), abs=1e-3)


def test_a_model_that_does_not_divide_its_own_loss_learns_the_same(
    golden: Path, published: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import LlamaForCausalLM

    monkeypatch.setattr(LlamaForCausalLM, "accepts_loss_kwargs", False, raising=False)
    run(command(published, tiny, tmp_path / "run", "--micro-batch", "1"))
    assert losses(tmp_path / "run") == pytest.approx(losses(golden), abs=1e-3)


def test_reading_once_what_is_shared_changes_no_loss(published: Path, tiny: Path, tmp_path: Path) -> None:
    """With all data in each step, examples one by one and sittings as trees are the same steps."""
    ways = {
        "alone": ["--batch", "36", "--micro-batch", "4"],
        "sharing": ["--batch", "6", "--micro-batch", "1", "--sharing"],
        "two": ["--batch", "6", "--micro-batch", "2", "--sharing"],
    }
    for name, more in ways.items():
        more = [*more, "--epochs", "4", "--held-out", "0", "--early-stopping", "0", "--save-every", "9"]
        run(command(published, tiny, tmp_path / name, *more))
    assert len(losses(tmp_path / "alone")) == 4
    for name in ("sharing", "two"):
        assert losses(tmp_path / name) == pytest.approx(losses(tmp_path / "alone"), abs=1e-3)


def test_votes_soften_what_is_taught(published: Path, tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    told = run(
        command(published, tiny, out, "--softness", "0.5", "--sharing", "--batch", "2", "--micro-batch", "1")
    )
    assert "Learning from 40 answers (10 that speak" in told  # five traces; the needy moments' votes go both ways
    assert RunDirectory(out).description["data"]["moments"] == 30
    measured = [row["eval_decision_loss"] for row in RunDirectory(out).metrics() if "eval_decision_loss" in row]
    assert measured and all(value > 0 for value in measured)


def test_a_held_out_moment_counts_once_however_many_tasks_were_welcome(
    two_tasks: Path, tiny: Path, tmp_path: Path
) -> None:
    """Of a trace's six moments two speak; with two tasks each it still has six, and the same threshold."""
    found = []
    for tasks in ("1", "2"):
        out = tmp_path / tasks
        told = run(command(two_tasks, tiny, out, "--tasks", tasks, "--learning-rate", "1e-9", "--epochs", "0.1"))
        data, results = (RunDirectory(out).description[key] for key in ("data", "results"))
        assert f"Learning from {30 + 10 * (tasks == '2')} answers" in told
        assert data["moments"] == 30 and data["tasks"] == 10 * int(tasks)
        assert results["held_out"]["moments"] == 6 and "by 6 held-out moments" in told
        found.append((results["threshold"], *results["held_out"].values()))
    assert found[0] == pytest.approx(found[1], abs=1e-4)


@pytest.fixture
def two_tasks(tmp_path: Path) -> Path:
    """The same traces, where whoever needs help takes either of two tasks."""
    return write_published(
        tmp_path / "two", [{**row, "valid": True, "annotation": [True] * 3} for row in reward_rows()]
    )


def test_two_processes_learn_the_same(golden: Path, published: Path, tiny: Path, tmp_path: Path) -> None:
    done = spawned(command(published, tiny, tmp_path / "run", "--micro-batch", "2"), TWO_PROCESSES)
    assert done.returncode == 0, done.stderr
    assert ranks(tmp_path / "run") == {"rng_state_0.pth", "rng_state_1.pth"}
    assert losses(tmp_path / "run") == pytest.approx(losses(golden), abs=1e-3)
    assert done.stdout.count("Learning from") == 1


def test_two_processes_share_what_moments_have_in_common(published: Path, tiny: Path, tmp_path: Path) -> None:
    options = ["--sharing", "--micro-batch", "1", "--epochs", "1"]
    done = spawned(command(published, tiny, tmp_path / "two", *options), TWO_PROCESSES)
    assert done.returncode == 0, done.stderr
    run(command(published, tiny, tmp_path / "one", *options))
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), abs=1e-3)


def test_a_killed_run_goes_on_as_if_nothing_had_been(
    golden: Path, published: Path, tiny: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    arguments = command(published, tiny, out, "--micro-batch", "4", "--save-every", "8")
    killed_at(arguments, "Step 10/")
    assert len(losses(out)) == 10
    refused = spawned(arguments)
    assert refused.returncode == 1 and "go on with it by --resume" in refused.stderr
    other = spawned([*arguments, "--resume", "--seed", "5"])
    assert other.returncode == 1 and "seed was 0, now 5" in other.stderr
    done = spawned([*arguments, "--resume"])
    assert done.returncode == 0, done.stderr
    assert "Going on after step 8." in done.stdout
    assert losses(out) == pytest.approx(losses(golden), abs=1e-6)
    expected = RunDirectory(golden).description["results"]["loss"]
    assert RunDirectory(out).description["results"]["loss"] == pytest.approx(expected, abs=1e-6)


def test_a_run_that_was_killed_at_its_end_tells_of_all_its_steps(
    golden: Path, published: Path, tiny: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    arguments = command(published, tiny, out, "--micro-batch", "4")
    killed_at(arguments, "Speaks from")
    assert not RunDirectory(out).finished
    learned = max(row["seconds"] for row in RunDirectory(out).metrics() if "loss" in row)
    run([*arguments, "--resume"])
    found, expected = (RunDirectory(path).description["results"] for path in (out, golden))
    assert found["loss"] == pytest.approx(expected["loss"], abs=1e-6)
    assert found["steps"] == 16 and found["tokens_per_second"] > 0
    assert found["seconds"] >= learned


@pytest.mark.parametrize("words", ["Step 5/", "Speaks from"])
def test_a_killed_run_stops_as_early_as_if_nothing_had_been(
    published: Path, tiny: Path, tmp_path: Path, words: str
) -> None:
    """Measured at steps 2, 4 and 6, the last two are worse than the first."""
    out = tmp_path / "run"
    more = ["--learning-rate", "0.2", "--early-stopping", "2", "--save-every", "2", "--epochs", "3"]
    arguments = command(published, tiny, out, *more)
    killed_at(arguments, words)
    run([*arguments, "--resume"])
    assert len(losses(out)) == RunDirectory(out).description["results"]["steps"] == 6


def test_a_run_does_not_go_on_otherwise_than_it_began(
    golden: Path, published: Path, tiny: Path, tmp_path: Path
) -> None:
    arguments = command(published, tiny, golden, "--resume")
    assert "save_every was None, now 3" in refusal([*arguments, "--save-every", "3"]).replace("\n", " ")
    assert "is finished already" in run([*arguments, "--micro-batch", "1"])
    # The examples are the same, and in the same order: only what is held out of them is not.
    *_, one, last = dict.fromkeys(example.group for example in read_agent_data([published]).examples)
    arguments = command(published, tiny, tmp_path / "run", "--epochs", "0.1")
    run([*arguments, "--held-out", last])
    other = [*arguments, "--held-out", f"{one},{last}", "--resume"]
    assert "was begun on other data" in refusal(other).replace("\n", " ")


def test_a_run_is_a_model_that_answers_in_json(golden: Path, published: Path) -> None:
    model = LocalModel.open(golden)
    assert model.settings.most_events == 2 and model.settings.speaking_threshold is not None
    trace = read_need_data(published).bench.traces[0]
    (answer,) = model.complete(agent_messages(trace.window(3), most_events=2), schema=AGENT_SCHEMA, max_tokens=40)
    assert set(json.loads(answer.text)) == {"Purpose", "Thoughts", "Proactive Task", "Response"}
    speaks = read_agent_answer(answer.text).task is not None
    assert answer.probability_of_speaking is not None
    assert speaks == (answer.probability_of_speaking >= model.settings.speaking_threshold)


def test_a_run_says_what_it_was_made_of(golden: Path, tiny: Path) -> None:
    told = RunDirectory(golden).description
    assert told["options"]["seed"] == 0 and told["options"]["model"] == str(tiny)
    assert Path(told["base"]).is_absolute() and set(told["data"]["learned_from"]).isdisjoint(
        told["data"]["held_out"]
    )
    assert re.fullmatch(r"[0-9a-f]{32}", told["data"]["fingerprint"]) and len(told["data"]["held_out"]) == 1
    assert told["finished"] and told["versions"]["trl"]
    card = (golden / "README.md").read_text()
    assert "learning_rate: 0.01" in card and told["data"]["fingerprint"] in card
    assert RunDirectory(golden).latest_checkpoint() is not None
    measured = [row for row in RunDirectory(golden).metrics() if "eval_decision_loss" in row]
    assert len(measured) == 2


def test_a_model_of_another_family_learns_by_adapters(published: Path, tiny: Path, tmp_path: Path) -> None:
    """GPT-2 keeps the matrices of its layers the other way round."""
    out = tmp_path / "run"
    run(command(published, of_family("GPT2", tiny, tmp_path / "gpt2", n_positions=2048), out))
    assert losses(out)[-1] < losses(out)[0] - 1
    trace = read_need_data(published).bench.traces[0]
    (answer,) = LocalModel.open(out).complete(
        agent_messages(trace.window(3), most_events=2), schema=AGENT_SCHEMA, max_tokens=40
    )
    assert "Proactive Task" in json.loads(answer.text)


def test_the_whole_model_can_be_written(published: Path, tiny: Path, golden: Path, tmp_path: Path) -> None:
    run(command(published, tiny, tmp_path / "run", "--micro-batch", "4", "--merge"))
    assert not (tmp_path / "run" / "adapter_config.json").exists()
    assert ModelSettings.read(tmp_path / "run").base == ""
    trace = read_need_data(published).bench.traces[0]
    asked = agent_messages(trace.window(4), most_events=2)
    one, other = (
        LocalModel.open(path).complete(asked, schema=AGENT_SCHEMA, max_tokens=40)[0]
        for path in (golden, tmp_path / "run")
    )
    assert one.probability_of_speaking == pytest.approx(other.probability_of_speaking, abs=1e-4)


def refusal(arguments: list[str]) -> str:
    from typer.testing import CliRunner

    from proactive_training.commands.train import app

    done = CliRunner().invoke(app, arguments[1:])
    assert done.exit_code == 1, done.output
    return done.output


def test_what_cannot_go_well_is_refused_at_the_start(published: Path, tiny: Path, tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "thesis.txt").write_text("mine")
    rows = reward_rows()
    first = next(row["obs"][0] for row in rows if row["help_needed"])
    speaking = write_published(
        tmp_path / "one speaks", [row for row in rows if row["obs"][0] == first or not row["help_needed"]]
    )
    needy = next(e.trace for e in read_agent_data([speaking]).examples if e.speaks)
    later = [{**row, "obs": row["obs"][1:]} for row in rows if len(row["obs"]) > 3]
    again = write_published(tmp_path / "by other names", later)
    cases = [
        (command(published, tiny, full), "give a new folder with --out"),
        (command(published, tmp_path / "no-model", tmp_path / "a"), "there is no model"),
        (command(published, published, tmp_path / "b"), "no model's folder"),
        (command(tmp_path / "no-data", tiny, tmp_path / "c"), "does not exist"),
        (command(published, tiny, tmp_path / "d", "--micro-batch", "3"), "give a --micro-batch that divides 4"),
        (command(published, tiny, tmp_path / "e", "--held-out", str(published)), "stand in the training data"),
        (command(published, tiny, tmp_path / "f", "--precision", "int4"), "give bfloat16 or float32"),
        (command(published, tiny, tmp_path / "g", "--fold", "1"), "give --folds as well"),
        (command(published, tiny, tmp_path / "h", "--held-out", "0"), "needs traces to measure on"),
        (command(published, tiny, tmp_path / "i", "--held-out", ""), "needs traces to measure on"),
        (command(speaking, tiny, tmp_path / "m", "--held-out", needy), "no accepted task to learn from"),
        (command(published, tiny, tmp_path / "n", "--data", str(again)), "stand in the training data"),
    ]
    for arguments, expected in cases:
        assert expected in refusal(arguments).replace("\n", " ")
        out = Path(arguments[arguments.index("--out") + 1])
        assert not (out / "run.json").exists()
    assert (full / "thesis.txt").read_text() == "mine"


def test_a_model_in_which_packed_examples_see_one_another_is_not_taught_so(
    published: Path, tiny: Path, tmp_path: Path
) -> None:
    other = of_family("OPT", tiny, tmp_path / "opt", ffn_dim=64, word_embed_proj_dim=32)
    assert "leave --packing out" in refusal(command(published, other, tmp_path / "run", "--packing"))
    assert not (tmp_path / "run").exists()


def test_what_the_model_cannot_read_is_told_before_it_learns(published: Path, tiny: Path, tmp_path: Path) -> None:
    """Whether it is learned from, held out, or asked about once a fold is trained; with room for the answer."""
    tokenizer = AutoTokenizer.from_pretrained(tiny)
    examples = read_agent_data([published], most_events=2).examples
    longest = max(len(prompt_tokens(tokenizer, one.messages)) for one in examples)
    known, unknown = (with_a_long_moment(tmp_path / str(known), welcome=known) for known in (True, False))
    first = max(read_agent_data([known], most_events=2).examples, key=lambda e: len(e.messages[-1].content)).trace
    cases = [
        (published, longest + 255, ["--held-out", "0"], f"question has {longest} tokens and its answer up to 256"),
        (known, longest + 256, ["--held-out", first], f"reads {longest + 256}; lower --most-events"),
        (unknown, longest + 256, ["--folds", "3"], "in all; lower --most-events"),
    ]
    for number, (data, reads, more, expected) in enumerate(cases):
        sizes = {"max_position_embeddings": reads, "ffn_dim": 64, "word_embed_proj_dim": 32}
        model = of_family("OPT", tiny, tmp_path / f"opt-{number}", **sizes)
        out = tmp_path / f"run-{number}"
        assert expected in refusal(command(data, model, out, "--early-stopping", "0", *more)).replace("\n", " ")
        assert not out.exists()


def test_too_little_memory_is_told_before_anything_is_loaded(
    published: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("proactive_training.stages.preflight.free_memory", lambda: 5e8)
    told = refusal(command(published, tiny, tmp_path / "run"))
    assert "lower --micro-batch" in told and "0.5 GB are free" in told
    assert not (tmp_path / "run").exists()


def test_memory_is_reckoned_by_where_adapters_go(
    published: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a layer of GPT-2 as small as this, four matrices with 512 rows and columns in all; 16 bytes for each."""
    monkeypatch.setattr("proactive_training.stages.preflight.free_memory", lambda: 5e8)
    model = of_family("GPT2", tiny, tmp_path / "gpt2", n_positions=2048)
    for more, layers in ([], 2), (["--lora-layers", "1"], 1):
        told = refusal(command(published, model, tmp_path / "run", "--lora-rank", "200000", *more))
        assert f"{layers * 512 * 200_000 * 16 / 1e9:.1f} for what is trained" in told.replace("\n", " ")


def test_a_base_model_without_a_chat_template_is_taught_in_plain_words(published: Path, tmp_path: Path) -> None:
    base = tiny_llama(tmp_path / "base", chat_template=None, width=32)
    told = run(command(published, base, tmp_path / "run", "--epochs", "0.2"))
    assert "no chat template" in told
    trace = read_need_data(published).bench.traces[0]
    (answer,) = LocalModel.open(tmp_path / "run").complete(
        agent_messages(trace.window(3), most_events=2), schema=AGENT_SCHEMA, max_tokens=30
    )
    assert "Proactive Task" in json.loads(answer.text)


def test_cross_validation_asks_each_fold_about_traces_it_has_not_seen(
    published: Path, tiny: Path, tmp_path: Path
) -> None:
    out = tmp_path / "cv"
    arguments = command(published, tiny, out, "--folds", "3", "--epochs", "0.3", "--json")
    told = json.loads(run(arguments).splitlines()[-1])
    assert told["after"]["n"] == told["before"]["n"] == 36
    assert told["after"]["valid_json"] == told["before"]["valid_json"] == 1
    assert told["gain"]["f1"] == pytest.approx(told["after"]["f1"] - told["before"]["f1"])
    assert len(told["thresholds"]) == 3 and told["exposure"] == "held_out" and told["notes"] == []
    for number in (1, 2, 3):
        data = RunDirectory(out / f"fold-{number}").description["data"]
        parts = [set(data[key]) for key in ("learned_from", "threshold_from", "left_out")]
        assert sum(map(len, parts)) == len(set.union(*parts)) == 6
    again = json.loads(run([*arguments, "--resume"]).splitlines()[-1])
    assert again["after"] == told["after"]


def test_a_run_says_what_its_model_had_seen_of_what_measures_it(
    golden: Path, published: Path, tmp_path: Path
) -> None:
    data = RunDirectory(golden).description["data"]
    again = run(command(published, golden, tmp_path / "again", "--epochs", "0.1"))
    assert "held_out_seen" not in RunDirectory(tmp_path / "again").description["data"]
    assert "flatter" not in again  # its model held out the same trace
    (name, *_) = data["learned_from"]
    other = run(command(published, golden, tmp_path / "other", "--epochs", "0.1", "--held-out", name))
    assert "has learned from 1 of the 1 held-out traces" in other
    assert RunDirectory(tmp_path / "other").description["data"]["held_out_seen"] == [name]
    folds = command(published, golden, tmp_path / "cv", "--folds", "3", "--epochs", "0.1", "--json")
    told = json.loads(run(folds).splitlines()[-1])
    assert told["exposure"] == "seen" and "trained on 6 of these 6 traces" in told["notes"][0]
    assert [one.exposure for one in read_evaluations(Path(told["evaluation"]))] == [Exposure.SEEN] * 2


def test_of_two_processes_one_asks_and_tells(published: Path, tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "cv"
    arguments = command(published, tiny, out, "--folds", "3", "--epochs", "0.3", "--micro-batch", "2", "--merge")
    done = spawned([*arguments, "--json"], TWO_PROCESSES)
    assert done.returncode == 0, done.stderr
    (told,) = map(json.loads, done.stdout.splitlines())
    assert told["after"]["n"] == 36
    for number in (1, 2, 3):
        assert len(ranks(out / f"fold-{number}")) == 2
        assert len((out / f"answers-{number}.jsonl").read_text().splitlines()) == 12
