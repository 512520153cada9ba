"""``proactive evaluate need --model``: scripted models, and a tiny real one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from misbehaving_server import MisbehavingServer
from proactive_inference.models.agent_answer import AgentAnswer
from proactive_inference.models.chat import Completion
from proactive_inference.models.fake import FakeModel
from proactive_inference.models.messages import Message
from proactive_training.commands import evaluate
from proactive_training.errors import TrainingError
from proactive_training.evaluation_file import read_evaluations
from proactive_training.model_evaluation import model_evaluation
from proactive_training.need_data import read_need_data
from tiny_models import tiny_llama

SPEAK = AgentAnswer("The user sorts.", "It fails.", "Sort the table", "Shall I?").to_json()
SILENCE = AgentAnswer("The user reads.", "Nothing is wanted.", None, "").to_json()


def _need(*arguments: object) -> Result:
    return CliRunner().invoke(evaluate.app, ["need", *map(str, arguments)], env={"COLUMNS": "200"})


def _by_error(messages: Sequence[Message]) -> Completion:
    """Speaks where the last event tells of an error, and is sure of it."""
    wanted = "error" in messages[-1].content.rsplit("Event", 1)[-1]
    return Completion(SPEAK if wanted else SILENCE, 0.9 if wanted else 0.2, prompt_tokens=50, tokens=7)


def test_a_models_answers_are_measured(bench: Path) -> None:
    found = model_evaluation(read_need_data(bench), FakeModel(_by_error, name="by error"))
    assert (found.name, found.kind, found.threshold) == ("by error", "model", None)
    spoken = [row for row in found.rows if row.speaks]
    assert len(spoken) == 4
    assert all(row.label and row.task == "Sort the table" and row.score == 0.9 for row in spoken)
    assert found.figures["precision"] == 1 and found.figures["recall"] == pytest.approx(4 / 5)
    assert found.figures["auc"] is not None
    assert found.details["valid_json"] == 1 and found.details["tokens"] == 77
    everywhere = model_evaluation(read_need_data(bench), FakeModel(_by_error), threshold=0.1)
    assert everywhere.figures["recall"] == 1 and everywhere.figures["speaks"] == 1
    assert everywhere.threshold == 0.1


def test_what_cannot_be_read_is_silence_and_is_counted(bench: Path) -> None:
    found = model_evaluation(read_need_data(bench), FakeModel(lambda _: "I would rather not say."))
    assert found.figures["speaks"] == 0
    assert found.notes[0] == "11 answers could not be read and count as silence."
    assert found.details["valid_json"] == 0
    assert found.figures["auc"] is None


def test_one_answer_that_cannot_be_read_among_others_ranks_as_silence(bench: Path) -> None:
    asked = 0

    def cut_off(messages: Sequence[Message]) -> Completion:
        nonlocal asked
        asked += 1
        return Completion("{", prompt_tokens=50, tokens=256) if asked == 1 else _by_error(messages)

    found = model_evaluation(read_need_data(bench), FakeModel(cut_off), threshold=0.1)
    assert [row.score for row in found.rows].count(0.0) == 1 and found.figures["auc"] is not None
    assert [row.speaks for row in found.rows].count(False) == 1
    assert found.notes[0] == "1 answer could not be read and counts as silence."


def test_a_threshold_needs_a_probability(bench: Path) -> None:
    with pytest.raises(TrainingError, match=r"mute does not tell how likely.*leave --threshold out"):
        model_evaluation(read_need_data(bench), mute := FakeModel(lambda _: SPEAK, name="mute"), threshold=0.5)
    assert len(mute.asked) == 1
    unread = FakeModel(["{", Completion(SPEAK, 0.9), SPEAK], name="mute")
    with pytest.raises(TrainingError, match="mute does not tell"):
        model_evaluation(read_need_data(bench), unread, threshold=0.5)
    with pytest.raises(TrainingError, match="rubbish does not tell"):
        model_evaluation(read_need_data(bench), FakeModel(lambda _: "{", name="rubbish"), threshold=0.5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["need", "--model", "URL", "--out", "FILE/y.json"], "give another place with --out"),
        (["need", "--model", "URL", "--against", "nope.json"], "nope.json cannot be read"),
        (["need", "--model", "URL", "--against", "OTHER"], "evaluate both on the same data"),
        (["reward", "--judge", "URL", "--out", "FILE/y.json"], "give another place with --out"),
        (["agent", "--model", "URL", "--out", "FILE"], "give another place with --out"),
        (["replay", "--review", "FILE/forms"], "give another place with --review"),
    ],
)
def test_nothing_is_asked_before_what_can_be_checked(
    bench: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "file").write_text("")
    other = tmp_path / "other.json"
    assert _need("--data", bench, "--split", "test", "--out", other).exit_code == 0
    with MisbehavingServer() as server:
        names = {"URL": server.url, "FILE": str(tmp_path / "file"), "OTHER": str(other)}
        given = [arguments[0], "--data", str(bench)]
        for argument in arguments[1:]:
            first, _, rest = argument.partition("/")
            given.append(f"{names[first]}/{rest}".rstrip("/") if first in names else argument)
        result = CliRunner().invoke(evaluate.app, given, env={"COLUMNS": "200"})
        assert result.exit_code == 1 and message in result.stderr
        assert not server.asked


def test_a_tiny_real_model_is_asked_once(bench: Path, tmp_path: Path) -> None:
    folder = tiny_llama(tmp_path / "tiny")
    options = ("--data", bench, "--split", "test", "--model", folder, "--answers", tmp_path / "answers.jsonl")
    result = _need(*options, "--out", tmp_path / "e.json", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout.splitlines()[-1])
    assert (found["n"], found["evaluated"], found["valid_json"], found["asked_now"]) == (3, "tiny", 1, 3)
    assert "asked: 3/3" in result.stderr
    (written,) = read_evaluations(tmp_path / "e.json")
    assert all(row.score is not None and 0 <= row.score <= 1 for row in written.rows)
    again = json.loads(_need(*options, "--json").stdout.splitlines()[-1])
    assert again["asked_now"] == 0
    assert again["f1"] == found["f1"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "no-such-model"], "no-such-model"),
        (["--model", "x", "--predictions", "y"], "--model and --predictions are different things"),
        (["--answers", "kept.jsonl"], "give --model as well"),
    ],
)
def test_what_cannot_be_asked_is_said(bench: Path, arguments: list[str], message: str) -> None:
    result = _need("--data", bench, *arguments)
    assert result.exit_code == 1
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
