"""Every setting, once: its name, type, default, limits and description, and how values are read from JSON or TOML.

The reader, the page in the documentation and ``proactive settings`` are all made from these classes. In JSON and
TOML the names are written in camel case (``quietSeconds``). Nothing here raises for a wrong value: the default
stands in for it and a `Problem` says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from attrs import Attribute, Factory, evolve, field, fields, frozen

if TYPE_CHECKING:
    from proactive_inference.policy import PolicySettings

PROJECT_FILE = ".proactive.toml"
"""The name of the project's settings file, at the top of a workspace folder."""

LOCKED = "locked"
"""The key of the project file that lists the settings which the users' own may not loosen."""


class Stricter(StrEnum):
    """Which of two values of a setting gives the user more privacy."""

    OFF = "off"  #: ``false`` is stricter than ``true``
    LESS = "less"  #: the smaller number is stricter
    UNION = "union"  #: lists add up
    USER = "user"  #: a project file has no say in it


class LogLevel(StrEnum):
    """How much is written to the log."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def _setting(
    default: Any,
    text: str,
    *,
    least: float | None = None,
    most: float | None = None,
    stricter: Stricter | None = None,
    check: Callable[[Any], str | None] | None = None,
) -> Any:
    about = {"text": text, "least": least, "most": most, "stricter": stricter, "check": check}
    return field(default=default, metadata=about)


def _section(cls: type) -> Any:
    return field(default=Factory(cls), metadata={"text": (cls.__doc__ or "").strip()})


def _web_address(value: str) -> str | None:
    parts = urlsplit(value)
    return None if parts.scheme in ("http", "https") and parts.hostname else "an http or https address"


def _gate_path(value: str) -> str | None:
    path = Path(value).expanduser()
    there = path.is_absolute() and (path.is_file() or (path / "gate.json").is_file())
    return None if not value or there else "the full path of a folder or file that 'proactive train gate' wrote"


@frozen
class Surfaces:
    """Where a suggestion shows up. It is always offered as a code action."""

    hints: bool = _setting(True, "A hint diagnostic at the spot, the quietest of all severities.")
    code_lens: bool = _setting(False, "A code lens above the line.")
    notifications: bool = _setting(
        False, "A message with buttons; it interrupts, so it is off unless you want it."
    )


@frozen
class JournalSettings:
    """The record of events on this machine, in your own state folder; it is never sent anywhere."""

    enabled: bool = _setting(True, "Keep the journal.", stricter=Stricter.OFF)
    retention_days: int = _setting(
        30, "How many days an event is kept.", least=1, most=3650, stricter=Stricter.LESS
    )


@frozen
class ActivityWatchSettings:
    """Web and window activity from an ActivityWatch server that you run."""

    enabled: bool = _setting(False, "Ask ActivityWatch.", stricter=Stricter.OFF)
    url: str = _setting("http://127.0.0.1:5600", "Where it listens.", stricter=Stricter.USER, check=_web_address)


@frozen
class Sources:
    """What is watched beside the documents of the editor."""

    terminal: bool = _setting(
        True,
        "Runs that `proactive exec` reports, and terminals that an editor plug-in reports.",
        stricter=Stricter.OFF,
    )
    git: bool = _setting(
        True, "Commits, branch switches and conflicts, from the repository's files.", stricter=Stricter.OFF
    )
    diagnostics: bool = _setting(
        True, "Diagnostics of other servers, where an editor plug-in reports them.", stricter=Stricter.OFF
    )
    activity_watch: ActivityWatchSettings = _section(ActivityWatchSettings)


@frozen
class Settings:
    """All settings."""

    enable: bool = _setting(
        True, "Make suggestions. Switched off, events are still kept in the journal.", stricter=Stricter.OFF
    )
    interruption_cost: float = _setting(
        0.25,
        "What an unwanted suggestion costs you, where one that you take is worth the rest up to 1: "
        "the probability above which it speaks. Raise it for fewer suggestions.",
        least=0.01,
        most=0.99,
    )
    gate: str = _setting(
        "",
        "The gate that decides whether help is wanted: a folder or file that `proactive train gate` wrote; empty "
        "for the one that ships.",
        stricter=Stricter.USER,
        check=_gate_path,
    )
    quiet_seconds: float = _setting(
        5.0, "How long you must have been quiet after an edit or a save before it may speak.", least=0, most=600
    )
    minimum_pause_seconds: float = _setting(
        20.0, "The least time between two suggestions. Each dismissal doubles it for a while.", least=0, most=86400
    )
    pause_cap_minutes: float = _setting(30.0, "How long that pause may become by dismissals.", least=0, most=1440)
    dismissed_kind_pause_minutes: float = _setting(
        240.0,
        "How long no suggestion of a kind follows after one of that kind was dismissed.",
        least=0,
        most=43200,
    )
    expire_minutes: float = _setting(
        10.0, "After how long an unanswered suggestion goes away.", least=0.05, most=1440
    )
    disabled_languages: tuple[str, ...] = _setting(
        (), "Language identifiers in which to stay silent, such as `markdown`.", stricter=Stricter.UNION
    )
    in_comments: bool = _setting(False, "Speak also while you are writing a comment.")
    exclude: tuple[str, ...] = _setting(
        (),
        "Files that are never read, as globs in the manner of `.gitignore`, beside those that are always left out "
        "(environment files, keys, what git ignores).",
        stricter=Stricter.UNION,
    )
    surfaces: Surfaces = _section(Surfaces)
    journal: JournalSettings = _section(JournalSettings)
    sources: Sources = _section(Sources)
    log_level: LogLevel = _setting(LogLevel.WARNING, "How much is written to the log.")

    def policy(self) -> PolicySettings:
        """The part that the agent's policy goes by."""
        from proactive_inference.policy import PolicySettings

        return PolicySettings(
            enabled=self.enable,
            interruption_cost=self.interruption_cost,
            quiet_seconds=self.quiet_seconds,
            pause_seconds=self.minimum_pause_seconds,
            pause_cap_minutes=self.pause_cap_minutes,
            dismissed_sort_pause_minutes=self.dismissed_kind_pause_minutes,
            expire_minutes=self.expire_minutes,
            disabled_languages=self.disabled_languages,
            in_comments=self.in_comments,
        )


