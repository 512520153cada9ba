"""Where adapters (LoRA, arXiv 2106.09685) go in a model: every linear layer but those of the head.

GPT-2 and its kin have ``Conv1D`` in their place, a linear layer whose matrix is stored the other way round.
"""

from __future__ import annotations

import re
from typing import Any, Protocol

from proactive_training.errors import TrainingError


class AdapterOptions(Protocol):
    """What decides an adapter's size."""

    @property
    def lora_rank(self) -> int:
        """Of the two factors."""

    @property
    def lora_layers(self) -> int | None:
        """How many layers, counted from the last, have adapters; ``None``: all."""

    @property
    def lora_dropout(self) -> float:
        """Share of inputs that are left out while learning."""


def lora_config(model: Any, options: AdapterOptions, *, task: str = "CAUSAL_LM") -> Any:
    """The configuration for peft, with the layers by name, so that other programs can read it.

    Args:
        model: of transformers. What stands on top of its layers, such as a classifier's head, gets no adapter.
        options: how large.
        task: what peft calls the model's task; with ``SEQ_CLS`` it has the head learn as a whole.

    Raises:
        TrainingError: the model has no linear layers.
    """
    import torch
    from peft import LoraConfig
    from transformers.pytorch_utils import Conv1D

    below = {id(module) for module in model.base_model.modules()}
    kinds = (torch.nn.Linear, Conv1D)
    found = [(name, module) for name, module in model.named_modules() if isinstance(module, kinds)]
    head = model.get_output_embeddings()
    linear = [name for name, module in found if id(module) in below and module is not head]
    if not linear:
        raise TrainingError(
            "this model has no linear layers, in which adapters (LoRA) go; take a model of another family, or "
            "train an agent with --full"
        )
    suffixes = sorted({_suffix(name) for name in linear})
    above = [name for name, _ in found if name not in linear and _suffix(name) in suffixes]
    numbers = {int(match[1]) for name in linear if (match := re.search(r"\.(\d+)\.", name))}
    last = None
    if options.lora_layers is not None and options.lora_layers < len(numbers):
        last = sorted(numbers)[-options.lora_layers :]
    return LoraConfig(
        task_type=task,
        r=options.lora_rank,
        lora_alpha=2 * options.lora_rank,
        lora_dropout=options.lora_dropout,
        target_modules=suffixes,
        fan_in_fan_out=any(isinstance(module, Conv1D) for _, module in found),
        exclude_modules=above or None,
        layers_to_transform=last,
    )


def _suffix(name: str) -> str:
    return name.rpartition(".")[2]
