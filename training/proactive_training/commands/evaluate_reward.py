"""``proactive evaluate reward``: would this task, or this silence, be accepted?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from proactive_training.commands.ran import command_line, plain_errors, wrote

if TYPE_CHECKING:
    from proactive_training.evaluation_file import Evaluation


def evaluate_reward(
    data: Annotated[
        Path,
        typer.Option(
            help="What people judged: a folder in ProactiveBench's layout (reward_data/*.jsonl, "
            "test_data/*.json), or a dataset of 'proactive bench'."
        ),
    ],
    judge: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|PATH|URL",
            help="A judge: the folder of 'proactive train reward', any sequence classifier, or a language model "
            "by folder, GGUF file, name or server's address. By default the baseline, a table of the training "
            "contexts.",
        ),
    ] = None,
    answers: Annotated[
        Path | None,
        typer.Option(help="With --judge: keep its answers in this file, so that a run that was stopped goes on."),
    ] = None,
    split: Annotated[str | None, typer.Option(help="One split of the data, or 'all', the default.")] = None,
    threshold: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Taken to be acceptable from this probability on.")
    ] = 0.5,
    seed: Annotated[int, typer.Option(min=0, help="Seeds the intervals.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Write an evaluation file, row by row, for 'proactive report'.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")] = False,
) -> None:
    """Measure a judge against people's judgements of tasks and of silences.

    Figures are of all rows, of tasks (proposals) and of silences, by domain, by trace, and by ProactiveBench's
    four categories (in each, how often the judge agrees with the annotators); on the published split as well, with
    what it leaks and what a table of its training contexts gets. Intervals are 95 % by bootstrap over traces;
    always and never accepting stand beside them. A judge that learned from these traces is told as such: its
    figures measure nothing. Held-out figures come from 'proactive train reward'.

    Example: proactive evaluate reward --data proactivebench --judge my-judge --json
    """
    import orjson
    from attrs import evolve

    from proactive_training.evaluation_file import check_writable, write_evaluations
    from proactive_training.judge_evaluation import reward_report
    from proactive_training.report_lines import note_lines

    with plain_errors():
        if out is not None:
            check_writable(out)
        found = evolve(_evaluation(data, judge, answers, split, threshold, seed), command=command_line())
        if out is not None:
            write_evaluations(out, [found])
    for problem in found.problems:
        typer.echo(f"Set aside: {problem}", err=True)
    if not as_json:
        for line in _lines(found):
            typer.echo(line)
    for note in note_lines([found]):
        typer.echo(note, err=True)
    if out is not None:
        wrote(out)
    if as_json:
        typer.echo(orjson.dumps(reward_report(found)).decode())


def _evaluation(
    data: Path, judge: str | None, answers: Path | None, split: str | None, threshold: float, seed: int
) -> Evaluation:
    from proactive_inference.judge.judge import Question
    from proactive_inference.judge.resolve import load_judge
    from proactive_training.agent_truth import KeptJudge, check_judged
    from proactive_training.errors import TrainingError
    from proactive_training.evaluation_file import Exposure
    from proactive_training.judge_evaluation import exposure_of, judge_evaluation
    from proactive_training.judged_rows import read_judged, table_answers
    from proactive_training.kept_lines import KeptLines
    from proactive_training.progress import ProgressLine

    if judge is None and answers is not None:
        raise TrainingError("--answers keeps what a judge answers; give --judge as well")
    judged = read_judged(data, split)
    if judge is None:
        shares = table_answers(judged.train, judged.rows)
        note = "No judge was given: these are the answers of a table of the training contexts, a baseline."
        return judge_evaluation(
            judged,
            shares,
            name="table of the training contexts",
            threshold=threshold,
            exposure=Exposure.SEEN if judged.train else Exposure.NONE,
            notes=[note],
            details={"judge": None},
            seed=seed,
        )
    kept = KeptLines(answers)
    opened = load_judge(judge)
    kept_judge = KeptJudge.of(opened, kept)
    together = getattr(opened, "together", _AT_ONCE)
    scores: list[float | None] = []
    progress = ProgressLine("Judged")
    for start in range(0, len(judged.rows), together):
        batch = judged.rows[start : start + together]
        scores += kept_judge.answers([Question(row.window, row.task) for row in batch])
        progress(len(scores), len(judged.rows))
    check_judged(scores)
    settings = getattr(opened, "settings", None)
    exposure, notes = exposure_of(judged, settings.metadata.get("data") if settings else None)
    return judge_evaluation(
        judged,
        scores,
        name=opened.name,
        threshold=threshold,
        exposure=exposure,
        notes=notes,
        details={"judge": opened.name, "judge_kind": settings.kind.value if settings else None},
        seed=seed,
    )


def _lines(evaluation: Evaluation) -> list[str]:
    """The figures for people."""
    from proactive_training.report_lines import figure_lines, summary

    figures = evaluation.figures
    lines = list(figure_lines(figures))
    for name in ("proposals", "silences"):
        if figures[name]:
            lines.append(summary(name, figures[name]))
    for name, part in figures["categories"].items():
        interval = f" [{part['ci'][0]:.2f} {part['ci'][1]:.2f}]" if part["ci"] else ""
        lines.append(f"{name}: agrees on {part['agreement']:.2f}{interval} of {part['n']}")
    if split := figures["published_split"]:
        lines.append(summary("published test split", split))
        lines.append(summary("table of its contexts in train", {**split["baselines"]["table"], "n": split["n"]}))
    return lines


_AT_ONCE = 64
"""Rows that a judge which is no language model is asked about between two lines of progress."""
