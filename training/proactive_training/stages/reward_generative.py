"""Teaches a language model the paper's form of a judge: a thought, then the judgement, as JSON (arXiv 2410.12361).

Nobody wrote thoughts down; the one that is taught says how many annotators would take the task, which is what is
known of their reasons, and brings their disagreement into the lesson.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from proactive_inference.judge.generative import GenerativeJudge
from proactive_inference.judge.settings import JudgeSettings, Kind
from proactive_inference.models.judge_answer import JudgeAnswer
from proactive_inference.models.judge_prompt import judge_messages
from proactive_inference.models.loading import load
from proactive_inference.models.local import LocalModel
from proactive_inference.models.model_files import find_model
from proactive_inference.models.model_settings import ModelSettings
from proactive_training.errors import TrainingError
from proactive_training.judged_rows import JudgedRow
from proactive_training.stages.reward_recipe import (
    Learner,
    RewardRecipe,
    base_name,
    questions,
    quiet,
    row_weights,
)


class GenerativeLearner(Learner):
    """Learns by TRL's supervised fine-tuning with adapters; rarer sorts of rows come several times."""

    def __init__(self, recipe: RewardRecipe) -> None:
        self._recipe = recipe
        self._files = find_model(recipe.model)
        if not getattr(load(self._files).tokenizer, "chat_template", None):
            raise TrainingError(
                f"{recipe.model} has no chat template, which a generative judge is asked through; "
                "give an instruction model, or use --kind classifier"
            )

    def held_out(self, train: Sequence[JudgedRow], test: Sequence[JudgedRow]) -> list[list[float]]:
        """As :meth:`Learner.held_out` says; once, since asking takes longer than learning."""
        with tempfile.TemporaryDirectory() as temporary:
            settings = self.finish(train, self._recipe.epochs, Path(temporary))
            judge = GenerativeJudge(LocalModel.open(temporary), settings)
            return [judge.log_odds(questions(test))]

    def finish(self, rows: Sequence[JudgedRow], epochs: int, folder: Path) -> JudgeSettings:
        """As :meth:`Learner.finish` says; there is one choice of epochs, the recipe's."""
        import torch
        from datasets import Dataset
        from peft import LoraConfig, TaskType
        from transformers import PrinterCallback
        from trl import SFTConfig, SFTTrainer

        recipe = self._recipe
        torch.manual_seed(recipe.seed)
        loaded = load(self._files, dtype="float32")
        with tempfile.TemporaryDirectory() as temporary, quiet():
            trainer = SFTTrainer(
                model=loaded.model,
                processing_class=loaded.tokenizer,
                train_dataset=Dataset.from_list(
                    [lesson(row, recipe.most_events) for row in repeated(rows, recipe)]
                ),
                peft_config=LoraConfig(
                    task_type=TaskType.CAUSAL_LM,
                    r=recipe.lora_rank,
                    lora_alpha=2 * recipe.lora_rank,
                    lora_dropout=recipe.dropout,
                    target_modules="all-linear",
                ),
                args=SFTConfig(
                    output_dir=temporary,
                    num_train_epochs=recipe.epochs,
                    per_device_train_batch_size=recipe.batch,
                    learning_rate=recipe.learning_rate,
                    completion_only_loss=True,
                    max_length=None,
                    bf16=recipe.precision == "bfloat16",
                    use_cpu=not torch.cuda.is_available(),
                    **{_checkpointing_name(): False},
                    seed=recipe.seed,
                    data_seed=recipe.seed,
                    save_strategy="no",
                    logging_strategy="no",
                    report_to="none",
                    disable_tqdm=True,
                    dataloader_pin_memory=torch.cuda.is_available(),
                ),
            )
            trainer.remove_callback(PrinterCallback)
            trainer.train()
            trainer.model.peft_config["default"].base_model_name_or_path = base_name(recipe.model)
            trainer.model.save_pretrained(folder, save_embedding_layers=False)
        loaded.tokenizer.save_pretrained(folder)
        ModelSettings(kind="judge", base=base_name(recipe.model), most_events=recipe.most_events).write(folder)
        return JudgeSettings(
            Kind.GENERATIVE,
            base=base_name(recipe.model),
            most_events=recipe.most_events,
            most_tokens=recipe.most_tokens,
        )


def _checkpointing_name() -> str:
    """What the library calls it; it was renamed in 5.24."""
    from trl import SFTConfig

    new = "activation_checkpointing"
    return new if new in SFTConfig.__dataclass_fields__ else "gradient_checkpointing"


def lesson(row: JudgedRow, most_events: int) -> dict[str, Any]:
    """A row as TRL's conversational prompt and completion."""
    told = JudgeAnswer(thought(row), row.accepted).to_json()
    return {
        "prompt": [one.as_dict() for one in judge_messages(row.window, row.task, most_events=most_events)],
        "completion": [{"role": "assistant", "content": told}],
    }


def thought(row: JudgedRow) -> str:
    """What is known of why."""
    if row.task is None:
        return "No help is needed now." if row.accepted else "Help is needed now."
    if not row.votes:
        return "The person would take it." if row.accepted else "The person would not take it."
    return f"{sum(row.votes)} of {len(row.votes)} people would take it."


def repeated(rows: Sequence[JudgedRow], recipe: RewardRecipe) -> list[JudgedRow]:
    """The rows, those of rarer sorts as often as their weight says, at least once."""
    weights = row_weights(rows, recipe.balance)
    return [row for row, weight in zip(rows, weights, strict=True) for _ in range(max(1, round(weight)))]
