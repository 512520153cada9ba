"""A question to a judge as two texts: what is offered, and what was seen, the newest event first.

The newest event comes first so that a model with a small budget of tokens loses the oldest. Times are told by how
long ago, since the time of day says little.
"""

from __future__ import annotations

from datetime import timedelta

from proactive_collectors.sentences import clean, sentence
from proactive_collectors.trace import Window

SILENCE = "Stay silent."
"""How silence is worded as a task."""

LONGEST_SENTENCE = 240
"""How many characters of an event are told."""

LONGEST_TASK = 240
"""How many characters of a task are told."""


def task_text(task: str | None) -> str:
    """The task on one line; silence in words."""
    return SILENCE if task is None else clean(task, LONGEST_TASK)


def window_text(window: Window, most_events: int) -> str:
    """The last ``most_events`` events, the newest first; of the others, how long before it they were."""
    if not window.events or most_events <= 0:
        return ""
    newest = window.events[-1]
    told = [clean(sentence(newest), LONGEST_SENTENCE)]
    for event in reversed(window.events[-most_events:-1]):
        told.append(f"{ago(newest.time - event.time)} ago: {clean(sentence(event), LONGEST_SENTENCE)}")
    return " ".join(told)


def ago(time: timedelta) -> str:
    """A time in one word and a unit: ``40 s``, ``9 min``, ``2 h``; never negative."""
    seconds = max(0.0, time.total_seconds())
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.0f} h"
