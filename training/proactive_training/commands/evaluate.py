"""``proactive evaluate``: what the models that decide are worth on labelled data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from proactive_training.commands.replay import evaluate_replay

app = typer.Typer(help="Measure the models that decide when to speak.", no_args_is_help=True, add_completion=False)


@app.callback()
def _evaluate() -> None:
    """Measure the models that decide when to speak."""


@app.command()
def need(
    data: Annotated[
        Path,
        typer.Option(help="Labelled traces in ProactiveBench's layout: reward_data/*.jsonl, test_data/*.json."),
    ],
    gate: Annotated[Path | None, typer.Option(help="A gate's weights file; the shipped one by default.")] = None,
    threshold: Annotated[
        float,
        typer.Option(min=0.0, max=1.0, help="Speak at this probability; 0.25 is where the rewards break even."),
    ] = 0.25,
    seed: Annotated[int, typer.Option(help="Seeds the intervals.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")] = False,
) -> None:
    """Measure a gate against people's labels: is help needed at this event?

    Recall, precision, accuracy, false alarm and F1 are ProactiveBench's; intervals are 95 % by bootstrap over
    traces. Figures on data that the gate was trained on are marked as such: they say nothing about new data.
    'proactive train gate' reports figures on held-out traces for every gate it makes.
    """
    import orjson

    from proactive_collectors.errors import ProactiveError
    from proactive_training.need_evaluation import evaluate_need
    from proactive_training.report_lines import figure_lines

    try:
        report = evaluate_need(data, gate, threshold=threshold, seed=seed)
    except ProactiveError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error
    for problem in report["problems"]:
        typer.echo(f"Set aside: {problem}", err=True)
    if not as_json:
        for line in figure_lines(report):
            typer.echo(line)
    if report["seen_in_training"]:
        typer.echo("This gate was trained on these very events: the figures are no measure of new data.", err=True)
    if as_json:
        typer.echo(orjson.dumps(report).decode())


app.command("replay")(evaluate_replay)
