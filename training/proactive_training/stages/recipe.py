"""How an agent is taught, and from what: the values of one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from proactive_training.errors import TrainingError
from proactive_training.stages.agent_examples import MOST_EVENTS, AgentExample
from proactive_training.stages.answer_tokens import DECISION_WEIGHT

Say = Callable[[str], object]
"""Tells the user how it goes, a sentence at a time."""


@frozen
class Recipe:
    """How a model is taught; every field is an option of the command."""

    model: str
    silences: float = 0.5  #: share of the whole weight
    epochs: float = 3.0
    batch: int = 8  #: examples, or with ``sharing`` sittings, in a step, over all processes
    micro_batch: int = 4  #: of them at a time in one process
    learning_rate: float = 3e-4
    lora_rank: int = 16
    lora_layers: int | None = None  #: adapters in the last layers only; ``None``: in all
    lora_dropout: float = 0.0
    full: bool = False  #: all weights, without adapters
    merge: bool = False  #: write the whole model at the end
    most_events: int = MOST_EVENTS
    most_examples: int | None = None
    tasks: int = 1  #: accepted tasks of a moment, at most
    softness: float = 0.0  #: how far the decision taught follows the votes, 0 to 1
    scenes: str | None = None  #: judged scenes to learn from as well: ``shipped``, or a file
    decision_weight: float = DECISION_WEIGHT
    packing: bool = False
    sharing: bool = False  #: sittings in place of examples, and what their moments have in common read once
    bucketed: bool = True
    precision: str = "bfloat16"  #: or ``float32``
    checkpointing: bool = False
    warmup: float = 0.06  #: share of the steps in which the learning rate rises
    early_stopping: int = 0  #: epochs without a better held-out loss before it stops; 0: never
    seed: int = 0
    save_every: int | None = None  #: steps; ``None``: each epoch
    check_memory: bool = True

    @property
    def half(self) -> bool:
        """Whether weights are kept in bfloat16 while adapters are learned."""
        return self.precision == "bfloat16" and not self.full


def check_precision(recipe: Recipe) -> None:
    """Look whether there is such an arithmetic.

    Raises:
        TrainingError: there is none.
    """
    if recipe.precision not in ("bfloat16", "float32"):
        raise TrainingError(f"there is no precision {recipe.precision!r}; give bfloat16 or float32")


@frozen
class Material:
    """What a run learns from and is measured on."""

    train: tuple[AgentExample, ...]
    held_out: tuple[AgentExample, ...]
    card: Mapping[str, Any]  #: names, counts and the fingerprint of the data


def base_of(model: str) -> str:
    """A model's name as an adapter's folder can keep it: a path as a whole one, a name as it is."""
    path = Path(model).expanduser()
    return str(path.resolve()) if path.exists() else model
