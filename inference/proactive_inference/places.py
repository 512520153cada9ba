"""Which places a task is about, the likeliest first: it is shown and written by the same.

What its words name comes first, then what is known to matter, what failed in the last run, and where the person
was, the newest first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from attrs import frozen

from proactive_collectors.events import EditBurst, Event, RunEvent
from proactive_collectors.uris import canonical, name
from proactive_collectors.workspace import WorkspaceView

MOST_NAMES = 6
"""How many names in a task's words are looked up as files."""

MOST_FAILURES = 8
"""How many failures of the last run are looked up."""

_LONGEST = 2000  # characters of words that are looked through
_NAME = re.compile(r"[\w./\\-]*[\w-]\.[A-Za-z][A-Za-z0-9]{0,9}\b|[\w.-]+/[\w./-]+")


@frozen
class Place:
    """A file, and the line that matters in it."""

    uri: str
    line: int | None = None  #: zero-based; ``None`` where nothing tells


def places(
    words: str, events: Sequence[Event], workspace: WorkspaceView, known: Iterable[Place] = ()
) -> list[Place]:
    """The places that words are about after events, each file once, with the first line that is told of it.

    They are only named here: whether they may be read is for the view to say.

    Args:
        words: a task.
        events: oldest first.
        workspace: finds files by their names.
        known: places that matter before those of the events.
    """
    others = [*known, *of_last_run(events, workspace), *of_events(events)]
    return each_once([*named(words, workspace, others), *others])


def named(words: str, workspace: WorkspaceView, known: Iterable[Place] = ()) -> Iterator[Place]:
    """The files whose names are words of a text: any of the workspace, and those of ``known`` places."""
    words = words[:_LONGEST]
    for found in list(dict.fromkeys(_NAME.findall(words)))[:MOST_NAMES]:
        if (uri := workspace.resolve(found)) is not None:
            yield Place(uri)
    for place in known:
        if (bare := name(place.uri)) and re.search(rf"(?<![\w./\\-]){re.escape(bare)}(?![\w-]|\.\w)", words):
            yield place


def of_last_run(events: Sequence[Event], workspace: WorkspaceView) -> Iterator[Place]:
    """Where the last run failed; nothing if it passed, whatever failed before."""
    run = next((event.data for event in reversed(events) if isinstance(event.data, RunEvent)), None)
    if isinstance(run, RunEvent):
        for failure in run.failures[:MOST_FAILURES]:
            if failure.path and (uri := workspace.resolve(failure.path, cwd=run.cwd)) is not None:
                yield Place(uri, failure.line)


def of_events(events: Sequence[Event]) -> Iterator[Place]:
    """Where the events were, the newest first; of edits, where the last of them ended."""
    for event in reversed(events):
        if event.where.uri is None:
            continue
        if isinstance(event.data, EditBurst) and event.data.changes:
            yield Place(event.where.uri, event.data.changes[-1].new_end.line)
        else:
            yield Place(event.where.uri, event.where.range.start.line if event.where.range else None)


def each_once(found: Iterable[Place]) -> list[Place]:
    """Each file once, where it comes first, with the first line that is told of it."""
    first: dict[str, Place] = {}
    for place in found:
        key = canonical(place.uri)
        if key not in first or (first[key].line is None and place.line is not None):
            first[key] = place
    return list(first.values())


def same_file(one: str, other: str) -> bool:
    """Whether two URIs are spellings of one file."""
    return one == other or canonical(one) == canonical(other)
