"""ProactiveBench's protocol, with scripts for models and judges."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from misbehaving_server import OFFER, Behaviour, MisbehavingServer, answers
from proactive_collectors.events import Observed
from proactive_collectors.trace import Window
from proactive_inference.errors import ModelError
from proactive_inference.judge.judge import Question, judgements
from proactive_inference.judge.resolve import load_judge
from proactive_inference.models.agent_answer import AgentAnswer
from proactive_inference.models.fake import FakeModel
from proactive_inference.models.judge_answer import JudgeAnswer
from proactive_inference.models.messages import Message
from proactive_training.agent_evaluation import Agent, agent_evaluations, agent_report, moments_of
from proactive_training.agent_truth import By, KeptJudge, Ruling, plain, rule
from proactive_training.answer_cache import AnswerCache
from proactive_training.commands.evaluate import app
from proactive_training.evaluation_file import Task, read_evaluations
from proactive_training.kept_lines import KeptLines
from proactive_training.need_data import read_need_data
from proactive_training.proactivebench import Label
from tiny_models import always_says, tiny_bert, tiny_llama

WANTED = ("error", "searches")
HELP, USELESS = "Look the error up.", "Tell a joke."


def last_event(messages: Sequence[Message]) -> str:
    return str(json.loads(messages[-1].content)["Observations"][-1]["Event"])


def by_event(decide: Callable[[str], str | None]) -> FakeModel:
    return FakeModel(lambda messages: AgentAnswer(task=decide(last_event(messages))))


def likes_help(window: Window, task: str | None) -> float:
    """Accepts help where the last event asks for it."""
    assert isinstance(window.events[-1].data, Observed)
    wanted = any(word in window.events[-1].data.sentence for word in WANTED)
    return 0.9 if task == HELP and wanted else 0.2


def counts(evaluation: Any) -> tuple[int, int, int, int]:
    found = evaluation.details["counts"]
    return found["tp"], found["fp"], found["tn"], found["fn"]


def test_the_four_counts_are_the_papers(bench: Path) -> None:
    """Of eleven events five need help. Help is offered at every event with an error, and once where none is."""
    model = by_event(lambda event: HELP if "error" in event or "mouse" in event else None)
    (found,) = agent_evaluations(read_need_data(bench), Agent(model, 4, answers=1), truth=likes_help)
    tp, fp, tn, fn = counts(found)
    assert (tp, fp, tn, fn) == (4, 1, 5, 1)
    assert found.task is Task.AGENT and found.protocol == "pred@1, no judge in the loop"
    assert found.figures["recall"] == pytest.approx(4 / 5)
    assert found.figures["precision"] == pytest.approx(4 / 5)
    assert found.figures["false_alarm"] == pytest.approx(1 / 5)
    assert found.figures["accuracy"] == pytest.approx(9 / 11)
    assert found.figures["f1"] == pytest.approx(2 * 4 / (2 * 4 + 1 + 1))
    assert found.figures["ci"]["f1"][0] <= found.figures["f1"] <= found.figures["ci"]["f1"][1]
    assert found.figures["baselines"]["always"]["precision"] == pytest.approx(5 / 11)
    assert found.figures["baselines"]["never"]["recall"] == 0
    assert found.details["ruled_by"] == {"people": 0, "judge": 5, "unreadable": 0, "need": 0}


def test_a_useless_task_where_help_is_needed_is_a_false_alarm(bench: Path) -> None:
    (found,) = agent_evaluations(
        read_need_data(bench), Agent(by_event(lambda _: USELESS), 4, answers=1), truth=likes_help
    )
    assert counts(found) == (0, 11, 0, 0)
    (kinder,) = agent_evaluations(read_need_data(bench), Agent(by_event(lambda _: USELESS), 4, answers=1))
    assert counts(kinder) == (5, 6, 0, 0)
    assert "11 of 11 proposals were judged by nobody" in kinder.notes[0]


def test_at_three_the_best_answer_counts(bench: Path) -> None:
    """The first answer is a joke, the second silence, the third helps."""
    model = FakeModel([AgentAnswer(task=USELESS), AgentAnswer(), AgentAnswer(task=HELP)] * 11)
    one, three = agent_evaluations(read_need_data(bench), Agent(model, 4), truth=likes_help)
    assert (one.name, three.name) == ("fake, pred@1", "fake, pred@3")
    assert counts(one) == (0, 11, 0, 0)
    assert counts(three) == (5, 6, 0, 0)
    assert {row.task for row in three.rows if row.label} == {HELP}
    temperatures = {(asked.temperature, asked.count, asked.seed) for asked in model.asked}
    assert temperatures == {(0.0, 1, None), (0.7, 2, 0)}


def test_the_judge_in_the_loop_lets_only_its_favourite_through(bench: Path) -> None:
    asked: list[str | None] = []

    def loop(window: Window, task: str | None) -> float:
        asked.append(task)
        return likes_help(window, task)

    model = FakeModel(
        [AgentAnswer(task=USELESS), AgentAnswer(task=HELP), AgentAnswer(task=HELP.upper())] * 8
        + [AgentAnswer(task=USELESS), AgentAnswer(task=HELP), AgentAnswer()] * 3
    )
    found = agent_evaluations(read_need_data(bench), Agent(model, 4), truth=likes_help, loop=loop)
    assert [one.protocol for one in found] == [
        "pred@1, no judge in the loop",
        "pred@3, no judge in the loop",
        "pred@1, judge in the loop",
        "pred@3, judge in the loop",
    ]
    assert counts(found[2]) == (0, 0, 6, 5)  # every joke is dropped
    assert counts(found[3]) == (5, 0, 6, 0)
    assert HELP.upper() not in asked  # the same task in other letters is one proposal


def test_people_have_the_first_word_on_a_task_that_they_judged() -> None:
    label = Label(need=True, tasks=(("Look the error up", True), ("Tell a joke!", False)))
    for task, accepted in (("look the error UP.", True), ("Tell  a joke", False)):
        ruling = rule(label, task, {})
        assert (ruling.accepted, ruling.by) == (accepted, By.PEOPLE)
    assert rule(label, "Sing", {"Sing": 0.5}) == Ruling(True, By.JUDGE)
    assert not rule(label, "Sing", {"Sing": 0.49}).accepted
    assert rule(label, "Sing", {"Sing": None}) == Ruling(False, By.UNREADABLE)
    assert rule(label, "Sing", None).by is By.NEED
    assert plain("Tell  a 'joke' – now!") == "tell a joke now"


def rubbish_but_for(task: str | None) -> Behaviour:
    """A judge that accepts one task, and writes no judgement on any other."""
    return answers(
        lambda asked: JudgeAnswer("Yes.", True).to_json() if task is not None and task in asked.text else "{{ !",
        probability=0.9,
    )


def test_what_a_judge_writes_instead_of_a_judgement_accepts_nothing_and_is_told(bench: Path) -> None:
    """Help is proposed at four events, a joke at seven; of the jokes the judge says nothing that can be read."""
    model = by_event(lambda event: HELP if "error" in event else USELESS)
    with MisbehavingServer(rubbish_but_for(HELP)) as server:
        judge = KeptJudge("j", partial(judgements, load_judge(server.url)), KeptLines())
        agent = Agent(model, 4, answers=1)
        found, looped = agent_evaluations(read_need_data(bench), agent, truth=judge, loop=judge)
        assert len([one for one in server.asked if one.method == "POST"]) == 11
    assert counts(found) == (4, 7, 0, 0)
    assert found.details["ruled_by"] == {"people": 0, "judge": 4, "unreadable": 7, "need": 0}
    assert any("7 of 11 proposals got no judgement that can be read" in note for note in found.notes)
    assert counts(looped) == (4, 0, 6, 1)
    assert any("7 proposals got no judgement that can be read in the loop" in note for note in looped.notes)


def test_a_judge_of_which_nothing_can_be_read_ends_the_run(bench: Path) -> None:
    with MisbehavingServer(answers(OFFER)) as model, MisbehavingServer(rubbish_but_for(None)) as judge:
        result = run("--data", bench, "--model", model.url, "--judge", judge.url, "--samples", 1, "--json")
    assert result.exit_code == 1 and not result.stdout
    assert "no judgement can be read in any of the judge's 11 answers; give a language model" in result.stderr


def test_votes_in_the_data_are_found(bench: Path) -> None:
    path = bench / "reward_data" / "train_data.jsonl"
    row = orjson.loads(path.read_bytes().splitlines()[2])
    judged = row | {"pred_task": "Install the module", "valid": True, "category": "Correct-Detection (CD)"}
    path.write_bytes(path.read_bytes() + b"\n" + orjson.dumps(judged))
    (moment,) = (m for m in moments_of(read_need_data(bench)) if m.label.tasks)
    assert moment.label.tasks == (("Install the module", True),) and moment.row.index == 2
    (found,) = agent_evaluations(
        read_need_data(bench), Agent(by_event(lambda _: "install the module."), 4, answers=1)
    )
    assert found.details["ruled_by"] == {"people": 1, "judge": 0, "unreadable": 0, "need": 10}


def test_answers_that_cannot_be_read_propose_nothing_and_are_told(bench: Path) -> None:
    (found,) = agent_evaluations(read_need_data(bench), Agent(FakeModel(["What?"] * 11), 4, answers=1))
    assert counts(found) == (0, 0, 6, 5)
    assert found.details["valid"] == 0
    assert found.notes == ("100.0% of the answers could not be read: they propose nothing.",)


def test_a_killed_run_asks_nothing_twice(bench: Path, tmp_path: Path) -> None:
    data = read_need_data(bench)
    file = tmp_path / "answers.jsonl"
    first = agent_evaluations(data, Agent(by_event(lambda _: HELP), 4), cache=AnswerCache(file))
    again = agent_evaluations(data, Agent(FakeModel([]), 4), cache=AnswerCache(file))
    assert [one.rows for one in first] == [one.rows for one in again]
    part = agent_evaluations(data, Agent(FakeModel([]), 4), cache=AnswerCache(file), limit=8)
    assert [one.figures["n"] for one in part] == [8, 8]


def test_each_answer_is_kept_as_it_comes(bench: Path, tmp_path: Path) -> None:
    """The model fails at the second event's further answers: three are kept."""
    data, file = read_need_data(bench), tmp_path / "answers.jsonl"
    script = [AgentAnswer(task=HELP)] * 4
    with pytest.raises(ModelError):
        agent_evaluations(data, Agent(FakeModel([*script, ModelError("lost")]), 4), cache=AnswerCache(file))
    assert len(AnswerCache(file)) == 3


