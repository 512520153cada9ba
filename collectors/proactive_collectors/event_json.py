"""The JSON form of an event: one object, or one line of it.

For example::

    {"time": "2026-01-31T09:30:00.000000Z", "source": "exec", "kind": "terminal.run",
     "where": {"workspace": "file:///home/me/app"}, "data": {"command": "pytest -q", "exit_code": 1, ...}}

Fields that hold their default are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import cattrs
import orjson
from attrs import fields
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from proactive_collectors.errors import BadEventError
from proactive_collectors.events import (
    PAYLOADS,
    Event,
    Manner,
    Severity,
    SnoozeScope,
    Source,
    TaskKind,
    TaskRun,
    Where,
    json_name,
)
from proactive_collectors.text import Position, Range

_T = TypeVar("_T")


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(omit_if_default=True, forbid_extra_keys=False, detailed_validation=False)
    # A position is two numbers and a range four: bursts are many and their JSON is kept for long.
    converter.register_unstructure_hook(Position, lambda p: [p.line, p.character])
    converter.register_structure_hook(Position, lambda v, _: Position(_count(v[0]), _count(v[1])))
    converter.register_unstructure_hook(
        Range, lambda r: [r.start.line, r.start.character, r.end.line, r.end.character]
    )
    converter.register_structure_hook(Range, _structure_range)
    for primitive in (str, int, float, bool):
        converter.register_structure_hook(primitive, _strictly(primitive))
    for enumeration in (
        Severity,
        Manner,
        SnoozeScope,
        TaskKind,
    ):  # being strings, they would else pass as plain ones
        converter.register_structure_hook(enumeration, lambda value, cls: cls(value))
    renamed = override(rename=json_name(fields(TaskRun).task_kind))
    converter.register_structure_hook(TaskRun, make_dict_structure_fn(TaskRun, converter, task_kind=renamed))
    converter.register_unstructure_hook(
        TaskRun,
        make_dict_unstructure_fn(TaskRun, converter, _cattrs_omit_if_default=True, task_kind=renamed),
    )
    return converter


def _structure_range(value: Any, _: Any) -> Range:
    if not isinstance(value, list | tuple) or len(value) != 4:
        raise BadEventError("a range is [start line, start character, end line, end character]")
    range_ = Range.of(*(_count(number) for number in value))
    if range_.end < range_.start:
        raise BadEventError("a range ends before it starts")
    return range_


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise BadEventError(f"{value!r} is not a line or character number")
    return value


def _strictly(primitive: type[_T]) -> Callable[[Any, Any], _T]:
    def structure(value: Any, _: Any) -> _T:
        if primitive is float and isinstance(value, int) and not isinstance(value, bool):
            return primitive(value)  # type: ignore[call-arg]  # float(int)
        if type(value) is not primitive:
            raise BadEventError(f"{value!r} is not of type {primitive.__name__}")
        return value

    return structure


_CONVERTER = _converter()


def to_dict(event: Event) -> dict[str, Any]:
    """The event as plain JSON-ready values (see the module's head for the form)."""
    plain: dict[str, Any] = {
        "time": event.time.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z",
        "source": event.source.value,
        "kind": event.data.kind,
    }
    if where := _CONVERTER.unstructure(event.where):
        plain["where"] = where
    if data := _CONVERTER.unstructure(event.data):
        plain["data"] = data
    return plain


def from_dict(plain: Any) -> Event:
    """Read an event from plain values; keys it does not know are passed over.

    Raises:
        BadEventError: not an event: the message names the field.
    """
    if not isinstance(plain, dict):
        raise BadEventError("an event is an object")
    kind = plain.get("kind")
    cls = PAYLOADS.get(kind) if isinstance(kind, str) else None
    if cls is None:
        raise BadEventError(f"unknown kind {kind!r}")
    try:
        time = datetime.fromisoformat(plain["time"])
        source = Source(plain.get("source", Source.CLIENT))
        where = _CONVERTER.structure(_object(plain, "where"), Where)
        data = _CONVERTER.structure(_object(plain, "data"), cls)
        return Event(time=time, source=source, where=where, data=data)
    except BadEventError as error:
        raise BadEventError(f"{kind}: {error}") from error
    except Exception as error:  # cattrs raises whatever a malformed value provokes, by design of its fast path
        raise BadEventError(f"{kind}: {type(error).__name__}: {error}") from error


def _object(plain: dict[str, Any], key: str) -> dict[str, Any]:
    value = plain.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadEventError(f"{key!r} is not an object")
    return value


def to_json(event: Event) -> bytes:
    """The event as one line of JSON; half of a surrogate pair, which JSON cannot hold, becomes U+FFFD."""
    plain = to_dict(event)
    try:
        return orjson.dumps(plain)
    except TypeError:
        return orjson.dumps(_whole(plain))


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {key: _whole(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(inner) for inner in value]
    return value


def from_json(line: bytes | str) -> Event:
    """Read an event from its JSON.

    Raises:
        BadEventError: not JSON, or not an event.
    """
    try:
        plain = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BadEventError(f"not JSON: {error}") from error
    return from_dict(plain)
