"""Looks before a run starts at all that would end or spoil it: packages, options, the model, lengths, memory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from proactive_inference.models.model_files import ModelFiles
from proactive_training.errors import TrainingError
from proactive_training.stages.answer_tokens import TokenRow
from proactive_training.stages.layouts import check_layout, layout_of
from proactive_training.stages.learning import trainable_model
from proactive_training.stages.memory import check_memory, free_memory, memory_need, shape_of
from proactive_training.stages.recipe import Recipe
from proactive_training.stages.sharing import bundled, size

_PACKAGES = ("torch", "transformers", "trl", "peft", "accelerate", "datasets")


def require_extra() -> None:
    """Look whether the packages are there.

    Raises:
        TrainingError: some are missing.
    """
    missing = [name for name in _PACKAGES if not find_spec(name)]
    if missing:
        raise TrainingError(
            f"training needs {', '.join(missing)}; install with pip install 'proactive-lsp[train]'"
        )


def check_run(recipe: Recipe, files: ModelFiles, rows: Sequence[TokenRow]) -> None:
    """Look at all that would go wrong after hours.

    Raises:
        TrainingError: the options, the model, its length, the memory or the way to read examples do not fit, with
            what to do.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    processes = _processes()
    together = recipe.micro_batch * processes
    if recipe.batch % together:
        raise TrainingError(
            f"a step of --batch {recipe.batch} cannot be made of {processes} processes with {recipe.micro_batch} "
            f"examples at a time; give a --micro-batch that divides {recipe.batch / processes:g}"
        )
    bottom = files.bottom
    options = {"gguf_file": bottom.gguf} if bottom.gguf else {}
    try:
        config = AutoConfig.from_pretrained(bottom.place, local_files_only=True, **options)
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(config)
    except (OSError, ValueError, KeyError) as error:
        raise TrainingError(
            f"{files.name} cannot be read as a causal language model: {_first_line(error)}; check its folder"
        ) from error
    longest = max(map(len, rows))
    reads = getattr(config.get_text_config(), "max_position_embeddings", None)
    if isinstance(reads, int) and longest > reads:
        raise TrainingError(
            f"the longest example has {longest} tokens, {files.name} reads {reads}; lower --most-events"
        )
    if recipe.check_memory:
        _check_fits(recipe, model, rows)
    layout = layout_of(recipe)
    if layout is not None:
        check_layout(trainable_model(files, half=recipe.half), rows, layout)


def _check_fits(recipe: Recipe, model: Any, rows: Sequence[TokenRow]) -> None:
    import torch

    bundles = bundled(rows) if recipe.sharing else [(row,) for row in rows]
    parameters = model.num_parameters()
    linear = [m for name, m in model.named_modules() if isinstance(m, torch.nn.Linear) and "lm_head" not in name]
    adapters = sum(recipe.lora_rank * (m.in_features + m.out_features) for m in linear)
    need = memory_need(
        parameters=parameters,
        trained=parameters if recipe.full else adapters,
        rows=recipe.micro_batch,
        tokens=max(map(size, bundles)) if recipe.sharing else max(map(len, rows)),
        answer=max(sum(len(row) - row.start for row in bundle) for bundle in bundles),
        full=recipe.full,
        half=recipe.precision == "bfloat16",
        checkpointing=recipe.checkpointing,
        **shape_of(model.config),
    )
    check_memory(need, free_memory(), processes=1 if torch.cuda.is_available() else _processes())


def _processes() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
