"""One run of ``proactive train agent``: look at everything first, learn, choose a threshold, write it all down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import asdict

from proactive_inference.models.chat_template import has_template
from proactive_inference.models.loading import load_tokenizer
from proactive_inference.models.model_files import find_model
from proactive_training.errors import TrainingError
from proactive_training.run_directory import RunDirectory
from proactive_training.stages.agent_examples import moments, with_silences
from proactive_training.stages.answer_tokens import TokenRow, agent_decider, token_rows
from proactive_training.stages.finishing import finish
from proactive_training.stages.holding_out import seen_before
from proactive_training.stages.interruption import explained
from proactive_training.stages.layouts import check_layout, layout_of
from proactive_training.stages.learning import learn, trainable_model
from proactive_training.stages.preflight import check_run, require_extra
from proactive_training.stages.processes import is_main, wait_for_all
from proactive_training.stages.recipe import Material, Recipe, Say, base_of


def train_agent(recipe: Recipe, material: Material, out: Path, say: Say, *, resume: bool = False) -> RunDirectory:
    """Train an agent; the folder of the run, which can be opened as a model.

    Raises:
        TrainingError, DataError, ModelError: with what to do; all that can be known is found out at the start.
    """
    require_extra()
    files = find_model(recipe.model)
    tokenizer = load_tokenizer(files)
    if not has_template(tokenizer):
        say("This model has no chat template: it is taught in plain words, and asked in them.")
    train, held_out = _rows(recipe, material, tokenizer)
    which = agent_decider(tokenizer, material.train[0].messages)
    notes = check_run(recipe, files, train, held_out=held_out)
    model = None
    if (layout := layout_of(recipe)) is not None:
        model = trainable_model(files, half=recipe.half)
        check_layout(model, train, layout)
    description = {
        "options": asdict(recipe),
        "data": {**material.card, **seen_before(material.held_out, recipe.model, say)},
        "kind": "agent",
        "base": base_of(recipe.model),
    }
    run = RunDirectory.begin(out, description, resume=resume, main=is_main())
    if run.finished:
        say(f"{out} is finished already.")
        return run
    for note in notes:
        say(note)
    say(
        f"Learning from {len(train)} answers ({sum(r.speaks for r in train)} that speak, "
        f"{sum(map(len, train))} tokens, longest {max(map(len, train))}); held out: {len(held_out)}."
    )
    with explained(run, say):
        model = model or trainable_model(files, half=recipe.half)
        figures = learn(recipe, which, run, model, tokenizer, train, held_out, say)
        del model  # it is loaded anew, as it will be used
        if is_main():
            finish(recipe, run, which, tokenizer, held_out, figures, say)
    wait_for_all()
    return run


def _rows(recipe: Recipe, material: Material, tokenizer: Any) -> tuple[list[TokenRow], list[TokenRow]]:
    train = with_silences(material.train, recipe.silences, most=recipe.most_examples, seed=recipe.seed)
    if not train:
        raise TrainingError("there is nothing to learn from; hold out less, or give more --data")
    weight = recipe.decision_weight
    return (
        token_rows(tokenizer, train, decision_weight=weight),
        token_rows(tokenizer, moments(material.held_out), decision_weight=weight),
    )
