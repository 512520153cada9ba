"""A judge of any kind behind the face of a language model, so that the process which holds models can hold it too.

It is asked as a generative judge is (:mod:`models.judge_prompt`) and answers in that form, with the probability
that the offer is accepted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from proactive_collectors.events import Event, Observed, Source
from proactive_collectors.trace import Window
from proactive_inference.errors import ModelError
from proactive_inference.judge.judge import Judge, Question
from proactive_inference.models.asking import Asking
from proactive_inference.models.chat import Completion, SideBySide
from proactive_inference.models.judge_answer import JudgeAnswer
from proactive_inference.models.messages import Message

_DAY = datetime(2000, 1, 1, tzinfo=UTC)


class JudgeModel(SideBySide):
    """Answers questions of :func:`models.judge_prompt.judge_messages`, and no others."""

    most_tokens: int | None = None

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    @property
    def name(self) -> str:
        """The judge's."""
        return self._judge.name

    @property
    def fingerprint(self) -> str:
        """The judge's."""
        return self._judge.fingerprint

    def complete_many(
        self,
        many: Sequence[Sequence[Message]],
        *,
        count: int = 1,
        asking: Asking | None = None,
        **settings: Any,
    ) -> list[list[Completion]]:
        """How likely each offer is to be accepted; ``count`` times the same, whatever the other settings are.

        Raises:
            UnwantedError: the question was taken back.
            ModelError: it is no question to a judge, or the judge's model failed.
        """
        if asking is not None:
            asking.check()
        found = []
        for probability in self._judge.answer([question_of(messages) for messages in many]):
            text = JudgeAnswer("", probability >= 0.5).to_json()
            found.append([Completion(text, probability_of_accepting=probability)] * count)
        return found


def question_of(messages: Sequence[Message]) -> Question:
    """What :func:`models.judge_prompt.judge_messages` asked, with its events as sentences.

    Raises:
        ModelError: it is another question.
    """
    try:
        asked = json.loads(messages[-1].content)
        return Question(Window(tuple(_events(asked["Observations"]))), asked["Task"])
    except (IndexError, ValueError, KeyError, TypeError) as error:
        raise ModelError("a judge was asked something else than to judge; name it as 'model.judge'") from error


def _events(told: Sequence[Mapping[str, str]]) -> Iterator[Event]:
    """Times of day as they follow each other: where one is earlier than the one before, midnight lies between."""
    last = _DAY
    for one in told:
        clock = datetime.strptime(one["Time"], "%H:%M:%S").time()
        time = datetime.combine(last.date(), clock, UTC)
        last = time if time >= last else time + timedelta(days=1)
        yield Event(last, Source.DATASET, Observed(one["Event"]))
