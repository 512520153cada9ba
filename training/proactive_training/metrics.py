"""ProactiveBench's figures for the decision to speak, with intervals over traces.

Names and formulas are the paper's (arXiv 2410.12361, section 4): with TP a right decision to speak, FP a wrong
one, TN a right silence and FN a wrong one, recall = TP/(TP+FN), precision = TP/(TP+FP), accuracy = (TP+TN)/all,
false alarm = FP/(TP+FP), F1 = the harmonic mean of precision and recall. A ratio whose denominator is zero is 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from proactive_training.calibration import BINS, calibration_bin, expected_calibration_error

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
    """The threshold with the best F1 on these examples, the lowest of equals; 0.5 where there is no need."""
    import numpy as np

    order = np.argsort(score)
    thresholds, first = np.unique(score[order], return_index=True)
    needs = need[order].astype(float)
    right = needs.sum() - np.concatenate([[0.0], np.cumsum(needs)])[first]  # needs at or above each threshold
    spoken = len(score) - first
    f1 = 2 * right / (spoken + needs.sum())
    best = f1.max() if len(f1) else 0.0
    return float(thresholds[np.flatnonzero(f1 >= best - 1e-12)[0]]) if best > 0 else 0.5


def steady_threshold(score: Floats, need: Bools, trace: NDArray[np.int64], *, resamples: int = 200) -> float:
    """The mean of the best thresholds over resampled traces: with few traces the best one alone is a matter of
    luck."""
    import numpy as np

    members = [np.flatnonzero(trace == t) for t in np.unique(trace)]
    rng = np.random.default_rng(0)
    found = []
    for _ in range(resamples):
        chosen = np.concatenate([members[i] for i in rng.integers(len(members), size=len(members))])
        found.append(best_threshold(score[chosen], need[chosen]))
    return float(np.mean(found))


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

    Keys: ``n, recall, precision, accuracy, false_alarm, f1, auc, within_auc, speaks, f1_over_always, ci,
    baselines``. ``f1_over_always`` is the F1 less that of speaking always; its interval draws both from the same
    traces, so that how much help a trace needs, which moves both, does not widen it.
    """
    return decided_figures(score >= threshold, need, trace, score, seed=seed, resamples=resamples)


