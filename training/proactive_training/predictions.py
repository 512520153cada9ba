"""Brings answers that models gave on traces to the labelled events, by time and text.

A model's folder holds a JSON file for each trace: an array of objects with ``observation`` (``time``, ``event``),
``agent_response`` (a list of tasks; empty, null, ``[null]`` and the word ``null`` are silence) and, where there is
one, ``score`` (the probability of speaking). Such files reword, merge and drop events; see
:mod:`proactive_training.bench.align`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import Factory, define, frozen

from proactive_training.bench.align import Told, align
from proactive_training.bench.folders import name_of
from proactive_training.bench.published import ANSWERS
from proactive_training.bench.published_files import Problem, TraceItem, parse_time, trace_items, unreadable
from proactive_training.bench.published_forms import response_problem, tasks_of, text_of
from proactive_training.errors import DataError
from proactive_training.proactivebench import Bench, LabelledTrace

EXACT, SAME_TIME, BETWEEN = "exact", "same_time", "between"
"""How an answer's event was found: time and text are equal; the time is, the text is told anew; neither, so that
it stands for events between two that were found."""

_SILENCE = frozenset({"null", "none", "n/a"})
_ORDER = (EXACT, SAME_TIME, BETWEEN)


@frozen
class Answer:
    """What a model answered at an event."""

    task: str | None  #: the first task; ``None``: silence
    found: str  #: how its event was found
    score: float | None = None  #: probability of speaking, where the file gives one


@define
class Predictions:
    """A model's answers on a bench."""

    model: str
    answers: dict[tuple[str, int], Answer] = Factory(dict)  #: by trace and event
    left_over: int = 0  #: answers whose event has no label, or another answer that was told in its own words
    strangers: list[str] = Factory(list)  #: files that tell of none of the traces
    problems: list[Problem] = Factory(list)

    def matched(self) -> dict[str, int]:
        """How many answers were found in which way."""
        counts = Counter(answer.found for answer in self.answers.values())
        return {name: counts[name] for name in _ORDER}


@frozen
class _Akin:
    """A file that tells of a labelled trace."""

    file: str
    trace: str  #: the one that it shares most with
    kinship: tuple[int, int]
    items: list[TraceItem]
    retold: list[Told]


