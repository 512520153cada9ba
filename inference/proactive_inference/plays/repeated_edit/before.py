"""What was before: an offer that the person saw and left alone, or a commit that finished what was done."""

from __future__ import annotations

from datetime import timedelta

from proactive_collectors.events import (
    EditBurst,
    GitCommitted,
    Manner,
    Snoozed,
    SuggestionDoneAlone,
    SuggestionShown,
)
from proactive_inference.plays import Moment

SEEN = timedelta(seconds=10)
"""An offer that stood for so long while the person worked on was seen."""


def left_alone(moment: Moment, play: str, key: str) -> bool:
    """Whether this offer stood and the person worked on by hand without taking it.

    What a snooze put away was not turned down, and what the person did alone was wanted.

    Args:
        moment: its window has what was shown.
        play: the play's name, the first part of its proposals' ``play``.
        key: the proposal's.
    """
    shown = None
    alone = False
    for event in moment.window.events:
        data = event.data
        if isinstance(data, SuggestionShown) and data.key == key and data.play.split(".")[0] == play:
            shown, alone = event.time, False
        elif isinstance(data, Snoozed) or (isinstance(data, SuggestionDoneAlone) and data.key == key):
            shown = None
        elif shown is not None and isinstance(data, EditBurst) and data.manner is not Manner.APPLIED:
            alone = alone or event.time - shown >= SEEN
    return shown is not None and alone


def is_committed(moment: Moment, index: int) -> bool:
    """Whether what was done at ``index`` of the window was committed since: for the person it is finished."""
    return any(isinstance(event.data, GitCommitted) for event in moment.window.events[index + 1 :])
