"""Where in the workspace to show a task for which a language model gave only a sentence."""

from __future__ import annotations

from collections.abc import Iterator

from proactive_collectors.events import EditBurst, RunEvent
from proactive_collectors.text import Range, split_lines
from proactive_collectors.trace import Window
from proactive_collectors.uris import name
from proactive_collectors.workspace import WorkspaceView
from proactive_inference.need import Need
from proactive_inference.proposal import Anchor

_Place = tuple[str, int]  # a document's URI and a zero-based line


def spot(task: str, window: Window, need: Need, workspace: WorkspaceView) -> Anchor | None:
    """The place that a task is about, as one whole line; ``None`` if nothing of the window can be read.

    The newest place of a file that the task names; else what the need is about, where a run failed, and where the
    person was last, in this order.
    """
    places = list(_places(window, need, workspace))
    named = [place for place in places if name(place[0]) in task]
    for uri, line in (*named, *places):
        if (document := workspace.document(uri)) is not None:
            lines = split_lines(document.text)
            line = min(line, max(0, len(lines) - 1))
            text = lines[line].rstrip("\r\n") if lines else ""
            return Anchor(uri, Range.of(line, 0, line, len(text)))
    return None


def _places(window: Window, need: Need, workspace: WorkspaceView) -> Iterator[_Place]:
    if need.about is not None and need.about.uri is not None:
        yield need.about.uri, need.about.range.start.line if need.about.range else 0
    newest_first = tuple(reversed(window.events))
    for event in newest_first:
        if isinstance(event.data, RunEvent) and event.data.failures:
            for failure in event.data.failures:
                uri = workspace.resolve(failure.path, cwd=event.data.cwd) if failure.path else None
                if uri is not None:
                    yield uri, failure.line or 0
            break
    for event in newest_first:
        where, data = event.where, event.data
        if where.uri is None:
            continue
        if isinstance(data, EditBurst) and data.changes:
            yield where.uri, data.changes[-1].new_end.line
        elif where.range is not None:
            yield where.uri, where.range.start.line
        else:
            yield where.uri, 0
