"""One run of ``proactive train preference``: an agent learns from what people took and what they turned down.

By KTO (arXiv 2402.01306), which needs no pairs: each answer was welcome or not. TRL's trainer is the engine; what
the model is held to is itself as it was, which is the model without its new adapter.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from attrs import asdict, evolve, frozen

from proactive_inference.models.loading import load_tokenizer
from proactive_inference.models.model_files import find_model
from proactive_training.errors import DataError, TrainingError
from proactive_training.run_directory import RunDirectory
from proactive_training.stages.adapters import lora_config
from proactive_training.stages.agent_examples import AgentExample, fingerprint, moments
from proactive_training.stages.answer_tokens import TokenRow, agent_decider, token_rows
from proactive_training.stages.finishing import finish
from proactive_training.stages.holding_out import seen_before
from proactive_training.stages.interruption import explained
from proactive_training.stages.learning import (
    common_arguments,
    padding,
    run_trainer,
    same_settings,
    trainable_model,
)
from proactive_training.stages.preference_examples import PreferenceExample
from proactive_training.stages.preflight import check_run, require_extra
from proactive_training.stages.processes import is_main, wait_for_all
from proactive_training.stages.quiet import quiet
from proactive_training.stages.recipe import Recipe, Say, base_of


@frozen
class PreferenceRecipe:
    """How an agent is taught by verdicts."""

    recipe: Recipe  #: model, steps, adapters, seed
    beta: float = 0.1  #: how strongly it is held to the model as it was: more holds more

    def options(self) -> dict[str, Any]:
        """What a run's folder keeps."""
        return {**asdict(self.recipe), "beta": self.beta}


def train_preference(
    taught: PreferenceRecipe,
    examples: Sequence[PreferenceExample],
    held_out: Sequence[AgentExample],
    name: str,
    out: Path,
    say: Say,
    *,
    resume: bool = False,
) -> RunDirectory:
    """Train; the folder of the run, an adapter on the model that it began from.

    ``held_out`` are moments with their right answers, which choose the threshold; without any, that of the model
    stays.

    Raises:
        TrainingError, DataError, ModelError: with what to do.
    """
    require_extra()
    welcome = sum(one.welcome for one in examples)
    if not welcome or welcome == len(examples):
        missing = "accepted" if not welcome else "rejected"
        raise DataError(
            f"{name}: of {len(examples)} answers none was {missing}; preference training needs both: collect "
            "more, or add --data with labelled offers"
        )
    files = find_model(taught.recipe.model)
    recipe = taught.recipe
    if recipe.micro_batch < 2:
        raise TrainingError("KTO compares the examples of a batch with one another; give --micro-batch 2 or more")
    tokenizer = load_tokenizer(files)
    shuffled = list(examples)
    random.Random(recipe.seed).shuffle(shuffled)
    rows = token_rows(tokenizer, [one.example for one in shuffled])
    asked = token_rows(tokenizer, moments(held_out))
    which = agent_decider(tokenizer, shuffled[0].example.messages)
    notes = check_run(recipe, files, rows, held_out=asked)
    judged = [evolve(one.example, trace=f"{one.example.trace}/{one.welcome}") for one in examples]
    card = {
        "name": name,
        "fingerprint": fingerprint(judged, held_out),
        "welcome": welcome,
        "all": len(rows),
        "learned_from": sorted({one.example.group for one in examples}),
        "held_out": sorted({example.group for example in held_out}),
        **seen_before(held_out, recipe.model, say),
    }
    description = {
        "options": taught.options(),
        "data": card,
        "kind": "preference",
        "base": base_of(recipe.model),
    }
    run = RunDirectory.begin(out, description, resume=resume, main=is_main())
    if run.finished:
        say(f"{out} is finished already.")
        return run
    for note in notes:
        say(note)
    say(f"Learning from {len(rows)} verdicts, {welcome} of them welcome.")
    with explained(run, say):
        with quiet():
            trainer = _trainer(taught, run, trainable_model(files, half=recipe.half), tokenizer, rows, shuffled)
            figures = run_trainer(trainer, recipe, run, tokenizer, list(map(len, rows)), say)
        if is_main():
            before = files.settings.speaking_threshold
            finish(recipe, run, which, tokenizer, asked, figures, say, threshold=before)
    wait_for_all()
    return run


def _trainer(
    taught: PreferenceRecipe,
    run: RunDirectory,
    model: Any,
    tokenizer: Any,
    rows: Sequence[TokenRow],
    examples: Sequence[PreferenceExample],
) -> Any:
    from datasets import Dataset
    from trl import KTOConfig, KTOTrainer

    recipe = taught.recipe
    welcome = sum(one.welcome for one in examples)
    prompts = [list(row.tokens[: row.start]) for row in rows]
    answers = [list(row.tokens[row.start :]) for row in rows]
    # The KL term needs answers to other questions: those of its own batch, each one place on.
    batches = [answers[first : first + recipe.micro_batch] for first in range(0, len(rows), recipe.micro_batch)]
    others = [answer for batch in batches for answer in (batch[-1], *batch[:-1])]
    columns = {
        "prompt_ids": prompts,
        "completion_ids": answers,
        "KL_completion_ids": others,
        "label": [one.welcome for one in examples],
    }

    class VerdictTrainer(KTOTrainer):  # type: ignore[misc]  # the library has no types
        """TRL's, with tokens made as they are when the model is asked."""

        def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
            return dataset

        def create_model_card(self, *_: Any, **__: Any) -> None:
            """The run writes its own, once."""

    if tokenizer.pad_token is None:
        tokenizer = deepcopy(tokenizer)  # the run's own stays: a token that is made a mark is read otherwise
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(padding(tokenizer))
    arguments = KTOConfig(
        **common_arguments(KTOConfig, recipe, run, len(rows)),
        beta=taught.beta,
        max_length=None,
        # Both verdicts weigh the same in all, as the paper advises.
        desirable_weight=max(1.0, (len(rows) - welcome) / welcome),
        undesirable_weight=max(1.0, welcome / (len(rows) - welcome)),
    )
    with same_settings(model):
        return VerdictTrainer(
            model=model,
            args=arguments,
            train_dataset=Dataset.from_dict(columns),
            processing_class=tokenizer,
            peft_config=lora_config(model, recipe),
        )
