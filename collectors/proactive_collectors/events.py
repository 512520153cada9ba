"""What happened: one frozen value per event, its payload typed by kind, and its JSON form.

An :class:`Event` is ``time`` (UTC), ``source`` (who reported it), ``where`` and ``data`` (the payload, whose
class *is* the kind). The JSON form is one object::

    {"time": "2026-01-31T09:30:00.000000Z", "source": "exec", "kind": "terminal.run",
     "where": {"workspace": "file:///home/me/app"}, "data": {"command": "pytest -q", "exit_code": 1, ...}}

Fields that hold their default are left out. The English sentence of an event is in
:mod:`proactive_collectors.sentences`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

import cattrs
import orjson
from attrs import Factory, field, frozen

from proactive_collectors.errors import BadEventError
from proactive_collectors.text import Change, Position, Range


class Source(StrEnum):
    """Who reported an event."""

    LSP = "lsp"  #: the editor, by Language Server Protocol document sync
    CLIENT = "client"  #: an editor plug-in, by the ``proactive/event`` notification
    EXEC = "exec"  #: ``proactive exec``, the terminal wrapper
    GIT = "git"  #: the repository's own files
    ACTIVITYWATCH = "activitywatch"  #: an ActivityWatch server
    AGENT = "agent"  #: this program: the life of its suggestions
    DATASET = "dataset"  #: an imported or replayed trace


class Severity(StrEnum):
    """How grave a diagnostic is, by the names of the Language Server Protocol."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"
    HINT = "hint"


class Manner(StrEnum):
    """How an edit was made, as far as its shape tells."""

    TYPED = "typed"
    PASTED = "pasted"
    UNDONE = "undone"  #: took back earlier changes of the same document
    APPLIED = "applied"  #: by a tool: a suggestion, a formatter, a rename in many places at once


@frozen
class Failure:
    """One failure that was read out of a run's output."""

    message: str  #: the error's own words, one line: ``NameError: name 'np' is not defined``
    path: str | None = None  #: as printed, relative to the run's working directory or absolute
    line: int | None = None  #: zero-based
    column: int | None = None  #: zero-based
    test: str | None = None  #: the test's own name: ``tests/test_api.py::test_timeout``
    error: str | None = None  #: the error's class or code: ``NameError``, ``TS2304``, ``E0425``
    symbol: str | None = None  #: the function or method the failing line is in
    hint: str | None = None  #: what the tool itself proposes: the ``x`` of ``Did you mean: 'x'?``


@frozen
class Where:
    """What an event is about, as narrowly as is known."""

    uri: str | None = None  #: the document
    workspace: str | None = None  #: the URI of the workspace folder
    range: Range | None = None
    symbol: str | None = None  #: the innermost named definition: ``Client.get``
    language: str | None = None  #: the editor's language identifier: ``python``


@frozen
class Payload:
    """The base of all payloads; ``kind`` is the name in JSON."""

    kind: ClassVar[str] = ""


# --- documents ---------------------------------------------------------------------------------------------


@frozen
class DocumentOpened(Payload):
    """A document was opened in an editor."""

    kind: ClassVar[str] = "document.opened"
    lines: int = 0


@frozen
class DocumentClosed(Payload):
    """A document was closed."""

    kind: ClassVar[str] = "document.closed"


@frozen
class DocumentSaved(Payload):
    """A document was written to disk."""

    kind: ClassVar[str] = "document.saved"


@frozen
class DocumentFocused(Payload):
    """A document came to the front."""

    kind: ClassVar[str] = "document.focused"


@frozen
class EditBurst(Payload):
    """A run of single changes to one document, joined: what the person did between two short rests.

    ``changes`` are in the order in which they apply, each in the text the one before has left.
    """

    kind: ClassVar[str] = "edit.burst"
    changes: tuple[Change, ...] = ()
    manner: Manner = Manner.TYPED
    keystrokes: int = 0  #: how many single changes were joined
    seconds: float = 0.0  #: from the first to the last of them
    in_comment: bool = False  #: whether the last change stands in a comment or documentation string


@frozen
class SelectionChanged(Payload):
    """A selection or a snippet's tab stops became active, or ceased to be."""

    kind: ClassVar[str] = "selection.changed"
    selecting: bool = False
    in_snippet: bool = False


# --- diagnostics -------------------------------------------------------------------------------------------


@frozen
class _Diagnostic(Payload):
    message: str = ""
    severity: Severity = Severity.ERROR
    code: str | None = None
    tool: str | None = None  #: the server or linter that says so


@frozen
class DiagnosticAppeared(_Diagnostic):
    """A diagnostic that was not there before."""

    kind: ClassVar[str] = "diagnostic.appeared"


@frozen
class DiagnosticLingering(_Diagnostic):
    """A diagnostic has stood for a while, longer than the typing of a line takes."""

    kind: ClassVar[str] = "diagnostic.lingering"
    seconds: float = 0.0  #: since it appeared


@frozen
class DiagnosticResolved(_Diagnostic):
    """A diagnostic is gone."""

    kind: ClassVar[str] = "diagnostic.resolved"
    seconds: float = 0.0  #: since it appeared


# --- runs --------------------------------------------------------------------------------------------------


@frozen
class TerminalRun(Payload):
    """A command ran in a terminal and ended."""

    kind: ClassVar[str] = "terminal.run"
    command: str = ""
    cwd: str | None = None  #: absolute path
    exit_code: int | None = None  #: ``None`` where the shell did not say; negative for a signal
    seconds: float | None = None
    output: str = ""  #: the last part of what was printed, without escape sequences
    failures: tuple[Failure, ...] = ()


