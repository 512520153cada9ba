"""Which files a task is about, and where in them: the anchor's, those it names, those of the last events."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen

from proactive_collectors.events import (
    DiagnosticEvent,
    DocumentFocused,
    DocumentSaved,
    EditBurst,
    RunEvent,
)
from proactive_collectors.trace import Window
from proactive_collectors.uris import canonical
from proactive_collectors.workspace import WorkspaceView
from proactive_inference.writing.task import WritingTask

MOST_NAMES = 6
"""How many names in a task's words are looked up as files."""

MOST_FAILURES = 8
"""How many failures of the last run are looked up."""

_NAME = re.compile(r"[\w./\\-]*[\w-]\.[A-Za-z][A-Za-z0-9]{0,9}\b|[\w.-]+/[\w./-]+")


@frozen
class Concern:
    """A file, and the line that matters in it."""

    uri: str
    line: int | None = None  #: zero-based; ``None`` where nothing tells


def concerns(task: WritingTask, workspace: WorkspaceView, most_events: int) -> list[Concern]:
    """Files in the order in which they matter, the anchor's first, each once.

    They are only named here: whether they may be read is for the view to say.
    """
    found: dict[str, Concern] = {}
    for concern in _all(task, workspace, most_events):
        known = found.get(concern.uri)
        if known is None or known.line is None:
            found[concern.uri] = concern
    return list(found.values())


def same_file(one: str, other: str) -> bool:
    """Whether two URIs are spellings of one file."""
    return one == other or canonical(one) == canonical(other)


def touched_by_user(window: Window, uri: str) -> bool:
    """Whether the user has edited or saved the file in the window."""
    return any(
        isinstance(event.data, EditBurst | DocumentSaved) and event.where.uri and same_file(event.where.uri, uri)
        for event in window.events
    )


def _all(task: WritingTask, workspace: WorkspaceView, most_events: int) -> Iterator[Concern]:
    proposal = task.proposal
    if proposal.anchor.uri:
        yield Concern(proposal.anchor.uri, proposal.anchor.range.start.line)
    names = dict.fromkeys(_NAME.findall(f"{proposal.task} {proposal.title}"[:2000]))
    for name in list(names)[:MOST_NAMES]:
        if (uri := workspace.resolve(name)) is not None:
            yield Concern(uri)
    events = task.window.events[-most_events:] if most_events > 0 else ()
    run = next((event.data for event in reversed(events) if isinstance(event.data, RunEvent)), None)
    if isinstance(run, RunEvent):
        for failure in run.failures[:MOST_FAILURES]:
            if failure.path and (uri := workspace.resolve(failure.path, cwd=run.cwd)) is not None:
                yield Concern(uri, failure.line)
    for event in reversed(events):
        if event.where.uri and isinstance(event.data, EditBurst | DiagnosticEvent | DocumentSaved):
            changes = event.data.changes if isinstance(event.data, EditBurst) else ()
            range_ = changes[-1].range if changes else event.where.range
            yield Concern(event.where.uri, range_.start.line if range_ else None)
    focused = task.window.latest(DocumentFocused)
    if focused is not None and focused.where.uri:
        yield Concern(focused.where.uri)
