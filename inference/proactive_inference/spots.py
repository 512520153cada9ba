"""Where in the workspace to show a task for which a language model gave only a sentence."""

from __future__ import annotations

from proactive_collectors.text import Range, split_lines
from proactive_collectors.trace import Window
from proactive_collectors.workspace import WorkspaceView
from proactive_inference.need import Need
from proactive_inference.places import Place, places
from proactive_inference.proposal import Anchor


def spot(task: str, window: Window, need: Need, workspace: WorkspaceView) -> Anchor | None:
    """The first place that a task is about (:mod:`places`; what the need is about matters before the events), as
    one whole line; ``None`` if nothing of it can be read."""
    about = need.about
    known = (
        [Place(about.uri, about.range.start.line if about.range else None)]
        if about is not None and about.uri is not None
        else []
    )
    for place in places(task, window.events, workspace, known):
        if (document := workspace.document(place.uri)) is not None:
            lines = split_lines(document.text)
            line = min(place.line or 0, max(0, len(lines) - 1))
            text = lines[line].rstrip("\r\n") if lines else ""
            return Anchor(place.uri, Range.of(line, 0, line, len(text)))
    return None
