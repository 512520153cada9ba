"""From full lists of diagnostics to events: what appeared, what is gone, and what stays.

Language servers send the whole list of a document again and again, often for every keystroke. The tracker
compares each list with the one before. It has no clock: times come with the calls.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from attrs import define, frozen

from proactive_collectors.events import (
    DiagnosticAppeared,
    DiagnosticLingering,
    DiagnosticResolved,
    Payload,
    Severity,
    Where,
)
from proactive_collectors.text import Range

LINGER = timedelta(seconds=8)
"""How long a diagnostic stands until it is said to linger.

Longer than a line takes to type: 40 characters at 60 words (of five) a minute are 8 s, and servers report what is
half typed only some way into it. So what the next keystrokes would have mended seldom lingers.
"""

FLICKER = timedelta(seconds=2)
"""A diagnostic that is back within this time keeps its age: servers clear a list before they check again."""

LINGERING = frozenset({Severity.ERROR, Severity.WARNING})
"""What can linger. Information and hints are made to stand."""

DOCUMENTS = 256
"""Of how many documents the last list is kept; the one that was reported longest ago is forgotten first."""

PER_DOCUMENT = 100
"""How many diagnostics of one document are followed: the gravest, from the top of the document."""

_GRAVITY = {severity: rank for rank, severity in enumerate(Severity)}

# "already defined on line 12" is the same complaint when a line is inserted above.
_LINE_NUMBER = re.compile(r"\b(lines?:? )\d+")


_Sort = tuple[str | None, str | None, str]


@frozen
class Item:
    """One diagnostic of a list."""

    range: Range
    message: str
    severity: Severity = Severity.ERROR
    code: str | None = None
    tool: str | None = None  #: the server or linter that says so

    @property
    def sort(self) -> _Sort:
        """What stays the same when the diagnostic moves with its text."""
        return (self.tool, self.code, _LINE_NUMBER.sub(r"\1", self.message))


@define
class _Followed:
    item: Item
    since: datetime
    lingered: bool = False
    gone: datetime | None = None


Report = tuple[Where, Payload]
"""What is to become an event; ``Where`` has the document and the range."""


class DiagnosticTracker:
    """Follows the diagnostics of all documents. Not thread-safe."""

    def __init__(self) -> None:
        # By document, the one reported last at the end.
        self._standing: dict[str, list[_Followed]] = {}
        self._gone: dict[str, list[_Followed]] = {}
        self._next: dict[str, datetime] = {}  # when the first of a document's will linger

    def update(self, uri: str, items: Sequence[Item], time: datetime) -> list[Report]:
        """Take in the full list of a document's diagnostics; what has appeared and what is resolved, in order.

        A diagnostic of the same tool, code and message elsewhere in the document is the same one, moved.
        """
        if len(items) > PER_DOCUMENT:
            items = sorted(items, key=lambda item: (_GRAVITY[item.severity], item.range))[:PER_DOCUMENT]
        before = self._standing.pop(uri, [])
        matches = _match([one.item for one in before], items)
        followed: list[_Followed] = []
        for item, index in zip(items, matches, strict=True):
            if index is None:
                followed.append(_Followed(item, time))
            else:
                before[index].item = item
                followed.append(before[index])
        stay = {index for index in matches if index is not None}
        gone = [one for index, one in enumerate(before) if index not in stay]
        fresh = [one for one, index in zip(followed, matches, strict=True) if index is None]

        self._take_back(uri, fresh, time)
        for one in gone:
            one.gone = time
        self._remember(uri, followed, gone)
        return [
            *((_where(uri, one), DiagnosticResolved(*_words(one), _seconds(one, time))) for one in gone),
            *((_where(uri, one), DiagnosticAppeared(*_words(one))) for one in fresh),
        ]

    def due(self) -> datetime | None:
        """When :meth:`lingering` will next have something to say; ``None`` if nothing is waiting."""
        return min(self._next.values(), default=None)

    def lingering(self, now: datetime) -> list[Report]:
        """What has stood for :data:`LINGER` by ``now`` and was not reported so before."""
        reports: list[Report] = []
        for uri in [uri for uri, due in self._next.items() if due <= now]:
            for one in self._standing[uri]:
                if not one.lingered and one.item.severity in LINGERING and one.since + LINGER <= now:
                    one.lingered = True
                    reports.append((_where(uri, one), DiagnosticLingering(*_words(one), _seconds(one, now))))
            self._set_next(uri)
        return reports

    def forget(self, uri: str) -> None:
        """Drop what is known of a document, without a word: it was closed or deleted."""
        for known in (self._standing, self._gone, self._next):
            known.pop(uri, None)

    def _take_back(self, uri: str, fresh: Sequence[_Followed], time: datetime) -> None:
        """Give those that were here a moment ago their age back."""
        lately = [one for one in self._gone.get(uri, ()) if one.gone is not None and time - one.gone <= FLICKER]
        matches = _match([one.item for one in lately], [one.item for one in fresh])
        for one, index in zip(fresh, matches, strict=True):
            if index is not None:
                one.since, one.lingered = lately[index].since, lately[index].lingered
        back = {index for index in matches if index is not None}
        self._gone[uri] = [one for index, one in enumerate(lately) if index not in back]

    def _remember(self, uri: str, followed: list[_Followed], gone: Sequence[_Followed]) -> None:
        lately = [*self._gone.pop(uri, ()), *gone][-PER_DOCUMENT:]
        if lately:
            self._gone[uri] = lately
        if followed:
            self._standing[uri] = followed
        self._set_next(uri)
        while len(self._standing) > DOCUMENTS:
            self.forget(next(iter(self._standing)))
        while len(self._gone) > DOCUMENTS:
            del self._gone[next(iter(self._gone))]

    def _set_next(self, uri: str) -> None:
        waiting = [
            one.since + LINGER
            for one in self._standing.get(uri, ())
            if not one.lingered and one.item.severity in LINGERING
        ]
        if waiting:
            self._next[uri] = min(waiting)
        else:
            self._next.pop(uri, None)


def _where(uri: str, one: _Followed) -> Where:
    return Where(uri=uri, range=one.item.range)


def _words(one: _Followed) -> tuple[str, Severity, str | None, str | None]:
    return (one.item.message, one.item.severity, one.item.code, one.item.tool)


def _seconds(one: _Followed, time: datetime) -> float:
    return max(0.0, (time - one.since).total_seconds())


def _match(before: Sequence[Item], after: Sequence[Item]) -> list[int | None]:
    """For each item of ``after`` the index of the same one in ``before``: the unmoved one, else the nearest."""
    unmoved: defaultdict[tuple[_Sort, Range], list[int]] = defaultdict(list)
    left: defaultdict[_Sort, dict[int, int]] = defaultdict(dict)  # by sort: index and line
    for index, item in enumerate(before):
        sort = item.sort
        unmoved[sort, item.range].append(index)
        left[sort][index] = item.range.start.line
    matches: list[int | None] = [None] * len(after)
    moved: list[tuple[int, _Sort, int]] = []
    for number, item in enumerate(after):
        sort = item.sort
        if same := unmoved.get((sort, item.range)):
            matches[number] = same[0]
            del left[sort][same.pop(0)]
        else:
            moved.append((number, sort, item.range.start.line))
    for number, sort, line in moved:
        if candidates := left.get(sort):
            nearest, _ = min(candidates.items(), key=lambda pair: abs(pair[1] - line))
            matches[number] = nearest
            del candidates[nearest]
    return matches