@frozen
class TaskRun(Payload):
    """A task of the editor (a build, a test run, ``:make``) ended."""

    kind: ClassVar[str] = "task.run"
    name: str = ""
    cwd: str | None = None
    exit_code: int | None = None
    seconds: float | None = None
    output: str = ""
    failures: tuple[Failure, ...] = ()


@frozen
class DebugStopped(Payload):
    """A debugger stopped at a breakpoint or an exception."""

    kind: ClassVar[str] = "debug.stopped"
    reason: str = ""  #: as the Debug Adapter Protocol has it: ``breakpoint``, ``exception``, ``step``
    message: str | None = None


# --- git ---------------------------------------------------------------------------------------------------


@frozen
class GitCommitted(Payload):
    """A commit was made."""

    kind: ClassVar[str] = "git.committed"
    commit: str = ""  #: full hexadecimal name
    subject: str = ""  #: the message's first line
    branch: str | None = None  #: ``None`` on a detached head


@frozen
class GitSwitched(Payload):
    """Another branch or commit was checked out."""

    kind: ClassVar[str] = "git.switched"
    branch: str | None = None
    previous: str | None = None


@frozen
class GitConflicted(Payload):
    """A merge, rebase or cherry-pick stopped at a conflict."""

    kind: ClassVar[str] = "git.conflicted"
    operation: str = "merge"
    paths: tuple[str, ...] = ()  #: relative to the repository's root


# --- the world outside -------------------------------------------------------------------------------------


@frozen
class WebVisited(Payload):
    """A page was looked at in a browser."""

    kind: ClassVar[str] = "web.visited"
    url: str = ""
    title: str = ""
    seconds: float | None = None


@frozen
class WebSearched(Payload):
    """A web search was made."""

    kind: ClassVar[str] = "web.searched"
    query: str = ""
    engine: str = ""  #: host name


@frozen
class WindowFocused(Payload):
    """Another window came to the front."""

    kind: ClassVar[str] = "window.focused"
    app: str = ""
    title: str = ""


@frozen
class IdleBegan(Payload):
    """No key or mouse for a while."""

    kind: ClassVar[str] = "idle.began"


@frozen
class IdleEnded(Payload):
    """The person is back."""

    kind: ClassVar[str] = "idle.ended"
    seconds: float = 0.0


@frozen
class Observed(Payload):
    """Something known only by its sentence, as in a published trace."""

    kind: ClassVar[str] = "observed"
    sentence: str = ""


# --- the life of suggestions -------------------------------------------------------------------------------


@frozen
class _SuggestionEvent(Payload):
    suggestion: str = ""  #: the suggestion's identifier
    play: str = ""  #: the proposer and sort: ``failed_run.missing_import``
    key: str = ""  #: what makes two proposals the same one
    title: str = ""


@frozen
class SuggestionShown(_SuggestionEvent):
    """A suggestion was published to an editor."""

    kind: ClassVar[str] = "suggestion.shown"


@frozen
class SuggestionAccepted(_SuggestionEvent):
    """The person applied it."""

    kind: ClassVar[str] = "suggestion.accepted"


@frozen
class SuggestionDismissed(_SuggestionEvent):
    """The person turned it down."""

    kind: ClassVar[str] = "suggestion.dismissed"


@frozen
class SuggestionIgnored(_SuggestionEvent):
    """It expired without an answer."""

    kind: ClassVar[str] = "suggestion.ignored"


@frozen
class SuggestionSuperseded(_SuggestionEvent):
    """What it rested on changed, or another took its place."""

    kind: ClassVar[str] = "suggestion.superseded"


@frozen
class SuggestionDoneAlone(_SuggestionEvent):
    """The person made the same change without taking the offer."""

    kind: ClassVar[str] = "suggestion.done_alone"


class SnoozeScope(StrEnum):
    """How far a snooze reaches."""

    FILE = "file"
    WORKSPACE = "workspace"
    ALL = "all"


@frozen
class Snoozed(Payload):
    """The person asked for quiet; zero minutes ends a snooze."""

    kind: ClassVar[str] = "agent.snoozed"
    scope: SnoozeScope = SnoozeScope.ALL
    minutes: float = 0.0


PAYLOADS: dict[str, type[Payload]] = {
    cls.kind: cls
    for cls in (
        DocumentOpened, DocumentClosed, DocumentSaved, DocumentFocused, EditBurst, SelectionChanged,
        DiagnosticAppeared, DiagnosticLingering, DiagnosticResolved,
        TerminalRun, TaskRun, DebugStopped,
        GitCommitted, GitSwitched, GitConflicted,
        WebVisited, WebSearched, WindowFocused, IdleBegan, IdleEnded, Observed,
        SuggestionShown, SuggestionAccepted, SuggestionDismissed, SuggestionIgnored, SuggestionSuperseded,
        SuggestionDoneAlone, Snoozed,
    )
}  # fmt: skip
"""Every kind of event by its name in JSON."""

RunEvent = TerminalRun | TaskRun
SuggestionEvent = _SuggestionEvent
DiagnosticEvent = _Diagnostic


def _utc(time: datetime) -> datetime:
    if time.tzinfo is None:
        raise BadEventError("an event's time needs a time zone; give UTC")
    return time.astimezone(UTC)


@frozen
class Event:
    """One thing that happened.

    Raises:
        BadEventError: ``time`` has no time zone.
    """

    time: datetime = field(converter=_utc)
    source: Source
    data: Payload
    where: Where = Factory(Where)

    @property
    def kind(self) -> str:
        """The payload's kind, as in JSON."""
        return self.data.kind


# --- JSON --------------------------------------------------------------------------------------------------

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
    for enumeration in (Severity, Manner, SnoozeScope):  # being strings, they would else pass as plain ones
        converter.register_structure_hook(enumeration, lambda value, cls: cls(value))
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
