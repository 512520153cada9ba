"""Replays whole repositories into a dataset: in several processes, resumable, with memory that stays flat.

Sittings are handed out in lots. What a lot came to is kept in a file of its own beside the dataset (``OUT.parts``)
until all is done; a run that was broken off goes on with the lots that are missing, and one with other settings or
repositories is refused.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
from attrs import asdict, define, evolve, field, frozen

from proactive_collectors.events import TerminalRun
from proactive_training.bench import rows
from proactive_training.bench.dataset import Record
from proactive_training.bench.dataset_writer import writing
from proactive_training.bench.folders import refuse_in_the_way
from proactive_training.errors import DataError
from proactive_training.gym.engine import Engine
from proactive_training.gym.git_objects import Git
from proactive_training.gym.history import History, open_history
from proactive_training.gym.parts import LOCK_FILE, RUN_FILE, held, parts_of
from proactive_training.gym.records import active_hours
from proactive_training.gym.replay_environment import STOPPED
from proactive_training.gym.replay_evaluation import (
    Judged,
    SittingResult,
    Trial,
    evaluate_lot,
    judged_of,
    light,
    worst,
)
from proactive_training.gym.replay_figures import report
from proactive_training.gym.work import SittingWork
from proactive_training.gym.workers import Lot, Tools, Workers

ABOUT_RUN = "replay.json"
"""Where a dataset tells how it was replayed, so that it can be replayed again with another agent."""

_LOT_FILE = re.compile(r"[0-9a-f]{20}\.(jsonl|\d+)")  # the second while it is written


@frozen
class Options:
    """What makes a difference to what a replay comes to."""

    seed: int = 0
    diagnostics: bool = True  #: ask real linters
    typescript: str = ""  #: ``tsserver.js`` to ask for TypeScript; empty: its parser alone
    python: str = ""  #: the interpreter that runs the repositories' own tests; empty: nothing is run
    limit: int | None = None  #: sittings of each repository at most, the newest
    licence: str = ""
    version: int = 2  #: of the replay's own rules; raise it when they change

    @property
    def tsserver(self) -> Path | None:
        """The TypeScript server to ask."""
        return Path(self.typescript) if self.typescript else None

    @property
    def runs_with(self) -> Path | None:
        """The interpreter to run tests with."""
        return Path(self.python) if self.python else None


@frozen
class Progress:
    """How far a run is."""

    repository: str
    done: int  #: commits looked at
    commits: int  #: of the repository
    events: int  #: in all


Told = Callable[[Progress], object]


@define
class Figures:
    """What a run came to."""

    repositories: dict[str, dict[str, Any]] = field(factory=dict)
    sittings: int = 0
    commits: int = 0
    events: int = 0
    examples: int = 0
    needs: Counter[str] = field(factory=Counter)
    rules: Counter[str] = field(factory=Counter)
    verdicts: Counter[str] = field(factory=Counter)
    kinds: Counter[str] = field(factory=Counter)
    tests: Counter[str] = field(factory=Counter)  #: sittings by whether tests were run, or why not
    runs: Counter[str] = field(factory=Counter)  #: of tests: passed, failed, stopped
    seconds: float = 0.0
    jobs: int = 1
    resumed: int = 0  #: lots that an earlier run had done
    hours: float = 0.0  #: of imagined work

    def add(self, record: Record, commits: int, tests: str = "") -> None:
        """Count a sitting, with whether its tests were run."""
        events = record.sitting.trace.events
        self.sittings += 1
        self.commits += commits
        self.events += len(events)
        self.examples += len(record.examples)
        self.kinds.update(event.kind for event in events)
        if tests:
            self.tests[tests] += 1
        self.runs.update(_ended(event.data) for event in events if isinstance(event.data, TerminalRun))
        self.hours += active_hours(events)
        for example in record.examples:
            if example.offer is None:
                self.needs[str(example.label.need).lower()] += 1
                self.rules[example.label.rule] += 1
            elif example.offer.verdict is not None:
                self.verdicts[f"{example.offer.proposer}: {example.offer.verdict.value}"] += 1

    def sums(self) -> dict[str, int]:
        """What is told of each repository as well."""
        return {
            "sittings": self.sittings, "commits": self.commits, "events": self.events, "examples": self.examples,
        }  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        speed = self.events / self.seconds if self.seconds else 0.0
        return {**asdict(self), "events_per_second": round(speed, 1)}


def replay(
    repos: Sequence[Path],
    out: Path,
    options: Options,
    *,
    jobs: int,
    told: Told | None = None,
    engine: Engine = Engine.LOCAL,
) -> Figures:
    """Replay repositories and write the dataset.

    Args:
        repos: git directories or work trees.
        out: the dataset's folder; must not exist.
        options: see there.
        jobs: how many processes, on this machine.
        told: is told how far it is, now and then.
        engine: where they are.

    Raises:
        DataError: a repository cannot be read, the folder is in the way, its parts are of another run, or nothing
            could be replayed.
    """
    refuse_in_the_way(out)
    histories = named(repos)
    repositories = {name: str(git.folder) for name, git in histories.items()}
    parts = parts_of(out.absolute())
    figures = Figures()
    begun = time.monotonic()
    workers = Workers(
        jobs, _write_part, (options, parts), options.diagnostics, options.tsserver, options.runs_with,
        engine,
    )  # fmt: skip
    with held(parts, {**asdict(options), "repositories": repositories}), workers, writing(out) as writer:
        figures.jobs = workers.jobs
        for name, git in histories.items():
            with git:
                history = History(git, name)
                before = figures.sums()
                whole = history.count()
                known = _known(parts, figures)
                for lot, part in workers.lots(git.folder, newest(history, options.limit), known):
                    for work, (record, tests) in zip(lot, _read_part(part), strict=True):
                        if record.sitting.trace.events:
                            writer.add(record, "train")
                            figures.add(record, len(work.commits), tests)
                    if told is not None:
                        told(Progress(name, history.read, whole, figures.events))
                made = {key: count - before[key] for key, count in figures.sums().items()}
                figures.repositories[name] = {**made, "history": whole, "skipped": dict(history.skipped)}
        if not figures.events:
            raise DataError("no commit of these repositories could be replayed: see what was skipped")
        figures.seconds = time.monotonic() - begun
        about = {
            "options": asdict(options),
            "repositories": repositories,
            "figures": figures.to_dict(),
        }
        (writer.folder / ABOUT_RUN).write_bytes(orjson.dumps(about, option=orjson.OPT_INDENT_2))
    _clear(parts)
    return figures


def named(repos: Sequence[Path]) -> dict[str, Git]:
    """Repositories by a name for each that is theirs alone."""
    found: dict[str, Git] = {}
    for repo in repos:
        git, name = open_history(repo)
        number = 2
        unique = name
        while unique in found:
            unique, number = f"{name}-{number}", number + 1
        found[unique] = git
    return found


def newest(history: History, limit: int | None) -> Iterator[SittingWork]:
    """The history's sittings, or only so many of the newest, oldest first."""
    if limit is None:
        return history.sittings()
    # Only where they begin is kept, so that memory does not grow with the limit; they are read once more.
    begins = deque((history.began for _ in history.sittings()), maxlen=limit)
    return History(history.git, history.name, history.head, begins[0] if begins else 0).sittings()