@frozen
class Problem:
    """A value that could not be used, or a name that nothing knows."""

    key: str  #: dotted: ``journal.retentionDays``
    message: str  #: a whole sentence for the user


@frozen
class Entry:
    """One setting, for tables and lookups."""

    key: str  #: dotted, camel case
    default: Any
    type: str
    allowed: str
    text: str
    stricter: Stricter | None


Values = dict[str, Any]
"""Checked values by dotted key; what was not said is not in it."""


# --- reading -----------------------------------------------------------------------------------------------


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
                values[key] = _checked(_ATTRIBUTES[key], value)
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
        f"'{entry.key}' in {origin} is {_shown(value)}, but must be {entry.allowed}; "
        f"the default {_shown(entry.default)} is used.",
    )


def _unknown(key: str, names: Sequence[str], origin: str) -> Problem:
    from difflib import get_close_matches

    close = get_close_matches(key, names, n=1, cutoff=0.5)
    hint = f"; did you mean '{close[0]}'?" if close else "."
    return Problem(key, f"There is no setting '{key[:80]}' (in {origin}){hint}")


def _shown(value: Any) -> str:
    import json

    try:
        text = json.dumps(list(value) if isinstance(value, tuple) else value)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


# --- the table ---------------------------------------------------------------------------------------------


def entries() -> tuple[Entry, ...]:
    """Every setting in the order of the classes above."""
    return tuple(_entry(key, attribute) for key, attribute in _ATTRIBUTES.items())


def value_of(settings: Settings, key: str) -> Any:
    """The value of one setting by its dotted key."""
    value: Any = settings
    for part in key.split("."):
        value = getattr(value, _snake(part))
    return value


