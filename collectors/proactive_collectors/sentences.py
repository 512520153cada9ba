"""An event in one English sentence, for people and language models, in the manner of ProactiveBench.

``The user ran 'pytest -q'; 1 test failed in tests/test_api.py: NameError: name 'np' is not defined.`` Quoted text
is the user's own; it is put on one line, without control characters, and long text loses its middle. Lines count
from one here, as editors show them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache, singledispatch

from attrs import frozen

from proactive_collectors import events as e
from proactive_collectors.text import Change
from proactive_collectors.uris import name, to_path

QUOTED = 80
"""How many characters of one quoted text are shown."""

LONGEST = 480
"""How many characters a sentence has at most."""

CLAUSES = 3
"""How many changes of one edit burst are told."""

# What would break the line, hide in it or turn its direction: controls, separators, bidirectional and invisible
# marks, lone surrogates. (The joiners that emoji and some scripts need stay.)
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def sentence(event: e.Event, root: str | None = None) -> str:
    """The event in one line, never empty.

    Paths are given relative to ``root``, the path or URI of the workspace folder (the event's own, if not given);
    of files elsewhere only the name is told.
    """
    told = clean(describe(event.data, Place(event.where, root or event.where.workspace)), LONGEST)
    return told if told.endswith((".", "!", "?")) else told + "."


def clean(text: str, limit: int = QUOTED) -> str:
    """The text on one line, without control characters, shortened in the middle to ``limit`` characters."""
    if len(text) > 8 * limit:  # do not search megabytes for what is not going to be shown
        text = text[: 4 * limit] + "…" + text[-4 * limit :]
    text = " ".join(_UNPRINTABLE.sub(" ", text).split())
    if len(text) <= limit:
        return text
    head = (limit - 1) * 2 // 3
    return text[:head] + "…" + text[len(text) - (limit - 1 - head) :]


@frozen
class Place:
    """Where an event took place, ready to be told."""

    where: e.Where
    root: str | None = None

    @property
    def file(self) -> str:
        """``'src/api.py'``."""
        return _quote(self.relative(self.where.uri)) if self.where.uri else "a document"

    @property
    def inside(self) -> str:
        """``'Client.get' of 'src/api.py'``."""
        return f"{_quote(self.where.symbol)} of {self.file}" if self.where.symbol else self.file

    @property
    def spot(self) -> str:
        """``'src/api.py', line 4``."""
        return f"{self.file}, line {self.where.range.start.line + 1}" if self.where.range else self.file

    def relative(self, uri_or_path: str) -> str:
        """The path below the workspace folder; the bare name of a file elsewhere; a relative path as it is."""
        path, root = _posix(uri_or_path), _posix(self.root or "").rstrip("/")
        if path and root and path.startswith(root + "/"):
            return path[len(root) + 1 :]
        absolute = path.startswith("/") or path[1:3] == ":/" or "://" in uri_or_path
        return clean(name(path or uri_or_path) or uri_or_path if absolute else path, QUOTED)


@lru_cache(1024)  # events tell of the same few files again and again
def _posix(uri_or_path: str) -> str:
    path = to_path(uri_or_path) if uri_or_path.startswith("file:") else None
    return path.as_posix() if path is not None else uri_or_path.replace("\\", "/")


@singledispatch
def describe(data: e.Payload, place: Place) -> str:
    """One payload in words; each class has its own function.

    Raises:
        TypeError: a payload without one.
    """
    raise TypeError(f"no sentence for {type(data).__name__}")


def _quote(text: str | None) -> str:
    text = clean(text or "")
    return f'"{text}"' if "'" in text and '"' not in text else f"'{text}'"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _span(seconds: float) -> str:
    if not math.isfinite(seconds) or seconds > 1e7:
        return "a long time"
    if seconds < 1:
        return "a moment"
    for unit, length in (("hour", 3600), ("minute", 60)):
        if seconds >= 2 * length:
            return _count(round(seconds / length), unit)
    return _count(round(seconds), "second")


def _after(text: str | None) -> str:
    """``: the text``, if there is one."""
    text = clean(text or "", 2 * QUOTED)
    return f": {text}" if text else ""


# --- documents ---------------------------------------------------------------------------------------------


@describe.register
def _(data: e.DocumentOpened, place: Place) -> str:
    return f"The user opened {place.file}."


@describe.register
def _(data: e.DocumentClosed, place: Place) -> str:
    return f"The user closed {place.file}."


@describe.register
def _(data: e.DocumentSaved, place: Place) -> str:
    return f"The user saved {place.file}."


@describe.register
def _(data: e.DocumentFocused, place: Place) -> str:
    return f"The user switched to {place.file}."


@describe.register
def _(data: e.EditBurst, place: Place) -> str:
    where = f"a comment in {place.inside}" if data.in_comment else place.inside
    if not data.changes:
        return f"The user typed something and took it back in {where}."
    told = [_change(change, data.manner) for change in data.changes[:CLAUSES]]
    if len(data.changes) > CLAUSES:
        told.append(f"made {_count(len(data.changes) - CLAUSES, 'more change')}")
    what = told[0] if len(told) == 1 else ", ".join(told[:-1]) + " and " + told[-1]
    if data.manner is e.Manner.UNDONE:
        return f"The user undid an edit in {where}, which {what}."
    if data.manner is e.Manner.APPLIED:
        return f"The user applied an edit to {_count(len(data.changes), 'place')} in {where}, which {what}."
    return f"The user {what} in {where}."


def _change(change: Change, manner: e.Manner) -> str:
    old, new = clean(change.old_text), clean(change.new_text)
    if not old and not new:
        return "changed blank space"
    if not old:
        verb = {e.Manner.TYPED: "typed", e.Manner.PASTED: "pasted"}.get(manner, "inserted")
        return f"{verb} {_quote(new)}"
    if not new:
        return f"removed {_quote(old)}"
    return f"changed the layout of {_quote(new)}" if old == new else f"replaced {_quote(old)} with {_quote(new)}"


@describe.register
def _(data: e.SelectionChanged, place: Place) -> str:
    if data.in_snippet:
        return f"The user is filling in a snippet in {place.file}."
    return f"The user {'selected text' if data.selecting else 'ended the selection'} in {place.file}."


# --- diagnostics -------------------------------------------------------------------------------------------


def _diagnostic(data: e.DiagnosticEvent) -> tuple[str, str]:
    """``error F821 of ruff`` and ``: message``."""
    noun = {e.Severity.INFORMATION: "remark"}.get(data.severity, data.severity.value)
    code = f" {clean(data.code)}" if data.code else ""
    tool = f" of {clean(data.tool)}" if data.tool else ""
    return noun + code + tool, _after(data.message)


@describe.register
def _(data: e.DiagnosticAppeared, place: Place) -> str:
    what, message = _diagnostic(data)
    return f"The {what} appeared in {place.spot}{message}"


@describe.register
def _(data: e.DiagnosticLingering, place: Place) -> str:
    what, message = _diagnostic(data)
    return f"The {what} has stood for {_span(data.seconds)} in {place.spot}{message}"


@describe.register
def _(data: e.DiagnosticResolved, place: Place) -> str:
    what, message = _diagnostic(data)
    return f"The {what} is gone from {place.spot} after {_span(data.seconds)}{message}"


# --- runs --------------------------------------------------------------------------------------------------


@describe.register
def _(data: e.TerminalRun, place: Place) -> str:
    return f"The user ran {_quote(data.command)}{_outcome(data.exit_code, data.failures, place)}"


@describe.register
def _(data: e.TaskRun, place: Place) -> str:
    what = "tests" if data.task_kind is e.TaskKind.TEST else "task"
    return f"The user ran the {what} {_quote(data.name)}{_outcome(data.exit_code, data.failures, place)}"


def _outcome(exit_code: int | None, failures: Sequence[e.Failure], place: Place) -> str:
    if failures:
        tests = {failure.test for failure in failures if failure.test}
        what = f"{_count(len(tests), 'test')} failed" if tests else _count(len(failures), "error")
        paths = list(dict.fromkeys(clean(place.relative(f.path)) for f in failures if f.path))
        files = f" in {paths[0]}" if paths else ""
        if len(paths) > 1:
            files += f" and {_count(len(paths) - 1, 'more file')}"
        return f"; {what}{files}{_after(failures[0].message)}"
    if exit_code is None:
        return "."
    if exit_code < 0:
        return f"; it was ended by signal {-exit_code}."
    return f"; it failed with exit code {exit_code}." if exit_code else "; it succeeded."


@describe.register
def _(data: e.DebugStopped, place: Place) -> str:
    reason = clean(data.reason) or "stop"
    article = "an" if reason[0] in "aeiouAEIOU" else "a"
    return f"The debugger stopped at {article} {reason} in {place.spot}{_after(data.message)}"


# --- git ---------------------------------------------------------------------------------------------------


@describe.register
def _(data: e.GitCommitted, place: Place) -> str:
    branch = f" on branch {_quote(data.branch)}" if data.branch else ""
    return f"The user committed {_quote(data.subject) if data.subject else 'their work'}{branch}."


@describe.register
def _(data: e.GitSwitched, place: Place) -> str:
    came = f"from branch {_quote(data.previous)} " if data.previous else ""
    return f"The user switched {came}to {'branch ' + _quote(data.branch) if data.branch else 'a bare commit'}."


@describe.register
def _(data: e.GitConflicted, place: Place) -> str:
    files = ""
    if data.paths:
        more = len(data.paths) - 1
        files = f" in {_quote(data.paths[0])}" + (f" and {_count(more, 'more file')}" if more else "")
    return f"A {clean(data.operation) or 'merge'} stopped at conflicts{files}."


# --- the world outside -------------------------------------------------------------------------------------


@describe.register
def _(data: e.WebVisited, place: Place) -> str:
    span = f" for {_span(data.seconds)}" if data.seconds is not None else ""
    # Without its query: that is where sessions and searches hide.
    page = re.split(r"[?#]", data.url, maxsplit=1)[0]
    shown = f"{_quote(data.title)} ({clean(page)})" if data.title and page else _quote(data.title or page)
    return f"The user visited {shown} in the web browser{span}."


@describe.register
def _(data: e.WebSearched, place: Place) -> str:
    return f"The user searched for {_quote(data.query)} on {clean(data.engine) or 'the web'}."


@describe.register
def _(data: e.WindowFocused, place: Place) -> str:
    app, title = clean(data.app), clean(data.title)
    if app and title and app != title:
        return f"The user switched to {_quote(title)} in {_quote(app)}."
    return (
        f"The user switched to {_quote(app or title)}." if app or title else "The user switched to another window."
    )


@describe.register
def _(data: e.IdleBegan, place: Place) -> str:
    return "The user paused: no key or mouse for a while."


@describe.register
def _(data: e.IdleEnded, place: Place) -> str:
    return f"The user came back after {_span(data.seconds)}."


@describe.register
def _(data: e.Observed, place: Place) -> str:
    return clean(data.sentence, LONGEST) or "Something happened."


# --- the life of suggestions -------------------------------------------------------------------------------


@describe.register
def _(data: e.SuggestionShown, place: Place) -> str:
    return f"The assistant offered {_quote(data.title)}."


@describe.register
def _(data: e.SuggestionAccepted, place: Place) -> str:
    return f"The user accepted the offer {_quote(data.title)}."


@describe.register
def _(data: e.SuggestionDismissed, place: Place) -> str:
    return f"The user dismissed the offer {_quote(data.title)}."


@describe.register
def _(data: e.SuggestionIgnored, place: Place) -> str:
    return f"The user left the offer {_quote(data.title)} unanswered."


@describe.register
def _(data: e.SuggestionSuperseded, place: Place) -> str:
    return f"The assistant withdrew the offer {_quote(data.title)}."


@describe.register
def _(data: e.SuggestionDoneAlone, place: Place) -> str:
    return f"The user did alone what was offered as {_quote(data.title)}."


@describe.register
def _(data: e.Snoozed, place: Place) -> str:
    scope = {e.SnoozeScope.FILE: f" for {place.file}", e.SnoozeScope.WORKSPACE: " for this workspace"}
    if data.minutes <= 0:
        return f"The user ended the quiet{scope.get(data.scope, '')}."
    return f"The user asked for {_span(60 * data.minutes)} of quiet{scope.get(data.scope, '')}."
