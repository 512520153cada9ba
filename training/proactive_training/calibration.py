"""Makes scores mean what they say: Platt's scaling on scores of examples that the model has not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proactive_training.logistic import fit_logistic, sigmoid

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from proactive_training.logistic import Floats

BINS = 10
"""Of equal width, in which probabilities are compared with frequencies."""


def platt(log_odds: Floats, y: Floats, weight: Floats | None = None) -> tuple[float, float]:
    """Slope and intercept so that ``sigmoid(slope · log_odds + intercept)`` is calibrated (Platt, 1999).

    The slope is kept from 0.05 to 1: held-out scores may be too bold, but a handful of traces is no ground to make
    them bolder or turn them round.
    """
    import numpy as np

    x = np.column_stack([log_odds, np.ones_like(log_odds)])
    ones = np.ones_like(log_odds) if weight is None else weight
    slope, intercept = fit_logistic(x, y, ones, np.array([1e-3, 1e-3]))
    if not 0.05 <= slope <= 1.0:
        slope = min(max(slope, 0.05), 1.0)
        low, high = -30.0, 30.0  # the intercept that goes with the clipped slope, by halving: nothing can run away
        for _ in range(60):
            intercept = (low + high) / 2
            if float(ones @ (y - sigmoid(slope * log_odds + intercept))) > 0:
                low = intercept
            else:
                high = intercept
    return float(slope), float(intercept)


def calibration_bin(p: Floats, bins: int = BINS) -> NDArray[np.int64]:
    """The bin of each probability, from zero; 1 is in the last."""
    import numpy as np

    return np.minimum((p * bins).astype(np.int64), bins - 1)


def expected_calibration_error(p: Floats, y: Floats, bins: int = BINS) -> float:
    """The mean distance between probability and frequency over equal-width bins, weighted by their size."""
    which = calibration_bin(p, bins)
    total = 0.0
    for b in range(bins):
        inside = which == b
        if inside.any():
            total += float(inside.mean()) * abs(float(p[inside].mean()) - float(y[inside].mean()))
    return total