def _known(parts: Path, figures: Figures) -> Callable[[Lot], Path | None]:
    def known(lot: Lot) -> Path | None:
        part = _part(parts, lot)
        figures.resumed += part.exists()
        return part if part.exists() else None

    return known


def _clear(parts: Path) -> None:
    """Delete what the run has put there, and the folder if nothing else is in it."""
    with suppress(OSError):
        for path in parts.iterdir():
            if path.name in (RUN_FILE, LOCK_FILE) or _LOT_FILE.fullmatch(path.name):
                path.unlink()
        parts.rmdir()


def _ended(run: TerminalRun) -> str:
    return "stopped" if run.exit_code == STOPPED else "failed" if run.exit_code else "passed"


def _read_part(part: Path) -> Iterator[tuple[Record, str]]:
    with part.open("rb") as lines:
        for line in lines:
            told = orjson.loads(line)
            examples = tuple(rows.example_of(row) for row in told["examples"])
            yield Record(rows.sitting_of(told["sitting"], told["events"]), examples), told["tests"]


def _write_part(tools: Tools, lot: Lot, settings: tuple[Options, Path]) -> Path:
    """Replay a lot and write what it came to."""
    from proactive_training.gym.replay import Stage, labels_of

    options, parts = settings
    part = _part(parts, lot)
    temporary = part.with_suffix(f".{os.getpid()}")
    with temporary.open("wb") as file:
        for work in lot:
            stage = Stage.of(tools.git, work, tools.linter, options.seed, tools.runner)
            record = labels_of(stage, options.licence)
            told = {
                "sitting": rows.sitting_row(record.sitting),
                "events": list(rows.event_rows(record.sitting)),
                "examples": [rows.example_row(example) for example in record.examples],
                "tests": stage.tests,
            }
            file.write(orjson.dumps(told) + b"\n")
    temporary.replace(part)
    return part


def _part(parts: Path, lot: Lot) -> Path:
    digest = hashlib.blake2b(repr([(work.name, len(work.commits)) for work in lot]).encode(), digest_size=10)
    return parts / f"{digest.hexdigest()}.jsonl"


# --- with an agent under test --------------------------------------------------------------------------------


def evaluate(
    repos: Sequence[Path],
    options: Options,
    *,
    jobs: int,
    told: Told | None = None,
    worst_count: int = 0,
    baselines: bool = True,
    engine: Engine = Engine.LOCAL,
) -> tuple[dict[str, Any], list[tuple[Judged, Record]]]:
    """Replay repositories with the agent that ships; its figures, and its worst suggestions with their sittings.

    Raises:
        DataError: a repository cannot be read, or nothing could be replayed.
    """
    results: list[SittingResult] = []
    bad: list[tuple[Judged, Record]] = []
    events = 0
    trial = Trial(options.seed, baselines=baselines)
    workers = Workers(jobs, evaluate_lot, trial, options.diagnostics, options.tsserver, options.runs_with, engine)
    with workers:
        for name, git in named(repos).items():
            with git:
                history = History(git, name)
                whole = history.count()
                for _, done in workers.lots(git.folder, newest(history, options.limit)):
                    bad = worst([*bad, *judged_of(done)], worst_count)
                    results += [
                        evolve(result, record=None, judged=tuple(map(light, result.judged))) for result in done
                    ]
                    events += sum(result.events for result in done)
                    if told is not None:
                        told(Progress(name, history.read, whole, events))
    if not results:
        raise DataError("no commit of these repositories could be replayed")
    return report(results, options.seed), bad


def known_run(data: Path) -> tuple[list[Path], Options]:
    """The repositories and options of a dataset that was made by replay.

    Raises:
        DataError: it was not, or a repository is not there any more.
    """
    file = data / ABOUT_RUN
    try:
        about = orjson.loads(file.read_bytes())
        options = Options(**about["options"])
        repos = [Path(path) for path in about["repositories"].values()]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(f"{data} was not made by 'proactive bench replay'; give --repo instead") from error
    for repo in repos:
        if not repo.is_dir():
            raise DataError(f"{repo}, which {data} was made from, is not there; give --repo instead")
    return repos, options
