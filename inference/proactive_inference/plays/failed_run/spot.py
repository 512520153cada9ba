"""Where in the current text a failure of the last run lies, and which run that was."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen

from proactive_collectors.events import EditBurst, Failure, SuggestionEvent, TaskRun, TerminalRun
from proactive_collectors.trace import Window
from proactive_collectors.uris import to_path
from proactive_collectors.workspace import Document, WorkspaceView
from proactive_inference.plays.failed_run.messages import Complaint, complaint
from proactive_inference.plays.failed_run.printed import Printed, PrintedSources
from proactive_inference.plays.failed_run.source import Occurrence, Source

MOST_FAILURES = 50
"""How many failures of one run are looked at."""

_SUFFIXES = (".py", ".pyw")
_FOREIGN = re.compile(r"/(?:site-packages|dist-packages|lib/python\d[\d.]*|\.venv|node_modules)/")


@frozen
class FailedRunEvent:
    """A run that failed, and where in the window it stands."""

    index: int
    run: TerminalRun | TaskRun

    @property
    def command(self) -> str:
        """The command line; empty for a task, whose command is not known."""
        return self.run.command if isinstance(self.run, TerminalRun) else ""


@frozen(eq=False)
class Spot:
    """A failure found again in the text as it stands now."""

    failure: Failure
    document: Document
    source: Source
    line: int  #: zero-based, in the current text
    complaint: Complaint
    printed: Printed | None = None

    @property
    def line_text(self) -> str:
        """The failing line, with its indentation and without its end."""
        return self.source.lines[self.line].rstrip("\r\n")

    def pointed(self, occurrences: list[Occurrence]) -> list[Occurrence]:
        """Those of ``occurrences`` that the failure is about: on its line, and under its carets if it has any."""
        here = [o for o in occurrences if self.source.line_of(o.start) == self.line]
        if len(here) > 1 and self.printed is not None and self.printed.carets is not None:
            text = self.line_text
            first = self.source.line_start(self.line) + len(text) - len(text.lstrip())
            start, end = (first + caret for caret in self.printed.carets)
            return [o for o in here if start <= o.start and o.end <= end] or here
        return here


def last_failed_run(window: Window) -> FailedRunEvent | None:
    """The newest run of the window if it failed; a later run that passed settles what failed before."""
    for index in range(len(window.events) - 1, -1, -1):
        run = window.events[index].data
        if isinstance(run, TerminalRun | TaskRun):
            return FailedRunEvent(index, run) if run.failures and run.exit_code != 0 else None
    return None


def offered_since(window: Window, index: int, play: str) -> bool:
    """Whether a suggestion of ``play`` was shown after the event at ``index``."""
    return any(
        isinstance(event.data, SuggestionEvent) and event.data.play.split(".")[0] == play
        for event in window.events[index + 1 :]
    )


def edits_before(window: Window, index: int, uri: str) -> tuple[int, ...]:
    """The indices of the edits to one file before the event at ``index``, oldest first."""
    return tuple(
        number
        for number, event in enumerate(window.events[:index])
        if isinstance(event.data, EditBurst) and event.where.uri == uri
    )


def spots(failed: FailedRunEvent, workspace: WorkspaceView) -> Iterator[Spot]:
    """The failures whose line still stands in a Python file of the workspace, in the order of the run."""
    sources: dict[str, tuple[Document, Source] | None] = {}
    printed = PrintedSources(failed.run.output)
    for failure in failed.run.failures[:MOST_FAILURES]:
        if failure.path is None or failure.line is None or failure.path.startswith("<"):
            continue
        uri = workspace.resolve(failure.path, cwd=failed.run.cwd)
        if uri is None:
            continue
        if uri not in sources:
            sources[uri] = _read(uri, workspace)
        read = sources[uri]
        if read is None:
            continue
        document, source = read
        shown = printed.of(failure)
        line = current_line(source, failure.line, shown)
        if line is not None:
            yield Spot(failure, document, source, line, complaint(failure), shown)


def _read(uri: str, workspace: WorkspaceView) -> tuple[Document, Source] | None:
    path = to_path(uri)
    if path is None or path.suffix not in _SUFFIXES or not _own(uri, workspace):
        return None
    document = workspace.document(uri)
    return None if document is None else (document, Source(document.uri, document.text))


def _own(uri: str, workspace: WorkspaceView) -> bool:
    # A view shows nothing outside its folders; an environment inside of one is no code of the user's either.
    for folder in workspace.folders():
        base = folder.rstrip("/") + "/"
        if uri.startswith(base):
            return _FOREIGN.search("/" + uri[len(base) :]) is None
    return False


def current_line(source: Source, line: int, shown: Printed | None) -> int | None:
    """Where the failing line stands now: the nearest line that still reads as printed; ``None`` if it is gone.

    Without a printed source the number is taken as it is; whoever edits there has to find the name first.
    """
    if shown is None:
        return line if 0 <= line < len(source.lines) and source.lines[line].strip() else None
    alike = [number for number, text in enumerate(source.lines) if text.strip() == shown.text]
    if not alike:
        return None
    alike.sort(key=lambda number: abs(number - line))
    if len(alike) > 1 and abs(alike[0] - line) == abs(alike[1] - line):
        return None
    return alike[0]
