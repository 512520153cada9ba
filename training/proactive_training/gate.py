"""Fits the gate: human-labelled traces and replayed sittings into one weights file.

Both worlds share their weights as far as the data agree (each head is a shared part plus a part of its own, all
with a quadratic penalty; Daumé, "Frustratingly easy domain adaptation", 2007). Each head is then calibrated on
scores of examples that were held out by trace and by repository. All that is chosen (penalties, weights of
the worlds) is fixed in :class:`Recipe`, never tuned on what is reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from proactive_inference.feature_names import NAMES
from proactive_inference.features import features
from proactive_inference.gate_weights import GateWeights, Head
from proactive_training.calibration import platt
from proactive_training.logistic import fit_logistic
from proactive_training.proactivebench import Bench, Label
from proactive_training.sittings import Sitting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from proactive_training.logistic import Floats

_LIVE = NAMES.index("bias_live")


@frozen
class Recipe:
    """How the gate is fitted."""

    penalty: float = 0.5  #: on shared weights
    own_penalty: float = 1.0  #: on what a head has of its own
    trail_factor: float = 10.0  #: how much more the trails' weights are penalised
    softness: float = 0.5  #: share of the annotators' votes in the label; the rest is the published majority
    live_weight: float = 10.0  #: weight of all live examples together, in that of all told ones


@frozen
class Examples:
    """Windows in numbers, row by row."""

    x: Floats  #: (examples, features)
    y: Floats  #: soft label, 0 to 1
    need: NDArray[np.bool_]  #: hard label
    trace: NDArray[np.int64]  #: which trace or sitting
    group: NDArray[np.int64]  #: what is held out together: the trace, or the sittings of one repository
    names: tuple[str, ...] = ()  #: of the groups

    def __len__(self) -> int:
        return len(self.y)

    def pick(self, chosen: NDArray[Any]) -> Examples:
        """Some of the rows."""
        return Examples(
            self.x[chosen], self.y[chosen], self.need[chosen], self.trace[chosen], self.group[chosen], self.names
        )


def soft_label(label: Label, softness: float) -> float:
    """The majority label, softened by the share of annotators for whom silence was wrong."""
    if not label.silence_votes:
        return float(label.need)
    against = 1 - sum(label.silence_votes) / len(label.silence_votes)
    return (1 - softness) * float(label.need) + softness * against


def told_examples(bench: Bench, softness: float = Recipe().softness) -> Examples:
    """Every labelled event of the published traces."""
    rows = [
        (features(trace.window(i).events).values, soft_label(label, softness), label.need, number)
        for number, trace in enumerate(bench.traces)
        for i, label in enumerate(trace.labels)
        if label is not None
    ]
    traces = [row[3] for row in rows]
    return _examples(
        [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows], traces, traces,
        tuple(trace.trace.name for trace in bench.traces),
    )  # fmt: skip


def live_examples(sittings: Sequence[Sitting]) -> Examples:
    """Every event of the sittings."""
    projects = sorted({sitting.project for sitting in sittings})
    rows = [
        (features(sitting.window(i).events).values, need, number, projects.index(sitting.project))
        for number, sitting in enumerate(sittings)
        for i, need in enumerate(sitting.needs)
    ]
    return _examples(
        [row[0] for row in rows], [float(row[1]) for row in rows], [row[1] for row in rows],
        [row[2] for row in rows], [row[3] for row in rows], tuple(projects),
    )  # fmt: skip


def _examples(
    x: list[tuple[float, ...]],
    y: list[float],
    need: list[bool],
    trace: list[int],
    group: list[int],
    names: tuple[str, ...],
) -> Examples:
    import numpy as np

    return Examples(
        np.asarray(x, dtype=np.float64).reshape(len(y), len(NAMES)), np.asarray(y, dtype=np.float64),
        np.asarray(need, dtype=bool), np.asarray(trace, dtype=np.int64), np.asarray(group, dtype=np.int64), names,
    )  # fmt: skip


Heads = tuple[Head, Head]


def fit(
    told: Examples | None, live: Examples | None, recipe: Recipe | None = None, start: Floats | None = None
) -> tuple[Heads, Floats]:
    """The uncalibrated heads for live and told events, and the coefficients to start a similar fit from."""
    import numpy as np

    recipe = recipe or Recipe()
    parts = [part for part in (told, live) if part is not None and len(part)]
    x = np.concatenate([part.x for part in parts])
    y = np.concatenate([part.y for part in parts])
    weight = np.concatenate([_weights(part, recipe, told, live) for part in parts])
    share = x[:, _LIVE : _LIVE + 1]
    inner = x.copy()
    inner[:, _LIVE] = 0.0  # the heads' own intercepts stand for it
    design = np.concatenate([inner, inner * share, inner * (1 - share), share, 1 - share], axis=1)
    count = len(NAMES)
    strictness = np.array([recipe.trail_factor if name.startswith("trail:") else 1.0 for name in NAMES])
    penalty = np.concatenate(
        [recipe.penalty * strictness, np.tile(recipe.own_penalty * strictness, 2), np.full(2, 1e-3)]
    )
    used = np.flatnonzero(design.any(axis=0))  # a feature that never shows keeps the weight zero
    beta = np.zeros(design.shape[1])
    beta[used] = fit_logistic(design[:, used], y, weight, penalty[used], None if start is None else start[used])
    shared = beta[:count]
    heads = (shared + beta[count : 2 * count], shared + beta[2 * count : 3 * count])
    live_head = Head(tuple(heads[0].tolist()), float(beta[-2]))
    return (live_head, Head(tuple(heads[1].tolist()), float(beta[-1]))), beta


def _weights(part: Examples, recipe: Recipe, told: Examples | None, live: Examples | None) -> Floats:
    import numpy as np

    if part is live:
        return np.full(len(part), recipe.live_weight * (len(told) if told is not None else 200) / len(part))
    # Needs and silences weigh the same among the told: traces differ so much in how many needs they have that the
    # share without one trace would say the opposite of that trace. Calibration puts the share back.
    share = min(max(float(part.need.mean()), 0.05), 0.95)
    return np.where(part.need, 0.5 / share, 0.5 / (1 - share))


def log_odds(heads: Heads, x: Floats) -> Floats:
    """The heads' answers to these rows, as the gate gives them."""
    import numpy as np

    share = x[:, _LIVE]
    live = x @ np.array(heads[0].weights) + heads[0].bias
    told = x @ np.array(heads[1].weights) + heads[1].bias
    return np.asarray(share * live + (1 - share) * told, dtype=np.float64)


