"""From one's own journal to a dataset: sittings, redacted and with neutral names, labelled by what was answered.

`gather` reads and changes nothing; `write` writes what was gathered. Between the two the person is asked.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from attrs import define, evolve, field, frozen

from proactive_collectors.event_json import to_json
from proactive_collectors.events import Event, Snoozed, Source, SuggestionEvent, SuggestionShown, WebVisited
from proactive_collectors.languages import is_prose
from proactive_collectors.redaction import Redactor
from proactive_collectors.trace import Trace
from proactive_collectors.uris import canonical, name, to_path
from proactive_training.bench.card import JOURNAL
from proactive_training.bench.dataset import Record
from proactive_training.bench.dataset_writer import writing
from proactive_training.bench.example import Example, Label, LabelSource, Offer, Sitting
from proactive_training.bench.feedback import LIVES, Fate, Made, fates, made, open_journal
from proactive_training.bench.left_out import LeftOut
from proactive_training.bench.neutral import Neutral, Person
from proactive_training.bench.segments import GAP, Stretch, innermost, segment, workspace_of, workspaces_of
from proactive_training.errors import DataError

SPLIT = "train"
TITLE = "Collected sittings"
"""The card's title; the folder's own name may tell whose it is."""

WEB_HISTORY = timedelta(days=30)
"""How far back ActivityWatch is asked where nothing says since when: as long as the journal keeps by default."""


@frozen
class Wanted:
    """What to collect."""

    journal: Path | None = None  #: the user's own if not given
    since: datetime | None = None
    until: datetime | None = None
    workspace: str | None = None  #: URI of the only folder
    activity_watch: str | None = None  #: address of a server
    gap: timedelta = GAP
    only: tuple[str, ...] = ()  #: sittings by number, projects by neutral name; empty: all
    exclude: tuple[str, ...] = ()  #: globs, beside the projects' own
    hide: tuple[str, ...] = ()  #: words to take out
    licence: str = ""


@frozen
class Gathered:
    """A sitting as it would be written, and what only its owner sees of it."""

    number: int  #: from one, by the time of its beginning
    record: Record
    project: str  #: the neutral name; empty: no project
    folder: str | None  #: the workspace's real URI
    fates: Counter[Fate]

    @property
    def kinds(self) -> Counter[str]:
        """Events by kind."""
        return Counter(event.kind for event in self.record.sitting.trace.events)

    def to_dict(self) -> dict[str, Any]:
        """The figures, without a real name."""
        events = self.record.sitting.trace.events
        return {
            "number": self.number,
            "sitting": self.record.sitting.name,
            "project": self.project,
            "began": events[0].time.isoformat(),
            "ended": events[-1].time.isoformat(),
            "events": len(events),
            "kinds": dict(self.kinds.most_common()),
            "labels": {fate.value: count for fate, count in sorted(self.fates.items()) if fate.answered},
            "unanswered": sum(count for fate, count in self.fates.items() if not fate.answered),
        }


@define
class Collection:
    """What would be written, and what would not."""

    sittings: list[Gathered] = field(factory=list)
    excluded: int = 0  #: events about files that today's rules leave out
    redacted: int = 0  #: events in which a secret was found that had not been taken out before
    unplaced: int = 0  #: suggestions whose sitting is not there

    @property
    def labels(self) -> int:
        """How many moments are labelled."""
        return sum(len(one.record.examples) for one in self.sittings)


def gather(wanted: Wanted, person: Person) -> Collection:
    """What would be collected; nothing is written.

    Raises:
        DataError: there is no journal, nothing in it fits, or what a project excludes cannot be told.
        JournalError, SourceError: the journal or ActivityWatch cannot be read.
    """
    journal = open_journal(wanted.journal)
    try:
        events = list(journal.events(wanted.since, wanted.until))
        # The answer to a suggestion may have come after the time that is wanted.
        lives = list(journal.events(wanted.since, kinds=LIVES))
        suggestions = list(made(journal.decisions(wanted.since, wanted.until)))
        elsewhere = journal.stats().workspaces  # a folder may be named where another is worked in
    finally:
        journal.close()
    redactor = Redactor()
    if wanted.activity_watch is not None:
        events = _with_activity(events, wanted, redactor)
    folders = workspaces_of(events)
    paths = [str(path) for path in map(to_path, (*folders, *elsewhere)) if path is not None]
    neutral = Neutral(person, paths, wanted.hide)
    collection = Collection()
    gate = _Gate(LeftOut(wanted.exclude), redactor, neutral, folders, collection)
    stretches = segment([event for event in events if gate.lets_pass(event)], folders, wanted.gap)
    offers = _Offers(lives, suggestions, gate, wanted.gap)
    for number, stretch in enumerate(stretches, 1):
        gathered = _gathered(number, stretch, offers, gate, wanted.licence)
        if _is_wanted(gathered, wanted):
            collection.sittings.append(gathered)
    collection.unplaced = len(offers.left)
    if not collection.sittings:
        raise DataError(
            "nothing is kept that fits; widen --since, --until, --workspace or --only ('proactive events stats' "
            "tells what there is)"
        )
    return collection


def write(collection: Collection, out: Path) -> None:
    """Write what was gathered as a dataset, whole or not at all.

    Raises:
        DataError: something is in the folder's place.
    """
    with writing(out, TITLE, private=True) as writer:
        for one in collection.sittings:
            writer.add(one.record, SPLIT)


# --- events ------------------------------------------------------------------------------------------------


@frozen
class _Gate:
    """What every event goes through on its way out."""

    left_out: LeftOut
    redactor: Redactor
    neutral: Neutral
    folders: Sequence[str]
    collection: Collection

    def lets_pass(self, event: Event) -> bool:
        if isinstance(event.data, SuggestionEvent | Snoozed):
            return False  # answers are labels, and a snooze is said to the assistant
        if self.left_out(event, workspace_of(event, self.folders)):
            self.collection.excluded += 1
            return False
        return True

    def clean(self, event: Event, workspace: str | None) -> Event:
        redacted = self.redactor.event(event)
        self.collection.redacted += redacted is not event
        return self.neutral.event(evolve(redacted, where=evolve(redacted.where, workspace=workspace)))

    def text(self, text: str) -> str:
        return self.neutral.text(self.redactor.text(text))


def _with_activity(events: list[Event], wanted: Wanted, redactor: Redactor) -> list[Event]:
    """The events with those of ActivityWatch that the journal has not, in order of time."""
    import asyncio

    from proactive_collectors.activitywatch import ActivityWatch

    until = wanted.until or datetime.now(UTC)
    since = wanted.since or (events[0].time if events else until - WEB_HISTORY)

    async def read() -> list[Event]:
        watch = ActivityWatch(wanted.activity_watch or "")
        try:
            return await watch.history(since, until)
        finally:
            await watch.aclose()

    known = {_identity(event) for event in events if event.source is Source.ACTIVITYWATCH}
    news = [event for event in asyncio.run(read()) if _identity(redactor.event(event)) not in known]
    return sorted([*events, *news], key=lambda event: event.time)


def _identity(event: Event) -> tuple[datetime, str, str]:
    """What stays the same of an event told while it was going on and one told later."""
    told = event.data.url if isinstance(event.data, WebVisited) else ""
    return event.time, event.kind, told


def _is_wanted(one: Gathered, wanted: Wanted) -> bool:
    if wanted.workspace is not None and one.folder != canonical(wanted.workspace):
        return False
    return not wanted.only or str(one.number) in wanted.only or one.project in wanted.only


# --- sittings and labels -----------------------------------------------------------------------------------


def _gathered(number: int, stretch: Stretch, offers: _Offers, gate: _Gate, licence: str) -> Gathered:
    events = tuple(gate.clean(event, stretch.workspace) for event in stretch.events)
    digest = hashlib.blake2b(b"\n".join(map(to_json, events)), digest_size=4).hexdigest()
    title = f"{stretch.began:%Y-%m-%d}-{digest}"
    folder = to_path(stretch.workspace) if stretch.workspace else None
    project = gate.neutral.projects.get(str(folder), "") if folder else ""
    sitting = Sitting(
        Trace(title, events), domain=_domain(stretch.events), repository=project, source=JOURNAL, licence=licence
    )
    labelled: list[Example] = []
    unjudged: list[Example] = []
    told: Counter[Fate] = Counter()
    for one in offers.of(stretch):
        index = stretch.last_before(one.time)
        fate = offers.fate(one)
        if index is None:
            continue
        told[fate] += 1
        example = Example(
            title, index, _LABELS[fate], _offer(one, offers.keys[one.id], folder, gate), one.boundary
        )
        (labelled if fate.answered else unjudged).append(example)
    record = Record(sitting, tuple(labelled), tuple(unjudged))
    return Gathered(number, record, project, stretch.workspace, told)


_UNKNOWN = Label(LabelSource.FEEDBACK)
_LABELS = {
    Fate.ACCEPTED: Label(LabelSource.FEEDBACK, need=True, accepted=True),
    # ProactiveBench's rule: there is a need where some offer is taken.
    Fate.DISMISSED: Label(LabelSource.FEEDBACK, need=False, accepted=False),
    Fate.DONE_ALONE: Label(LabelSource.FEEDBACK, need=True),
    Fate.IGNORED: _UNKNOWN,
    Fate.SUPERSEDED: _UNKNOWN,
}


class _Offers:
    """The suggestions that were shown, handed out to the sittings they were made in."""

    def __init__(self, lives: Iterable[Event], suggestions: Iterable[Made], gate: _Gate, gap: timedelta) -> None:
        lives = list(lives)
        self._fates = fates(lives)
        self._gap = gap
        self.keys = {e.data.suggestion: e.data.key for e in lives if isinstance(e.data, SuggestionShown)}
        self._folders = gate.folders
        self.left = {one.id: one for one in suggestions if one.id in self.keys and not self._excluded(one, gate)}

    def fate(self, one: Made) -> Fate:
        """What became of one; nothing, where the journal ends with it."""
        return self._fates.get(one.id, Fate.IGNORED)

    def _excluded(self, one: Made, gate: _Gate) -> bool:
        return one.uri is not None and gate.left_out.file(one.uri, self._folder(one))

    def _folder(self, one: Made) -> str | None:
        return innermost(to_path(one.uri) if one.uri else None, self._folders)

    def of(self, stretch: Stretch) -> list[Made]:
        """Those made in a sitting, between its first event and the pause after its last."""
        found = [
            one
            for one in self.left.values()
            if self._folder(one) == stretch.workspace and stretch.began <= one.time <= stretch.ended + self._gap
        ]
        for one in found:
            del self.left[one.id]
        return sorted(found, key=lambda one: one.time)


def _offer(one: Made, key: str, folder: Path | None, gate: _Gate) -> Offer:
    path = to_path(one.uri) if one.uri else None
    told = None
    if path is not None:
        inside = folder is not None and path.is_relative_to(folder)
        told = path.relative_to(folder).as_posix() if inside and folder else name(one.uri or "")
    return Offer(
        task=gate.text(one.task),
        title=gate.text(one.title),
        proposer=one.play,
        key=gate.text(key),
        path=gate.text(told) if told else None,
        line=one.line,
    )


def _domain(events: Sequence[Event]) -> str:
    """``writing`` where only prose was worked on, ``other`` where no file was, else ``code``."""
    languages = [event.where.language for event in events if event.where.uri is not None]
    if not languages:
        return "other"
    return "writing" if all(map(is_prose, languages)) else "code"
