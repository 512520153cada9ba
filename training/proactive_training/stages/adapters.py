"""Where adapters (LoRA, arXiv 2106.09685) go in a model: every linear layer but those of the head.

GPT-2 and its kin have ``Conv1D`` in their place, a linear layer whose matrix is stored the other way round. Models
of Mamba's kind read the matrix of one layer without asking it, so that an adapter there would do nothing; those of
several experts keep theirs all in one array, which is no linear layer.
"""

from __future__ import annotations

import re
from typing import Any, Protocol

from proactive_training.errors import TrainingError

_MAMBA = frozenset({"falcon_h1", "falcon_mamba", "mamba", "mamba2", "nemotron_h"})
"""Families that read the matrix of ``out_proj`` themselves; peft refuses adapters there."""


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
    from peft import LoraConfig
    from transformers.pytorch_utils import Conv1D

    found = _linear(model)
    linear = _adapted(model)
    if not linear:
        raise TrainingError(
            "this model has no linear layers, in which adapters (LoRA) go; take a model of another family, or "
            "train an agent with --full"
        )
    suffixes = sorted({_suffix(name) for name in linear})
    above = [name for name in found if name not in linear and _suffix(name) in suffixes]
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
        fan_in_fan_out=any(isinstance(module, Conv1D) for module in found.values()),
        exclude_modules=above or None,
        layers_to_transform=last,
    )


def reach(model: Any) -> float:
    """The share of a model's weights in layers that get adapters; embeddings and head do not count."""
    import torch

    outside = (model.get_output_embeddings(), *(m for m in model.modules() if isinstance(m, torch.nn.Embedding)))
    left_out = {id(value) for module in outside if module is not None for value in module.parameters()}
    whole = sum(value.numel() for value in model.parameters() if id(value) not in left_out)
    reached = sum(module.weight.numel() for module in _adapted(model).values())
    return float(reached / max(1, whole))


def _linear(model: Any) -> dict[str, Any]:
    """All linear layers, by name."""
    import torch
    from transformers.pytorch_utils import Conv1D

    return {name: one for name, one in model.named_modules() if isinstance(one, torch.nn.Linear | Conv1D)}


def _adapted(model: Any) -> dict[str, Any]:
    """Those in which adapters go."""
    below = {id(module) for module in model.base_model.modules()}
    head = model.get_output_embeddings()
    unasked = "out_proj" if model.config.model_type in _MAMBA else None
    return {
        name: module
        for name, module in _linear(model).items()
        if id(module) in below and module is not head and _suffix(name) != unasked
    }


def _suffix(name: str) -> str:
    return name.rpartition(".")[2]
