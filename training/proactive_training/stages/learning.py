"""Runs TRL's trainers: from the model's weights to what was learned, by checkpoints, whatever the loss."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from proactive_inference.models.loading import load_model
from proactive_inference.models.model_files import ModelFiles
from proactive_training.run_directory import WHOLE, RunDirectory
from proactive_training.stages.adapters import lora_config
from proactive_training.stages.answer_tokens import Decider, TokenRow
from proactive_training.stages.answer_trainer import Lesson, answer_trainer
from proactive_training.stages.memory import peak_memory
from proactive_training.stages.processes import how_many
from proactive_training.stages.quiet import quiet
from proactive_training.stages.recipe import Recipe, Say, base_of
from proactive_training.stages.sharing import bundled

LONGEST_WAIT = 7 * 24 * 3600
"""Seconds that processes wait for one another: the main one alone ends runs, and asks their models."""


def learn(
    recipe: Recipe,
    which: Decider,
    run: RunDirectory,
    model: Any,
    tokenizer: Any,
    train: list[TokenRow],
    held_out: list[TokenRow],
    say: Say,
) -> dict[str, Any]:
    """Teach a model the answers; its weights and the tokenizer are then in the run's folder.

    How it went, as of :func:`run_trainer`.
    """
    from transformers import EarlyStoppingCallback
    from trl import SFTConfig

    items = bundled(train) if recipe.sharing else [(row,) for row in train]
    stops = recipe.early_stopping > 0 and bool(held_out)
    every = recipe.save_every or steps_in_epoch(recipe, len(items))
    arguments = SFTConfig(
        **common_arguments(SFTConfig, recipe, run, len(items)),
        eval_strategy="steps" if held_out else "no",
        eval_steps=every if held_out else None,
        load_best_model_at_end=stops,
        metric_for_best_model="eval_decision_loss" if stops else None,
        greater_is_better=False if stops else None,
        dataset_kwargs={"skip_prepare_dataset": True},
    )
    lesson = Lesson(
        items,
        held_out,
        which,
        padding(tokenizer),
        recipe.batch,
        recipe.seed,
        packing=recipe.packing,
        sharing=recipe.sharing,
        bucketed=recipe.bucketed,
    )
    with quiet():
        with same_settings(model):
            trainer = answer_trainer(
                lesson,
                model=model,
                args=arguments,
                processing_class=tokenizer,
                peft_config=None if recipe.full else lora_config(model, recipe),
            )
        if stops:
            trainer.add_callback(EarlyStoppingCallback(early_stopping_patience=recipe.early_stopping))
        return run_trainer(trainer, recipe, run, tokenizer, lesson.sizes, say)


def trainable_model(files: ModelFiles, *, half: bool) -> Any:
    """The model in memory; ``half``: its weights, which are frozen, in bfloat16, as the arithmetic is."""
    import torch

    device = None if torch.cuda.is_available() else "cpu"
    return load_model(files, device=device, dtype="bfloat16" if half else "float32")


@contextmanager
def same_settings(model: Any, **meanwhile: Any) -> Iterator[None]:
    """What the model's configuration says stays so, whatever TRL writes into it, but for ``meanwhile``.

    The configuration is saved with the weights: a model is not to forget its cache for having been trained.
    """
    settings = model.config.get_text_config()
    names = ("use_cache", "output_router_logits", "router_aux_loss_coef")
    before = {name: getattr(settings, name) for name in names if hasattr(settings, name)}
    for name in before.keys() & meanwhile:
        setattr(settings, name, meanwhile[name])
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)


def steps_in_epoch(recipe: Recipe, examples: int) -> int:
    """How many steps a pass over the data has."""
    return -(-examples // recipe.batch)


def padding(tokenizer: Any) -> int:
    """The token that fills up rows; it is masked wherever it stands, so that any will do."""
    chosen = (tokenizer.pad_token_id, tokenizer.eos_token_id, 0)
    return int(next(token for token in chosen if token is not None))


def common_arguments(config: Any, recipe: Recipe, run: RunDirectory, examples: int) -> dict[str, Any]:
    """What all trainers are told; ``config`` is their class of arguments."""
    import torch

    cpu = not torch.cuda.is_available()
    in_epoch = steps_in_epoch(recipe, examples)
    return {
        "output_dir": str(run.checkpoints),
        "num_train_epochs": recipe.epochs,
        "per_device_train_batch_size": recipe.micro_batch,
        "gradient_accumulation_steps": recipe.batch // (recipe.micro_batch * how_many()),
        "learning_rate": recipe.learning_rate,
        "lr_scheduler_type": "linear",
        "warmup_steps": round(recipe.warmup * recipe.epochs * in_epoch),
        "bf16": recipe.precision == "bfloat16",
        "use_cpu": cpu,
        "seed": recipe.seed,
        "data_seed": recipe.seed,
        "logging_steps": 1,
        "save_strategy": "steps",
        "save_steps": recipe.save_every or in_epoch,
        "save_total_limit": 2,
        "report_to": "none",
        "ddp_timeout": LONGEST_WAIT,
        "restore_callback_states_from_checkpoint": True,
        "disable_tqdm": True,
        "dataloader_pin_memory": not cpu,
        checkpointing_name(config): recipe.checkpointing,
        **loss_alone(config),
    }


def loss_alone(config: Any) -> dict[str, float]:
    """Has TRL ask nothing of a model with several experts but what it says: its routers are left as they are."""
    name = "router_aux_loss_coef"
    return {name: 0.0} if name in config.__dataclass_fields__ else {}


def checkpointing_name(config: Any) -> str:
    """What the library's class of arguments calls it; it was renamed in 5.24."""
    new = "activation_checkpointing"
    return new if new in config.__dataclass_fields__ else "gradient_checkpointing"