def test_judgements_are_kept(tmp_path: Path, bench: Path) -> None:
    window = moments_of(read_need_data(bench))[0].window
    asked: list[str | None] = []

    def ask(questions: Sequence[Question]) -> list[float | None]:
        asked.extend(question.task for question in questions)
        return [None if question.task == "unreadable" else 0.25 for question in questions]

    for _ in range(2):
        judge = KeptJudge("j", ask, KeptLines(tmp_path / "judgements.jsonl"))
        assert [judge(window, "a"), judge(window, None), judge(window, "a"), judge(Window(), "a")] == [0.25] * 4
    assert asked == ["a", None, "a"]
    assert KeptJudge("other", ask, KeptLines(tmp_path / "judgements.jsonl"))(window, "a") == 0.25
    assert len(asked) == 4
    for _ in range(2):  # what could not be read is asked for again
        assert judge(window, "unreadable") is None
    assert asked[4:] == ["unreadable"] * 2


def test_the_report_has_the_first_settings_figures_and_all_settings(bench: Path) -> None:
    report = agent_report(agent_evaluations(read_need_data(bench), Agent(by_event(lambda _: HELP), 4)))
    keys = {"n", "recall", "precision", "accuracy", "false_alarm", "f1", "auc", "speaks", "ci", "baselines"}
    assert keys <= report.keys()
    assert set(report["settings"]) == {"pred@1, no judge in the loop", "pred@3, no judge in the loop"}
    assert keys | {"counts", "ruled_by"} <= report["settings"]["pred@3, no judge in the loop"].keys()
    orjson.dumps(report)


