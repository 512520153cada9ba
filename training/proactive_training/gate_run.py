"""One run of ``proactive train gate``: read, replay, fit, and measure on what was held out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from proactive_inference.gate_weights import GateWeights
from proactive_training.errors import DataError
from proactive_training.gate import Examples, Recipe, held_out, live_examples, told_examples, train
from proactive_training.metrics import best_threshold, figures
from proactive_training.proactivebench import read
from proactive_training.project_copy import project_copy
from proactive_training.report_lines import summary
from proactive_training.sittings import Sitting, sitting

THRESHOLD = 0.25
"""The probability above which speaking pays with ProactiveBench's rewards (+0.75, -0.25, 0)."""


@frozen
class TrainingRun:
    """What a run is made from."""

    data: Path | None
    activity: tuple[Path, ...]
    seed: int = 0
    sittings: int = 12
    command: str = ""
    version: str = ""


def train_gate(run: TrainingRun, say: Callable[[str], object]) -> tuple[GateWeights, dict[str, Any]]:
    """Train on all that is given; the weights, and the held-out figures.

    Raises:
        DataError: nothing is given, or something of it cannot be used.
    """
    if run.data is None and not run.activity:
        raise DataError(
            "nothing to train on; give --data (labelled traces), --activity (a Python project), or both"
        )
    told: Examples | None = None
    fingerprint = ""
    metadata: dict[str, Any] = {
        "trained": datetime.now(UTC).date().isoformat(), "command": run.command, "version": run.version,
        "seed": run.seed, "recipe": asdict(Recipe()),
    }  # fmt: skip
    if run.data is not None:
        bench = read(run.data)
        for problem in bench.problems:
            say(f"Set aside: {problem}")
        say(f"Read {len(bench)} labelled events of {len(bench.traces)} traces.")
        told, fingerprint = told_examples(bench), bench.fingerprint
        metadata["data"] = {"fingerprint": fingerprint, "events": len(bench), "traces": len(bench.traces)}
    live: Examples | None = None
    if run.activity:
        names = distinct_names(run.activity)
        made = [
            one
            for source, name in zip(run.activity, names, strict=True)
            for one in _sittings(source, name, run, say)
        ]
        live = live_examples(made)
        metadata["activity"] = {
            "projects": list(live.names), "sittings": len(made), "events": len(live),
            "needs": int(live.need.sum()),
        }  # fmt: skip
    if live is None:
        say("No --activity: what the editor reports is judged by the shipped weights; sentences by the new ones.")
    if told is None:
        say("No --data: sentences are judged by the shipped weights; what the editor reports by the new ones.")
    report = evaluate_held_out(told, live, run.seed)
    for name, part in report.items():
        say(summary(name, part["at_0.25"]))
    metadata["held_out"] = {name: {key: _short(part[key]) for key in part} for name, part in report.items()}
    return train(told, live, metadata), report


def evaluate_held_out(told: Examples | None, live: Examples | None, seed: int = 0) -> dict[str, Any]:
    """Figures from fits that have not seen the trace (or repository) that they are asked about."""
    told_scores, live_scores = held_out(told, live)
    report: dict[str, Any] = {}
    for name, part, scores in (("traces", told, told_scores), ("activity", live, live_scores)):
        if part is not None and len(part):
            report[name] = _report(part, scores, seed)
    return report


def _report(part: Examples, scores: Any, seed: int) -> dict[str, Any]:
    """At the threshold that costs imply, and at the one with the best F1 on the other traces."""
    import numpy as np

    from proactive_training.calibration import expected_calibration_error, platt
    from proactive_training.logistic import sigmoid

    groups = part.group if len(np.unique(part.group)) > 1 else part.trace
    probability = np.zeros(len(part))
    threshold = np.full(len(part), THRESHOLD)
    for group in np.unique(groups):
        out = groups == group
        slope, intercept = platt(scores[~out], part.need[~out].astype(float)) if not out.all() else (1.0, 0.0)
        probability[out] = sigmoid(slope * scores[out] + intercept)
        if not out.all():
            threshold[out] = best_threshold(sigmoid(slope * scores[~out] + intercept), part.need[~out])
    # Ranking is judged by the scores themselves: the folds' calibrations shift against each other.
    ranking = figures(scores, part.need, part.trace, 0.0, seed=seed)
    report: dict[str, Any] = {
        "at_0.25": figures(probability, part.need, part.trace, THRESHOLD, seed=seed),
        "at_best_f1": figures(probability, part.need, part.trace, threshold, seed=seed),
        "calibration_error": expected_calibration_error(probability, part.need.astype(float)),
    }
    for name in ("at_0.25", "at_best_f1"):
        for key in ("auc", "within_auc"):
            report[name][key] = ranking[key]
            report[name]["ci"][key] = ranking["ci"].get(key)
    return report


def distinct_names(sources: Sequence[Path]) -> list[str]:
    """A name for each project, as short as tells them apart: the held-out groups and the random draws go by it."""
    paths = [source.absolute() for source in sources]
    for parts in range(1, max((len(path.parts) for path in paths), default=1) + 1):
        names = ["/".join(path.parts[-parts:]) for path in paths]
        if len(set(names)) == len(set(paths)):
            return names
    return [str(path) for path in paths]


def _sittings(source: Path, name: str, run: TrainingRun, say: Callable[[str], object]) -> list[Sitting]:
    with project_copy(source, name) as copy:
        say(f"Working in a copy of {copy.name}: {len(copy.modules)} modules, {len(copy.checks)} passing checks.")
        return [sitting(copy, run.seed * 1000 + number) for number in range(run.sittings)]


def _short(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _short(part) for key, part in value.items() if key != "baselines"}
    return value if not isinstance(value, list) else [_short(part) for part in value]
