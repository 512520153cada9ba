"""Evaluations on disk: what was asked, event by event, and the figures; what ``proactive report`` reads.

::

    {"format": "proactive-evaluation", "version": 1, "evaluations": [
      {"task": "need", "name": "shipped gate", "exposure": "held_out", …, "figures": {…},
       "rows": [{"trace": "67ca…", "index": 4, "label": true, "speaks": false, "score": 0.21, …}]}]}

Every evaluation writes this form, be it of a gate, a language model, published answers, a judge or an agent, so
that one page can set them beside each other. The keys are the fields here; docs/evaluation.md describes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from enum import StrEnum
from errno import EISDIR
from pathlib import Path
from typing import Any

import orjson
from attrs import Attribute, Factory, field, frozen

from proactive_training.errors import DataError

FORMAT = "proactive-evaluation"
VERSION = 1
"""Of the keys; a reader refuses what is newer."""


class Task(StrEnum):
    """What was asked."""

    NEED = "need"  #: is help wanted at this event?
    REWARD = "reward"  #: would this task, or this silence, be accepted?
    AGENT = (
        "agent"  #: the paper's protocol: a task is right if the judge accepts it, a silence if no help is needed
    )


class Exposure(StrEnum):
    """What had been seen of the data before."""

    NONE = "none"  #: nothing was fitted to data of this kind: a model as published, a rule
    HELD_OUT = "held_out"  #: fitted to such data, each row by a fit that had not seen its trace
    SEEN = "seen"  #: fitted to these very rows: the figures are no measure of new data
    UNKNOWN = "unknown"  #: nobody knows


def _is_share(row: Row, attribute: Attribute[float | None], value: float | None) -> None:
    if value is not None and not 0 <= value <= 1:
        raise ValueError(f"a score is a probability from 0 to 1, not {value!r}; keep others in 'ranking'")


@frozen
class Row:
    """One thing that was asked, what the right answer is, and what was answered.

    ``speaks`` and ``label`` make the paper's four counts: both true is TP, only ``speaks`` FP, only ``label`` FN.
    """

    trace: str  #: the trace's name
    index: int  #: of the event in its trace, from zero
    label: bool  #: need: help was needed. reward: it was accepted. agent: as :class:`Task` says
    speaks: bool  #: need, agent: a task was proposed. reward: it was taken to be acceptable
    score: float | None = field(default=None, validator=_is_share)
    """Probability that ``label`` is true, 0 to 1; ``None``: there is none."""
    ranking: float | None = None  #: what ranks better than ``score``, such as log-odds before calibration
    domain: str = "other"  #: ``code``, ``writing``, …
    group: str = ""  #: what intervals draw together, such as a repository; empty: the trace
    time: datetime | None = None  #: of the event
    seconds: float | None = None  #: of work since the event before; breaks count as nothing
    votes: tuple[bool, ...] = ()  #: of each annotator, the same as ``label``, where they are known
    task: str | None = None  #: what was proposed, or is judged; ``None``: silence, or not kept
    category: str = ""  #: ProactiveBench's case, as the published files spell it, where it is known


@frozen
class Evaluation:
    """One thing that was measured on one set of data."""

    task: Task
    name: str  #: what was measured, for people: ``shipped gate``, ``SmolLM2-135M-Instruct``
    rows: tuple[Row, ...]
    figures: dict[
        str, Any
    ]  #: :func:`proactive_training.evaluation_figures.evaluation_figures`, and more where there is more
    exposure: Exposure = Exposure.UNKNOWN
    kind: str = ""  #: ``gate``, ``model``, ``predictions``, ``judge``, ``agent``, ``baseline``
    protocol: str = ""  #: in a few words, such as ``leave one trace out, threshold from the other traces``
    threshold: float | None = None  #: speaks at this score; ``None``: none, or not the same for all
    data: dict[str, Any] = field(
        factory=dict
    )  #: ``name``, ``fingerprint``, ``split``, counts of what was left out
    notes: tuple[str, ...] = ()  #: what could not be measured, and why: a sentence each
    problems: tuple[str, ...] = ()  #: lines of the data that were set aside, with file and line
    details: dict[str, Any] = field(factory=dict)  #: more that is worth keeping: model, seed, tokens, seconds
    command: str = ""  #: that does it again
    created: datetime = field(default=Factory(lambda: datetime.now(UTC)))


def write_evaluations(path: Path, evaluations: tuple[Evaluation, ...] | list[Evaluation]) -> None:
    """Write a file of one or more evaluations, whole or not at all.

    Raises:
        DataError: the place cannot be written to.
    """
    whole = {"format": FORMAT, "version": VERSION, "evaluations": [to_json(one) for one in evaluations]}
    temporary = _beside(path)
    with _said(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY) + b"\n")
        temporary.replace(path)


def check_writable(path: Path, option: str = "--out") -> None:
    """Look whether a file can be written, before the work that it is to hold; ``option`` is what names it.

    Nothing is left behind: folders that are missing are not made yet.

    Raises:
        DataError: it cannot.
    """
    with _said(path, option):
        if path.is_dir():
            raise IsADirectoryError(EISDIR, "it is a folder")
        place = next(folder for folder in path.absolute().parents if folder.exists())
        trial = place / _beside(path).name
        trial.touch()
        trial.unlink()


def _beside(path: Path) -> Path:
    """Where a file is written before it takes its place."""
    return path.with_name(f".{path.name}.part")


@contextmanager
def _said(path: Path, option: str = "--out") -> Iterator[None]:
    """Says why a file cannot be written."""
    try:
        yield
    except OSError as error:
        with suppress(OSError):
            _beside(path).unlink()
        raise DataError(f"{path} cannot be written: {error.strerror}; give another place with {option}") from error


def read_evaluations(path: Path) -> list[Evaluation]:
    """The evaluations of a file.

    Raises:
        DataError: it is missing, none of ours, of a newer version, or damaged.
    """
    try:
        whole = orjson.loads(path.read_bytes())
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {error.strerror}; make one with 'proactive evaluate … --out FILE'"
        ) from error
    except orjson.JSONDecodeError as error:
        raise DataError(
            f"{path} is no JSON: {error}; give files that 'proactive evaluate … --out' wrote"
        ) from error
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise DataError(f"{path} is no evaluation file; give files that 'proactive evaluate … --out' wrote")
    if not isinstance(whole.get("version"), int) or whole["version"] > VERSION:
        raise DataError(
            f"{path} has keys of version {whole.get('version')}, this program knows {VERSION}; "
            "update proactive-lsp"
        )
    try:
        return [from_json(one) for one in whole["evaluations"]]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{path} is damaged ({type(error).__name__}: {error}); write it anew") from error


def to_json(evaluation: Evaluation) -> dict[str, Any]:
    """An evaluation as plain values; what is unknown or empty in a row is left out."""
    return {
        "task": evaluation.task.value,
        "name": evaluation.name,
        "kind": evaluation.kind,
        "exposure": evaluation.exposure.value,
        "protocol": evaluation.protocol,
        "threshold": evaluation.threshold,
        "data": evaluation.data,
        "figures": evaluation.figures,
        "notes": list(evaluation.notes),
        "problems": list(evaluation.problems),
        "details": evaluation.details,
        "command": evaluation.command,
        "created": evaluation.created.isoformat(),
        "rows": [_row_json(row) for row in evaluation.rows],
    }


def from_json(value: dict[str, Any]) -> Evaluation:
    """The evaluation that :func:`to_json` made.

    Raises:
        KeyError, TypeError, ValueError: something is missing or of another type.
    """
    return Evaluation(
        task=Task(value["task"]),
        name=str(value["name"]),
        rows=tuple(_row_of(row) for row in value["rows"]),
        figures=dict(value["figures"]),
        exposure=Exposure(value["exposure"]),
        kind=str(value["kind"]),
        protocol=str(value["protocol"]),
        threshold=None if value["threshold"] is None else float(value["threshold"]),
        data=dict(value["data"]),
        notes=tuple(map(str, value["notes"])),
        problems=tuple(map(str, value["problems"])),
        details=dict(value["details"]),
        command=str(value["command"]),
        created=datetime.fromisoformat(value["created"]),
    )


def _row_json(row: Row) -> dict[str, Any]:
    every = {
        "trace": row.trace,
        "index": row.index,
        "label": row.label,
        "speaks": row.speaks,
        "score": row.score,
        "ranking": row.ranking,
        "domain": row.domain,
        "group": row.group or None,
        "time": row.time and row.time.isoformat(),
        "seconds": row.seconds,
        "votes": list(row.votes) or None,
        "task": row.task,
        "category": row.category or None,
    }
    return {key: value for key, value in every.items() if value is not None}


def _row_of(value: dict[str, Any]) -> Row:
    time = value.get("time")
    return Row(
        trace=str(value["trace"]),
        index=int(value["index"]),
        label=_truth(value["label"]),
        speaks=_truth(value["speaks"]),
        score=_number(value.get("score")),
        ranking=_number(value.get("ranking")),
        domain=str(value.get("domain", "other")),
        group=str(value.get("group", "")),
        time=None if time is None else datetime.fromisoformat(time),
        seconds=_number(value.get("seconds")),
        votes=tuple(_truth(vote) for vote in value.get("votes", ())),
        task=value.get("task"),
        category=str(value.get("category", "")),
    )


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is not true or false")
    return value


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
