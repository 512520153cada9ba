"""``proactive evaluate need``: is help wanted at this event?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from attrs import evolve, frozen

from proactive_training.commands.ran import command_line, plain_errors, wrote

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
    model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|PATH|URL",
            help="A language model instead: a folder, a GGUF file, a run of 'proactive train agent', or the "
            "address of an OpenAI-compatible server.",
        ),
    ] = None,
    answers: Annotated[
        Path | None,
        typer.Option(help="With --model: keep its answers in this file, so that a run that was stopped goes on."),
    ] = None,
    device: Annotated[
        str | None, typer.Option(help="With --model: cpu, cuda, …; by default what is there.")
    ] = None,
    download: Annotated[
        bool, typer.Option("--download", help="With --model: fetch it from the hub if it is not on this machine.")
    ] = False,
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
        str | None,
        typer.Option(
            metavar="NUMBER|others",
            help="Speak at this probability; 0.25 is where the rewards break even; 'others': for each trace the "
            "one with the best F1 on the other traces. A gate's default for told "
            "events is the one that was best for F1 on traces held out when it was trained, for typed ones 0.25; "
            "a model by default speaks when its answer has a task.",
        ),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(help="An evaluation file of the same events: tell how much F1 is gained over it as well."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seeds the intervals.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Write an evaluation file, event by event, for 'proactive report'.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")] = False,
) -> None:
    """Measure a gate, a model or published answers against people's labels: is help needed at this event?

    Recall, precision, accuracy, false alarm and F1 are ProactiveBench's; intervals are 95 % by bootstrap over
    traces; always and never speaking stand beside them. Figures on data that the gate was trained on are marked as
    such: they say nothing about new data. Published answers are matched by time and text; what has no counterpart
    is left out and counted. With a folder of models, --json prints {"models": {NAME: figures}}.

    Example: proactive evaluate need --data proactivebench --predictions proactivebench/published_traces
    """
    import orjson

    from proactive_training.evaluation_file import check_writable, write_evaluations
    from proactive_training.gain import with_gain
    from proactive_training.need_evaluation import need_report
    from proactive_training.predictions import model_folders
    from proactive_training.report_lines import figure_lines, note_lines, print_table

    with plain_errors():
        of_model = _Asking(model, answers, device, download)
        if out is not None:
            check_writable(out)
        found = _evaluations(data, gate, of_model, predictions, split, threshold, against, seed)
        if against is not None:
            found = [with_gain(one, against, seed=seed) for one in found]
        if out is not None:
            write_evaluations(out, found)
    for problem in dict.fromkeys(problem for one in found for problem in one.problems):
        typer.echo(f"Set aside: {problem}", err=True)
    several = predictions is not None and model_folders(predictions) != [predictions]
    if not as_json and several:
        print_table(found)
    elif not as_json:
        for line in figure_lines(found[0].figures):
            typer.echo(line)
    for line in note_lines(found):
        typer.echo(line, err=True)
    if out is not None:
        wrote(out)
    if as_json:
        reports = {one.name: need_report(one) for one in found}
        typer.echo(orjson.dumps({"models": reports} if several else reports[found[0].name]).decode())


@frozen
class _Asking:
    """Which model to ask, and how."""

    model: str | None = None
    answers: Path | None = None
    device: str | None = None
    download: bool = False


def _evaluations(
    data: Path,
    gate: str | None,
    asking: _Asking,
    predictions: Path | None,
    split: str | None,
    given_threshold: str | None,
    against: Path | None,
    seed: int,
) -> list[Evaluation]:
    from proactive_training.errors import TrainingError
    from proactive_training.evaluation_file import Task
    from proactive_training.gain import earlier
    from proactive_training.need_data import read_need_data
    from proactive_training.need_evaluation import (
        SHIPPED,
        gate_evaluation,
        prediction_evaluations,
    )
    from proactive_training.need_rows import need_rows
    from proactive_training.thresholds import threshold_of

    threshold = threshold_of(given_threshold)
    given = [
        name
        for name, value in (("--gate", gate), ("--model", asking.model), ("--predictions", predictions))
        if value is not None
    ]
    if len(given) > 1:
        raise TrainingError(f"{' and '.join(given)} are different things to measure; give one of them")
    if predictions is not None and threshold is not None:
        raise TrainingError("--threshold says when a gate or a model speaks; published answers are as they are")
    if asking.model is None and asking != _Asking():
        raise TrainingError("--answers, --device and --download say how to ask a model; give --model as well")
    labelled = read_need_data(data, split)
    if against is not None and predictions is None:  # published answers may leave events out
        earlier(against, Task.NEED, need_rows(labelled.bench))
    if predictions is not None:
        found = prediction_evaluations(labelled, predictions, seed=seed)
    elif asking.model is not None:
        from proactive_training.model_evaluation import evaluate_model
        from proactive_training.progress import ProgressLine

        found = [
            evaluate_model(
                labelled,
                asking.model,
                threshold=threshold,
                seed=seed,
                answers=asking.answers,
                device=asking.device,
                download=asking.download,
                progress=ProgressLine("asked"),
            )
        ]
    else:
        weights = None if gate in (None, SHIPPED) else Path(gate)
        found = [gate_evaluation(labelled, weights, threshold=threshold, seed=seed)]
    command = command_line()
    return [evolve(one, command=command) for one in found]
