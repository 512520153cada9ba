"""Where adapters (LoRA, arXiv 2106.09685) go in a model: every linear layer but the one that gives the logits."""

from __future__ import annotations

import re
from typing import Any, Protocol


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


def lora_config(model: Any, options: AdapterOptions) -> Any:
    """The configuration for peft, with the layers by name, so that other programs can read it."""
    import torch
    from peft import LoraConfig

    head = model.get_output_embeddings()
    linear = [
        name
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and module is not head
    ]
    numbers = {int(match[1]) for name in linear if (match := re.search(r"\.(\d+)\.", name))}
    last = None
    if options.lora_layers is not None and options.lora_layers < len(numbers):
        last = sorted(numbers)[-options.lora_layers :]
    return LoraConfig(
        task_type="CAUSAL_LM",
        r=options.lora_rank,
        lora_alpha=2 * options.lora_rank,
        lora_dropout=options.lora_dropout,
        target_modules=sorted({name.rpartition(".")[2] for name in linear}),
        layers_to_transform=last,
    )
