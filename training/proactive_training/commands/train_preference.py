"""``proactive train preference``: an agent learns from what people took and what they turned down."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from proactive_training.commands.ran import positive


def preference(
    model: Annotated[
        str, typer.Option(help="The agent to go on from: a run of 'proactive train agent', or any causal model.")
    ],
    out: Annotated[Path, typer.Option(help="Folder of the run; made, and it must not be there yet.")],
    data: Annotated[
        list[Path] | None,
        typer.Option(
            help="People's verdicts on offers: a folder in ProactiveBench's layout (reward_data/*.jsonl) or a "
            "dataset of 'proactive bench'. May be given several times."
        ),
    ] = None,
    journal: Annotated[
        Path | None,
        typer.Option(
            help="Your own answers: the journal that the server keeps ('proactive events stats' tells where)."
        ),
    ] = None,
    ignored: Annotated[
        bool,
        typer.Option(
            "--ignored", help="What was left unanswered counts as turned down; by default it says nothing."
        ),
    ] = False,
    held_out: Annotated[
        str,
        typer.Option(help="Share or names of traces of --data that choose the threshold. 0: the model's stays."),
    ] = "0",
    split: Annotated[str | None, typer.Option(help="Only this split of the data.")] = None,
    most_events: Annotated[
        int | None, typer.Option(min=1, help="Events that the model is told; default: as it was trained.")
    ] = None,
    epochs: Annotated[float, typer.Option(min=0.01, callback=positive, help="Passes over the data.")] = 1.0,
    batch: Annotated[int, typer.Option(min=2, help="Examples in a step, over all processes.")] = 16,
    micro_batch: Annotated[
        int,
        typer.Option(min=2, help="Examples at a time in one process; their answers are set against each other."),
    ] = 4,
    learning_rate: Annotated[float, typer.Option(callback=positive, help="At its highest.")] = 5e-5,
    beta: Annotated[
        float, typer.Option(min=0.0, help="How strongly it is held to the model as it was: more holds more.")
    ] = 0.1,
    lora_rank: Annotated[int, typer.Option(min=1, help="Rank of the adapters.")] = 16,
    lora_layers: Annotated[int | None, typer.Option(min=1, help="Adapters in so many last layers only.")] = None,
    precision: Annotated[str, typer.Option(help="bfloat16 (autocast) or float32.")] = "bfloat16",
    merge: Annotated[
        bool, typer.Option("--merge", help="Write the whole model at the end, not the adapter.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of the order and the adapters.")] = 0,
    save_every: Annotated[int | None, typer.Option(min=1, help="Steps between checkpoints.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where the run in --out was interrupted.")
    ] = False,
    memory_check: Annotated[bool, typer.Option(help="Refuse to start what will not fit into memory.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")] = False,
) -> None:
    """Teach an agent by verdicts (KTO): offers that were accepted or rejected, silences that were right or wrong.

    The result is an adapter on the model that it began from, which it needs at its place; --merge makes it whole.

    Example: proactive train preference --model my-agent --journal journal.sqlite3 --out mine
    """
    import orjson

    from proactive_training.commands.ran import plain_errors
    from proactive_training.stages.preference_command import PreferenceCommand, run_preference_command
    from proactive_training.stages.processes import is_main
    from proactive_training.stages.recipe import Recipe

    def say(text: str) -> None:
        typer.echo(text, err=as_json)

    recipe = Recipe(
        model=model,
        epochs=epochs,
        batch=batch,
        micro_batch=micro_batch,
        learning_rate=learning_rate,
        lora_rank=lora_rank,
        lora_layers=lora_layers,
        precision=precision,
        merge=merge,
        seed=seed,
        save_every=save_every,
        check_memory=memory_check,
    )
    asked = PreferenceCommand(
        tuple(data or ()), journal, out, recipe, beta, held_out, split, most_events, ignored, resume
    )
    with plain_errors():
        found = run_preference_command(asked, say)
    if as_json and is_main():
        typer.echo(orjson.dumps(found, option=orjson.OPT_SERIALIZE_NUMPY).decode())