def _attributes(cls: type[Any], prefix: str = "") -> Iterator[tuple[str, Attribute[Any]]]:
    for attribute in fields(cls):
        key = prefix + _camel(attribute.name)
        if "least" in attribute.metadata:
            yield key, attribute
        else:
            yield from _attributes(attribute.default.factory, key + ".")


def _build(base: Any, values: Values, prefix: str = "") -> Any:
    changes: dict[str, Any] = {}
    for attribute in fields(type(base)):
        key = prefix + _camel(attribute.name)
        if key in values:
            changes[attribute.name] = values[key]
        elif "least" not in attribute.metadata:
            changes[attribute.name] = _build(getattr(base, attribute.name), values, key + ".")
    return evolve(base, **changes)


def _entry(key: str, attribute: Attribute[Any]) -> Entry:
    default, about = attribute.default, attribute.metadata
    if isinstance(default, bool):
        type_, allowed = "boolean", "true or false"
    elif isinstance(default, int | float):
        type_ = "integer" if isinstance(default, int) else "number"
        allowed = f"a{'n' if type_ == 'integer' else ''} {type_} from {about['least']:g} to {about['most']:g}"
    elif isinstance(default, StrEnum):
        type_, allowed = "string", "one of " + ", ".join(f'"{choice.value}"' for choice in type(default))
    elif isinstance(default, tuple):
        type_, allowed = "list of strings", "a list of strings"
    else:
        type_, allowed = "string", (about["check"]("?") if about["check"] else None) or "a string"
    return Entry(key, default, type_, allowed, about["text"], about["stricter"])


def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: "_" + match[1].lower(), name)


_ATTRIBUTES: dict[str, Attribute[Any]] = dict(_attributes(Settings))


# --- the page ----------------------------------------------------------------------------------------------

_PAGE_HEAD = f"""\
# Settings

This page is made from `proactive_server/settings.py` by `proactive settings --write-docs`.

Settings come from three places; a later one counts before an earlier one:

1. `{PROJECT_FILE}` at the top of a workspace folder,
2. `initializationOptions`, as an editor sends them at the start,
3. the section `proactive` of the editor's settings (`workspace/configuration`), which may change at any time.

A project file serves a team in two ways. In what bears on privacy (marked below) it can only be stricter than the
default, never looser, so that a cloned repository cannot widen what is watched; lists of exclusions add up. And
what it names under `{LOCKED}`, single settings or whole groups, users' settings cannot loosen:

```toml
{LOCKED} = ["journal", "sources.activityWatch"]
exclude = ["contracts/**"]
interruptionCost = 0.4

[journal]
retentionDays = 7
```

A value that is wrong is reported by name with what is allowed, and the default is used. Where several workspace
folders have a project file, the first one that names a setting counts; exclusions and locks of all of them add up.
"""


def settings_page() -> str:
    """The page of the documentation that lists every setting, as Markdown."""
    parts = [_PAGE_HEAD]
    group: str | None = None
    for entry in entries():
        section = entry.key.rpartition(".")[0]
        if section != group:
            group = section
            title = f"`{section}`" if section else "General"
            about = _section_text(section)
            parts.append(f"## {title}\n" + (f"\n{about}\n" if about else ""))
        marks = {
            None: "",
            Stricter.OFF: " A project file can only switch it off.",
            Stricter.LESS: " A project file can only lower it.",
            Stricter.UNION: " The lists of all places add up.",
            Stricter.USER: " A project file cannot set it.",
        }
        default = _shown(entry.default)
        parts.append(
            f"### `{entry.key}`\n\n{entry.text}{marks[entry.stricter]}\n\n"
            f"{entry.allowed[0].upper()}{entry.allowed[1:]}. Default: `{default}`.\n"
        )
    return "\n".join(parts)


def _section_text(section: str) -> str:
    cls: Any = Settings
    for part in section.split(".") if section else ():
        cls = getattr(fields(cls), _snake(part)).default.factory
    return (cls.__doc__ or "").strip() if section else ""
