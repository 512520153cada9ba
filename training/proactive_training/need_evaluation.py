"""Is help needed at this event? A gate, a language model or published answers, against people's labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from proactive_collectors.events import Observed
from proactive_inference.gate import LearnedGate
from proactive_inference.gate_weights import FILE_NAME
from proactive_training.errors import DataError
from proactive_training.evaluation_figures import answered, evaluation_figures
from proactive_training.evaluation_file import Evaluation, Exposure, Row, Task
from proactive_training.exposure import exposure
from proactive_training.need_data import NeedData
from proactive_training.need_rows import need_rows
from proactive_training.predictions import Predictions, model_folders, read_predictions
from proactive_training.thresholds import Threshold, decisions, threshold_told

SHIPPED = "shipped"
"""The name of the gate that comes with this package."""

THRESHOLD = 0.25
"""Where speaking breaks even with ProactiveBench's rewards (+0.75, -0.25, 0)."""


def gate_evaluation(
    data: NeedData, gate: Path | None = None, *, threshold: Threshold | None = None, seed: int = 0
) -> Evaluation:
    """A gate's answers at every labelled event; ``gate=None`` is the gate that ships.

    Without a ``threshold``, told events are measured at the one that the gate brings along, which was best for
    F1 on traces held out when it was trained, and typed events at :data:`THRESHOLD`.

    Raises:
        GateError: the weights cannot be used.
    """
    learned = LearnedGate.load(gate)
    if threshold is None:
        threshold = learned.weights.told.speak_at if _told(data) else THRESHOLD
    scores = [
        learned.need(trace.window(index)).probability for trace in data.bench.traces for index in trace.labelled
    ]
    labelled = need_rows(data.bench)
    rows = answered(labelled, decisions(labelled, scores, threshold), scores)
    exposed, notes = exposure(data.names, _learned(learned, data), "gate")
    name = SHIPPED if gate is None else _folder_or_file(gate)
    return need_evaluation(
        data,
        f"gate: {name}",
        rows,
        seed,
        kind="gate",
        threshold=None if threshold == "others" else threshold,
        protocol=threshold_told(threshold),
        exposure=exposed,
        details={"gate": name},
        notes=notes,
    )


def _learned(gate: LearnedGate, data: NeedData) -> list[str] | None:
    """The traces that a gate was trained on; ``None`` if its weights do not say."""
    trained = gate.weights.metadata.get("data")
    if not isinstance(trained, dict):
        return None
    if isinstance(names := trained.get("names"), list):
        return [str(name) for name in names]
    return sorted(data.names) if trained.get("fingerprint") == data.bench.fingerprint else None


def _told(data: NeedData) -> bool:
    """Whether all events are known by their sentence alone."""
    return all(isinstance(event.data, Observed) for trace in data.bench.traces for event in trace.trace.events)


def _folder_or_file(gate: Path) -> str:
    """A gate's name: that of its folder, or of its file if it has a name of its own."""
    whole = gate.absolute()
    return whole.parent.name if whole.name == FILE_NAME else whole.stem


def prediction_evaluations(data: NeedData, folder: Path, *, seed: int = 0) -> list[Evaluation]:
    """Published answers at the labelled events, an evaluation for each model that has some; of others a note.

    Raises:
        DataError: there are no answers, or none belongs to a labelled event.
    """
    found: list[Predictions] = []
    useless: list[str] = []
    for one in (folders := model_folders(folder)):
        try:
            found.append(read_predictions(one, data.bench))
        except DataError as error:
            useless.append(str(error))
    if not found:
        several = f"none of {len(folders)} models can be evaluated; the first: " if len(folders) > 1 else ""
        raise DataError(several + useless[0])
    notes = [f"Not evaluated: {why}." for why in useless]
    return [_prediction_evaluation(data, one, seed, notes) for one in found]


def _prediction_evaluation(data: NeedData, found: Predictions, seed: int, others: Sequence[str]) -> Evaluation:
    labelled = need_rows(data.bench)
    asked = [row for row in labelled if (row.trace, row.index) in found.answers]
    answers = [found.answers[row.trace, row.index] for row in asked]
    tasks = [answer.task for answer in answers]
    told = {row.trace for row in asked}
    absent = sorted({row.trace for row in labelled} - told)
    missing = sum(1 for row in labelled if row.trace in told) - len(asked)
    notes = [*others]
    if missing:
        notes.append(f"{missing} labelled events have no answer, though others of their trace do: left out.")
    if absent:
        notes.append(f"{len(absent)} of {len(absent) + len(told)} labelled traces have no answers: left out.")
    if found.strangers:
        notes.append(
            f"{len(found.strangers)} files tell of none of the labelled traces: {', '.join(found.strangers)}."
        )
    return need_evaluation(
        data,
        found.model,
        answered(asked, [task is not None for task in tasks], [answer.score for answer in answers], tasks=tasks),
        seed,
        kind="predictions",
        details={
            "model": found.model,
            "predictions": {
                "matched": found.matched(),
                "events_without_answer": missing,
                "traces_without_answers": absent,
                "answers_left_over": found.left_over,
                "strange_files": found.strangers,
            },
        },
        notes=notes,
        problems=[str(problem) for problem in found.problems],
    )


def need_evaluation(
    data: NeedData,
    name: str,
    rows: Sequence[Row],
    seed: int,
    *,
    details: dict[str, Any],
    notes: Sequence[str] = (),
    problems: Sequence[str] = (),
    **more: Any,
) -> Evaluation:
    """An evaluation of rows that were answered, with its figures and what every one of them says of its data."""
    unknown = [f"{data.bench.unknown} moments are left out: nobody knows whether help was needed."]
    one_group = ["All is of one repository: intervals draw its sittings, and say nothing of other repositories."]
    unscored = ["Without scores there is no AUC, no precision-recall curve and no calibration."]
    return Evaluation(
        Task.NEED,
        name,
        tuple(rows),
        evaluation_figures(rows, seed=seed),
        data=data.card(),
        details={**details, "seed": seed},
        notes=(
            *notes,
            *data.notes,
            *(unknown if data.bench.unknown else ()),
            *(one_group if {row.group for row in rows} == {rows[0].group} and rows[0].group else ()),
            *(unscored if any(row.score is None for row in rows) else ()),
        ),
        problems=(*map(str, data.bench.problems), *problems),
        **more,
    )


def need_report(evaluation: Evaluation) -> dict[str, Any]:
    """An evaluation as ``proactive evaluate need --json`` prints it: figures at the top, then what they are of."""
    return {
        **evaluation.figures,
        "threshold": evaluation.threshold,
        "evaluated": evaluation.name,
        "kind": evaluation.kind,
        "exposure": evaluation.exposure.value,
        "seen_in_training": evaluation.exposure is Exposure.SEEN,
        "data": evaluation.data,
        "notes": list(evaluation.notes),
        "problems": list(evaluation.problems),
        **evaluation.details,
    }
