"""Scores of what a fit has not seen, and the AUC over traces without the bias that leaving one out has.

A fit without a trace knows the base rate of the others alone: the needier the trace, the less needy its events
look, so that scores of different fits, put together, are ranked the wrong way round by as much as traces differ
(A. Airola and others, "An experimental comparison of cross-validation techniques for estimating the area under
the ROC curve", Computational Statistics & Data Analysis 55, 2011). :func:`two_out` compares two events only by a
fit that has seen neither's trace. What is chosen for a trace, a threshold or a calibration, is chosen by such
scores as well (:func:`without_each`): scores of the others, from fits that have learned from its labels, would
let these have a say.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import TYPE_CHECKING

from attrs import frozen

from proactive_training.metrics import RESAMPLES, times_drawn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from proactive_training.logistic import Floats

ScoreWithout = Callable[["NDArray[np.bool_]"], "Floats"]
"""The scores of all events, (events,), from a fit on the events that its argument, (events,), keeps; NaN where
there is nothing to learn from."""


@frozen
class TwoOut:
    """What leaving out two traces at a time comes to; ``None`` where there is nothing to compare."""

    auc: float | None  #: of all pairs of a needy event and another
    across: float | None  #: of pairs from two traces
    ci: tuple[float, float] | None  #: of ``auc``, 95 % by bootstrap over traces


def without_each(trace: NDArray[np.int64], score_without: ScoreWithout, *, parts: int | None = None) -> Floats:
    """What would be known of every event if a trace were not there, (traces, events), traces as ``np.unique`` has
    them: its own events by a fit without it, any other by a fit without it and without the event's part.

    Args:
        trace: (events,) a number for each trace.
        score_without: is called once for each trace and for each pair of a trace and a part.
        parts: into how many parts the traces are dealt, for where there are too many to pair them all; by default
            each is a part of its own.
    """
    import numpy as np

    numbers = np.unique(trace)
    part_of = np.arange(len(numbers)) % (parts or max(len(numbers), 1))
    part = part_of[np.searchsorted(numbers, trace)]
    known: dict[bytes, Floats] = {}
    found = np.zeros((len(numbers), len(trace)))
    for row, number in enumerate(numbers):
        own = trace == number
        for asked, keep in [(own, ~own)] + [
            (~own & (part == other), ~own & (part != other)) for other in np.unique(part[~own])
        ]:
            if (key := keep.tobytes()) not in known:
                known[key] = score_without(keep)
            found[row, asked] = known[key][asked]
    return found


def own_scores(trace: NDArray[np.int64], scores: Floats) -> Floats:
    """Of the (traces, events) of :func:`without_each`, each event's by the fit without its trace: (events,)."""
    import numpy as np

    rows = np.searchsorted(np.unique(trace), trace)
    found: Floats = scores[rows, np.arange(len(trace))]
    return found


def two_out(
    need: NDArray[np.bool_],
    trace: NDArray[np.int64],
    scores: Floats,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> TwoOut:
    """Compare every needy event with every other one.

    Args:
        need: (events,) what was right.
        trace: (events,) a number for each trace.
        scores: (traces, events) of :func:`without_each`, each trace a part of its own.
        seed: of the draws.
        resamples: how many draws.
    """
    import numpy as np

    numbers = np.unique(trace)
    good, bad = [need & (trace == n) for n in numbers], [~need & (trace == n) for n in numbers]
    won = np.zeros((len(numbers), len(numbers)))
    for one, other in product(range(len(numbers)), repeat=2):
        first, second = scores[other][good[one]][:, None], scores[one][bad[other]][None]
        won[one, other] = (first > second).sum() + 0.5 * (first == second).sum()
    pairs = np.outer([part.sum() for part in good], [part.sum() for part in bad]).astype(float)
    apart = ~np.eye(len(numbers), dtype=bool)
    return TwoOut(_share(won, pairs), _share(won[apart], pairs[apart]), _interval(won, pairs, seed, resamples))


def _share(won: Floats, pairs: Floats) -> float | None:
    return float(won.sum() / pairs.sum()) if pairs.sum() else None


def _interval(won: Floats, pairs: Floats, seed: int, resamples: int) -> tuple[float, float] | None:
    import numpy as np

    count = len(won)
    if count < 2:
        return None
    times = times_drawn(count, resamples, seed)
    total = np.einsum("ri,ij,rj->r", times, pairs, times)
    known = total > 0
    if not known.any():
        return None
    values = np.einsum("ri,ij,rj->r", times, won, times)[known] / total[known]
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
