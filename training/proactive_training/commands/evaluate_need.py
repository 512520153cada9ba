"""``proactive evaluate need``: is help wanted at this event?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from proactive_training.commands.ran import command_line, plain_errors

if TYPE_CHECKING:
    from proactive_training.evaluation_file import Evaluation


def evaluate_need(
    data: Annotated[
        Path,
        typer.Option(
            help="Labelled traces: a folder in ProactiveBench's layout (reward_data/*.jsonl, test_data/*.json), "
            "or a dataset of 'proactive bench'."
        ),
    ],
    gate: Annotated[
        str | None,
        typer.Option(metavar="NAME|PATH", help="A gate's weights: 'shipped' (the default), a file or a folder."),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(
            help="Answers that were given before instead: a folder with a JSON file for each trace, or a folder "
            "of such folders, one for each model."
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            help="Which split of the data, or 'all'. By default a dataset's 'test' if it shares no trace with "
            "another split, else all."
        ),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=1.0,
            help="Speak at this probability. The default is 0.25, where the rewards break even.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seeds the intervals.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Write an evaluation file, event by event, for 'proactive report'.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")] = False,
) -> None:
    """Measure a gate or published answers against people's labels: is help needed at this event?

    Recall, precision, accuracy, false alarm and F1 are ProactiveBench's; intervals are 95 % by bootstrap over
    traces; always and never speaking stand beside them. Figures on data that the gate was trained on are marked as
    such: they say nothing about new data. Published answers are matched by time and text; what has no counterpart
    is left out and counted. With a folder of models, --json prints {"models": {NAME: figures}}.

    Example: proactive evaluate need --data proactivebench --predictions proactivebench/published_traces
    """
    import orjson

    from proactive_training.evaluation_file import write_evaluations
    from proactive_training.need_evaluation import need_report
    from proactive_training.report_lines import figure_lines, note_lines, print_table

    with plain_errors():
        found = _evaluations(data, gate, predictions, split, threshold, seed)
        if out is not None:
            write_evaluations(out, found)
    for problem in dict.fromkeys(problem for one in found for problem in one.problems):
        typer.echo(f"Set aside: {problem}", err=True)
    several = predictions is not None and not any(predictions.glob("*.json"))
    if not as_json and several:
        print_table(found)
    elif not as_json:
        for line in figure_lines(found[0].figures):
            typer.echo(line)
    for line in note_lines(found):
        typer.echo(line, err=True)
    if found[0].exposure == "seen":
        typer.echo("This gate was trained on these very events: the figures are no measure of new data.", err=True)
    if out is not None:
        typer.echo(f"Wrote {out}. One page of it: proactive report {out} --out report", err=True)
    if as_json:
        reports = {one.name: need_report(one) for one in found}
        typer.echo(orjson.dumps({"models": reports} if several else reports[found[0].name]).decode())


def _evaluations(
    data: Path,
    gate: str | None,
    predictions: Path | None,
    split: str | None,
    threshold: float | None,
    seed: int,
) -> list[Evaluation]:
    from attrs import evolve

    from proactive_training.errors import TrainingError
    from proactive_training.need_data import read_need_data
    from proactive_training.need_evaluation import (
        SHIPPED,
        THRESHOLD,
        gate_evaluation,
        prediction_evaluations,
    )

    given = [name for name, value in (("--gate", gate), ("--predictions", predictions)) if value is not None]
    if len(given) > 1:
        raise TrainingError(f"{' and '.join(given)} are different things to measure; give one of them")
    if predictions is not None and threshold is not None:
        raise TrainingError("--threshold says when a gate speaks; published answers are as they are")
    labelled = read_need_data(data, split)
    if predictions is not None:
        found = prediction_evaluations(labelled, predictions, seed=seed)
    else:
        weights = None if gate in (None, SHIPPED) else Path(gate)
        at = THRESHOLD if threshold is None else threshold
        found = [gate_evaluation(labelled, weights, threshold=at, seed=seed)]
    command = command_line()
    return [evolve(one, command=command) for one in found]
