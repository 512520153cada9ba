"""Measures judges against people: tasks and silences, by category, by trace, on the published split."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from proactive_training.bench.example import Category
from proactive_training.bench.labelled import TEST
from proactive_training.evaluation_figures import evaluation_figures
from proactive_training.evaluation_file import Evaluation, Exposure, Row, Task
from proactive_training.exposure import Seen, exposure
from proactive_training.judged_rows import JudgedData, JudgedRow, leak, table_answers
from proactive_training.metrics import RESAMPLES, decision_figures, times_drawn

THRESHOLD = 0.5
"""A task is taken to be acceptable from this probability on, as the majority of annotators decides."""


def judged_rows(
    rows: Sequence[JudgedRow],
    scores: Sequence[float | None],
    rankings: Sequence[float] | None = None,
    *,
    threshold: float = THRESHOLD,
) -> tuple[Row, ...]:
    """Rows of an evaluation: what was judged, and the probabilities that somebody gave, in the same order.

    ``None``, an answer without a judgement, is no acceptance whatever the threshold: 0, beside others.
    """
    return tuple(
        Row(
            trace=row.group,
            index=row.index,
            label=row.accepted,
            speaks=score is not None and score >= threshold,
            score=0.0 if score is None else float(score),
            ranking=None if rankings is None else float(rankings[number]),
            domain=row.domain,
            group=row.units,
            time=row.trace.events[row.index].time,
            votes=row.votes,
            task=row.task,
            category=row.category.value,
        )
        for number, (row, score) in enumerate(zip(rows, scores, strict=True))
    )


def judge_evaluation(
    data: JudgedData,
    scores: Sequence[float | None],
    rankings: Sequence[float] | None = None,
    *,
    name: str,
    threshold: float = THRESHOLD,
    exposure: Exposure = Exposure.UNKNOWN,
    protocol: str = "",
    details: dict[str, Any] | None = None,
    notes: Sequence[str] = (),
    seed: int = 0,
) -> Evaluation:
    """The evaluation of a judge's answers to ``data.rows``; for the figures see :func:`judge_figures`."""
    rows = judged_rows(data.rows, scores, rankings, threshold=threshold)
    unread = sum(score is None for score in scores)
    told = f"{unread} of {len(rows)} answers had no judgement in them: they count as rejected."
    return Evaluation(
        Task.REWARD,
        name,
        rows,
        judge_figures(data, rows, seed=seed),
        exposure=exposure,
        kind="judge",
        protocol=protocol,
        threshold=threshold,
        data=data.card(),
        details={**(details or {}), "seed": seed},
        notes=(*notes, *([told] if unread else []), *_leak_notes(data)),
        problems=data.problems,
    )


def judge_figures(data: JudgedData, rows: Sequence[Row], *, seed: int = 0) -> dict[str, Any]:
    """Figures of everything, with ``proposals``, ``silences``, ``categories`` and ``published_split`` beside them.

    ``label`` is "accepted", ``speaks`` "taken to be acceptable". ``categories`` tells how often the judge agrees
    with the annotators in each of ProactiveBench's four cases; ``published_split`` the figures on the test split
    alone, with what it shares with train, and what a table of the training contexts comes to (``None`` where there
    are not both splits).
    """
    return {
        **evaluation_figures(rows, Task.REWARD, seed=seed),
        "proposals": _part([row for row in rows if row.task is not None], seed),
        "silences": _part([row for row in rows if row.task is None], seed),
        "categories": _categories(rows, seed),
        "published_split": _published_split(data, rows, seed),
    }


def _part(rows: Sequence[Row], seed: int) -> dict[str, Any] | None:
    if not rows:
        return None
    found = evaluation_figures(rows, Task.REWARD, seed=seed)
    found.pop("domains")
    return found


def _categories(rows: Sequence[Row], seed: int) -> dict[str, Any]:
    """For each category that occurs: how many rows, the share in which the judge says the same, its interval."""
    import numpy as np

    found = {}
    for category in Category:
        here = [row for row in rows if row.category == category.value]
        if not here:
            continue
        agrees = np.asarray([row.speaks == row.label for row in here], dtype=np.float64)
        unit = np.unique([row.group or row.trace for row in here], return_inverse=True)[1]
        count = int(unit.max()) + 1
        interval = None
        if count > 1:
            times = times_drawn(count, RESAMPLES, seed)
            right, every = np.bincount(unit, weights=agrees), np.bincount(unit)
            interval = np.quantile((times @ right) / (times @ every), [0.025, 0.975]).tolist()
        found[category.value] = {"n": len(here), "agreement": float(agrees.mean()), "ci": interval}
    return found


def _published_split(data: JudgedData, rows: Sequence[Row], seed: int) -> dict[str, Any] | None:
    """The figures on the test split, if it is among the rows and there is a training split beside it."""
    import numpy as np

    train = data.train
    test = [(a, row) for a, row in zip(data.rows, rows, strict=True) if a.split == TEST]
    if not train or not test:
        return None
    label = np.asarray([row.label for _, row in test], dtype=bool)
    shares = np.asarray(table_answers(train, [a for a, _ in test]))
    shared = leak(train, [a for a, _ in test])
    found = _part([row for _, row in test], seed) or {}
    found["baselines"] = {
        **found["baselines"],
        "table": decision_figures(shares >= THRESHOLD, label),
    }
    found["test_contexts"] = len({a.context for a, _ in test})
    found["test_contexts_in_train"] = shared.contexts if shared else 0
    found["test_traces_in_train"] = shared.traces if shared else 0
    return found


def _leak_notes(data: JudgedData) -> list[str]:
    found = leak(data.train, [row for row in data.rows if row.split == TEST])
    if found is None:
        return []
    return [
        f"The published split leaks: {found}; what was trained on train is not measured by test. Figures by trace "
        "come from 'proactive train reward --cross-validate FILE'."
    ]


def exposure_of(data: JudgedData, trained_on: object) -> Seen:
    """What a judge has seen of these rows, by the traces that its training names; and what to say of it."""
    named = trained_on.get("traces") if isinstance(trained_on, dict) else None
    return exposure(data.groups, [str(name) for name in named] if isinstance(named, list) else None, "judge")


def reward_report(evaluation: Evaluation) -> dict[str, Any]:
    """An evaluation as ``proactive evaluate reward --json`` prints it: figures first, then what they are of."""
    return {
        **evaluation.figures,
        "threshold": evaluation.threshold,
        "evaluated": evaluation.name,
        "kind": evaluation.kind,
        "exposure": evaluation.exposure.value,
        "seen_in_training": evaluation.exposure is Exposure.SEEN,
        "protocol": evaluation.protocol,
        "data": evaluation.data,
        "notes": list(evaluation.notes),
        "problems": list(evaluation.problems),
        **evaluation.details,
    }
