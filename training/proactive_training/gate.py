"""Fits the gate's live head: sittings in real projects, whose tests really failed.

A logistic regression with a quadratic penalty, calibrated on scores of examples that were held out by
repository. All that is chosen is fixed in :class:`Recipe`, never tuned on what is reported. The told head is
fitted by :mod:`proactive_training.told`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from proactive_inference.feature_names import NAMES
from proactive_inference.features import features
from proactive_inference.gate_weights import Head
from proactive_training.calibration import platt
from proactive_training.leaving_out import ScoreWithout
from proactive_training.logistic import fit_logistic
from proactive_training.sittings import Sitting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from proactive_training.logistic import Floats

_LIVE = NAMES.index("bias_live")


@frozen
class Recipe:
    """How the live head is fitted."""

    penalty: float = 0.3  #: on every weight
    trail_factor: float = 10.0  #: how much more the trails' weights are penalised
    weight: float = 2000.0  #: of all examples together, however many there are


@frozen
class Examples:
    """Windows in numbers, row by row."""

    x: Floats  #: (examples, features)
    need: NDArray[np.bool_]  #: the label
    trace: NDArray[np.int64]  #: which trace or sitting
    group: NDArray[np.int64]  #: what is held out together: the trace, or the sittings of one repository
    names: tuple[str, ...] = ()  #: of the groups

    def __len__(self) -> int:
        return len(self.need)

    @property
    def held_out_together(self) -> NDArray[np.int64]:
        """The repository, or of one alone the sitting, which flatters."""
        import numpy as np

        return self.group if len(np.unique(self.group)) > 1 else self.trace

    def pick(self, chosen: NDArray[Any]) -> Examples:
        """Some of the rows."""
        return Examples(self.x[chosen], self.need[chosen], self.trace[chosen], self.group[chosen], self.names)


def live_examples(sittings: Sequence[Sitting]) -> Examples:
    """Every event of the sittings."""
    import numpy as np

    projects = sorted({sitting.project for sitting in sittings})
    rows = [
        (features(sitting.window(i).events).values, need, number, projects.index(sitting.project))
        for number, sitting in enumerate(sittings)
        for i, need in enumerate(sitting.needs)
    ]
    need = np.asarray([row[1] for row in rows], dtype=bool)
    return Examples(
        np.asarray([row[0] for row in rows], dtype=np.float64).reshape(len(rows), len(NAMES)),
        need,
        np.asarray([row[2] for row in rows], dtype=np.int64), np.asarray([row[3] for row in rows], dtype=np.int64),
        tuple(projects),
    )  # fmt: skip


def fit(live: Examples, recipe: Recipe | None = None, start: Floats | None = None) -> tuple[Head, Floats]:
    """The uncalibrated head, and the coefficients to start a similar fit from."""
    import numpy as np

    recipe = recipe or Recipe()
    design = live.x.copy()
    design[:, _LIVE] = 1.0  # the intercept: live events alone reach this head
    strictness = np.array([recipe.trail_factor if name.startswith("trail:") else 1.0 for name in NAMES])
    penalty = recipe.penalty * strictness
    penalty[_LIVE] = 1e-3
    used = np.flatnonzero(design.any(axis=0))  # a feature that never shows keeps the weight zero
    weight = np.full(len(live), recipe.weight / len(live))
    beta = np.zeros(len(NAMES))
    beta[used] = fit_logistic(
        design[:, used], live.need.astype(float), weight, penalty[used], None if start is None else start[used]
    )
    weights = beta.copy()
    weights[_LIVE] = 0.0
    return Head(tuple(weights.tolist()), float(beta[_LIVE])), beta


def log_odds(head: Head, x: Floats) -> Floats:
    """The head's answers to these rows, as the gate gives them."""
    import numpy as np

    return np.asarray(x @ np.array(head.weights) + head.bias, dtype=np.float64)


def fitted_without(live: Examples, recipe: Recipe | None = None) -> ScoreWithout:
    """Log-odds of every example, from fits on what is kept."""
    import numpy as np

    recipe = recipe or Recipe()
    _, start = fit(live, recipe)  # the optimum does not depend on it

    def scores(keep: NDArray[np.bool_]) -> Floats:
        if not keep.any():
            return np.full(len(live), np.nan)
        return log_odds(fit(live.pick(keep), recipe, start)[0], live.x)

    return scores


def live_head(live: Examples, scores: Floats, recipe: Recipe | None = None) -> Head:
    """Fit on everything, calibrate on held-out ``scores``, fold the calibration into the head."""
    head, _ = fit(live, recipe)
    slope, intercept = platt(scores, live.need.astype(float))
    return _rounded(Head(tuple(slope * w for w in head.weights), slope * head.bias + intercept))


def _rounded(head: Head) -> Head:
    # Six digits are far below any effect, and keep the file the same on every machine's linear algebra.
    return Head(tuple(round(weight, 6) + 0.0 for weight in head.weights), round(head.bias, 6) + 0.0)
