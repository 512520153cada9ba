"""Logistic regression with soft labels and a penalty per weight, by Newton's method; deterministic."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

ITERATIONS = 60
TOLERANCE = 1e-9


def sigmoid(log_odds: Floats) -> Floats:
    """Elementwise 1 / (1 + exp(-x)), without overflow."""
    import numpy as np

    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * log_odds)), dtype=np.float64)


def fit_logistic(x: Floats, y: Floats, weight: Floats, penalty: Floats, start: Floats | None = None) -> Floats:
    """The coefficients that minimise ``Σ weight · cross-entropy + ½ Σ penalty · coefficient²``.

    ``x`` is (examples, features), with a column of ones if there is to be an intercept; ``y`` (examples,) holds
    probabilities from 0 to 1, ``penalty`` (features,) is at least 0. ``start`` only saves time.
    """
    import numpy as np

    beta = np.zeros(x.shape[1]) if start is None else start
    loss = _loss(x, y, weight, penalty, beta)
    for _ in range(ITERATIONS):
        p = sigmoid(x @ beta)
        gradient = x.T @ (weight * (p - y)) + penalty * beta
        curvature = (x * (weight * p * (1 - p))[:, None]).T @ x + np.diag(penalty + 1e-9)
        step = np.linalg.solve(curvature, gradient)
        size = 1.0
        while size > 1e-6 and (tried := _loss(x, y, weight, penalty, beta - size * step)) > loss:
            size /= 2
        if size <= 1e-6:
            break
        beta = beta - size * step
        if loss - tried < TOLERANCE * (1 + abs(loss)):
            break
        loss = tried
    return beta


def _loss(x: Floats, y: Floats, weight: Floats, penalty: Floats, beta: Floats) -> float:
    import numpy as np

    log_odds = x @ beta
    cross_entropy = np.logaddexp(0.0, log_odds) - y * log_odds
    return float(weight @ cross_entropy + 0.5 * penalty @ beta**2)