def test_traces_that_the_model_was_trained_on_are_told(bench: Path) -> None:
    data, agent = read_need_data(bench), Agent(by_event(lambda _: HELP), 4)
    one = next(iter(data.names))
    for learned, exposure, notes in ((None, "unknown", 0), ({"other"}, "held_out", 0), ({one}, "seen", 1)):
        found = agent_evaluations(data, agent, learned=learned)
        assert {evaluation.exposure.value for evaluation in found} == {exposure}
        report = agent_report(found)
        assert report["exposure"] == exposure and report["seen_in_training"] == (exposure == "seen")
        assert sum("was trained on 1 of these 3 traces" in note for note in report["notes"]) == notes


def test_the_command_knows_what_a_run_has_seen(bench: Path, tmp_path: Path) -> None:
    model = tiny_llama(tmp_path / "run")
    seen = sorted(read_need_data(bench).names)[:2]
    told = {"base": "some/model", "data": {"learned_from": seen[:1], "threshold_from": seen[1:]}}
    (model / "run.json").write_text(json.dumps(told))
    result = run("--data", bench, "--model", model, "--samples", 1, "--limit", 2, "--json")
    report = json.loads(result.stdout.splitlines()[-1])
    assert report["seen_in_training"] is True
    assert "was trained on 2 of these 3 traces" in report["notes"][0]
    assert "no measure of new data" in result.stderr


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["agent", *map(str, arguments)], env={"COLUMNS": "200", "NO_COLOR": "1"})


