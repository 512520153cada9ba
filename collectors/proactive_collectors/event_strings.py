"""Changes the strings in a value of an event, and leaves everything else as it is."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import attrs

from proactive_collectors.text import Position, Range


def map_strings(value: Any, change: Callable[[str, str], str], name: str = "") -> Any:
    """A value of an event with every string of it changed; the very same object where nothing was.

    Walks attrs values, tuples and strings; enumerations, positions and ranges stay. ``change`` gets a string and
    the name of the field in which it stands, ``name`` where it is in none.
    """
    if type(value) is str:  # not an enumeration's member
        changed = change(value, name)
        return value if changed == value else changed
    if isinstance(value, tuple):
        items = tuple(map_strings(item, change, name) for item in value)
        return value if all(map(operator.is_, items, value)) else items
    if isinstance(value, Position | Range) or not attrs.has(type(value)):
        return value
    changes = {}
    for field in attrs.fields(type(value)):
        old = getattr(value, field.name)
        if (new := map_strings(old, change, field.name)) is not old:
            changes[field.name] = new
    return attrs.evolve(value, **changes) if changes else value
