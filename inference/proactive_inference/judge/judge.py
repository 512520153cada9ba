"""The face of every judge: a window and tasks in, probabilities of acceptance out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from proactive_collectors.trace import Window


@frozen
class Question:
    """Whether ``task`` (``None``: silence) is right at the window's last event."""

    window: Window
    task: str | None


class Judge(Protocol):
    """Says how likely it is that a person would accept what an assistant does; ProactiveBench's reward model."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def fingerprint(self) -> str:
        """Changes where the same question may get another answer: with the judge's files, say."""

    def answer(self, questions: Sequence[Question]) -> list[float]:
        """The probability of each, 0 to 1, in the same order: that the task would be taken, or silence be right.

        Raises:
            ModelError: the judge's model cannot answer.
        """


def judgements(judge: Judge, questions: Sequence[Question]) -> list[float | None]:
    """As :meth:`Judge.answer`; ``None`` where a language model's answer has no judgement in it.

    Raises:
        ModelError: the judge's model cannot answer.
    """
    read = getattr(judge, "judgements", None)
    if read is None:
        return [*judge.answer(questions)]
    found: list[float | None] = read(questions)
    return found


def accept_probability(judge: Judge, window: Window, task: str | None) -> float:
    """How likely it is that ``task`` (``None``: silence) would be accepted after the window's last event."""
    return judge.answer([Question(window, task)])[0]


def rank(judge: Judge, window: Window, tasks: Sequence[str]) -> list[tuple[str, float]]:
    """Tasks with their probabilities, the likeliest first; equals keep their order."""
    found = zip(tasks, judge.answer([Question(window, task) for task in tasks]), strict=True)
    return sorted(found, key=lambda one: -one[1])