def decided_figures(
    speaks: Bools,
    need: Bools,
    trace: NDArray[np.int64],
    score: Floats | None = None,
    *,
    probability: Floats | None = None,
    hours: Floats | None = None,
    units: NDArray[np.int64] | None = None,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> dict[str, Any]:
    """The same as :func:`figures` of decisions already made; without a ``score`` there is no AUC.

    Args:
        speaks: (events,) what was decided.
        need: (events,) what was right.
        trace: (events,) a number for each trace.
        score: (events,) what the AUC ranks by.
        probability: (events,) of being right to speak, 0 to 1; adds ``calibration_error``.
        hours: (events,) of work since the event before; adds ``hours`` and ``false_alarms_per_hour``.
        units: (events,) what is drawn together for the intervals, such as the repository; by default the trace.
        seed: of the draws.
        resamples: how many draws; none gives no intervals, nor does a single unit.
    """
    import numpy as np

    point: dict[str, float | None] = dict(decision_figures(speaks, need))
    point["f1_over_always"] = float(point["f1"] or 0.0) - decision_figures(np.ones_like(need), need)["f1"]
    point["auc"] = None if score is None else auc(score, need)
    point["within_auc"] = None if score is None else within_trace_auc(score, need, trace)
    if probability is not None:
        point["calibration_error"] = expected_calibration_error(probability, need.astype(np.float64))
    false_alarms = speaks & ~need
    if hours is not None:
        worked = float(hours.sum())
        point["false_alarms_per_hour"] = float(false_alarms.sum()) / worked if worked else None
    _, unit = np.unique(trace if units is None else units, return_inverse=True)
    count = int(unit.max()) + 1 if len(unit) else 0
    intervals: dict[str, list[float]] = {}
    if count > 1 and resamples:
        times = times_drawn(count, resamples, seed)
        draws = drawn_decisions(times, speaks, need, unit)
        if score is not None:
            draws["auc"] = _drawn_auc(times, score, need, unit)
            draws["within_auc"] = _drawn_within(times, score, need, trace, unit)
        if probability is not None:
            draws["calibration_error"] = _drawn_calibration(times, probability, need, unit)
        if hours is not None:
            wrong, worked_by = (np.bincount(unit, weights=part, minlength=count) for part in (false_alarms, hours))
            draws["false_alarms_per_hour"] = _share(times @ wrong, times @ worked_by, np.nan)
        for key, values in draws.items():
            known = values[~np.isnan(values)]
            if len(known):
                intervals[key] = [float(np.quantile(known, 0.025)), float(np.quantile(known, 0.975))]
    whole = {"n": len(need), **point, "ci": intervals, "baselines": baselines(need)}
    if hours is not None:
        whole["hours"] = float(hours.sum())
    return whole


def times_drawn(count: int, resamples: int, seed: int) -> Floats:
    """(draws, units) how often each of ``count`` units is drawn, as many as there are, with replacement."""
    import numpy as np

    drawn = np.random.default_rng(seed).integers(count, size=(resamples, count))
    return np.stack([np.bincount(row, minlength=count) for row in drawn]).astype(np.float64)


def _share(part: Floats, whole: Floats, otherwise: float = 0.0) -> Floats:
    import numpy as np

    return np.divide(part, whole, out=np.full_like(part, otherwise), where=whole > 0)


def drawn_decisions(times: Floats, speaks: Bools, need: Bools, unit: NDArray[np.int64]) -> dict[str, Floats]:
    """The paper's figures of each draw; ``times`` (draws, units) says how often a unit was drawn."""
    import numpy as np

    cells = (speaks & need, speaks & ~need, ~speaks & need, ~speaks & ~need)
    of_unit = np.stack([np.bincount(unit, weights=cell, minlength=times.shape[1]) for cell in cells], axis=1)
    tp, fp, fn, tn = (times @ of_unit).T
    recall, precision, every = _share(tp, tp + fn), _share(tp, tp + fp), tp + fp + fn + tn
    f1 = _share(2 * precision * recall, precision + recall)
    right = _share(tp + fn, every)  # the precision of always; its recall is one where there is any need
    always = _share(2 * right * (right > 0), right + (right > 0))
    return {
        "recall": recall,
        "precision": precision,
        "accuracy": _share(tp + tn, every),
        "false_alarm": _share(fp, tp + fp),
        "f1": f1,
        "speaks": _share(tp + fp, every),
        "f1_over_always": f1 - always,
    }


def _drawn_auc(times: Floats, score: Floats, need: Bools, unit: NDArray[np.int64]) -> Floats:
    """The AUC of each draw, not a number where one class is missing."""
    import numpy as np

    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.diff(score[order], prepend=-np.inf))  # of each run of equal scores
    unit, need = unit[order], need[order]
    found = np.full(len(times), np.nan)
    for number, one in enumerate(times):
        weight = one[unit]
        good = np.add.reduceat(weight * need, starts)
        bad = np.add.reduceat(weight * ~need, starts)
        pairs = good.sum() * bad.sum()
        if pairs:
            found[number] = good @ (np.cumsum(bad) - bad / 2) / pairs
    return found


def _drawn_within(
    times: Floats, score: Floats, need: Bools, trace: NDArray[np.int64], unit: NDArray[np.int64]
) -> Floats:
    """The mean AUC inside the drawn traces, of each draw."""
    import numpy as np

    values, homes = [], []
    for one in np.unique(trace):
        here = trace == one
        if (value := auc(score[here], need[here])) is not None:
            values.append(value)
            homes.append(int(unit[here][0]))
    if not values:
        return np.full(len(times), np.nan)
    weight = times[:, homes]
    return _share(weight @ np.array(values), weight.sum(axis=1), np.nan)


def _drawn_calibration(times: Floats, probability: Floats, need: Bools, unit: NDArray[np.int64]) -> Floats:
    """The expected calibration error of each draw: in each bin, the gap between what was said and what was."""
    import numpy as np

    which = calibration_bin(probability)
    gap = np.zeros((times.shape[1], BINS))
    np.add.at(gap, (unit, which), probability - need)
    return _share(np.abs(times @ gap).sum(axis=1), times @ np.bincount(unit, minlength=times.shape[1]), np.nan)


def baselines(need: Bools) -> dict[str, dict[str, float]]:
    """What speaking always and never come to on these labels."""
    import numpy as np

    return {
        "always": decision_figures(np.ones_like(need), need),
        "never": decision_figures(np.zeros_like(need), need),
    }
