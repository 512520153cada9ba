"""From which score on to speak: one number for all events, or for each trace what did best on the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from proactive_training.errors import TrainingError
from proactive_training.evaluation_file import Row
from proactive_training.metrics import steady_threshold

Threshold = float | Literal["others"]


def threshold_of(text: str | None) -> Threshold | None:
    """What an option says: a number from 0 to 1, or ``others``.

    Raises:
        TrainingError: it says something else.
    """
    if text is None:
        return None
    if text == "others":
        return "others"
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise TrainingError(f"--threshold {text} is no probability; give a number from 0 to 1, or 'others'")
    return value


def decisions(rows: Sequence[Row], scores: Sequence[float], threshold: Threshold) -> list[bool]:
    """Of each row, whether its score reaches the threshold.

    With ``others`` that is the one with the best F1 on the rows of the other traces (of the other repositories,
    where rows name them), in the mean over resampled ones.

    Raises:
        TrainingError: there are no other traces.
    """
    if threshold != "others":
        return [score >= threshold for score in scores]
    import numpy as np

    need = np.asarray([row.label for row in rows], dtype=bool)
    _, trace = np.unique([row.group or row.trace for row in rows], return_inverse=True)
    score = np.asarray(scores, dtype=float)
    speaks = np.zeros(len(score), dtype=bool)
    if trace.max(initial=0) == 0:
        raise TrainingError("there is one trace alone, and no others to choose a threshold on; give a number")
    for number in np.unique(trace):
        out = trace == number
        speaks[out] = score[out] >= steady_threshold(score[~out], need[~out], trace[~out])
    return [bool(one) for one in speaks]


def threshold_told(threshold: Threshold) -> str:
    """In a few words."""
    return "threshold from the other traces" if threshold == "others" else f"threshold {threshold:g}"
