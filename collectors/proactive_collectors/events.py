"""What happened: one frozen value per event, its payload typed by kind.

An :class:`Event` is ``time`` (UTC), ``source`` (who reported it), ``where`` and ``data`` (the payload, whose
class *is* the kind). Its JSON form is in :mod:`proactive_collectors.event_json`, its English sentence in
:mod:`proactive_collectors.sentences`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from attrs import Attribute, Factory, field, frozen

from proactive_collectors.errors import BadEventError
from proactive_collectors.text import Change, Range

JSON = "json"
"""The key of a field's metadata under which its name in JSON stands, where it is another."""


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


class TaskKind(StrEnum):
    """What a task was for."""

    TASK = "task"
    TEST = "test"  #: a run of tests, by the editor's own means


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
    task_kind: TaskKind = field(default=TaskKind.TASK, metadata={JSON: "kind"})  #: ``test`` for a run of tests


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


def json_name(attribute: Attribute[Any]) -> str:
    """A field's name in JSON."""
    return str(attribute.metadata.get(JSON, attribute.name))


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
