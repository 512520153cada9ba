"""What had a gate, a judge or an agent seen of the traces that measure it? By the names that its training kept."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from proactive_training.errors import DataError
from proactive_training.evaluation_file import Exposure
from proactive_training.run_directory import RunDirectory

Seen = tuple[Exposure, tuple[str, ...]]
"""The exposure, and a sentence to say of it."""


def exposure(measured: Collection[str], learned: Collection[str] | None, what: str) -> Seen:
    """Compare the traces of an evaluation with those of a training.

    Args:
        measured: names of the traces, or of what groups them, that are measured.
        learned: names that training, calibration or a threshold were taken from; ``None``: not known.
        what: ``gate``, ``judge`` or ``model``, for the sentence.
    """
    if learned is None:
        return Exposure.UNKNOWN, ()
    both = set(measured) & set(learned)
    if not both:
        return Exposure.HELD_OUT, ()
    return Exposure.SEEN, (
        f"This {what} was trained on {len(both)} of these {len(set(measured))} traces: "
        "the figures are no measure of new data.",
    )


def exposure_before(measured: Collection[str], model: str) -> Seen:
    """What the model that a training begins from had seen of the traces that will measure what comes of it."""
    if not RunDirectory(Path(model).expanduser()).begun:
        return Exposure.NONE, ()
    return exposure(measured, learned_by(model), "model")


def learned_by(model: str, *, weights: bool = False) -> list[str] | None:
    """The groups that a run of ``train agent`` or ``preference`` has seen, and the runs before it; ``None`` if it
    is not said.

    Args:
        model: what names a model; only a run's folder can say.
        weights: only the groups that changed weights, without those that chose a threshold or when to stop.
    """
    run = RunDirectory(Path(model).expanduser())
    if not run.begun:
        return None
    try:
        told = run.description
        data, base = told["data"], str(told["base"])
        names = [data["learned_from"]]
        if not weights:
            names.append(data.get("threshold_from", data.get("held_out", [])))
    except (DataError, ValueError, TypeError, KeyError, AttributeError):
        return None
    if RunDirectory(Path(base)).begun:
        names.append(learned_by(base, weights=weights))
    elif Path(base).is_absolute() and not Path(base).exists():
        return None  # whatever lay there may have seen more
    if not all(isinstance(some, list) for some in names):
        return None
    return [str(name) for some in names for name in some]
