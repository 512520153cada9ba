"""How settings' values are read from JSON or TOML, and how those of a project and of a user are put together.

Nothing here raises for a wrong value: the default stands in for it and a `Problem` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from attrs import Attribute, evolve, fields, frozen

from proactive_collectors.project_file import PROJECT_FILE
from proactive_server.settings import (
    ATTRIBUTES,
    LOCKED,
    Entry,
    Settings,
    Stricter,
    camel,
    entries,
    shown,
)

Values = dict[str, Any]
"""Checked values by dotted key; what was not said is not in it."""


@frozen
class Problem:
    """A value that could not be used, or a name that nothing knows."""

    key: str  #: dotted: ``journal.retentionDays``
    message: str  #: a whole sentence for the user


def check(plain: Any, origin: str) -> tuple[Values, list[Problem]]:
    """Sift nested JSON or TOML values into those that can be used and what is wrong with the others.

    ``origin`` says in messages where they come from: ``.proactive.toml``.
    """
    if plain == []:  # what an empty table of Lua becomes
        plain = {}
    if not isinstance(plain, Mapping):
        what = origin[:1].upper() + origin[1:]
        return {}, [Problem("", f"{what} must be an object; all settings keep their defaults.")]
    table = {entry.key: entry for entry in entries()}
    sections = {key.rsplit(".", count)[0] for key in table for count in range(1, key.count(".") + 1)}
    values: Values = {}
    problems: list[Problem] = []
    for key, value in _flat(plain, sections):
        if key in table:
            try:
                values[key] = _checked(ATTRIBUTES[key], value)
            except ValueError:
                problems.append(_wrong(table[key], value, origin))
        elif key in sections:
            problems.append(Problem(key, f"'{key}' in {origin} is a group of settings and needs an object."))
        else:
            problems.append(_unknown(key, [*table, *sections], origin))
    return values, problems


def merge(project: Values, user: Values, locked: Iterable[str] = ()) -> Settings:
    """Put together what the project file and the user say.

    The user's own word counts before the project's, and the project's before the default, except that

    * in what bears on privacy a project file can only be stricter than the default, never looser, and lists of
      exclusions add up,
    * what the project locks, a whole section by its name, the user can only make stricter; where strictness has
      no meaning the project's value stands.
    """
    table = {entry.key: entry for entry in entries()}
    locks = tuple(locked)
    chosen: Values = {}
    for key, entry in table.items():
        ours, theirs = user.get(key), project.get(key)
        if entry.stricter is Stricter.USER:
            theirs = None
        elif theirs is not None and entry.stricter is not None:
            theirs = _strictest(entry.stricter, theirs, entry.default)
        if theirs is None:
            value = ours
        elif ours is None:
            value = theirs
        elif entry.stricter is Stricter.UNION or (entry.stricter and _is_locked(key, locks)):
            value = _strictest(entry.stricter, theirs, ours)
        else:
            value = theirs if _is_locked(key, locks) else ours
        if value is not None:
            chosen[key] = value
    settings: Settings = _build(Settings(), chosen)
    return settings


def join(one: Values, other: Values) -> Values:
    """What two project files say together: the strictest in what bears on privacy, else the first one's word."""
    joined = {**other, **one}
    for key in one.keys() & other.keys():
        rule = ATTRIBUTES[key].metadata["stricter"]
        if rule is not None:
            joined[key] = _strictest(rule, other[key], one[key])
    return joined


def strictest() -> tuple[Values, tuple[str, ...]]:
    """The most private values, and the locks on them: for a project whose policy is not known."""
    keys = tuple(key for key, one in ATTRIBUTES.items() if one.metadata["stricter"] is Stricter.OFF)
    return dict.fromkeys(keys, False), keys


def check_locks(plain: Any) -> tuple[tuple[str, ...], list[Problem]]:
    """Read the project file's list of locked settings or sections."""
    if plain is None:
        return (), []
    if not isinstance(plain, list) or not all(isinstance(item, str) for item in plain):
        return (), [Problem(LOCKED, f"'{LOCKED}' in {PROJECT_FILE} must be a list of setting names.")]
    keys = [entry.key for entry in entries()]
    names = {*keys, *(key.rsplit(".", count)[0] for key in keys for count in range(1, key.count(".") + 1))}
    return (
        tuple(item for item in plain if item in names),
        [
            _unknown(item, list(names), f"the list '{LOCKED}' of {PROJECT_FILE}")
            for item in plain
            if item not in names
        ],
    )


def _is_locked(key: str, locks: Sequence[str]) -> bool:
    return any(key == lock or key.startswith(lock + ".") for lock in locks)


def _strictest(rule: Stricter, one: Any, other: Any) -> Any:
    match rule:
        case Stricter.OFF:
            return one and other
        case Stricter.LESS:
            return min(one, other)
        case Stricter.UNION:
            return tuple(dict.fromkeys((*one, *other)))
        case Stricter.USER:
            return other


def _flat(plain: Mapping[Any, Any], sections: set[str], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in plain.items():
        key = f"{prefix}{name}"
        # Some editors send dotted names, others nested objects: both come out the same.
        if isinstance(value, Mapping) and (key in sections):
            yield from _flat(value, sections, key + ".")
        else:
            yield key, value


def _checked(attribute: Attribute[Any], value: Any) -> Any:
    default, about = attribute.default, attribute.metadata
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise ValueError
        return value
    if isinstance(default, int | float):
        whole = isinstance(default, int)
        if isinstance(value, float) and whole and value.is_integer():
            value = int(value)  # JSON and some editors know only one sort of number
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            raise ValueError
        if not about["least"] <= value <= about["most"]:  # also turns down nan
            raise ValueError
        return value if whole else float(value)
    if isinstance(default, StrEnum):
        return type(default)(value)
    if isinstance(default, tuple):
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise ValueError
        return tuple(value)
    if not isinstance(value, str) or (about["check"] and about["check"](value)):
        raise ValueError
    return value


def _wrong(entry: Entry, value: Any, origin: str) -> Problem:
    return Problem(
        entry.key,
        f"'{entry.key}' in {origin} is {shown(value)}, but must be {entry.allowed}; "
        f"the default {shown(entry.default)} is used.",
    )


def _unknown(key: str, names: Sequence[str], origin: str) -> Problem:
    from difflib import get_close_matches

    close = get_close_matches(key, names, n=1, cutoff=0.5)
    hint = f"; did you mean '{close[0]}'?" if close else "."
    return Problem(key, f"There is no setting '{key[:80]}' (in {origin}){hint}")


def _build(base: Any, values: Values, prefix: str = "") -> Any:
    changes: dict[str, Any] = {}
    for attribute in fields(type(base)):
        key = prefix + camel(attribute.name)
        if key in values:
            changes[attribute.name] = values[key]
        elif "least" not in attribute.metadata:
            changes[attribute.name] = _build(getattr(base, attribute.name), values, key + ".")
    return evolve(base, **changes)
