"""What a client may report in ``proactive/event``: its kinds, its limits, and the JSON Schema of both.

The schema is read off the event classes, so it cannot fall behind them. `conform` holds a value to it and is what
the server itself goes by; it forgives what editors do by accident (unknown keys, Lua's one empty table).
"""

from __future__ import annotations

import re
import types
import typing
from enum import Enum
from functools import cache
from typing import Any

import attrs

from proactive_collectors.errors import BadEventError
from proactive_collectors.events import (
    DebugStopped,
    DocumentFocused,
    Failure,
    GitCommitted,
    GitConflicted,
    GitSwitched,
    IdleBegan,
    IdleEnded,
    Payload,
    SelectionChanged,
    Severity,
    TaskRun,
    TerminalRun,
    WebSearched,
    WebVisited,
    Where,
    WindowFocused,
    json_name,
)
from proactive_collectors.text import Range

Schema = dict[str, Any]

DIAGNOSTICS = "diagnostics"
"""The kind of a full list of one document's diagnostics, which is no event of its own."""

CLIENT_KINDS: dict[str, type[Payload]] = {
    cls.kind: cls
    for cls in (
        DocumentFocused, SelectionChanged,
        TerminalRun, TaskRun, DebugStopped,
        GitCommitted, GitSwitched, GitConflicted,
        WebVisited, WebSearched, WindowFocused, IdleBegan, IdleEnded,
    )
}  # fmt: skip
"""The events that a client may report. The server sees documents and edits itself; suggestions are its own."""

MAX_STRING = 16_384
"""How many characters a string may have, other than a run's output and a diagnostic's message, which are cut."""

MAX_FAILURES = 200
MAX_PATHS = 1000
MAX_DIAGNOSTICS = 2000
"""How many diagnostics one document may have."""

MAX_SECONDS = 1e9
MAX_LINE = 2**31 - 1

MESSAGE_CHARACTERS = 2000
"""Of a diagnostic's message, so much is kept."""

_BOUNDS = {"exit_code": (-(2**31), 2**32 - 1), "line": (0, MAX_LINE), "column": (0, MAX_LINE)}
_ITEMS = {"failures": MAX_FAILURES, "paths": MAX_PATHS}
_REQUIRED = {
    TerminalRun: ["command"],
    TaskRun: ["name"],
    DebugStopped: ["reason"],
    WebVisited: ["url"],
    WebSearched: ["query"],
    Failure: ["message"],
}
_ABOUT_A_DOCUMENT = (DocumentFocused.kind, DIAGNOSTICS)
_CUT = {"output"}  # strings without a limit: what is too long is cut
# Written so that every reader of RFC 3339 and Python's agree.
_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def json_schema() -> Schema:
    """The JSON Schema (draft 2020-12) of the notification's parameters; ``format`` is meant to be asserted."""
    kinds = [*CLIENT_KINDS, DIAGNOSTICS]
    envelope = message_schema(None)
    envelope["properties"]["kind"] = {"enum": kinds, "description": "What happened."}
    cases = []
    for kind in kinds:
        whole = message_schema(kind)
        then: Schema = {"properties": {"data": whole["properties"]["data"]}}
        if required := whole["properties"]["where"].get("required"):
            then["properties"]["where"] = {"required": required}
        if len(whole["required"]) > 1:
            then["required"] = whole["required"][1:]
        cases.append({"if": {"properties": {"kind": {"const": kind}}}, "then": then})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "proactive/event",
        "description": "The parameters of the notification by which an editor reports what LSP does not carry.",
        **envelope,
        "allOf": cases,
    }


@cache
def message_schema(kind: str | None) -> Schema:
    """The schema of the messages of one kind (shared; do not change it), or of what all have in common."""
    where = _object(Where)
    where["description"] = "What it is about, as narrowly as is known."
    required = ["kind"]
    if kind in _ABOUT_A_DOCUMENT:
        where["required"] = ["uri"]
        required.append("where")
    data: Schema = {"type": "object"}
    if kind == DIAGNOSTICS:
        data = _closed({"items": _array(_diagnostic(), MAX_DIAGNOSTICS)}, ["items"])
    elif kind is not None:
        data = _object(CLIENT_KINDS[kind])
    if "required" in data:
        required.append("data")
    time = {"type": "string", "format": "date-time", "pattern": _TIME, "description": "When; now, if left out."}
    return _closed({"time": time, "kind": {"type": "string"}, "where": where, "data": data}, required)


def _object(cls: type[Any]) -> Schema:
    hints = typing.get_type_hints(cls)
    properties = {json_name(field): _value(field.name, hints[field.name]) for field in attrs.fields(cls)}
    return _closed(properties, _REQUIRED.get(cls, []))


