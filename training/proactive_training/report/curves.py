"""Curves over thresholds and bins of probability, from an evaluation's rows; numbers only, no drawing."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from proactive_training.calibration import BINS, calibration_bin
from proactive_training.evaluation_figures import hours_of, ranking_of, scores_of, units_of
from proactive_training.evaluation_file import Row
from proactive_training.metrics import RESAMPLES, times_drawn


@frozen
class Sweep:
    """What each threshold would come to, the highest first."""

    threshold: tuple[float, ...]
    recall: tuple[float, ...]
    precision: tuple[float, ...]
    false_alarms_per_hour: tuple[float, ...] | None  #: ``None`` where the hours are not known


@frozen
class Bin:
    """Events with about the same score."""

    low: float
    high: float
    count: int
    said: float  #: mean score
    was: float  #: share in which ``label`` is true
    interval: tuple[float, float] | None  #: of ``was``, 95 %, by bootstrap over traces


def sweep(rows: Sequence[Row], *, by_score: bool = False) -> Sweep | None:
    """The figures at each threshold on the ranking, or on the probability; ``None`` without scores or labels.

    Only thresholds at which something changes are there: each distinct value, speaking at it and above.
    """
    import numpy as np

    values = scores_of(rows) if by_score else ranking_of(rows)
    if values is None or not any(row.label for row in rows):
        return None
    score = np.asarray(values, dtype=np.float64)
    order = np.argsort(-score, kind="stable")
    label = np.asarray([row.label for row in rows], dtype=bool)[order]
    last = np.flatnonzero(np.diff(score[order], append=-np.inf))  # of each run of equal scores
    right = np.cumsum(label)[last]
    spoken = last + 1
    hours = hours_of(rows)
    worked = sum(hours) if hours is not None else 0.0
    return Sweep(
        threshold=tuple(score[order][last].tolist()),
        recall=tuple((right / label.sum()).tolist()),
        precision=tuple((right / spoken).tolist()),
        false_alarms_per_hour=tuple(((spoken - right) / worked).tolist()) if worked else None,
    )


def reliability(
    rows: Sequence[Row], *, bins: int = BINS, seed: int = 0, resamples: int = RESAMPLES
) -> list[Bin] | None:
    """What was said against what was, in bins of equal width that hold events; ``None`` without scores."""
    import numpy as np

    values = scores_of(rows)
    if values is None:
        return None
    score = np.asarray(values, dtype=np.float64)
    label = np.asarray([row.label for row in rows], dtype=np.float64)
    which = calibration_bin(score, bins)
    unit = np.unique(units_of(rows), return_inverse=True)[1]
    count = int(unit.max()) + 1
    times = times_drawn(count, resamples, seed)
    found = []
    for number in range(bins):
        inside = which == number
        if not inside.any():
            continue
        interval = None
        if len(np.unique(unit[inside])) > 1:
            needs, events = (
                times @ np.bincount(unit[inside], weights=part, minlength=count)
                for part in (label[inside], np.ones(int(inside.sum())))
            )
            shares = needs[events > 0] / events[events > 0]
            interval = (float(np.quantile(shares, 0.025)), float(np.quantile(shares, 0.975)))
        found.append(
            Bin(
                number / bins, (number + 1) / bins, int(inside.sum()), float(score[inside].mean()),
                float(label[inside].mean()), interval,
            )
        )  # fmt: skip
    return found
