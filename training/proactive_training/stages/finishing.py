"""Ends an agent's run: the whole model if it is wanted, the threshold, how the model is to be asked, its card."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from proactive_inference.models.loading import load_model
from proactive_inference.models.model_files import find_model
from proactive_inference.models.model_settings import ModelSettings
from proactive_training.run_directory import RunDirectory
from proactive_training.stages.answer_tokens import Decider, TokenRow
from proactive_training.stages.held_out import HeldOut, probabilities
from proactive_training.stages.learning import padding
from proactive_training.stages.model_card import write_card
from proactive_training.stages.quiet import quiet
from proactive_training.stages.recipe import Recipe, Say, base_of


def finish(
    recipe: Recipe,
    run: RunDirectory,
    which: Decider,
    tokenizer: Any,
    held_out: list[TokenRow],
    figures: dict[str, Any],
    say: Say,
    *,
    threshold: float | None = None,
) -> None:
    """Write down how the model is to be asked, choose the threshold with the model as it will be used.

    Where no held-out moments can choose it, ``threshold`` stays.
    """
    settings = ModelSettings(
        kind="agent", base="" if recipe.full else base_of(recipe.model), most_events=recipe.most_events
    )
    settings.write(run.path)
    if recipe.merge and not recipe.full:
        whole = load_model(find_model(run.path), dtype="float32")
        with quiet():
            whole.to(dtype=_dtype(recipe.precision)).save_pretrained(run.path)
        for name in ("adapter_config.json", "adapter_model.safetensors"):
            (run.path / name).unlink(missing_ok=True)
        settings = evolve(settings, base="")
        settings.write(run.path)
    if held_out:
        model = load_model(find_model(run.path))
        said = probabilities(model, held_out, which, padding(tokenizer), sharing=recipe.sharing)
        found = HeldOut.of(held_out, said)
        if any(found.speaks) and not all(found.speaks):
            threshold = found.threshold()
            say(f"Speaks from a probability of {threshold:.3f} on, by {len(held_out)} held-out moments.")
        figures = {**figures, "held_out": {**found.figures(), "moments": len(held_out)}}
    evolve(settings, speaking_threshold=threshold).write(run.path)
    run.finish({**figures, "threshold": threshold})
    write_card(run)


def _dtype(precision: str) -> Any:
    import torch

    return getattr(torch, precision)