def _diagnostic() -> Schema:
    severity = {**_value("severity", Severity), "description": "``error`` if left out."}
    properties = {
        "range": _value("range", Range),
        "message": {"type": "string", "description": f"Cut after {MESSAGE_CHARACTERS} characters."},
        "severity": severity,
        "code": {"type": ["string", "integer", "null"], "maxLength": MAX_STRING},
        "tool": _value("tool", str | None),
    }
    return _closed(properties, ["range", "message"])


def _value(name: str, hint: Any) -> Schema:
    arguments = typing.get_args(hint)
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        [inner] = [argument for argument in arguments if argument is not type(None)]
        schema = _value(name, inner)
        return {**schema, "type": [schema["type"], "null"]}
    if typing.get_origin(hint) is tuple:
        return _array(_value(name, arguments[0]), _ITEMS[name])
    if hint is Range:
        number = {"type": "integer", "minimum": 0, "maximum": MAX_LINE}
        about = "Start line, start character, end line, end character; zero-based, in UTF-16 code units."
        return {"type": "array", "items": number, "minItems": 4, "maxItems": 4, "description": about}
    if hint is str:
        return {"type": "string"} if name in _CUT else {"type": "string", "maxLength": MAX_STRING}
    if hint is bool:
        return {"type": "boolean"}
    if hint is int:
        low, high = _BOUNDS[name]
        return {"type": "integer", "minimum": low, "maximum": high}
    if hint is float:
        return {"type": "number", "minimum": 0, "maximum": MAX_SECONDS}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"enum": [member.value for member in hint]}
    return _object(hint)


def _array(items: Schema, most: int) -> Schema:
    return {"type": "array", "items": items, "maxItems": most}


def _closed(properties: Schema, required: list[str]) -> Schema:
    closed: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**closed, "required": list(required)} if required else closed


# --- holding a value to it ---------------------------------------------------------------------------------


def conform(value: Any, schema: Schema, at: str = "the message") -> Any:
    """The value as the schema has it, without keys it does not know and without control characters.

    Understands the part of JSON Schema that `message_schema` uses.

    Raises:
        BadEventError: it cannot be brought to that; the message names the place.
    """
    if "enum" in schema:
        if not isinstance(value, str) or value not in schema["enum"]:
            raise BadEventError(f"{at} is none of {', '.join(schema['enum'])}")
        return value
    kinds = schema["type"]
    if not (_is(value, kinds) if isinstance(kinds, str) else any(_is(value, kind) for kind in kinds)):
        if value == [] and kinds == "object":  # Lua has one empty table for both
            value = {}
        elif value == {} and "array" in kinds:
            value = []
        else:
            raise BadEventError(f"{at} is not of type {kinds if isinstance(kinds, str) else ' or '.join(kinds)}")
    if isinstance(value, str):
        return _string(value, schema, at)
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema["maxItems"]:
            raise BadEventError(f"{at} has {len(value)} items; there may be {schema['maxItems']}")
        return _list(value, schema["items"], at)
    if isinstance(value, dict):
        for key in schema.get("required", ()):
            if key not in value:
                raise BadEventError(f"{at} has no {key}")
        known = schema.get("properties", {})
        return {key: conform(inner, known[key], key) for key, inner in value.items() if key in known}
    if value is not None and not isinstance(value, bool):
        low, high = schema.get("minimum", value), schema.get("maximum", value)
        if not low <= value <= high:
            raise BadEventError(f"{at} is {value}; it may be {low} to {high}")
    return value


def _list(values: list[Any], schema: Schema, at: str) -> list[Any]:
    conformed: list[Any] = []
    try:
        for value in values:
            conformed.append(conform(value, schema, "it"))
    except BadEventError as error:
        raise BadEventError(f"{at}[{len(conformed)}]: {error}") from error
    return conformed


def _string(value: str, schema: Schema, at: str) -> str:
    most = schema.get("maxLength")
    if most is None:
        return value  # cut and cleaned by whoever reads it
    if len(value) > most:
        raise BadEventError(f"{at} is {len(value)} characters long; it may be {most}")
    return value if value.isprintable() else _CONTROL.sub("", value)


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):  # which Python counts as an integer
        return kind == "boolean"
    return isinstance(value, _PYTHON_TYPES[kind])


_PYTHON_TYPES: dict[str, type[Any] | tuple[type[Any], ...]] = {
    "null": type(None),
    "boolean": bool,
    "string": str,
    "integer": int,
    "number": (int, float),
    "array": list,
    "object": dict,
}
