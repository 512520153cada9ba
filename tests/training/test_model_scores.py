"""A language model asked at each labelled event, with a script for a model."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from proactive_inference.errors import ModelError
from proactive_inference.models.agent_answer import AgentAnswer
from proactive_inference.models.chat import Completion
from proactive_inference.models.fake import FakeModel
from proactive_inference.models.messages import Message
from proactive_training.answer_cache import AnswerCache
from proactive_training.errors import DataError
from proactive_training.model_scores import model_scores
from proactive_training.proactivebench import read
from proactive_training.progress import ProgressLine, span


def last_event(messages: Sequence[Message]) -> str:
    return str(json.loads(messages[-1].content)["Observations"][-1]["Event"])


def eager(messages: Sequence[Message]) -> Completion:
    """Speaks where the last event is an error or a search."""
    wanted = "error" in last_event(messages) or "search" in last_event(messages)
    answer = AgentAnswer(task="Look it up" if wanted else None)
    return Completion(answer.to_json(), probability_of_speaking=0.9 if wanted else 0.2, tokens=7)


def test_every_labelled_event_is_asked_in_order(bench: Path) -> None:
    data = read(bench)
    model = FakeModel(eager)
    steps: list[tuple[int, int]] = []
    found = model_scores(data, model, most_events=2, progress=lambda done, total: steps.append((done, total)))
    assert [(row.trace, row.index) for row in found.rows] == [
        (n, i) for n, trace in enumerate(data.traces) for i in trace.labelled
    ]
    assert steps == [(n, 11) for n in range(1, 12)]
    assert max(len(json.loads(asked.messages[-1].content)["Observations"]) for asked in model.asked) == 2
    labels = [label.need for trace in data.traces for label in trace.labels if label is not None]
    assert found.speaks == labels
    assert found.scores == [0.9 if need else 0.2 for need in labels]
    assert (found.valid, found.tokens, found.asked) == (1.0, 77, 11)
    assert {asked.temperature for asked in model.asked} == {0.0}


def test_an_answer_that_cannot_be_read_is_silence_and_is_counted(bench: Path) -> None:
    texts = iter(["I would help!", "{", *['{"Proactive Task": "Help"}'] * 9])
    found = model_scores(read(bench), FakeModel(texts))
    assert found.speaks == [False, False, *[True] * 9]
    assert found.valid == pytest.approx(9 / 11)
    assert found.scores is None  # the script tells no probability


def test_a_killed_run_goes_on(bench: Path, tmp_path: Path) -> None:
    data, path = read(bench), tmp_path / "out" / "answers.jsonl"
    dies = FakeModel([*[AgentAnswer(task="x")] * 4, ModelError("out of memory")])
    with pytest.raises(ModelError):
        model_scores(data, dies, cache=AnswerCache(path))
    path.write_bytes(path.read_bytes()[:-30])  # and its last line was cut off
    again = FakeModel([AgentAnswer(task="x")] * 8)
    cache = AnswerCache(path)
    assert len(cache) == 3
    found = model_scores(data, again, cache=cache)
    assert len(again.asked) == found.asked == 8 and all(found.speaks)
    whole = model_scores(data, FakeModel([]), cache=AnswerCache(path))
    assert whole.rows == found.rows and whole.asked == 0


def test_what_is_new_is_asked_side_by_side(tmp_path: Path) -> None:
    class Together(FakeModel):
        sizes: ClassVar[list[int]] = []

        def complete_many(self, many: Sequence[Sequence[Message]], **settings: Any) -> list[list[Completion]]:
            self.sizes.append(len(many))
            return [self.complete(messages, **settings) for messages in many]

    cache, model = AnswerCache(), Together(str(n) for n in range(9))
    questions = [(Message("user", text),) for text in "abcab"]
    first = list(cache.complete(model, questions[:2], schema=None, max_tokens=5))
    found = list(cache.complete(model, questions, schema=None, max_tokens=5))
    assert [one.text for (one,) in found] == ["0", "1", "2", "0", "1"] and found[:2] == first
    assert Together.sizes == [2, 1]


def test_another_question_is_asked_anew(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path / "answers.jsonl")
    model = FakeModel(str(n) for n in range(20))
    asked = (Message("user", "x"),)

    def text(**settings: object) -> str:
        chosen = {"schema": None, "max_tokens": 5, **settings}
        return next(cache.complete(model, [asked], **chosen))[0].text  # type: ignore[arg-type]

    assert [text(), text(), text(temperature=1.0), text(temperature=1.0, seed=2), text(max_tokens=6)] == [
        "0", "0", "1", "2", "3",
    ]  # fmt: skip
    assert text(schema={"type": "object"}) == "4"
    other = FakeModel(["other"], name="other")
    assert next(cache.complete(other, [asked], schema=None, max_tokens=5))[0].text == "other"


def test_a_place_where_nothing_can_be_kept_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be used to keep answers"):
        AnswerCache(tmp_path / "file" / "answers.jsonl")


def test_progress_tells_what_is_left() -> None:
    now, stream = [0.0], io.StringIO()
    line = ProgressLine("asked", stream, every=10, clock=lambda: now[0])
    line(50, 100)  # what an earlier run has done says nothing of the speed
    for done in range(51, 101):
        now[0] += 4
        line(done, 100)
    told = stream.getvalue().splitlines()
    assert told[0] == "asked: 50/100"
    assert told[1] == "asked: 53/100, 4.0 s each, 3 min left"
    assert told[-1] == "asked: 100/100, 4.0 s each, 0 s left"
    assert len(told) < 20
    assert span(7200) == "2.0 h"