def held_out(told: Examples | None, live: Examples | None, recipe: Recipe | None = None) -> tuple[Floats, Floats]:
    """Log-odds of every told and every live example from a fit without its trace or repository."""
    import numpy as np

    recipe = recipe or Recipe()
    _, start = fit(told, live, recipe)  # the optimum does not depend on it
    told_scores = np.zeros(len(told) if told is not None else 0)
    live_scores = np.zeros(len(live) if live is not None else 0)
    if told is not None:
        for group in np.unique(told.group):
            out = told.group == group
            if not out.all():
                told_scores[out] = log_odds(fit(told.pick(~out), live, recipe, start)[0], told.x[out])
    if live is not None:
        # One project alone is split by sitting, which flatters; the log says which was done.
        groups = live.group if len(np.unique(live.group)) > 1 else live.trace
        for group in np.unique(groups):
            out = groups == group
            if not out.all():
                live_scores[out] = log_odds(fit(told, live.pick(~out), recipe, start)[0], live.x[out])
    return told_scores, live_scores


def train(
    told: Examples | None, live: Examples | None, metadata: dict[str, Any], recipe: Recipe | None = None
) -> GateWeights:
    """Fit on everything, calibrate on held-out scores, fold the calibration into the heads."""
    told_scores, live_scores = held_out(told, live, recipe)
    heads, _ = fit(told, live, recipe)
    calibrated = []
    for head, part, scores in ((heads[0], live, live_scores), (heads[1], told, told_scores)):
        slope, intercept = (1.0, 0.0) if part is None or not len(part) else platt(scores, part.need.astype(float))
        calibrated.append(Head(tuple(slope * w for w in head.weights), slope * head.bias + intercept))
    if live is None or told is None:  # what was not trained stays as it ships
        shipped = GateWeights.load()
        calibrated = [calibrated[0] if live else shipped.live, calibrated[1] if told else shipped.told]
    return GateWeights(_rounded(calibrated[0]), _rounded(calibrated[1]), metadata)


def _rounded(head: Head) -> Head:
    # Six digits are far below any effect, and keep the file the same on every machine's linear algebra.
    return Head(tuple(round(weight, 6) + 0.0 for weight in head.weights), round(head.bias, 6) + 0.0)