def run_trainer(
    trainer: Any, recipe: Recipe, run: RunDirectory, tokenizer: Any, sizes: Sequence[int], say: Say
) -> dict[str, Any]:
    """Train to the end, from the last whole checkpoint on if there is one; how it went.

    ``sizes`` are how many tokens are read of each item. Keys: ``loss`` (mean over the steps), ``steps``,
    ``seconds`` (that the steps took, those before an interruption too), ``tokens_per_second``, ``peak_memory``
    (bytes of this process, or of the GPU).
    """
    from transformers import PrinterCallback

    trainer.remove_callback(PrinterCallback)
    checkpoint = run.latest_checkpoint()
    step = int(checkpoint.name.rpartition("-")[2]) if checkpoint is not None else 0
    if trainer.is_world_process_zero():
        run.forget_after(step)
    if checkpoint is not None:
        say(f"Going on after step {step}.")
        if _stopped(checkpoint):
            trainer.args.num_train_epochs = 0  # the library would go on until it measures again
    trainer.add_callback(_bookkeeper(run, say))
    whole = trainer.accelerator.unwrap_model(trainer.model)
    with same_settings(whole, use_cache=False):
        done = trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    if trainer.is_world_process_zero():
        if recipe.full:
            whole.save_pretrained(run.path)
        else:
            whole.peft_config["default"].base_model_name_or_path = base_of(recipe.model)
            # Embeddings are never trained; left to itself the library looks for a base's config.json, which a run
            # that is an adapter itself has not.
            whole.save_pretrained(run.path, save_embedding_layers=False)
        tokenizer.save_pretrained(run.path)
    trainer.accelerator.wait_for_everyone()
    steps = [row for row in run.metrics() if "loss" in row]
    seconds = _seconds(run)
    read = sum(sizes) * done.global_step / steps_in_epoch(recipe, len(sizes))
    return {
        "loss": sum(row["loss"] for row in steps) / max(1, len(steps)),
        "steps": done.global_step,
        "seconds": seconds,
        "tokens_per_second": read / seconds if seconds else None,
        "peak_memory": peak_memory(),
    }


def _stopped(checkpoint: Path) -> bool:
    """Whether training ended where this checkpoint was written, early or not."""
    state = orjson.loads((checkpoint / "trainer_state.json").read_bytes())
    return bool(state["stateful_callbacks"]["TrainerControl"]["args"]["should_training_stop"])


def _seconds(run: RunDirectory) -> float:
    """How long a run has been learning; interruptions, and steps that are forgotten, do not count."""
    return max((float(row.get("seconds", 0.0)) for row in run.metrics()), default=0.0)


def _bookkeeper(run: RunDirectory, say: Say) -> Any:
    """Keeps the metrics, and marks checkpoints that are whole."""
    from transformers import TrainerCallback

    class Bookkeeper(TrainerCallback):  # type: ignore[misc]  # the library has no types
        """The library calls it."""

        def __init__(self) -> None:
            self._began = time.perf_counter() - _seconds(run)

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            if state.is_world_process_zero and logs:
                seconds = round(time.perf_counter() - self._began, 3)
                run.log({"step": state.global_step, "epoch": state.epoch, **logs, "seconds": seconds})
                if "loss" in logs:
                    say(f"Step {state.global_step}/{state.max_steps}: loss {float(logs['loss']):.4f}")

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.is_world_process_zero:
                (run.checkpoints / f"checkpoint-{state.global_step}" / WHOLE).touch()

    return Bookkeeper()
