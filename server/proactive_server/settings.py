"""Every setting, once: its name, type, default, limits and description.

The reader (:mod:`proactive_server.settings_values`), the page in the documentation
(:mod:`proactive_server.settings_page`) and ``proactive settings`` are all made from these classes. In JSON and
TOML the names are written in camel case (``quietSeconds``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from attrs import Attribute, Factory, field, fields, frozen

if TYPE_CHECKING:
    from proactive_inference.policy import PolicySettings

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
    """What is watched beside the documents of the editor. It stays on this machine, in the journal."""

    terminal: bool = _setting(
        True,
        "Commands run in terminals, with exit code and the end of their output: those that `proactive exec` "
        "reports, and those that an editor's plug-in sees.",
        stricter=Stricter.OFF,
    )
    tasks: bool = _setting(
        True,
        "The editor's own tasks (a build, `:make`): name, exit code and what the editor gives of the output.",
        stricter=Stricter.OFF,
    )
    tests: bool = _setting(
        True,
        "Results of test runs that the editor started, and reports that test runners leave in the workspace "
        "(JUnit XML, pytest's list of what failed): which tests failed, where, and with what message.",
        stricter=Stricter.OFF,
    )
    debug: bool = _setting(
        True, "Stops of the debugger: where, and the exception's message; no variables.", stricter=Stricter.OFF
    )
    diagnostics: bool = _setting(
        True, "Errors and warnings of other language servers and linters.", stricter=Stricter.OFF
    )
    git: bool = _setting(
        True,
        "Commits, branch switches and conflicts: names and the message's first line, from the repository's files "
        "and from the editor.",
        stricter=Stricter.OFF,
    )
    focus: bool = _setting(
        True,
        "Which document is in front in the editor; no other window.",
        stricter=Stricter.OFF,
    )
    idle: bool = _setting(True, "That you paused, and that you came back; no keys.", stricter=Stricter.OFF)
    activity_watch: ActivityWatchSettings = _section(ActivityWatchSettings)


@frozen
class LanguageModelSettings:
    """A language model, if you name one, offers what the plays cannot; what it is told is redacted first."""

    enable: bool = _setting(True, "Ask the language model, if one is named.", stricter=Stricter.OFF)
    name: str = _setting(
        "",
        "The language model: the address of an OpenAI-compatible server (`http://localhost:8080/v1#NAME`), or a "
        "model on this machine by its folder, GGUF file or name (needs the extra `local`); empty for none.",
        stricter=Stricter.USER,
    )
    judge: str = _setting(
        "",
        "A judge of what it offers: a folder that `proactive train reward` wrote, or a language model named as "
        "above; empty for none.",
        stricter=Stricter.USER,
    )
    second_thought: bool = _setting(
        True, "Where it is a close call whether to speak, ask the language model itself whether you would accept."
    )
    best_of: int = _setting(1, "How many answers are drawn each time, of which the best is kept.", least=1, most=8)
    calls_per_hour: int = _setting(
        120,
        "How often it may be asked in an hour, without being told to.",
        least=0,
        most=100000,
        stricter=Stricter.LESS,
    )
    tokens_per_hour: int = _setting(
        300000,
        "How many tokens it may read and write in an hour, without being told to.",
        least=0,
        most=1000000000,
        stricter=Stricter.LESS,
    )
    question_tokens: int = _setting(
        2000,
        "How many tokens a question about the last events has at most; what does not fit is shortened, then the "
        "oldest events go.",
        least=200,
        most=100000,
        stricter=Stricter.LESS,
    )
    patience_seconds: float = _setting(
        30.0, "After how long an answer comes too late to be a suggestion.", least=1, most=3600
    )
    writing_seconds: float = _setting(
        120.0, "How long it may write at an edit that you have asked for.", least=1, most=3600
    )
    memory_megabytes: int = _setting(
        4000, "How much memory a model on this machine may take.", least=100, most=10000000
    )
    idle_minutes: float = _setting(
        10.0, "After how long without a question a model on this machine is put away.", least=0.1, most=1440
    )

    @property
    def asks(self) -> bool:
        """Whether a language model is to be asked."""
        return self.enable and bool(self.name)


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
    model: LanguageModelSettings = _section(LanguageModelSettings)
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
class Entry:
    """One setting, for tables and lookups."""

    key: str  #: dotted, camel case
    default: Any
    type: str
    allowed: str
    text: str
    stricter: Stricter | None


# --- the table ---------------------------------------------------------------------------------------------


def entries() -> tuple[Entry, ...]:
    """Every setting in the order of the classes above."""
    return tuple(_entry(key, attribute) for key, attribute in ATTRIBUTES.items())


def value_of(settings: Settings, key: str) -> Any:
    """The value of one setting by its dotted key."""
    value: Any = settings
    for part in key.split("."):
        value = getattr(value, snake(part))
    return value


def _attributes(cls: type[Any], prefix: str = "") -> Iterator[tuple[str, Attribute[Any]]]:
    for attribute in fields(cls):
        key = prefix + camel(attribute.name)
        if "least" in attribute.metadata:
            yield key, attribute
        else:
            yield from _attributes(attribute.default.factory, key + ".")


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


def camel(name: str) -> str:
    """``quietSeconds`` for ``quiet_seconds``."""
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)


def snake(name: str) -> str:
    """``quiet_seconds`` for ``quietSeconds``."""
    return re.sub(r"([A-Z])", lambda match: "_" + match[1].lower(), name)


def shown(value: Any) -> str:
    """A value as messages and tables show it: JSON, cut short."""
    import json

    try:
        text = json.dumps(list(value) if isinstance(value, tuple) else value)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


ATTRIBUTES: dict[str, Attribute[Any]] = dict(_attributes(Settings))
"""Every setting's attribute by its dotted key, in the order of the classes above."""