def model_folders(folder: Path) -> list[Path]:
    """One folder for each model: the folder itself, or those in it that hold JSON files.

    JSON files beside such folders make a model of the whole only if one of them holds observations.

    Raises:
        DataError: there is none.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} {'is no folder' if folder.exists() else 'does not exist'}; {_WANTED}")
    below: list[Path] = []
    for place in (folder / ANSWERS, folder):
        below = below or sorted({file.parent for file in place.glob("*/*.json")} - {folder / "test_data"})
    files = sorted(folder.glob("*.json"))
    if files and not (below and not any(_items(file, file.name, []) for file in files)):
        return [folder]
    if not below:
        raise DataError(f"{folder} has no JSON files, nor folders with some; {_WANTED}")
    return below


_WANTED = "give a model's folder of published answers, a JSON file for each trace, or a folder of such folders"


_FILE = "a trace's file is a JSON array of objects with 'observation' and 'agent_response'"


def read_predictions(folder: Path, bench: Bench) -> Predictions:
    """The answers of a model's folder at the labelled events of a bench.

    Raises:
        DataError: no answer belongs to a labelled event.
    """
    found = Predictions(name_of(folder))
    traces = {trace.trace.name: trace for trace in bench.traces}
    told = {name: _told_trace(trace) for name, trace in traces.items()}
    akin: list[_Akin] = []
    for file in sorted(folder.glob("*.json")):
        name = f"{found.model}/{name_of(file)}"
        if (items := _items(file, name, found.problems)) is None:
            continue
        retold = _retold(items)
        kin = max(told, key=lambda trace: _kinship(told[trace], retold))
        kinship = _kinship(told[kin], retold)
        if kinship[0]:
            akin.append(_Akin(name, kin, kinship, items, retold))
        else:
            found.strangers.append(name)
    taken: dict[str, str] = {}
    for one in sorted(akin, key=lambda one: one.kinship, reverse=True):
        if one.trace in taken:
            why = f"{taken[one.trace]} answers the same trace and agrees with it no less; this file is left out"
            found.problems.append(Problem(one.file, 1, why))
        else:
            taken[one.trace] = one.file
            _take(found, traces[one.trace], told[one.trace], one)
    if not found.answers:
        raise DataError(f"no answer in {found.model} belongs to a labelled event; {_cause(found)}")
    return found


def _items(file: Path, name: str, problems: list[Problem]) -> list[TraceItem] | None:
    """The observations of a file; ``None`` if it can be read in no part."""
    before = len(problems)
    try:
        items, _ = trace_items(file.read_text("utf-8-sig"), name, problems)
    except OSError as error:
        problems.append(unreadable(name, error))
        return None
    except UnicodeDecodeError as error:
        problems.append(Problem(name, 1, f"cannot be read: {error}"))
        return None
    return items if items or len(problems) == before else None


def _cause(found: Predictions) -> str:
    """Why nothing was found, and what to do."""
    if found.problems and not found.strangers:
        return f"the first problem: {found.problems[0]}; {_FILE}"
    return "answers and labels must tell of the same traces, by time and text"


def _take(found: Predictions, trace: LabelledTrace, told: list[Told], file: _Akin) -> None:
    """Add the answers of one file."""
    here: dict[int, list[Answer]] = {}
    unread: dict[str, list[int]] = {}
    for item, one, match in zip(file.items, file.retold, align(told, file.retold), strict=True):
        if why := response_problem(item.item):
            unread.setdefault(f"{why}; the answer is left out", []).append(item.line)
            continue
        score = _score(item.item)
        if score is None and item.item.get("score") is not None:
            unread.setdefault("'score' is no number from 0 to 1; the answer has none", []).append(item.line)
        how = EXACT if match.exact else SAME_TIME if one.time == told[match.index].time else BETWEEN
        here.setdefault(match.index, []).append(Answer(_spoken(item.item), how, score))
    for why, (line, *more) in unread.items():
        found.problems.append(Problem(file.file, line, f"{why}{f'; {len(more)} more like it' if more else ''}"))
    for index, answers in here.items():
        if trace.labels[index] is None:
            found.left_over += len(answers)
            continue
        # Of several answers at one event, the best found ones count, and among those one that speaks.
        best = min(answers, key=lambda a: (_ORDER.index(a.found), a.task is None))
        found.answers[trace.trace.name, index] = best
        found.left_over += len(answers) - 1


def _told_trace(trace: LabelledTrace) -> list[Told]:
    return [Told(event.time, text_of(event)) for event in trace.trace.events]


def _retold(items: Sequence[TraceItem]) -> list[Told]:
    told: list[Told] = []
    for item in items:
        told.append(Told(parse_time(item.event[0], told[-1].time if told else None), item.event[1]))
    return told


def _kinship(trace: list[Told], retold: list[Told]) -> tuple[int, int]:
    """How many events two tellings share by time and text, and by time alone."""
    times = Counter(event.time for event in trace) & Counter(event.time for event in retold)
    return (Counter(trace) & Counter(retold)).total(), times.total()


def _spoken(item: dict[str, Any]) -> str | None:
    tasks = [task.strip() for task in tasks_of(item)]
    return next((task for task in tasks if task.lower().strip("\"'. ") not in _SILENCE), None)


def _score(item: dict[str, Any]) -> float | None:
    score = item.get("score")
    if isinstance(score, str):
        try:
            score = float(score)
        except ValueError:
            return None
    if isinstance(score, int | float) and not isinstance(score, bool) and 0 <= score <= 1:
        return float(score)
    return None
