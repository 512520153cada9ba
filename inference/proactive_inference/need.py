"""The gate's answer: is help wanted now, why, and about what."""

from __future__ import annotations

from typing import Protocol

from attrs import frozen

from proactive_collectors.events import Where
from proactive_collectors.trace import Window


@frozen
class Evidence:
    """One thing that spoke for or against a need."""

    label: str  #: in words: ``a run failed``
    weight: float  #: its share of the log-odds; negative speaks against
    event: int | None = None  #: index into the window of the event it rests on


@frozen
class Need:
    """The calibrated probability that help is wanted now."""

    probability: float  #: 0 to 1
    evidence: tuple[Evidence, ...] = ()  #: the weightiest first
    about: Where | None = None


class Gate(Protocol):
    """Decides from the window alone whether help is wanted. Must answer within a millisecond."""

    def need(self, window: Window) -> Need:
        """The need at the window's last event."""
