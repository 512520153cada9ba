"""Who says whether a proposed task would have been accepted: people, a judge, or the need for help alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from attrs import frozen

from proactive_collectors.trace import Window
from proactive_training.kept_lines import KeptLines, key_of
from proactive_training.proactivebench import Label


class By(StrEnum):
    """Who said it."""

    PEOPLE = "people"  #: the same task was judged at the same event, in the data
    JUDGE = "judge"  #: a reward model
    NEED = "need"  #: nobody judged the task: it counts as accepted where help was needed


class Probability(Protocol):
    """Says how likely it is that a task (``None``: silence) would be accepted after a window's last event."""

    def __call__(self, window: Window, task: str | None) -> float:
        """0 to 1."""


@frozen
class Ruling:
    """Whether one proposed task was right."""

    accepted: bool
    by: By


def rule(label: Label, window: Window, task: str, judge: Probability | None) -> Ruling:
    """Whether a task would have been accepted at a labelled event.

    Raises:
        ModelError: the judge cannot answer.
    """
    judged = {plain(known): accepted for known, accepted in label.tasks}
    if (known := judged.get(plain(task))) is not None:
        return Ruling(known, By.PEOPLE)
    if judge is not None:
        return Ruling(judge(window, task) >= 0.5, By.JUDGE)
    return Ruling(label.need, By.NEED)


def plain(task: str) -> str:
    """A task without case, punctuation and spacing: two that differ only there are the same."""
    return " ".join(re.findall(r"\w+", task.casefold()))


class KeptJudge:
    """A judge whose probabilities are kept, so that no task is judged twice at an event."""

    def __init__(self, fingerprint: str, ask: Callable[[Window, str | None], float], kept: KeptLines) -> None:
        """What another judge has said is not found, even one of the same name.

        Args:
            fingerprint: the judge's.
            ask: asks it.
            kept: where its answers are.
        """
        self._fingerprint = fingerprint
        self._ask = ask
        self._kept = kept

    def __call__(self, window: Window, task: str | None) -> float:
        """The probability of acceptance, 0 to 1.

        Raises:
            ModelError: the judge cannot answer.
            DataError: its answer cannot be kept.
        """
        key = key_of([self._fingerprint, [repr(event) for event in window], task])
        if key not in self._kept:
            self._kept.keep({key: float(self._ask(window, task))})
        return float(self._kept[key])


def counts_by(rulings: Sequence[Ruling]) -> Mapping[str, int]:
    """How many rulings came from whom."""
    return {by.value: sum(ruling.by is by for ruling in rulings) for by in By}
