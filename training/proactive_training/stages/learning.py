"""Runs TRL's trainer over an agent's lessons: from the model's weights to what was learned, by checkpoints."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from proactive_inference.models.loading import load
from proactive_inference.models.model_files import ModelFiles
from proactive_training.run_directory import RunDirectory
from proactive_training.stages.adapters import lora_config
from proactive_training.stages.answer_tokens import TokenRow, decider
from proactive_training.stages.answer_trainer import Lesson, answer_trainer
from proactive_training.stages.memory import peak_memory
from proactive_training.stages.recipe import Material, Recipe, Say, base_of


def learn(
    recipe: Recipe,
    material: Material,
    run: RunDirectory,
    files: ModelFiles,
    tokenizer: Any,
    train: list[TokenRow],
    held_out: list[TokenRow],
    say: Say,
) -> dict[str, Any]:
    """Learn, and leave the weights and the tokenizer in the run's folder; how it went.

    Keys: ``loss`` (mean over the steps), ``steps``, ``seconds``, ``tokens_per_second``, ``peak_memory`` (bytes of
    this process, or of the GPU).
    """
    import torch
    from transformers import EarlyStoppingCallback, PrinterCallback
    from trl import SFTConfig

    half = recipe.precision == "bfloat16"
    cpu = not torch.cuda.is_available()
    loaded = load(
        files, device="cpu" if cpu else None, dtype="bfloat16" if half and not recipe.full else "float32"
    )
    model = loaded.model
    model.config.use_cache = False
    if getattr(model, "hf_quantizer", None) is None:
        model.is_quantized = False  # a GGUF file's weights were unpacked: they can be trained like any
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    steps_in_epoch = -(-len(train) // recipe.batch)
    every = recipe.save_every or steps_in_epoch
    stops = recipe.early_stopping > 0 and bool(held_out)
    # The library renamed it in 5.24.
    names = SFTConfig.__dataclass_fields__
    checkpointing = "activation_checkpointing" if "activation_checkpointing" in names else "gradient_checkpointing"
    arguments = SFTConfig(
        output_dir=str(run.checkpoints),
        num_train_epochs=recipe.epochs,
        per_device_train_batch_size=recipe.micro_batch,
        gradient_accumulation_steps=recipe.batch // (recipe.micro_batch * processes),
        learning_rate=recipe.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=round(recipe.warmup * recipe.epochs * steps_in_epoch),
        bf16=half,
        use_cpu=cpu,
        seed=recipe.seed,
        data_seed=recipe.seed,
        logging_steps=1,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=2,
        eval_strategy="steps" if held_out else "no",
        eval_steps=every if held_out else None,
        load_best_model_at_end=stops,
        metric_for_best_model="eval_decision_loss" if stops else None,
        greater_is_better=False if stops else None,
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=not cpu,
        dataset_kwargs={"skip_prepare_dataset": True},
        **{checkpointing: recipe.checkpointing},
    )
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
    which = decider(tokenizer, material.train[0].messages)
    lesson = Lesson(train, held_out, which, int(pad), recipe.batch, recipe.seed, recipe.packing, recipe.bucketed)
    with _quiet():
        trainer = answer_trainer(
            lesson,
            run,
            say,
            model=model,
            args=arguments,
            processing_class=tokenizer,
            peft_config=None if recipe.full else lora_config(model, recipe),
        )
        trainer.remove_callback(PrinterCallback)
        if stops:
            trainer.add_callback(EarlyStoppingCallback(early_stopping_patience=recipe.early_stopping))
        checkpoint = run.latest_checkpoint()
        if checkpoint is not None:
            step = int(checkpoint.name.rpartition("-")[2])
            say(f"Going on after step {step}.")
            if trainer.is_world_process_zero():
                run.forget_after(step)
        done = trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    whole = trainer.accelerator.unwrap_model(trainer.model)
    if trainer.is_world_process_zero():
        if not recipe.full:
            whole.peft_config["default"].base_model_name_or_path = base_of(recipe.model)
        whole.save_pretrained(run.path)
        tokenizer.save_pretrained(run.path)
    trainer.accelerator.wait_for_everyone()
    seconds = float(done.metrics.get("train_runtime", 0.0))
    read = recipe.epochs * sum(map(len, train))
    return {
        "loss": done.training_loss,
        "steps": done.global_step,
        "seconds": seconds,
        "tokens_per_second": read / seconds if seconds and checkpoint is None else None,
        "peak_memory": peak_memory(),
    }


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what the libraries say to one another about names that will change."""
    import warnings

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing.*", category=FutureWarning)
        yield
