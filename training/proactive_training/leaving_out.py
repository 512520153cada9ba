"""Scores of what a fit has not seen, and the AUC over traces without the bias that leaving one out has.

A fit without a trace knows the base rate of the others alone: the needier the trace, the less needy its events
look, so that scores of different fits, put together, are ranked the wrong way round by as much as traces differ
(A. Airola and others, "An experimental comparison of cross-validation techniques for estimating the area under
the ROC curve", Computational Statistics & Data Analysis 55, 2011). :func:`two_out` compares two events only by a
fit that has seen neither's trace.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import TYPE_CHECKING

from attrs import frozen

from proactive_training.metrics import RESAMPLES, times_drawn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from proactive_training.logistic import Floats

ScoreWithout = Callable[["NDArray[np.bool_]"], "Floats"]
"""The scores of all events, (events,), from a fit on the events that its argument, (events,), keeps."""


@frozen
class TwoOut:
    """What leaving out two traces at a time comes to; ``None`` where there is nothing to compare."""

    auc: float | None  #: of all pairs of a needy event and another
    across: float | None  #: of pairs from two traces
    ci: tuple[float, float] | None  #: of ``auc``, 95 % by bootstrap over traces


def one_out(trace: NDArray[np.int64], score_without: ScoreWithout) -> Floats:
    """The score of every event, (events,), from a fit without its ``trace``, (events,)."""
    import numpy as np

    scores = np.zeros(len(trace))
    for number in np.unique(trace):
        out = trace == number
        scores[out] = score_without(~out)[out]
    return scores


def two_out(
    need: NDArray[np.bool_],
    trace: NDArray[np.int64],
    score_without: ScoreWithout,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> TwoOut:
    """Compare every needy event with every other one.

    Args:
        need: (events,) what was right.
        trace: (events,) a number for each trace.
        score_without: is called once for each trace and for each pair of traces.
        seed: of the draws.
        resamples: how many draws.
    """
    import numpy as np

    numbers = np.unique(trace)
    good, bad = [need & (trace == n) for n in numbers], [~need & (trace == n) for n in numbers]
    won = np.zeros((len(numbers), len(numbers)))

    def compare(one: int, other: int, score: Floats) -> None:
        first, second = score[good[one]][:, None], score[bad[other]][None]
        won[one, other] = (first > second).sum() + 0.5 * (first == second).sum()

    for at, number in enumerate(numbers):
        compare(at, at, score_without(trace != number))
    for one, other in combinations(range(len(numbers)), 2):
        score = score_without((trace != numbers[one]) & (trace != numbers[other]))
        compare(one, other, score)
        compare(other, one, score)
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
