"""``proactive train reward``: teach a judge what people accept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from proactive_inference.judge.settings import Kind
from proactive_training.commands.ran import command_line, plain_errors, positive, to_paste

_ENCODER, _LANGUAGE = "all-MiniLM-L6-v2", "SmolLM2-135M-Instruct"


def train_reward(
    data: Annotated[
        Path,
        typer.Option(
            help="What people judged: a folder in ProactiveBench's layout (reward_data/*.jsonl), or a dataset of "
            "'proactive bench'."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the run; must be new.")],
    kind: Annotated[
        Kind,
        typer.Option(
            help="cross-encoder: an encoder reads events and task together. bi-encoder: apart; trains in seconds. "
            "classifier: any causal language model with LoRA. generative: a language model writes a thought and "
            "a judgement."
        ),
    ] = Kind.BI_ENCODER,
    model: Annotated[
        str | None,
        typer.Option(
            help="What to begin from: a folder as from_pretrained takes it, or a name. "
            f"Default: {_ENCODER} for encoders, {_LANGUAGE} else."
        ),
    ] = None,
    split: Annotated[str | None, typer.Option(help="Learn from one split alone; by default from all.")] = None,
    folds: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="In how many parts traces are held out in turn, to choose the epochs, to calibrate and to "
            "measure. By default each trace is one; 0: none are held out.",
        ),
    ] = None,
    cross_validate: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Also write the evaluation file with every held-out answer here, for 'proactive report'.",
        ),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="At most; held-out traces choose. Default: 4, language models 2.")
    ] = None,
    batch: Annotated[
        int | None,
        typer.Option(min=1, help="Rows at once, of a generative judge moments. Default: 24, language models 8."),
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(callback=positive, help="Default: 1e-4, language models 2e-4.")
    ] = None,
    train_layers: Annotated[
        int, typer.Option(min=0, help="cross-encoder: how many of the last layers learn.")
    ] = 2,
    rank_weight: Annotated[
        float, typer.Option(min=0.0, help="cross-encoder: of ranking the tasks of a trace.")
    ] = 0.5,
    balance: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=1.0,
            help="How far rarer sorts of rows (tasks and silences, accepted and rejected) count more. "
            "Default: 0.5, of a bi-encoder 0.",
        ),
    ] = None,
    ridge: Annotated[float, typer.Option(min=1e-6, help="bi-encoder: more is smoother.")] = 3.0,
    lora_rank: Annotated[int, typer.Option(min=1, help="classifier, generative: of the adapters.")] = 8,
    lora_layers: Annotated[
        int | None,
        typer.Option(min=1, help="classifier, generative: adapters in so many last layers only; quicker."),
    ] = None,
    most_events: Annotated[int | None, typer.Option(min=1, help="How many events the judge is told.")] = None,
    most_tokens: Annotated[
        int | None,
        typer.Option(min=16, help="Of events and task together. Default: 112, language models 256."),
    ] = None,
    precision: Annotated[str, typer.Option(help="bfloat16 or float32.")] = "bfloat16",
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same judge on the same machine.")] = 0,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an interrupted run; folds that are done are kept.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")] = False,
) -> None:
    """Train a judge, the reward model: would this person accept this task, or this silence, now?

    The share of annotators who took a task is what it learns to tell. Traces are held out in turn: they choose the
    number of epochs, calibrate the probabilities, and measure the judge, each by a model that has not seen it, at
    the epoch and with the calibration that the other traces chose. Then the judge learns from all. OUT holds the
    judge, its card, and evaluation.json. ProactiveBench's published split leaks, all test contexts stand in train:
    by default, whole traces are held out instead.

    Example: proactive train reward --data proactivebench --out my-judge
    """
    import shutil

    import orjson

    from proactive_training.errors import DataError, TrainingError
    from proactive_training.evaluation_file import check_writable
    from proactive_training.judged_rows import read_judged
    from proactive_training.report_lines import summary
    from proactive_training.stages.reward import EVALUATION_FILE
    from proactive_training.stages.reward import train_reward as run
    from proactive_training.stages.reward_recipe import RewardRecipe

    def say(text: str) -> None:
        typer.echo(text, err=True)

    language = kind in (Kind.CLASSIFIER, Kind.GENERATIVE)
    with plain_errors():
        if precision not in ("bfloat16", "float32"):
            raise TrainingError(f"there is no precision {precision!r}; give bfloat16 or float32")
        if cross_validate is not None and folds == 0:
            raise TrainingError("--folds 0 holds nothing out, so that there is nothing for --cross-validate")
        if cross_validate is not None:
            check_writable(cross_validate, "--cross-validate")
        judged = read_judged(data, split)
        for problem in judged.problems:
            typer.echo(f"Set aside: {problem}", err=True)
        recipe = RewardRecipe(
            kind=kind,
            model=model or (_LANGUAGE if language else _ENCODER),
            folds=folds,
            epochs=1 if kind is Kind.BI_ENCODER else epochs or (2 if language else 4),
            batch=batch or (8 if language else 24),
            learning_rate=learning_rate or (2e-4 if language else 1e-4),
            train_layers=train_layers,
            rank_weight=rank_weight,
            balance=(0.0 if kind is Kind.BI_ENCODER else 0.5) if balance is None else balance,
            ridge=ridge,
            lora_rank=lora_rank,
            lora_layers=lora_layers,
            most_events=most_events or (64 if kind is Kind.BI_ENCODER else 8 if language else 6),
            most_tokens=most_tokens or (256 if language else 112),
            precision=precision,
            seed=seed,
        )
        result = run(recipe, judged, out, say, resume=resume, command=command_line())
        if cross_validate is not None:
            try:
                cross_validate.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(out / EVALUATION_FILE, cross_validate)
            except OSError as error:
                raise DataError(
                    f"{cross_validate} cannot be written: {error.strerror}; give another file"
                ) from error
    if "figures" in result and not as_json:
        for name, part in (
            ("all", result["figures"]),
            *((name, result["figures"][name]) for name in ("proposals", "silences")),
        ):
            if part:
                typer.echo(summary(f"held out, {name}", part))
    measured = to_paste("evaluate", "reward", "--data", "DIR", "--judge", out)
    say(f"Wrote {out}. Measure it on other data: {measured}")
    if as_json:
        typer.echo(orjson.dumps(result).decode())
