"""Who says whether a proposed task would have been accepted: people, a judge, or the need for help alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import Protocol

from attrs import frozen

from proactive_collectors.trace import Window
from proactive_inference.judge.judge import Judge, Question, judgements
from proactive_training.errors import TrainingError
from proactive_training.kept_lines import KeptLines, key_of
from proactive_training.proactivebench import Label

ACCEPTS = 0.5
"""A judge accepts from this probability on."""


class By(StrEnum):
    """Who said it."""

    PEOPLE = "people"  #: the same task was judged at the same event, in the data
    JUDGE = "judge"  #: a reward model
    UNREADABLE = "unreadable"  #: a judge whose answer has no judgement in it: it counts as rejected
    NEED = "need"  #: nobody judged the task: it counts as accepted where help was needed


class Probability(Protocol):
    """Says how likely it is that a task (``None``: silence) would be accepted after a window's last event."""

    def __call__(self, window: Window, task: str | None) -> float | None:
        """0 to 1; ``None``: what it answered has no judgement in it."""


@frozen
class Ruling:
    """Whether one proposed task was right."""

    accepted: bool
    by: By


def rule(label: Label, task: str, judged: Mapping[str, float | None] | None) -> Ruling:
    """Whether a task would have been accepted at a labelled event.

    Args:
        label: of the event.
        task: what is proposed.
        judged: what a judge said there, by task; ``None``: there is no judge.
    """
    if (known := people_say(label, task)) is not None:
        return Ruling(known, By.PEOPLE)
    if judged is None:
        return Ruling(label.need, By.NEED)
    if (probability := judged[task]) is None:
        return Ruling(False, By.UNREADABLE)
    return Ruling(probability >= ACCEPTS, By.JUDGE)


def people_say(label: Label, task: str) -> bool | None:
    """Whether people accepted the same task there; ``None``: they were not asked."""
    return {plain(known): accepted for known, accepted in label.tasks}.get(plain(task))


def check_judged(judged: Collection[float | None]) -> None:
    """Stop where a judge has answered, and never with a judgement.

    Raises:
        TrainingError: it is so.
    """
    if judged and all(one is None for one in judged):
        raise TrainingError(
            f"no judgement can be read in any of the judge's {len(judged)} answers; give a language model that "
            "follows instructions, or the folder of 'proactive train reward'"
        )


def plain(task: str) -> str:
    """A task without case, punctuation and spacing: two that differ only there are the same."""
    return " ".join(re.findall(r"\w+", task.casefold()))


class KeptJudge:
    """A judge whose probabilities are kept, so that no task is judged twice at an event."""

    def __init__(
        self, fingerprint: str, ask: Callable[[Sequence[Question]], list[float | None]], kept: KeptLines
    ) -> None:
        """What another judge has said is not found, even one of the same name.

        Args:
            fingerprint: the judge's.
            ask: asks it.
            kept: where its answers are.
        """
        self._fingerprint = fingerprint
        self._ask = ask
        self._kept = kept

    @classmethod
    def of(cls, judge: Judge, kept: KeptLines) -> KeptJudge:
        """The answers of a judge that is open."""
        return cls(judge.fingerprint, partial(judgements, judge), kept)

    def __call__(self, window: Window, task: str | None) -> float | None:
        """The probability of acceptance, 0 to 1; ``None`` where there is no judgement in the answer.

        Raises:
            ModelError: the judge cannot answer.
            DataError: its answer cannot be kept.
        """
        return self.answers([Question(window, task)])[0]

    def answers(self, questions: Sequence[Question]) -> list[float | None]:
        """The same of several questions: those that are new are asked together.

        An answer without a judgement is not kept: it is asked for again.
        """
        keys = [self._key(question) for question in questions]
        new = {key: one for key, one in zip(keys, questions, strict=True) if key not in self._kept}
        if new:
            said = dict(zip(new, self._ask(list(new.values())), strict=True))
            self._kept.keep({key: float(value) for key, value in said.items() if value is not None})
        return [float(self._kept[key]) if key in self._kept else None for key in keys]

    def _key(self, question: Question) -> str:
        return key_of([self._fingerprint, [repr(event) for event in question.window], question.task])


def counts_by(rulings: Sequence[Ruling]) -> Mapping[str, int]:
    """How many rulings came from whom."""
    return {by.value: sum(ruling.by is by for ruling in rulings) for by in By}