def test_the_command_measures_a_real_model(bench: Path, tmp_path: Path) -> None:
    model = tiny_llama(tmp_path / "tiny")
    given = ["--data", bench, "--model", model, "--samples", 2, "--limit", 4, "--out", tmp_path / "out", "--json"]
    result = run(*given)
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout.splitlines()[-1])
    assert report["valid"] == 1.0 and report["n"] == 4 and report["model"] == "tiny"
    assert sum(report["counts"].values()) == 4
    assert "tiny asked: 4/4" in result.stderr
    kept = read_evaluations(tmp_path / "out" / "evaluation.json")
    assert [one.protocol for one in kept] == list(report["settings"])
    again = run(*given)
    assert json.loads(again.stdout.splitlines()[-1])["settings"] == report["settings"]
    table = run("--data", bench, "--model", model, "--samples", 1, "--limit", 3)
    assert "tiny, pred@1" in table.stdout and "always" in table.stdout and "never" in table.stdout


def test_a_real_judge_rules_and_stands_in_the_loop(
    bench: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tiny language model judges in the paper's form; its judgements are kept beside the answers."""
    import proactive_inference.judge.resolve  # noqa: F401 - it opens real models: only the agent is a script

    monkeypatch.setattr("proactive_inference.models.resolve.open_model", lambda *_, **__: by_event(lambda _: HELP))
    judge = tiny_llama(tmp_path / "judge", seed=1)
    given = [
        "--data",
        bench,
        "--model",
        "scripted",
        "--samples",
        1,
        "--limit",
        3,
        "--out",
        tmp_path / "out",
        "--json",
    ]
    result = run(*given, "--judge", judge)
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout.splitlines()[-1])
    assert list(report["settings"]) == ["pred@1, no judge in the loop", "pred@1, judge in the loop"]
    proposed = report["counts"]["tp"] + report["counts"]["fp"]
    assert proposed == 3 and f"Judged: {proposed}/{proposed}" in result.stderr
    assert report["ruled_by"] == {"people": 0, "judge": proposed, "unreadable": 0, "need": 0}
    # A judge that is its own judge lets through just what it takes to be right.
    assert report["settings"]["pred@1, judge in the loop"]["counts"]["fp"] == 0
    assert len((tmp_path / "out" / "judgements.jsonl").read_bytes().splitlines()) == proposed
    assert run(*given, "--judge", "no-such-judge").exit_code == 1


def test_judges_of_one_folder_name_and_one_that_was_trained_again_say_what_they_say(
    bench: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two real classifiers, both called ``judge``: one would always accept, the other never."""
    import proactive_inference.judge.resolve  # opens real models: only the agent is a script

    assert proactive_inference.judge.resolve.load_judge
    monkeypatch.setattr("proactive_inference.models.resolve.open_model", lambda *_, **__: by_event(lambda _: HELP))
    glad, strict = (tiny_bert(tmp_path / name / "judge", labels=2) for name in ("glad", "strict"))
    always_says(glad, 0.9)
    always_says(strict, 0.1)
    given = ["--data", bench, "--model", "scripted", "--samples", 1, "--limit", 3, "--out", tmp_path / "out"]
    given += ["--judge", glad, "--loop-judge", strict, "--json"]

    def proposed() -> dict[str, tuple[int, int]]:
        settings = json.loads(run(*given).stdout.splitlines()[-1])["settings"]
        return {name: (one["counts"]["tp"], one["counts"]["fp"]) for name, one in settings.items()}

    assert proposed() == {"pred@1, no judge in the loop": (3, 0), "pred@1, judge in the loop": (0, 0)}
    always_says(glad, 0.2)  # as if it was trained again, into the same folder
    assert proposed() == {"pred@1, no judge in the loop": (0, 3), "pred@1, judge in the loop": (0, 0)}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--data", "missing", "--model", "x"], "missing does not exist"),
        (["--data", "BENCH", "--model", "nothing-like-it"], "there is no model 'nothing-like-it'"),
        (
            ["--data", "BENCH", "--model", "x", "--out", "BENCH/reward_data/train_data.jsonl"],
            "give another place with --out",
        ),
    ],
)
def test_what_cannot_be_measured_is_said(bench: Path, arguments: list[str], words: str) -> None:
    result = run(*(one.replace("BENCH", str(bench)) for one in arguments))
    assert result.exit_code == 1 and words in result.stderr


def test_help_teaches() -> None:
    told = run("--help").stdout
    assert all(word in told for word in ("pred@3", "bootstrap", "TP", "Example", "killed run"))
