"""Reads data in ProactiveBench's published layout: human-labelled traces, event by event.

``reward_data/*.jsonl`` holds one judged task a line: ``obs`` (the events so far, each ``time`` and ``event``),
``pred_task`` (a task, or null for silence), ``valid``, ``help_needed``, ``annotation`` (each annotator's
acceptance). ``test_data/*.json`` holds real traces: a list of ``observation`` and
``agent_response.candidate_task``.

A trace is known by its first event. An event needs help if ``help_needed`` says so in any line with the same first
event and the same number of events. Lines that cannot be read are set aside and reported with
file and line.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from attrs import Factory, define, frozen

from proactive_collectors.events import Event, Observed, Source
from proactive_collectors.trace import WINDOW_EVENTS, Trace, Window
from proactive_training.errors import DataError

_DAY_ONE = datetime(2024, 1, 1, tzinfo=UTC)  # where "Day 1" is put; only differences of such times mean anything
_DAY_TIME = re.compile(r"\s*Day\s+(\d{1,4}),\s*(\d{1,2}):(\d{2})\s*([AP]M)\s*", re.IGNORECASE)


@frozen
class Problem:
    """A line that was set aside."""

    file: str
    line: int  #: counted from one; 1 for a file that is unreadable as a whole
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


@frozen
class Label:
    """What the annotators said of one event."""

    need: bool  #: the published majority label
    silence_votes: tuple[bool, ...] = ()  #: of each annotator, whether silence was right, where silence was judged
    task_votes: tuple[bool, ...] = ()  #: of each annotator and proposed task, whether it was accepted


@frozen
class LabelledTrace:
    """A sitting, with a label for each event that has one."""

    trace: Trace
    labels: tuple[Label | None, ...]
    candidates: tuple[bool | None, ...]  #: whether the published candidate tasks name any; ``None`` if not known
    domain: str = "other"  #: ``code``, ``writing``, … by the name of its file under ``test_data``

    def window(self, index: int) -> Window:
        """What was known at event ``index``."""
        return Window(self.trace.events[max(0, index + 1 - WINDOW_EVENTS) : index + 1])

    @property
    def labelled(self) -> list[int]:
        """The events that have a label."""
        return [index for index, label in enumerate(self.labels) if label is not None]


@frozen
class Bench:
    """All that was read from a folder."""

    traces: tuple[LabelledTrace, ...]
    problems: tuple[Problem, ...]
    fingerprint: str  #: of the labelled events, whatever files they lie in

    def __len__(self) -> int:
        return sum(len(trace.labelled) for trace in self.traces)


_Pair = tuple[str, str]


@define
class _Draft:
    events: list[_Pair] = Factory(list)
    needs: dict[int, bool] = Factory(dict)
    silence: dict[int, list[bool]] = Factory(dict)
    tasks: dict[int, list[bool]] = Factory(dict)
    candidates: dict[int, bool] = Factory(dict)
    domain: str = "other"


def read(folder: Path) -> Bench:
    """Read every trace below ``folder`` (``reward_data/*.jsonl``, ``test_data/*.json``).

    Raises:
        DataError: there is nothing there that can be used.
    """
    files = sorted(folder.glob("reward_data/*.jsonl"))
    if not files:
        raise DataError(f"{folder} has no reward_data/*.jsonl; give a folder in ProactiveBench's published layout")
    problems: list[Problem] = []
    drafts: dict[_Pair, _Draft] = {}
    rows: list[tuple[str, int, list[_Pair], dict[str, Any]]] = []
    for file in files:
        name = file.relative_to(folder).as_posix()
        for number, line in enumerate(file.read_bytes().splitlines(), 1):
            if not line.strip():
                continue
            try:
                rows.append((name, number, *_row(line)))
            except ValueError as error:
                problems.append(Problem(name, number, str(error)))
    # The longest run of events of each trace comes first: the shorter ones are beginnings of it.
    for name, number, events, row in sorted(rows, key=lambda r: -len(r[2])):
        draft = drafts.setdefault(events[0], _Draft())
        if not draft.events:
            draft.events = events
        if draft.events[: len(events)] != events:
            problems.append(Problem(name, number, "its events do not agree with the trace that starts like it"))
            continue
        at = len(events) - 1
        draft.needs[at] = draft.needs.get(at, False) or row["help_needed"]
        votes = draft.silence if row.get("pred_task") is None else draft.tasks
        annotation = row.get("annotation")
        votes.setdefault(at, []).extend(v for v in annotation if isinstance(v, bool)) if isinstance(
            annotation, list
        ) else None
    for file in sorted(folder.glob("test_data/*.json")):
        _read_candidates(file, file.relative_to(folder).as_posix(), drafts, problems)
    traces = []
    for first, draft in sorted(drafts.items()):
        try:
            traces.append(_finish(draft))
        except ValueError as error:
            problems.append(Problem("reward_data", 1, f"trace {first[1][:60]!r}: {error}"))
    if not any(trace.labelled for trace in traces):
        first_problem = f"; the first problem: {problems[0]}" if problems else ""
        raise DataError(f"no labelled event could be read from {folder}{first_problem}")
    return Bench(tuple(traces), tuple(problems), _fingerprint(traces))


def parse_time(text: str, after: datetime | None = None) -> datetime:
    """Read ``"Day 1, 11:00 PM"`` or unix seconds as UTC.

    The published days do not always turn at midnight; a day-time that falls more than twelve hours behind
    ``after`` (the time of the event before) is taken to be on the next day.

    Raises:
        ValueError: it is neither.
    """
    if match := _DAY_TIME.fullmatch(text):
        day, hour, minute = int(match[1]), int(match[2]), int(match[3])
        if not 1 <= hour <= 12 or minute > 59:
            raise ValueError(f"{text!r} is not a time of day")
        hour = hour % 12 + (12 if match[4].upper() == "PM" else 0)
        time = _DAY_ONE + timedelta(days=day - 1, hours=hour, minutes=minute)
        while after is not None and time < after - timedelta(hours=12):
            time += timedelta(days=1)
        return time
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"{text!r} is neither 'Day 1, 11:00 PM' nor unix seconds") from error


def _row(line: bytes) -> tuple[list[_Pair], dict[str, Any]]:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(row, dict) or not isinstance(row.get("obs"), list) or not row["obs"]:
        raise ValueError("no list of events under 'obs'")
    if not isinstance(row.get("help_needed"), bool):
        raise ValueError("'help_needed' is not true or false")
    return [_pair(event) for event in row["obs"]], row


def _pair(event: Any) -> _Pair:
    if not isinstance(event, dict) or not isinstance(event.get("event"), str) or "time" not in event:
        raise ValueError("an event without 'time' and 'event'")
    parse_time(str(event["time"]))
    return str(event["time"]), event["event"]


def _read_candidates(file: Path, name: str, drafts: dict[_Pair, _Draft], problems: list[Problem]) -> None:
    try:
        items = orjson.loads(file.read_bytes())
        events = [_pair(item["observation"]) for item in items]
        given = [bool((item.get("agent_response") or {}).get("candidate_task")) for item in items]
        first = events[0]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        problems.append(Problem(name, 1, f"not a list of observations: {error}"))
        return
    draft = drafts.setdefault(first, _Draft())
    if draft.events[: len(events)] != events[: len(draft.events)]:
        problems.append(Problem(name, 1, "its events do not agree with the labelled trace that starts like it"))
        return
    if len(events) > len(draft.events):
        draft.events = events
    draft.candidates = dict(enumerate(given))
    draft.domain = re.split(r"[_\d]", file.stem, maxsplit=1)[0] or "other"


def _finish(draft: _Draft) -> LabelledTrace:
    events: list[Event] = []
    time: datetime | None = None
    for published, sentence in draft.events:
        time = parse_time(published, time)
        events.append(Event(time=time, source=Source.DATASET, data=Observed(sentence)))
    count = range(len(events))
    labels = tuple(
        Label(draft.needs[i], tuple(draft.silence.get(i, ())), tuple(draft.tasks.get(i, ())))
        if i in draft.needs
        else None
        for i in count
    )
    name = hashlib.blake2b("\0".join(draft.events[0]).encode(), digest_size=6).hexdigest()
    return LabelledTrace(
        Trace(name, tuple(events)), labels, tuple(draft.candidates.get(i) for i in count), draft.domain
    )


def _fingerprint(traces: list[LabelledTrace]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for trace in traces:
        for event, label in zip(trace.trace.events, trace.labels, strict=True):
            sentence = event.data.sentence if isinstance(event.data, Observed) else ""
            digest.update(f"{event.time.timestamp()}\t{sentence}\t{label and label.need}\n".encode())
    return digest.hexdigest()
