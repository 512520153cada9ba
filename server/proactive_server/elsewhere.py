"""What the user has answered in another editor of the same workspace, read from the journal that they share."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from proactive_collectors.events import Event, Snoozed, SuggestionDismissed
from proactive_collectors.journal import Journal
from proactive_collectors.uris import to_path

BACK = timedelta(minutes=1)
"""So long after its time an event may come into the journal: it waits a moment, or the disk is busy."""

_KEPT = 1024

_Key = tuple[datetime, str, str]


class Elsewhere:
    """Tells the other servers' answers from this one's. Lives in the worker's thread.

    Dismissals count where they are about a file of the workspace folders. A snooze says itself how far it reaches.
    """

    def __init__(self, now: datetime) -> None:
        self._since = now
        self._known: OrderedDict[_Key, None] = OrderedDict()

    def known(self, events: Iterable[Event]) -> None:
        """Take note of answers that are taken in already: this server's own, and those recalled at the start."""
        for event in events:
            if (key := _key(event)) is not None:
                self._known[key] = None
                while len(self._known) > _KEPT:
                    self._known.popitem(last=False)

    def news(self, journal: Journal, now: datetime, folders: Sequence[Path]) -> list[Event]:
        """The answers given elsewhere since the last call, oldest first.

        Raises:
            JournalError: the journal cannot be read.
        """
        kinds = (SuggestionDismissed.kind, Snoozed.kind)
        kept = journal.events(since=self._since - BACK, kinds=kinds, own=False)
        found = [event for event in kept if self._is_new(event)]
        self._since = now
        self.known(found)
        return [event for event in found if isinstance(event.data, Snoozed) or _within(event, folders)]

    def _is_new(self, event: Event) -> bool:
        key = _key(event)
        return key is not None and key not in self._known


def _key(event: Event) -> _Key | None:
    match event.data:
        case SuggestionDismissed(suggestion=identifier):
            return event.time, event.kind, identifier
        case Snoozed(scope=scope):
            return event.time, event.kind, f"{scope.value} {event.where.uri or event.where.workspace or ''}"
    return None


def _within(event: Event, folders: Sequence[Path]) -> bool:
    path = to_path(event.where.uri) if event.where.uri else None
    return path is not None and any(path.is_relative_to(folder) for folder in folders)
