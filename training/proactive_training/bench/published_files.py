"""Reads the published file forms by line and by item; what cannot be read is set aside with file and line.

``reward_data/*.jsonl``: one JSON object a line, with ``obs`` (the events so far, each ``time`` and ``event``),
``pred_task`` (a task, or null for silence), ``valid`` (whether that was right, by the majority), ``help_needed``,
``annotation`` (each annotator's vote on ``valid``) and ``category``. ``test_data/*.json`` and
``published_traces/MODEL/*.json``: an array of ``observation``, ``agent_response`` (``candidate_task``, or a list
of answers) and more.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from attrs import define, frozen

LONGEST_LINE = 64 * 2**20
"""How many bytes a line may have; a longer one is set aside without being read whole."""

_DAY_ONE = datetime(2024, 1, 1, tzinfo=UTC)  # where "Day 1" is put; only differences of such times mean anything
_DAY_TIME = re.compile(
    r"\s*(?:Day\s+(\d{1,4}),\s*)?(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d{1,6})?))?\s*([AP]M)?\s*", re.IGNORECASE
)
_ISO_START = re.compile(r"\s*\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", re.IGNORECASE)
_BOM = b"\xef\xbb\xbf"

Pair = tuple[str, str]
"""An event as published: its time's text and its sentence."""


@frozen
class Problem:
    """A line that was set aside."""

    file: str
    line: int  #: counted from one; 1 for a file that is unreadable as a whole
    reason: str
    text: str = ""  #: what stood there

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


def unreadable(file: str, error: OSError) -> Problem:
    """A file that the system does not give: a folder of its name, a dangling link, no permission."""
    return Problem(file, 1, f"cannot be read: {error.strerror or error}")


@frozen
class RewardRow:
    """A line of reward data."""

    file: str
    line: int
    events: tuple[Pair, ...]
    row: dict[str, Any]
    text: str  #: the line, without its end


@frozen
class TraceItem:
    """An item of a trace or of a model's answers."""

    line: int
    event: Pair
    item: dict[str, Any]


@define
class FileShape:
    """What a file looks like from outside."""

    sha256: str = ""
    bom: bool = False
    newline: str = "\n"  #: as its first line ends
    end: str = ""  #: what stands after its last line


def parse_time(text: str, after: datetime | None = None) -> datetime:
    """Read ``"Day 1, 11:00 PM"`` or unix seconds, as published, as UTC; or what others write in their place.

    That is a day-time by the 24-hour clock or without its day, which is then the first, both with seconds or
    without; ISO 8601 with date and time, of UTC where it names no zone; unix milliseconds, which are too many to
    be seconds.

    The published days do not always turn at midnight; a day-time that falls more than twelve hours behind
    ``after`` (the time of the event before) is taken to be on the next day.

    Raises:
        ValueError: it is none of them.
    """
    if match := _DAY_TIME.fullmatch(text):
        time = _DAY_ONE + timedelta(days=int(match[1] or 1) - 1) + _time_of_day(match)
        while after is not None and time < after - timedelta(hours=12):
            time += timedelta(days=1)
        return time
    try:
        if _ISO_START.match(text):
            time = datetime.fromisoformat(text.strip())
            return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
        seconds = float(text)
        return datetime.fromtimestamp(seconds / 1000 if abs(seconds) > _MOST_SECONDS else seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"{text!r} is no time that is read: {_TIMES}") from error


def _time_of_day(match: re.Match[str]) -> timedelta:
    hour, minute, second, half = int(match[2]), int(match[3]), float(match[4] or 0), (match[5] or "").upper()
    if minute > 59 or second >= 60 or not (1 <= hour <= 12 if half else hour <= 23):
        raise ValueError(f"{match[0]!r} is not a time of day")
    hour = hour % 12 + 12 * (half == "PM") if half else hour
    return timedelta(hours=hour, minutes=minute, seconds=second)


_MOST_SECONDS = datetime.max.replace(tzinfo=UTC).timestamp()
_TIMES = (
    "give 'Day 1, 11:00 PM', 'Day 1, 23:00', '23:00:30', ISO 8601 as in '2024-06-10T23:00:30Z', unix seconds or "
    "milliseconds"
)


