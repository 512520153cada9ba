"""Looks before a run starts at all that would end or spoil it: packages, options, the model, lengths, memory."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from proactive_inference.errors import first_line
from proactive_inference.models.chat import MOST_TOKENS
from proactive_inference.models.chat_template import prompt_tokens
from proactive_inference.models.loading import load_tokenizer
from proactive_inference.models.messages import Message
from proactive_inference.models.model_files import ModelFiles
from proactive_training.errors import TrainingError
from proactive_training.stages.adapters import lora_config, reach
from proactive_training.stages.answer_tokens import TokenRow
from proactive_training.stages.memory import check_memory, free_memory, memory_need, shape_of
from proactive_training.stages.processes import how_many
from proactive_training.stages.quiet import quiet
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


def check_run(
    recipe: Recipe,
    files: ModelFiles,
    rows: Sequence[TokenRow],
    *,
    held_out: Sequence[TokenRow] = (),
    answer: int = MOST_TOKENS,
) -> list[str]:
    """Look at all that would go wrong after hours; what else should be known before.

    Args:
        recipe: how it is to be taught.
        files: the model's.
        rows: what it is taught.
        held_out: what it is measured on.
        answer: how many tokens an answer may take when it is asked.

    Raises:
        TrainingError: the options, the model, its length or the memory do not fit, with what to do.
    """
    processes = how_many()
    together = recipe.micro_batch * processes
    if recipe.batch % together:
        raise TrainingError(
            f"a step of --batch {recipe.batch} cannot be made of {processes} processes with {recipe.micro_batch} "
            f"examples at a time; give a --micro-batch that divides {recipe.batch / processes:g}"
        )
    model = _without_weights(files)
    reads = _reads(model.config)
    longest = max(map(len, (*rows, *held_out)))
    if reads is not None and longest > reads:
        raise TrainingError(
            f"the longest example has {longest} tokens, {files.name} reads {reads}; lower --most-events"
        )
    _check_room(files.name, reads, max(row.start for row in (*rows, *held_out)), answer)
    parameters = model.num_parameters()
    trained = parameters if recipe.full else _adapters(model, recipe)
    if recipe.check_memory:
        _check_fits(recipe, rows, parameters, trained, shape_of(model.config))
    reached = 1.0 if recipe.full else reach(model)
    if reached >= 0.5:
        return []
    return [
        f"Adapters go into {reached:.0%} of the weights between embeddings and head: where a model has several "
        "experts, theirs stay as they are. --full teaches all."
    ]


def check_questions(files: ModelFiles, questions: Sequence[Sequence[Message]]) -> None:
    """Look whether a model that is to be asked some questions once it is trained can read them.

    Raises:
        TrainingError: it cannot, with what to do.
    """
    reads = _reads(_without_weights(files).config)
    if reads is not None:
        tokenizer = load_tokenizer(files)
        longest = max((len(prompt_tokens(tokenizer, question)) for question in questions), default=0)
        _check_room(files.name, reads, longest, MOST_TOKENS)


def _check_room(name: str, reads: int | None, question: int, answer: int) -> None:
    if reads is not None and question + answer > reads:
        raise TrainingError(
            f"the longest question has {question} tokens and its answer up to {answer}, {name} reads {reads} in "
            "all; lower --most-events"
        )


def _reads(config: Any) -> int | None:
    """How many tokens a model reads at most, if it says so."""
    value = getattr(config.get_text_config(), "max_position_embeddings", None)
    return value if isinstance(value, int) else None


def _without_weights(files: ModelFiles) -> Any:
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    bottom = files.bottom
    options = {"gguf_file": bottom.gguf} if bottom.gguf else {}
    try:
        config = AutoConfig.from_pretrained(
            bottom.place, local_files_only=True, trust_remote_code=False, **options
        )
        with torch.device("meta"):
            return AutoModelForCausalLM.from_config(config)
    except (OSError, ValueError, KeyError) as error:
        raise TrainingError(
            f"{files.name} cannot be read as a causal language model: {first_line(error)}; check its folder"
        ) from error


def _adapters(model: Any, recipe: Recipe) -> int:
    """Put adapters in; how many parameters they have."""
    import torch
    from peft import get_peft_model

    with quiet(), torch.device("meta"):
        return int(get_peft_model(model, lora_config(model, recipe)).get_nb_trainable_parameters()[0])


def _check_fits(
    recipe: Recipe, rows: Sequence[TokenRow], parameters: int, trained: int, shape: dict[str, int]
) -> None:
    import torch

    bundles = bundled(rows) if recipe.sharing else [(row,) for row in rows]
    need = memory_need(
        parameters=parameters,
        trained=trained,
        rows=recipe.micro_batch,
        tokens=max(map(size, bundles)) if recipe.sharing else max(map(len, rows)),
        answer=max(sum(len(row) - row.start for row in bundle) for bundle in bundles),
        full=recipe.full,
        half=recipe.precision == "bfloat16",
        checkpointing=recipe.checkpointing,
        **shape,
    )
    check_memory(need, free_memory(), processes=1 if torch.cuda.is_available() else how_many())
