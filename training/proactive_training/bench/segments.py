"""Cuts a stream of events into sittings: by pauses, and by the workspace that was worked in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from attrs import frozen

from proactive_collectors.events import Event, RunEvent, Source
from proactive_collectors.uris import canonical, to_path, to_uri

GAP = timedelta(minutes=30)
"""A longer pause than this ends a sitting."""


@frozen
class Stretch:
    """The events of one workspace between two pauses, oldest first; never empty."""

    workspace: str | None  #: its folder's URI; ``None``: of no workspace
    events: tuple[Event, ...]

    @property
    def began(self) -> datetime:
        """When the first event took place."""
        return self.events[0].time

    @property
    def ended(self) -> datetime:
        """When the last event took place."""
        return self.events[-1].time

    def last_before(self, time: datetime) -> int | None:
        """The index of the newest event that is not later than ``time``."""
        found = None
        for index, event in enumerate(self.events):
            if event.time > time:
                break
            found = index
        return found


def segment(events: Sequence[Event], folders: Sequence[str], gap: timedelta = GAP) -> list[Stretch]:
    """The sittings of events in order of time, by their beginning; ``folders`` are those of `workspaces_of`.

    What is of no workspace, such as a page looked at or a rest, belongs to the one that was worked in last, or
    else next, if that was within the gap.
    """
    own = [workspace_of(event, folders) for event in events]
    placed = _lend(events, own, gap)
    streams: dict[str | None, list[Event]] = {}
    for event, workspace in zip(events, placed, strict=True):
        streams.setdefault(workspace, []).append(event)
    found: list[Stretch] = []
    for workspace, stream in streams.items():
        start = 0
        for index in range(1, len(stream) + 1):
            if index == len(stream) or stream[index].time - stream[index - 1].time > gap:
                found.append(Stretch(workspace, tuple(stream[start:index])))
                start = index
    return sorted(found, key=lambda stretch: (stretch.began, stretch.workspace or ""))


def workspaces_of(events: Iterable[Event]) -> list[str]:
    """The URIs of the workspace folders that events name, by first appearance.

    ``proactive exec`` guesses its folder where no editor is open: the guess counts only where no folder that an
    editor named holds it.
    """
    editors: dict[str, None] = {}
    guessed: dict[str, None] = {}
    for event in events:
        if event.where.workspace is not None:
            kept = guessed if event.source is Source.EXEC else editors
            kept[canonical(event.where.workspace)] = None
    named = [path for path in map(to_path, editors) if path is not None]
    for uri in guessed:
        path = to_path(uri)
        if path is None or not any(path.is_relative_to(folder) for folder in named):
            editors[uri] = None
    return list(editors)


def workspace_of(event: Event, folders: Sequence[str]) -> str | None:
    """The folder that an event belongs to by what it says itself."""
    said = canonical(event.where.workspace) if event.where.workspace is not None else None
    if said is not None and said in folders:
        return said
    if said is not None:
        path = to_path(said)
    elif event.where.uri is not None:
        path = to_path(event.where.uri)
    elif isinstance(event.data, RunEvent) and event.data.cwd:
        path = Path(event.data.cwd)
    else:
        path = None
    return innermost(path, folders)


def innermost(path: Path | None, folders: Sequence[str]) -> str | None:
    """The innermost of the folders, given as URIs, that a path lies in."""
    paths = [folder for folder in map(to_path, folders) if folder is not None]
    around = [folder for folder in paths if path is not None and path.is_relative_to(folder)]
    return to_uri(max(around, key=lambda folder: len(folder.parts))) if around else None


def _lend(events: Sequence[Event], own: Sequence[str | None], gap: timedelta) -> list[str | None]:
    """The workspace of each event; those that have none get a neighbour's."""
    placed = list(own)
    for order in (range(len(events)), range(len(events) - 1, -1, -1)):  # from the last one, then from the next
        near: str | None = None
        time: datetime | None = None
        for index in order:
            if own[index] is not None:
                near = own[index]
            elif near is not None and time is not None and placed[index] is None and not events[index].where.uri:
                placed[index] = near if abs(events[index].time - time) <= gap else None
                near = placed[index]
            if near is not None:
                time = events[index].time
    return placed
