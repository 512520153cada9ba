"""What lasts in a sitting, seen from its end: errors, work between rests, replacements that are gone on with."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate, pairwise

from attrs import define

from proactive_collectors.events import (
    DiagnosticAppeared,
    DiagnosticLingering,
    DiagnosticResolved,
    EditBurst,
    Event,
    Severity,
)

OUTLIVES = timedelta(seconds=60)
"""An error that stands for so much longer, in time at work, was in the way."""

REST = timedelta(seconds=35)
"""A longer time between two events counts as so much work: a burst lasts up to 30 s, the rest may be a walk."""

GOES_ON = 2
"""A replacement that was made as often counts as repeated, and as gone on with when it is made as often again."""

ABOUT_TO = timedelta(seconds=10)
"""What the person does all alone within this time needed no help."""

_SYNTAX = frozenset({"invalid-syntax", "syntax"})
_LATELY = 12  # bursts
_LONGEST = 80  # characters of a replaced text


class Worked:
    """How long somebody was at work between two times of a sitting."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._times = [event.time for event in events]
        gaps = (min(later - earlier, REST).total_seconds() for earlier, later in pairwise(self._times))
        self._sums = [0.0, *accumulate(gaps)]

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The time at work; both ends are taken at the events next to them."""
        first, last = bisect_left(self._times, start), bisect_right(self._times, end) - 1
        if last <= first:
            return timedelta()
        return timedelta(seconds=self._sums[last] - self._sums[first])


@define
class Error:
    """An error of a document, from its coming up to its end."""

    began: datetime
    line: int  #: where it came up
    lingered: datetime | None = None
    ended: datetime | None = None  #: ``None``: it stood to the end
    fresh: bool = True  #: whether it came up by an edit, rather than with the opening of the document

    def in_the_way(self, now: datetime, work: Worked) -> bool:
        """Whether it has stood for long at ``now``, stands for long yet, and is put right in the end."""
        return (
            self.fresh
            and self.lingered is not None
            and self.lingered <= now
            and self.ended is not None
            and work.between(now, self.ended) >= OUTLIVES
        )


def errors_of(events: Sequence[Event]) -> dict[tuple[str, str], list[Error]]:
    """The errors of a sitting by document and message, in the order in which they came up.

    Of several with the same message, the one that stood nearest is taken to be meant. One that goes when a syntax
    error comes up, and comes back, was only hidden by it.
    """
    syntax: dict[str, set[datetime]] = {}
    found: dict[tuple[str, str], list[Error]] = {}
    opened_at: dict[str, datetime] = {}
    for event in events:
        uri = event.where.uri or ""
        line = event.where.range.start.line if event.where.range else 0
        match event.data:
            case DiagnosticAppeared(severity=Severity.ERROR, code=code) if code in _SYNTAX:
                syntax.setdefault(uri, set()).add(event.time)
            case DiagnosticAppeared(severity=Severity.ERROR, message=message):
                hidden = [one for one in found.get((uri, message), ()) if one.ended in syntax.get(uri, ())]
                if hidden:
                    min(hidden, key=lambda error: abs(error.line - line)).ended = None
                    continue
                fresh = event.time - opened_at.get(uri, event.time - OUTLIVES) > timedelta(seconds=1)
                found.setdefault((uri, message), []).append(Error(event.time, line, fresh=fresh))
            case DiagnosticLingering(message=message) | DiagnosticResolved(message=message):
                standing = [one for one in found.get((uri, message), ()) if one.ended is None]
                if standing:
                    one = min(standing, key=lambda error: abs(error.line - line))
                    if isinstance(event.data, DiagnosticResolved):
                        one.ended = event.time
                    else:
                        one.lingered = one.lingered or event.time
            case _ if event.kind == "document.opened":
                opened_at[uri] = event.time
    return found


class Repeats:
    """Which replacements somebody made by hand again and again."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._bursts: list[tuple[int, list[tuple[str, str]]]] = []
        self._times: dict[tuple[str, str], list[datetime]] = {}
        for index, event in enumerate(events):
            if isinstance(event.data, EditBurst):
                pairs = [
                    pair for change in event.data.changes if (pair := _pair(change.old_text, change.new_text))
                ]
                self._bursts.append((index, pairs))
                for pair in pairs:
                    self._times.setdefault(pair, []).append(event.time)

    def go_on(self, index: int, now: datetime) -> bool:
        """Whether a replacement made twice lately, as of event ``index``, is made twice more, but not soon."""
        end = bisect_right(self._bursts, index, key=lambda burst: burst[0])
        lately = Counter(pair for _, pairs in self._bursts[max(0, end - _LATELY) : end] for pair in pairs)
        return any(
            count >= GOES_ON and len(times := self._times[pair]) - bisect_right(times, now + ABOUT_TO) >= GOES_ON
            for pair, count in lately.items()
        )


def _pair(old: str, new: str) -> tuple[str, str] | None:
    """A replacement that says something: not blank space, a bracket, a single word put in, or a whole page."""
    old, new = old.strip(), new.strip()
    if old == new or max(len(old), len(new)) > _LONGEST or max(len(old), len(new)) < 3:
        return None
    if not (old and new) and (old + new).isalpha():
        return None  # "the" comes and goes
    return old, new
