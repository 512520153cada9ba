"""ProactiveBench's figures for the decision to speak, with intervals over traces.

Names and formulas are the paper's (arXiv 2410.12361, section 4): with TP a right decision to speak, FP a wrong
one, TN a right silence and FN a wrong one, recall = TP/(TP+FN), precision = TP/(TP+FP), accuracy = (TP+TN)/all,
false alarm = FP/(TP+FP), F1 = the harmonic mean of precision and recall. A ratio whose denominator is zero is 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from proactive_training.logistic import Floats

    Bools = NDArray[np.bool_]

RESAMPLES = 1000


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def decision_figures(speaks: Bools, need: Bools) -> dict[str, float]:
    """The paper's figures of decisions (``speaks``) against labels (``need``)."""
    tp = float((speaks & need).sum())
    fp = float((speaks & ~need).sum())
    fn = float((~speaks & need).sum())
    tn = float((~speaks & ~need).sum())
    recall, precision = _ratio(tp, tp + fn), _ratio(tp, tp + fp)
    return {
        "recall": recall,
        "precision": precision,
        "accuracy": _ratio(tp + tn, tp + fp + fn + tn),
        "false_alarm": _ratio(fp, tp + fp),
        "f1": _ratio(2 * precision * recall, precision + recall),
        "speaks": _ratio(tp + fp, tp + fp + fn + tn),
    }


def auc(score: Floats, need: Bools) -> float | None:
    """The probability that a needy event scores above another (ties count half); ``None`` with one class only."""
    import numpy as np

    positives, negatives = int(need.sum()), int((~need).sum())
    if not positives or not negatives:
        return None
    order = np.sort(score)
    # The mean rank of equal scores, from how many lie below and how many up to each.
    ranks = (np.searchsorted(order, score, "left") + np.searchsorted(order, score, "right") + 1) / 2
    return float((ranks[need].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def within_trace_auc(score: Floats, need: Bools, trace: NDArray[np.int64]) -> float | None:
    """The mean over traces of the AUC inside each: ranking without the traces' differing base rates."""
    import numpy as np

    values = [auc(score[trace == t], need[trace == t]) for t in np.unique(trace)]
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def best_threshold(score: Floats, need: Bools) -> float:
    """The threshold with the best F1 on these examples; the lowest of equals."""
    import numpy as np

    best, at = -1.0, 0.5
    for threshold in np.unique(score):
        f1 = decision_figures(score >= threshold, need)["f1"]
        if f1 > best + 1e-12:
            best, at = f1, float(threshold)
    return at


def figures(
    score: Floats,
    need: Bools,
    trace: NDArray[np.int64],
    threshold: float | Floats,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> dict[str, Any]:
    """All figures at a threshold (one for all, or one each), with 95 % bootstrap intervals over traces.

    Keys: ``n, recall, precision, accuracy, false_alarm, f1, auc, within_auc, speaks, ci, baselines``.
    """
    import numpy as np

    speaks = score >= threshold

    def all_of(chosen: NDArray[np.int64], groups: NDArray[np.int64]) -> dict[str, float | None]:
        found: dict[str, float | None] = dict(decision_figures(speaks[chosen], need[chosen]))
        found["auc"] = auc(score[chosen], need[chosen])
        found["within_auc"] = within_trace_auc(score[chosen], need[chosen], groups)
        return found

    everything = np.arange(len(score))
    point = all_of(everything, trace)
    members = [np.flatnonzero(trace == t) for t in np.unique(trace)]
    rng = np.random.default_rng(seed)
    draws: dict[str, list[float]] = {key: [] for key in point}
    for _ in range(resamples if len(members) > 1 else 0):
        picked = rng.integers(len(members), size=len(members))
        chosen = np.concatenate([members[i] for i in picked])
        groups = np.concatenate([np.full(len(members[i]), n) for n, i in enumerate(picked)])
        for key, value in all_of(chosen, groups).items():
            if value is not None:
                draws[key].append(value)
    intervals = {
        key: [float(np.quantile(values, 0.025)), float(np.quantile(values, 0.975))]
        for key, values in draws.items()
        if values
    }
    return {"n": len(score), **point, "ci": intervals, "baselines": baselines(need)}


def baselines(need: Bools) -> dict[str, dict[str, float]]:
    """What speaking always and never come to on these labels."""
    import numpy as np

    return {
        "always": decision_figures(np.ones_like(need), need),
        "never": decision_figures(np.zeros_like(need), need),
    }
