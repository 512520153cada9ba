"""Is help needed at this event? A language model's answers at the labelled events."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from proactive_inference.models.chat import ChatModel
from proactive_inference.models.resolve import most_events_of, open_model
from proactive_training.answer_cache import AnswerCache
from proactive_training.evaluation_figures import answered
from proactive_training.evaluation_file import Evaluation
from proactive_training.exposure import exposure, learned_by
from proactive_training.model_scores import ModelScores, model_scores, no_probability
from proactive_training.need_data import NeedData
from proactive_training.need_evaluation import need_evaluation
from proactive_training.need_rows import need_rows
from proactive_training.progress import Progress
from proactive_training.thresholds import Threshold, decisions, threshold_told


def evaluate_model(
    data: NeedData,
    model: str,
    *,
    threshold: Threshold | None = None,
    seed: int = 0,
    answers: Path | None = None,
    device: str | None = None,
    download: bool = False,
    progress: Progress | None = None,
) -> Evaluation:
    """Open a model (:func:`open_model` says what names one) and ask it at every labelled event.

    Args:
        data: labelled events.
        model: a name, a path, or the address of a server.
        threshold: speak where the probability of speaking reaches it; by default where there is a task.
        seed: of the intervals.
        answers: a file in which answers are kept, so that a run that was killed goes on.
        device: ``cpu``, ``cuda``, …
        download: whether a model of the hub may be fetched.
        progress: called after each answer.

    Raises:
        ModelError: there is no such model, or it cannot be asked.
        TrainingError: there is a threshold, and the model tells no probability.
    """
    cache = AnswerCache(answers)
    opened = open_model(model, device=device, download=download)
    learned = learned_by(model)
    return model_evaluation(
        data, opened, threshold=threshold, seed=seed, cache=cache, progress=progress, learned=learned
    )


def model_evaluation(
    data: NeedData,
    model: ChatModel,
    *,
    threshold: Threshold | None = None,
    seed: int = 0,
    cache: AnswerCache | None = None,
    progress: Progress | None = None,
    learned: Collection[str] | None = None,
) -> Evaluation:
    """The same of a model that is open; ``learned`` are the traces that it has seen, if they are known."""
    found = model_scores(
        data.bench,
        model,
        cache=cache,
        most_events=most_events_of(model),
        scored=threshold is not None,
        progress=progress,
    )
    speaks = found.speaks
    if threshold is not None:
        if found.scores is None:
            raise no_probability(model)
        speaks = decisions(need_rows(data.bench), found.scores, threshold)
    unread = sum(row.answer is None for row in found.rows)
    exposed, notes = exposure(data.names, learned, "model")
    return need_evaluation(
        data,
        model.name,
        answered(
            need_rows(data.bench),
            speaks,
            found.scores or [row.score for row in found.rows],
            tasks=[row.answer.task if row.answer is not None else None for row in found.rows],
        ),
        seed,
        kind="model",
        threshold=None if threshold == "others" else threshold,
        protocol="temperature 0" + ("" if threshold is None else f", {threshold_told(threshold)}"),
        details={"model": model.name, **_cost(found)},
        exposure=exposed,
        notes=[*notes, *_unread_told(unread)],
    )


def _unread_told(unread: int) -> list[str]:
    if not unread:
        return []
    if unread == 1:
        return ["1 answer could not be read and counts as silence."]
    return [f"{unread} answers could not be read and count as silence."]


def _cost(found: ModelScores) -> dict[str, float | int]:
    """What the answers took."""
    return {
        "valid_json": found.valid,
        "answers": len(found.rows),
        "asked_now": found.asked,
        "seconds": round(found.seconds, 3),
        "prompt_tokens": found.prompt_tokens,
        "tokens": found.tokens,
    }
