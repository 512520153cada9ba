"""The notification ``proactive/event``: how an editor reports what the Language Server Protocol does not carry.

Its parameters are one event in the JSON form of `proactive_collectors.event_json`, with these differences:

- ``time`` may be left out, and ``source`` is always `Source.CLIENT`, whatever is sent;
- only the kinds of `proactive_collectors.client_schema.CLIENT_KINDS` may be reported;
- positions are in UTF-16 code units, as editors count;
- a run's ``output`` is what the terminal received, escape sequences and all: `parse` makes plain text of it,
  keeps the end, and reads the failures out of it unless some are given;
- the kind ``diagnostics`` is the full list of what all servers and linters say of one document, and becomes a
  `DiagnosticsReport`.

Whatever a client sends, `parse` raises `BadEventError` or returns; what it returns is bounded in size.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs

from proactive_collectors.client_schema import (
    CLIENT_KINDS,
    DIAGNOSTICS,
    MESSAGE_CHARACTERS,
    conform,
    json_schema,
    message_schema,
)
from proactive_collectors.errors import BadEventError
from proactive_collectors.event_json import from_dict
from proactive_collectors.events import Event, Severity, Source, TaskRun, TerminalRun
from proactive_collectors.text import Range
from proactive_collectors.uris import canonical

if TYPE_CHECKING:
    from proactive_collectors.diagnostics import Item

__all__ = ["METHOD", "DiagnosticsReport", "json_schema", "parse", "to_plain"]

METHOD = "proactive/event"

AHEAD = timedelta(minutes=1)
"""A client's clock may be this far ahead of ours; beyond, the time of arrival counts."""

BEHIND = timedelta(days=1)
"""Events may arrive this late; beyond, the time of arrival counts."""

MAX_OUTPUT = 200_000
"""Of a run's output, so many characters are looked at, from its end; an event keeps fewer still."""

MAX_VALUES = 60_000
"""How many values a message may consist of."""

MAX_DEPTH = 12
"""How deep they may be nested."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

ToCodePoints = Callable[[str, Range], Range]
"""Turns a range from UTF-16 code units to code points, given the (canonical) URI of its document."""


@attrs.frozen
class DiagnosticsReport:
    """All diagnostics that one document has now, of every server and linter."""

    uri: str
    items: tuple[Item, ...] = ()


def parse(
    params: Any, *, received: datetime, to_code_points: ToCodePoints | None = None
) -> Event | DiagnosticsReport:
    """Read the notification's parameters, as plain values or as the objects that pygls makes of them.

    Args:
        params: whatever the client has sent.
        received: the present time, with a time zone.
        to_code_points: applied to every range; without it they stay as sent. Must not raise.

    Raises:
        BadEventError: it is not a known event, or too large. One sentence says what is wrong with it.
    """
    plain = to_plain(params)
    if not isinstance(plain, dict):
        raise BadEventError("an event is an object")
    kind = plain.get("kind")
    if not isinstance(kind, str) or (kind not in CLIENT_KINDS and kind != DIAGNOSTICS):
        raise BadEventError(f"a client does not report {kind!r:.100}")
    try:
        message = conform(plain, message_schema(kind))
        time = _time(message.get("time"), received)
    except BadEventError as error:
        raise BadEventError(f"{kind}: {error}") from error
    where, data = message.get("where", {}), message.get("data", {})
    for key in ("uri", "workspace"):
        if where.get(key):
            where[key] = canonical(where[key])
    uri = where.get("uri") or ""
    if kind == DIAGNOSTICS:
        return _report(uri, data["items"], to_code_points)
    if where.get("range"):
        where["range"] = _numbers(_range(where["range"], uri, to_code_points))
    if CLIENT_KINDS[kind] in (TerminalRun, TaskRun):
        _read_output(data)
    return from_dict(
        {"time": time.isoformat(), "source": Source.CLIENT, "kind": kind, "where": where, "data": data}
    )


def to_plain(value: Any) -> Any:
    """Plain values of what pygls hands over for a method it does not know: objects as named tuples, at any depth.

    Whole floats become integers (a client may have no others), lone surrogates the replacement character (an
    editor may cut a string in the middle of a pair).

    Raises:
        BadEventError: too large, too deep, or not of JSON's types.
    """
    left = [MAX_VALUES]

    def walk(value: Any, depth: int) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise BadEventError(f"a message of more than {MAX_VALUES} values")
        if depth > MAX_DEPTH:
            raise BadEventError(f"a message nested deeper than {MAX_DEPTH} levels")
        if isinstance(value, str):
            return value if value.isascii() else _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            return _number(value)
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            value = dict(zip(value._fields, value, strict=True))
        elif isinstance(value, list | tuple):
            return [walk(inner, depth + 1) for inner in value]
        elif attrs.has(type(value)):
            value = attrs.asdict(value, recurse=False)
        if isinstance(value, Mapping):
            if not all(isinstance(key, str) for key in value):
                raise BadEventError("an object's keys are strings")
            return {key: walk(inner, depth + 1) for key, inner in value.items()}
        raise BadEventError(f"{type(value).__name__} is no JSON type")

    return walk(value, 0)


def _number(value: float) -> float:
    if value != value or abs(value) >= 2**53:
        raise BadEventError("a number that cannot be kept exactly")
    return int(value) if value == int(value) else value


def _time(sent: str | None, received: datetime) -> datetime:
    if sent is None:
        return received
    try:
        local = datetime.fromisoformat(sent)
        time = local.astimezone(UTC)
    except (ValueError, OverflowError):
        local = None
    if local is None or local.tzinfo is None:
        raise BadEventError(f"{sent!r:.60} is no time; give one like 2026-01-31T09:30:00.5Z")
    return time if received - BEHIND <= time <= received + AHEAD else received


def _range(numbers: list[int], uri: str, to_code_points: ToCodePoints | None) -> Range:
    range_ = Range.of(*numbers)
    if range_.end < range_.start:  # a selection made backwards
        range_ = Range(range_.end, range_.start)
    return to_code_points(uri, range_) if to_code_points and uri else range_


def _numbers(range_: Range) -> list[int]:
    return [range_.start.line, range_.start.character, range_.end.line, range_.end.character]


def _read_output(data: dict[str, Any]) -> None:
    """Plain text in place of a run's raw output, and the failures in it."""
    from proactive_collectors.failures import parse_failures
    from proactive_collectors.terminal_text import plain, tail

    text = plain(data.get("output", "")[-MAX_OUTPUT:])
    data["output"] = tail(text)
    if not data.get("failures") and data.get("exit_code") != 0:
        failures = parse_failures(text, data.get("command") or data.get("name") or "")
        data["failures"] = [attrs.asdict(failure) for failure in failures]


def _report(uri: str, plain: list[dict[str, Any]], to_code_points: ToCodePoints | None) -> DiagnosticsReport:
    from proactive_collectors.diagnostics import Item

    items = []
    for item in plain:
        code = item.get("code")
        items.append(
            Item(
                range=_range(item["range"], uri, to_code_points),
                message=_CONTROL.sub("", item["message"][:MESSAGE_CHARACTERS]),
                severity=Severity(item.get("severity", Severity.ERROR)),
                code=None if code is None else str(code),
                tool=item.get("tool"),
            )
        )
    return DiagnosticsReport(uri, tuple(items))
