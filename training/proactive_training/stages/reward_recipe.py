"""How a judge is taught: the values of one run, and what every kind of judge must be able to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from attrs import frozen

from proactive_inference.judge.judge import Question
from proactive_inference.judge.settings import JudgeSettings, Kind
from proactive_training.judged_rows import JudgedRow

Say = Callable[[str], object]
"""Tells the user how it goes, a sentence at a time."""


@frozen
class RewardRecipe:
    """How a judge is taught; every field is an option of the command."""

    kind: Kind = Kind.BI_ENCODER
    model: str = "all-MiniLM-L6-v2"
    folds: int | None = None  #: of whole traces; ``None``: each trace is one; 0: none are made
    epochs: int = 4
    batch: int = 24  #: rows in a step; of a generative judge, moments, with all that was judged at them
    learning_rate: float = 1e-4
    head_rate: float = 1e-3  #: of a cross-encoder's head
    train_layers: int = 2  #: of a cross-encoder, the last ones
    dropout: float = 0.1
    rank_weight: float = 0.5  #: of ranking tasks inside a trace, beside saying how likely each is
    balance: float = 0.5  #: how far rarer sorts of rows count more: 0 not at all, 1 as much as frequent ones
    ridge: float = 3.0  #: of a bi-encoder
    lora_rank: int = 8
    lora_layers: int | None = None  #: of language models: adapters in the last layers only; ``None``: in all
    most_events: int = 6
    most_tokens: int = 112
    precision: str = "bfloat16"
    seed: int = 0

    @property
    def lora_dropout(self) -> float:
        """The adapters'."""
        return self.dropout


class Learner(Protocol):
    """Learns one kind of judge from rows."""

    def check(self, rows: Sequence[JudgedRow]) -> None:
        """Look, before a long run, at what would end it.

        Raises:
            TrainingError, ModelError: with what to do.
        """
        return  # most kinds cut off what is too long

    def held_out(self, train: Sequence[JudgedRow], test: Sequence[JudgedRow]) -> list[list[float]]:
        """Learn from ``train`` and give the log-odds of ``test``: after each epoch, or once."""

    def finish(self, rows: Sequence[JudgedRow], epochs: int, folder: Path) -> JudgeSettings:
        """Learn from all rows as :meth:`held_out` does, up to this epoch; write the weights, say how to ask."""


def questions(rows: Sequence[JudgedRow]) -> list[Question]:
    """The rows as a judge is asked them."""
    return [Question(row.window, row.task) for row in rows]


def row_weights(rows: Sequence[JudgedRow], balance: float) -> list[float]:
    """A weight for each row, 1 on average, by how rare its sort is: task or silence, accepted or rejected."""
    counts: dict[tuple[bool, bool], int] = {}
    for row in rows:
        counts[_sort(row)] = counts.get(_sort(row), 0) + 1
    raw = [counts[_sort(row)] ** -balance for row in rows]
    mean = sum(raw) / len(raw)
    return [one / mean for one in raw]


def _sort(row: JudgedRow) -> tuple[bool, bool]:
    return row.task is None, row.accepted


def trainer_arguments(recipe: RewardRecipe, folder: str) -> dict[str, Any]:
    """What trainers of the transformers library are told alike: how to learn, and to keep and say nothing."""
    import torch

    gpu = torch.cuda.is_available()
    return {
        "output_dir": folder,
        "num_train_epochs": recipe.epochs,
        "learning_rate": recipe.learning_rate,
        "bf16": recipe.precision == "bfloat16",
        "use_cpu": not gpu,
        "seed": recipe.seed,
        "data_seed": recipe.seed,
        "save_strategy": "no",
        "logging_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "dataloader_pin_memory": gpu,
    }
