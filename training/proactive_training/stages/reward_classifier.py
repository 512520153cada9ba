"""Teaches a causal language model, or an encoder, to classify: a head with one output, and LoRA by peft."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from proactive_inference.judge.classifier import (
    ClassifierJudge,
    classifier_tokens,
    left_aligned,
    load_classifier,
)
from proactive_inference.judge.judge import Question
from proactive_inference.judge.loading import Encoder
from proactive_inference.judge.settings import JudgeSettings, Kind
from proactive_training.judged_rows import JudgedRow
from proactive_training.stages.adapters import lora_config
from proactive_training.stages.quiet import quiet
from proactive_training.stages.recipe import base_of
from proactive_training.stages.reward_recipe import (
    Learner,
    RewardRecipe,
    questions,
    row_weights,
    trainer_arguments,
)
from proactive_training.stages.step_progress import step_progress


class ClassifierLearner(Learner):
    """Learns by the trainer of transformers, with soft targets and a weight for each row."""

    def __init__(self, recipe: RewardRecipe) -> None:
        import torch

        self._recipe = recipe
        torch.manual_seed(recipe.seed)  # of the new head
        with quiet():
            self._loaded = load_classifier(recipe.model, labels=1)  # once: every fold learns from a copy

    def held_out(self, train: Sequence[JudgedRow], test: Sequence[JudgedRow]) -> list[list[float]]:
        """As :meth:`Learner.held_out` says."""
        found: list[list[float]] = []
        asked = questions(test)
        self._train(train, self._recipe.epochs, lambda model: found.append(self._log_odds(model, asked)))
        return found

    def finish(self, rows: Sequence[JudgedRow], epochs: int, folder: Path) -> JudgeSettings:
        """As :meth:`Learner.finish` says."""
        model = self._train(rows, epochs, lambda model: None)
        model.peft_config["default"].base_model_name_or_path = base_of(self._recipe.model)
        model.save_pretrained(folder, save_embedding_layers=False)  # asks no network for the base
        self._loaded.tokenizer.save_pretrained(folder)
        return self._settings()

    def _settings(self) -> JudgeSettings:
        return JudgeSettings(
            Kind.CLASSIFIER,
            base=base_of(self._recipe.model),
            most_events=self._recipe.most_events,
            most_tokens=self._recipe.most_tokens,
        )

    def _train(self, rows: Sequence[JudgedRow], epochs: int, each_epoch: Callable[[Any], None]) -> Any:
        """The model with its adapters after so many epochs; ``each_epoch`` is shown it after each."""
        import torch
        from peft import get_peft_model
        from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

        recipe = self._recipe
        weights = row_weights(rows, recipe.balance)
        read = classifier_tokens(self._loaded.tokenizer, questions(rows), recipe.most_events, recipe.most_tokens)
        examples = [
            {"input_ids": tokens, "target": row.soft_label, "weight": weight, "length": len(tokens)}
            for row, tokens, weight in zip(rows, read, weights, strict=True)
        ]

        def collate(chosen: Sequence[dict[str, Any]]) -> dict[str, Any]:
            batch = left_aligned(self._loaded.model.config.pad_token_id, [one["input_ids"] for one in chosen])
            told = {key: torch.tensor([one[key] for one in chosen]) for key in ("target", "weight")}
            return {**batch, **told}

        class Told(TrainerCallback):  # type: ignore[misc]  # the library has no types
            """Shows the model at the end of each epoch, and stops after the last."""

            def on_epoch_end(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
                each_epoch(model)
                control.should_training_stop = round(state.epoch) >= epochs

        class SoftTrainer(Trainer):  # type: ignore[misc]  # the library has no types
            """Cross-entropy against the share of votes."""

            def compute_loss(self, model: Any, inputs: Any, return_outputs: bool = False, **_: Any) -> Any:
                inputs = dict(inputs)
                target, weight = inputs.pop("target"), inputs.pop("weight")
                outputs = model(**inputs)
                losses = torch.nn.functional.binary_cross_entropy_with_logits(
                    outputs.logits[:, 0].float(), target.float(), reduction="none"
                )
                loss = (losses * weight).mean()
                return (loss, outputs) if return_outputs else loss

        with tempfile.TemporaryDirectory() as temporary, quiet():
            arguments = TrainingArguments(
                **trainer_arguments(recipe, temporary),
                per_device_train_batch_size=recipe.batch,
                lr_scheduler_type="linear",
                warmup_steps=0.1,
                train_sampling_strategy="group_by_length",
                length_column_name="length",
                remove_unused_columns=False,
            )
            base = deepcopy(self._loaded.model)
            torch.manual_seed(recipe.seed)
            model = get_peft_model(base, lora_config(base, recipe, task="SEQ_CLS"))
            trainer = SoftTrainer(model=model, args=arguments, train_dataset=examples, data_collator=collate)
            trainer.remove_callback(PrinterCallback)
            trainer.add_callback(Told())
            trainer.add_callback(step_progress("Learned"))
            trainer.train()
        return model

    def _log_odds(self, model: Any, asked: Sequence[Question]) -> list[float]:
        """As the judge will tell them."""
        training = model.training
        model.eval()
        adapted = model.get_base_model()  # with its adapters; the trainer rounds what goes through the outer one
        judge = ClassifierJudge(Encoder(adapted, self._loaded.tokenizer), self._settings(), "", "")
        found = judge.log_odds(asked)
        model.train(training)
        return found
