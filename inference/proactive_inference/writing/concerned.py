"""Which files a task is about, and where in them: the anchor's, and all that a place is shown by."""

from __future__ import annotations

from proactive_collectors.events import DocumentSaved, EditBurst
from proactive_collectors.trace import Window
from proactive_collectors.workspace import WorkspaceView
from proactive_inference.places import Place, each_once, places, same_file
from proactive_inference.writing.task import WritingTask


def concerns(task: WritingTask, workspace: WorkspaceView, most_events: int) -> list[Place]:
    """Files in the order in which they matter, the anchor's first, each once, as :func:`places.places` says."""
    proposal = task.proposal
    events = task.window.events[-most_events:] if most_events > 0 else ()
    anchor = [Place(proposal.anchor.uri, proposal.anchor.range.start.line)] if proposal.anchor.uri else []
    return each_once([*anchor, *places(f"{proposal.task} {proposal.title}", events, workspace)])


def touched_by_user(window: Window, uri: str) -> bool:
    """Whether the user has edited or saved the file in the window."""
    return any(
        isinstance(event.data, EditBurst | DocumentSaved) and event.where.uri and same_file(event.where.uri, uri)
        for event in window.events
    )
