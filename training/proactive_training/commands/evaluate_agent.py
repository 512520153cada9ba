"""``proactive evaluate agent``: are the proposals of a language model worth making?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from proactive_training.commands.ran import command_line, plain_errors, wrote

if TYPE_CHECKING:
    from collections.abc import Callable

    from proactive_inference.models.chat import ChatModel
    from proactive_training.agent_truth import Probability
    from proactive_training.evaluation_file import Evaluation
    from proactive_training.kept_lines import KeptLines


def evaluate_agent(
    data: Annotated[
        Path,
        typer.Option(
            help="Labelled traces: a folder in ProactiveBench's layout (reward_data/*.jsonl, test_data/*.json), "
            "or a dataset of 'proactive bench'."
        ),
    ],
    model: Annotated[
        str,
        typer.Option(
            metavar="NAME|PATH|URL",
            help="A model's folder, a training run's, a GGUF file, a name, or a server's address (http://…/v1#NAME).",
        ),
    ],
    judge: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|PATH|URL",
            help="Says what would have been accepted where no person did, and stands in the loop.",
        ),
    ] = None,
    loop_judge: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|PATH|URL",
            help="Another judge for the loop: one that is its own judge always finds itself right.",
        ),
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="Which split of the data, or 'all'; as in 'evaluate need'.")
    ] = None,
    events: Annotated[
        int | None,
        typer.Option(min=1, help="How many of the last events the model is told; by default as it was trained."),
    ] = None,
    samples: Annotated[
        int, typer.Option(min=1, help="Answers at each event, the k of pred@k; with 1 there is pred@1 alone.")
    ] = 3,
    temperature: Annotated[
        float, typer.Option(min=0.01, help="Of the answers after the first, which is at 0.")
    ] = 0.7,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many labelled events.")] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, …; by default what is there.")] = None,
    download: Annotated[
        bool, typer.Option("--download", help="Fetch the model from the hub if it is not on this machine.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seeds the draws and the intervals.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option(
            help="A folder to keep answers in, so that a killed run goes on, and evaluation.json for "
            "'proactive report'."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")] = False,
) -> None:
    """Measure a language model by ProactiveBench's protocol: it proposes at each event, a judge accepts or not.

    A proposal that is accepted is TP, another one FP; silence is TN where no help is needed and FN where it is.
    People decide where the data have their votes on the same task, else --judge, else the need for help alone
    (which is said). pred@1 is the answer at temperature 0; at pred@3 the best of three answers counts. With the
    judge in the loop, what it rejects is not proposed. Intervals are 95 % by bootstrap over traces.

    Example: proactive evaluate agent --data proactivebench --model SmolLM2-135M-Instruct --out smollm2
    """
    from functools import partial

    import orjson
    from attrs import evolve

    from proactive_inference.models.resolve import open_model
    from proactive_training.agent_evaluation import agent_report
    from proactive_training.evaluation_file import check_writable, write_evaluations
    from proactive_training.report_lines import note_lines, print_table

    with plain_errors():
        if out is not None:
            check_writable(out / "evaluation.json")
        opening = partial(open_model, model, device=device, download=download)
        found = _evaluations(
            data, opening, judge, loop_judge, split, events, samples, temperature, limit, seed, out, model
        )
        found = [evolve(one, command=command_line()) for one in found]
        if out is not None:
            write_evaluations(out / "evaluation.json", found)
    for problem in found[0].problems:
        typer.echo(f"Set aside: {problem}", err=True)
    if not as_json:
        print_table(found)
    for line in note_lines(found):
        typer.echo(line, err=True)
    if out is not None:
        wrote(out / "evaluation.json")
    if as_json:
        typer.echo(orjson.dumps(agent_report(found)).decode())


def _evaluations(
    data: Path,
    opening: Callable[[], ChatModel],
    judge: str | None,
    loop_judge: str | None,
    split: str | None,
    events: int | None,
    samples: int,
    temperature: float,
    limit: int | None,
    seed: int,
    out: Path | None,
    named: str,
) -> list[Evaluation]:
    from proactive_inference.models.resolve import most_events_of
    from proactive_training.agent_evaluation import Agent, agent_evaluations
    from proactive_training.answer_cache import AnswerCache
    from proactive_training.exposure import learned_by
    from proactive_training.kept_lines import KeptLines
    from proactive_training.need_data import read_need_data
    from proactive_training.progress import ProgressLine

    labelled = read_need_data(data, split)  # first what is quickly found wrong, then what takes long to load
    cache = AnswerCache(None if out is None else out / "answers.jsonl")
    kept = KeptLines(None if out is None else out / "judgements.jsonl")
    truth = _judge(judge, kept) if judge is not None else None
    loop = _judge(loop_judge, kept) if loop_judge is not None else truth
    model = opening()
    most = events if events is not None else most_events_of(model)
    agent = Agent(model, most, answers=samples, temperature=temperature, seed=seed)
    return agent_evaluations(
        labelled,
        agent,
        cache=cache,
        truth=truth,
        loop=loop,
        limit=limit,
        progress=ProgressLine(f"{model.name} asked"),
        judging=ProgressLine("Judged"),
        seed=seed,
        learned=learned_by(named),
    )


def _judge(name: str, kept: KeptLines) -> Probability:
    from proactive_inference.judge.resolve import load_judge
    from proactive_training.agent_truth import KeptJudge

    return KeptJudge.of(load_judge(name), kept)
