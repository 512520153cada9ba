"""How much one set of decisions is worth over another on the same events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve

from proactive_training.errors import DataError
from proactive_training.evaluation_file import Evaluation, Row, Task, read_evaluations
from proactive_training.metrics import RESAMPLES, decision_figures, drawn_decisions, times_drawn


def gain(after: Sequence[Row], before: Sequence[Row], *, seed: int = 0) -> dict[str, Any]:
    """How much F1 was gained, with a 95 % bootstrap interval over traces that draws the same for both.

    Keys: ``f1`` and ``ci``. The rows must be of the same events in the same order.
    """
    import numpy as np

    need = np.asarray([row.label for row in after], dtype=bool)
    said = [np.asarray([row.speaks for row in rows], dtype=bool) for rows in (after, before)]
    _, trace = np.unique([row.group or row.trace for row in after], return_inverse=True)
    times = times_drawn(int(trace.max()) + 1, RESAMPLES, seed)
    one, other = (decision_figures(part, need)["f1"] for part in said)
    drawn, drawn_other = (drawn_decisions(times, part, need, trace)["f1"] for part in said)
    found = drawn - drawn_other
    return {
        "f1": one - other,
        "ci": [float(np.quantile(found, 0.025)), float(np.quantile(found, 0.975))],
    }


def with_gain(evaluation: Evaluation, against: Path, *, seed: int = 0) -> Evaluation:
    """The evaluation, with its gain over the first of a file that has the same events: as ``details["gain"]``, and
    in words among its notes.

    Raises:
        DataError: the file cannot be read, or none in it has all these events.
    """
    other = earlier(against, evaluation.task, evaluation.rows)
    rows = {_key(row): row for row in other.rows}
    found = {**gain(evaluation.rows, [rows[_key(row)] for row in evaluation.rows], seed=seed), "over": other.name}
    low, high = found["ci"]
    note = f"F1 {found['f1']:+.3f} [{low:+.3f} {high:+.3f}] over {other.name}."
    return evolve(evaluation, details={**evaluation.details, "gain": found}, notes=(*evaluation.notes, note))


def earlier(file: Path, task: Task, rows: Iterable[Row]) -> Evaluation:
    """The first evaluation of a file that has answers at all these rows' events.

    Raises:
        DataError: the file cannot be read, or there is none.
    """
    keys = set(map(_key, rows))
    for other in read_evaluations(file):
        if other.task is task and keys <= set(map(_key, other.rows)):
            return other
    raise DataError(f"{file} has no evaluation of these events; evaluate both on the same data")


def _key(row: Row) -> tuple[str, int]:
    return row.trace, row.index
