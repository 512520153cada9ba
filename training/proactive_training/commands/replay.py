"""``proactive bench replay`` and ``proactive evaluate replay``: real histories as sittings."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from proactive_training.commands.ran import plain_errors
from proactive_training.gym.engine import Engine

if TYPE_CHECKING:
    from proactive_training.gym.replay_run import Progress

_Repos = Annotated[
    list[Path], typer.Option("--repo", help="A git repository: a work tree or a bare one; repeatable.")
]
_Jobs = Annotated[int, typer.Option(min=1, help="How many processes.")]
_Seed = Annotated[
    int, typer.Option(min=0, help="Draws orders, pauses and slips; the same seed gives the same sittings.")
]
_Limit = Annotated[int | None, typer.Option(min=1, help="Only so many of each repository's newest sittings.")]
_Diagnostics = Annotated[
    bool,
    typer.Option(
        "--diagnostics/--no-diagnostics", help="Have ruff, TypeScript's compiler and parsers look at every state."
    ),
]
_TypeScript = Annotated[
    Path | None,
    typer.Option(
        help="The npm package typescript, version 5 or 6 (or its lib/tsserver.js), for TypeScript's diagnostics; "
        "the one on PATH if not given, and parsers alone if there is none."
    ),
]
_RunTests = Annotated[
    bool,
    typer.Option(
        "--run-tests",
        help="RUN THE REPOSITORIES' OWN CODE: the tests nearest to each change of Python, in a throw-away folder "
        "but with your rights, and nothing that keeps it from your files or the network. Only for code you trust.",
    ),
]
_Python = Annotated[
    Path | None,
    typer.Option(
        help="The interpreter for --run-tests, with pytest and what the projects need; "
        "this program's own, without plugins of pytest, if not given."
    ),
]
EngineOption = Annotated[
    Engine,
    typer.Option(
        help="local: on this machine. ray: on the Ray cluster that runs here, or that RAY_ADDRESS names."
    ),
]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")]
JOBS = min(os.cpu_count() or 1, 8)


def bench_replay(
    repo: _Repos,
    out: Annotated[Path, typer.Option(help="The dataset's folder; must not exist yet, or be empty.")],
    jobs: _Jobs = JOBS,
    seed: _Seed = 0,
    limit: _Limit = None,
    diagnostics: _Diagnostics = True,
    typescript: _TypeScript = None,
    run_tests: _RunTests = False,
    python: _Python = None,
    licence: Annotated[
        str, typer.Option(help="What the repositories come under, as an SPDX identifier: MIT.")
    ] = "",
    engine: EngineOption = Engine.LOCAL,
    as_json: _Json = False,
) -> None:
    """Make a dataset from the histories of git repositories, with labels by hindsight.

    Every commit is typed again in its parent's tree, hunk by hunk, in an order in which a person may have made it,
    with rests, slips and half-finished states, and with real diagnostics. At each boundary all plays are asked,
    and what they offer is judged by what the person really did next. docs/replay.md states the rule and biases.

    Nothing of a repository is run, checked out or fetched, unless you ask for test runs (--run-tests). A run
    that is broken off goes on where it was when the same command is given again; other settings or repositories
    need another OUT. With --engine ray, the repositories and OUT must be under the same paths on all machines of
    the cluster.

    Example: proactive bench replay --repo ~/src/click --repo ~/src/flask --jobs 2 --out replayed
    """
    from proactive_training.gym.replay_run import Options, replay

    with plain_errors(), _progress() as told:
        tools = _typescript(typescript, diagnostics)
        options = Options(
            seed=seed, diagnostics=diagnostics, typescript=tools, python=_python(run_tests, python),
            limit=limit, licence=licence,
        )  # fmt: skip
        figures = replay(repo, out, options, jobs=jobs, told=told, engine=engine)
    found = figures.to_dict()
    if as_json:
        _print_json(found)
        return
    typer.echo(
        f"{figures.events} events of {figures.sittings} sittings ({figures.commits} commits, {figures.hours:.0f} "
        f"hours of work) in {figures.seconds:.0f} s, {found['events_per_second']:.0f} a second: {out}"
    )
    needs = figures.needs
    typer.echo(
        f"Help was wanted at {needs['true']} of {sum(needs.values())} moments; {needs['none']} are undecided."
    )
    if figures.tests:
        runs = ", ".join(f"{count} {how}" for how, count in figures.runs.most_common()) or "none"
        why = ", ".join(f"{count} {why}" for why, count in figures.tests.most_common())
        typer.echo(f"Test runs: {runs}. Sittings: {why}.")
    for name, told_of in figures.repositories.items():
        skipped = ", ".join(f"{count} {why}" for why, count in told_of["skipped"].items()) or "nothing"
        typer.echo(f"{name}: {told_of['commits']} of {told_of['history']} commits; skipped: {skipped}")


def evaluate_replay(
    repo: Annotated[
        list[Path] | None, typer.Option("--repo", help="A git repository: a work tree or a bare one; repeatable.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="A dataset that 'proactive bench replay' made: its repositories, seed and limits."),
    ] = None,
    jobs: _Jobs = JOBS,
    seed: _Seed = 0,
    limit: _Limit = None,
    diagnostics: _Diagnostics = True,
    typescript: _TypeScript = None,
    run_tests: _RunTests = False,
    python: _Python = None,
    worst: Annotated[
        int, typer.Option(min=0, help="Write so many of the worst suggestions as review forms (with --review).")
    ] = 20,
    review: Annotated[Path | None, typer.Option(help="Folder for the review forms; must not exist yet.")] = None,
    baselines: Annotated[
        bool,
        typer.Option(
            "--baselines/--no-baselines", help="Measure beside it: always yes, the naive rule, and never a word."
        ),
    ] = True,
    engine: EngineOption = Engine.LOCAL,
    as_json: _Json = False,
) -> None:
    """Measure the agent that ships on replayed histories: how often is what it offers what the person then did?

    A suggestion is confirmed if the rest of the sitting bears it out exactly, or nearly (at most a fifth of its
    places are wrong). Precision leaves out those of which the history tells nothing. Recall is over the pool of
    all offers, of the plays and of a naive rule, that would have been confirmed at some boundary. Intervals are
    95 %, by bootstrap over repositories.

    Example: proactive evaluate replay --repo ~/src/click --limit 200 --review worst --json
    """
    from attrs import evolve

    from proactive_training.bench.folders import refuse_in_the_way
    from proactive_training.errors import DataError
    from proactive_training.evaluation_file import check_writable
    from proactive_training.gym.replay_run import Options, evaluate, known_run

    with plain_errors():
        if (repo is None) == (data is None):
            raise DataError("give either --repo, once or more, or --data")
        if review is not None:
            refuse_in_the_way(review)
            check_writable(review / "form.md", "--review")
        tools = _typescript(typescript, diagnostics)
        runs = _python(run_tests, python)
        options = Options(seed=seed, diagnostics=diagnostics, typescript=tools, python=runs, limit=limit)
        repos = repo or []
        if data is not None:
            repos, options = known_run(data)
            options = evolve(options, python=runs)  # that it was run once does not allow to run it again
        with _progress() as told:
            found, bad = evaluate(
                repos, options, jobs=jobs, told=told, worst_count=worst, baselines=baselines, engine=engine
            )
        if review is not None:
            _write_forms(review, bad)
    if as_json:
        _print_json(found)
    else:
        _show(found)
    if review is not None and not as_json:
        typer.echo(f"The worst {len(bad)} suggestions are in {review}, worst first.")


def _typescript(given: Path | None, diagnostics: bool) -> str:
    from proactive_training.gym.linters.typescript_program import tsserver

    found = tsserver(given) if diagnostics else None
    return "" if found is None else str(found)


def _python(run_tests: bool, given: Path | None) -> str:
    """The interpreter to run tests with; empty: none are run."""
    from proactive_training.errors import DataError

    if not run_tests:
        if given is not None:
            raise DataError("--python is for --run-tests; give both")
        return ""
    found = Path(sys.executable) if given is None else given.expanduser().absolute()
    if not os.access(found, os.X_OK) or found.is_dir():
        raise DataError(f"{found} is no interpreter; name one such as .venv/bin/python")
    return str(found)


def _write_forms(folder: Path, bad: list[Any]) -> None:
    from proactive_training.bench.folders import new_folder
    from proactive_training.bench.review import Form, render

    with new_folder(folder) as temporary:
        for number, (judged, record) in enumerate(bad, 1):
            form = Form.of(record.sitting, [judged.example])
            text = render(form)
            (temporary / f"{number:03}-{judged.verdict}-{judged.play}.md").write_text(text, encoding="utf-8")


def _show(found: dict[str, Any]) -> None:
    from proactive_training.report_lines import print_rows

    rows = []

    def row(name: str, figures: dict[str, Any]) -> None:
        confirmed = figures["confirmed_exact"] + figures["confirmed_nearly"]
        counts = (figures["suggestions"], confirmed, figures["confirmed_part"], figures["unconfirmed"])
        ratios = (figures[name] for name in ("precision", "recall_pooled", "false_alarms_per_hour"))
        rows.append((name, [*map(str, counts), *("–" if ratio is None else f"{ratio:.2f}" for ratio in ratios)]))

    row("all", found)
    others = ((f"instead: {name}", figures) for name, figures in found["baselines"].items())
    for name, figures in (*others, *found["plays"].items(), *found["repositories"].items()):
        row(name, figures)
    print_rows(("suggestions", "confirmed", "part", "none", "precision", "recall", "alarms/h"), rows)
    for name, (low, high) in found["ci"].items():
        said = f"{name.replace('_', ' ')}: {found[name]:.2f}, 95 % from {low:.2f} to {high:.2f}"
        typer.echo(f"{said} over {found['ci_over']}")
    typer.echo(
        f"{found['commits_helped']} of {found['commits']} commits helped, in {found['hours']:.0f} hours of work. "
        f"Of {found['unknown']} suggestions the history tells nothing; "
        f"{found['planted']} mend the replay's own slips."
    )
    typer.echo("A decision takes {p50} ms (p50), {p99} ms (p99) of CPU.".format(**found["decision_ms"]))


@contextmanager
def _progress() -> Iterator[Callable[[Progress], None]]:
    """A line on standard error where that is a terminal, else a word now and then."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("commits"),
        TextColumn("{task.fields[events]} events"), TimeElapsedColumn(),
    )  # fmt: skip
    with Bars(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def told(progress: Progress) -> None:
            if progress.repository not in tasks:
                tasks[progress.repository] = bars.add_task(progress.repository, total=progress.commits, events=0)
                if not sys.stderr.isatty():
                    typer.echo(f"{progress.repository}: {progress.commits} commits", err=True)
            bars.update(tasks[progress.repository], completed=progress.done, events=progress.events)

        yield told


def _print_json(report: dict[str, Any]) -> None:
    import orjson

    typer.echo(orjson.dumps(report).decode())