def truth_of(value: Any) -> bool | None:
    """A truth, be it written as true and false or as 1 and 0; ``None`` if it is neither."""
    return bool(value) if isinstance(value, bool | int | float) and value in (0, 1) else None


def reward_rows(file: Path, name: str, problems: list[Problem], shape: FileShape) -> Iterator[RewardRow]:
    """The readable lines of a reward file; ``shape`` is filled in on the way.

    Raises:
        OSError: the file is not given.
    """
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        for number, (line, whole) in enumerate(_lines(stream, digest), 1):
            if number == 1:
                shape.bom = line.startswith(_BOM)
                line = line.removeprefix(_BOM)
                shape.newline = "\r\n" if line.endswith(b"\r\n") else "\n"
            shape.end = shape.newline if line.endswith(shape.newline.encode()) else ""
            body = line.removesuffix(b"\n")
            if shape.newline == "\r\n":
                body = body.removesuffix(b"\r")
            if not body.strip():
                continue
            try:
                if not whole:
                    raise ValueError(f"longer than {LONGEST_LINE // 2**20} MiB")
                row = _row(body)
                events = tuple(_pair(event) for event in row["obs"])
                yield RewardRow(name, number, events, row, body.decode())
            except ValueError as error:
                problems.append(Problem(name, number, str(error), body.decode(errors="backslashreplace")))
    shape.sha256 = digest.hexdigest()


def _lines(stream: Any, digest: Any) -> Iterator[tuple[bytes, bool]]:
    """Each line, cut at the longest there may be, and whether it was whole."""
    while line := stream.readline(LONGEST_LINE):
        digest.update(line)
        whole = len(line) < LONGEST_LINE or line.endswith(b"\n")
        if not whole:
            line = line[:1000]
            while rest := stream.readline(2**20):
                digest.update(rest)
                if rest.endswith(b"\n"):
                    break
        yield line, whole


def _row(line: bytes) -> dict[str, Any]:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(row, dict) or not isinstance(row.get("obs"), list) or not row["obs"]:
        raise ValueError("no list of events under 'obs'")
    if truth_of(row.get("help_needed")) is None:
        raise ValueError("'help_needed' is not true or false")
    return row


def _pair(event: Any) -> Pair:
    if not isinstance(event, dict) or not isinstance(event.get("event"), str) or "time" not in event:
        raise ValueError("an event without 'time' and 'event'")
    parse_time(str(event["time"]))
    return str(event["time"]), event["event"]


def trace_items(text: str, name: str, problems: list[Problem]) -> tuple[list[TraceItem], list[Any]]:
    """The readable items of a trace's JSON array, and all of them as they are.

    An array that breaks off gives the items before the break.
    """
    items: list[TraceItem] = []
    everything: list[Any] = []
    for line, value in _array(text, name, problems):
        everything.append(value)
        try:
            if not isinstance(value, dict):
                raise ValueError("not an object")
            items.append(TraceItem(line, _pair(value.get("observation")), value))
        except ValueError as error:
            problems.append(Problem(name, line, str(error), json.dumps(value)))
    return items, everything


def _array(text: str, name: str, problems: list[Problem]) -> Iterator[tuple[int, Any]]:
    decoder = json.JSONDecoder()
    blank = re.compile(r"[ \t\r\n]*")
    at, line, counted = _after(blank, text, 0), 1, 0
    if text[at : at + 1] != "[":
        problems.append(Problem(name, 1, "not a list of observations", text))
        return
    at = _after(blank, text, at + 1)
    if text[at : at + 1] == "]":
        return
    while True:
        line, counted = line + text.count("\n", counted, at), at
        try:
            value, end = decoder.raw_decode(text, at)
            orjson.dumps(value)  # what is no JSON by the standard (NaN, half a surrogate pair) is set aside
        except (ValueError, TypeError, RecursionError) as error:
            problems.append(Problem(name, line, f"not a list of observations: {error}", text[at:]))
            return
        yield line, value
        at = _after(blank, text, end)
        if text[at : at + 1] == ",":
            at = _after(blank, text, at + 1)
            continue
        if text[at : at + 1] != "]" or text[at + 1 :].strip():
            problems.append(Problem(name, line, "not a list of observations: it breaks off", text[at:]))
        return


def _after(blank: re.Pattern[str], text: str, at: int) -> int:
    match = blank.match(text, at)
    return match.end() if match else at
