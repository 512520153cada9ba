"""What became of the suggestions that a journal tells of: the labels that a person gave by using the editor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from attrs import frozen

from proactive_collectors.events import (
    PAYLOADS,
    Event,
    SuggestionAccepted,
    SuggestionDismissed,
    SuggestionDoneAlone,
    SuggestionEvent,
    SuggestionIgnored,
    SuggestionSuperseded,
)
from proactive_collectors.journal import Journal
from proactive_training.errors import DataError

_SQLITE = b"SQLite format 3\0"

LIVES = tuple(kind for kind, cls in PAYLOADS.items() if issubclass(cls, SuggestionEvent))
"""The kinds of events that tell of a suggestion's life."""


class Fate(StrEnum):
    """What became of a suggestion in the end."""

    ACCEPTED = "accepted"
    DISMISSED = "dismissed"  #: at once, or by undoing what was accepted
    DONE_ALONE = "done_alone"  #: the person made the same change by hand
    IGNORED = "ignored"
    SUPERSEDED = "superseded"

    @property
    def answered(self) -> bool:
        """Whether it tells what the person wanted."""
        return self not in (Fate.IGNORED, Fate.SUPERSEDED)


_FATES: dict[type[SuggestionEvent], Fate] = {
    SuggestionAccepted: Fate.ACCEPTED,
    SuggestionDismissed: Fate.DISMISSED,
    SuggestionDoneAlone: Fate.DONE_ALONE,
    SuggestionIgnored: Fate.IGNORED,
    SuggestionSuperseded: Fate.SUPERSEDED,
}


@frozen
class Made:
    """A suggestion as the decision for it was kept."""

    id: str
    time: datetime
    task: str
    title: str = ""
    play: str = ""
    boundary: str = ""
    uri: str | None = None  #: where it is shown
    line: int | None = None  #: from zero


def open_journal(path: Path | None) -> Journal:
    """A journal that is there, to be read; the user's own without a path. Close it.

    Raises:
        DataError: there is none, or the file is something else (a damaged one would be moved aside).
        JournalError: this user has no place for one.
    """
    journal = Journal.open(path)
    try:
        with journal.path.open("rb") as file:
            head = file.read(len(_SQLITE))
    except OSError:
        head = b"none"
    if head not in (b"", _SQLITE):
        raise DataError(f"{journal.path} is no journal; 'proactive events stats' tells where yours lies")
    return journal


def fates(events: Iterable[Event]) -> dict[str, Fate]:
    """What became of each suggestion, by its identifier; of events in order of time.

    The last answer counts: what was accepted and then undone was dismissed, what had expired unanswered may still
    be done alone.
    """
    found: dict[str, Fate] = {}
    for event in events:
        fate = _FATES.get(type(event.data)) if isinstance(event.data, SuggestionEvent) else None
        if fate is None or not isinstance(event.data, SuggestionEvent):
            continue
        before = found.get(event.data.suggestion)
        if before is None or fate.answered or not before.answered:
            found[event.data.suggestion] = fate
    return found


def made(decisions: Iterable[Mapping[str, object]]) -> Iterator[Made]:
    """The suggestions among kept decisions; what cannot be read is passed over."""
    for decision in decisions:
        plain = decision.get("suggestion")
        if not isinstance(plain, dict) or not plain.get("task") or not plain.get("id"):
            continue
        line = plain.get("line")
        yield Made(
            id=str(plain["id"]),
            time=datetime.fromisoformat(str(decision["time"])),
            task=str(plain["task"]),
            title=str(plain.get("title") or ""),
            play=str(plain.get("play") or ""),
            boundary=str(decision.get("boundary") or ""),
            uri=str(plain["uri"]) if plain.get("uri") else None,
            line=line if isinstance(line, int) else None,
        )
