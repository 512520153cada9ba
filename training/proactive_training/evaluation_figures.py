"""From an evaluation's rows to its figures: in all, by domain and by trace, with always and never beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import evolve

from proactive_training.evaluation_file import Row, Task
from proactive_training.metrics import RESAMPLES, decided_figures


def evaluation_figures(
    rows: Sequence[Row], task: Task = Task.NEED, *, seed: int = 0, resamples: int = RESAMPLES
) -> dict[str, Any]:
    """All figures of these rows, with ``domains`` (the same of each) and ``traces`` (of each, without intervals).

    Keys: ``n, labels, recall, precision, accuracy, false_alarm, f1, auc, within_auc, speaks, f1_over_always,
    calibration_error, hours, false_alarms_per_hour, ci, baselines, domains, traces``. What cannot be known is
    ``None``: ranking and calibration without a score at every row, or where what is right depends on what was
    answered (:attr:`Task.AGENT`); hours where times are missing, or where one event was asked about several times.

    Raises:
        ValueError: there are no rows.
    """
    if not rows:
        raise ValueError("there are no rows to measure")
    domains: dict[str, list[Row]] = {}
    traces: dict[str, list[Row]] = {}
    for row in rows:
        domains.setdefault(row.domain, []).append(row)
        traces.setdefault(row.trace, []).append(row)
    return {
        **_part(rows, task, seed, resamples),
        "domains": {domain: _part(domains[domain], task, seed, resamples) for domain in sorted(domains)},
        "traces": [_trace(name, of_trace, task) for name, of_trace in traces.items()],
    }


def answered(
    rows: Sequence[Row],
    speaks: Sequence[bool],
    scores: Sequence[float | None] | None = None,
    rankings: Sequence[float] | None = None,
    tasks: Sequence[str | None] | None = None,
) -> tuple[Row, ...]:
    """Rows with what somebody answered, in the same order; scores, rankings and tasks where there are any."""
    filled = []
    for number, (row, says) in enumerate(zip(rows, speaks, strict=True)):
        score = None if scores is None else scores[number]
        filled.append(
            evolve(
                row,
                speaks=bool(says),
                score=None if score is None else float(score),
                ranking=None if rankings is None else float(rankings[number]),
                task=row.task if tasks is None else tasks[number],
            )
        )
    return tuple(filled)


def ranking_of(rows: Sequence[Row]) -> list[float] | None:
    """What the rows are ranked by; ``None`` where some have no score."""
    if all(row.ranking is not None for row in rows):
        return [row.ranking for row in rows if row.ranking is not None]
    return scores_of(rows)


def scores_of(rows: Sequence[Row]) -> list[float] | None:
    """The rows' scores; ``None`` where some have none."""
    scores = [row.score for row in rows if row.score is not None]
    return scores if len(scores) == len(rows) else None


def units_of(rows: Sequence[Row]) -> list[str]:
    """What intervals draw together: the groups, or, where all rows are of one, the traces."""
    groups = [row.group or row.trace for row in rows]
    return groups if len(set(groups)) > 1 else [row.trace for row in rows]


def hours_of(rows: Sequence[Row]) -> list[float] | None:
    """Hours of work that each row stands for; ``None`` where some are not known, or an event comes twice."""
    seconds = [row.seconds for row in rows if row.seconds is not None]
    if len(seconds) < len(rows) or len({(row.trace, row.index) for row in rows}) < len(rows):
        return None
    return [one / 3600 for one in seconds]


def _part(rows: Sequence[Row], task: Task, seed: int, resamples: int) -> dict[str, Any]:
    import numpy as np

    def column(values: list[float] | None) -> Any:
        return None if values is None else np.asarray(values, dtype=np.float64)

    def numbered(names: list[str]) -> Any:
        return np.unique(names, return_inverse=True)[1]

    settled = task is not Task.AGENT  # whether what is right does not depend on what was answered
    scores = scores_of(rows) if settled else None
    hours = hours_of(rows) if task is not Task.REWARD else None
    label = np.asarray([row.label for row in rows], dtype=bool)
    found = decided_figures(
        np.asarray([row.speaks for row in rows], dtype=bool),
        label,
        numbered([row.trace for row in rows]),
        column(ranking_of(rows) if settled else None),
        probability=column(scores),
        hours=column(hours),
        units=numbered(units_of(rows)),
        seed=seed,
        resamples=resamples,
    )
    if not settled:
        found["baselines"] = {}
        found["f1_over_always"] = None
        found["ci"].pop("f1_over_always", None)
    unknown = {"calibration_error": None, "hours": None, "false_alarms_per_hour": None}
    return {"n": len(rows), "labels": int(label.sum()), **unknown, **found}


def _trace(name: str, rows: Sequence[Row], task: Task) -> dict[str, Any]:
    """A trace's figures; one trace has no interval."""
    found = _part(rows, task, 0, 0)
    for key in ("ci", "baselines", "within_auc", "calibration_error", "f1_over_always"):
        found.pop(key, None)
    return {"trace": name, "domain": rows[0].domain, **found}
