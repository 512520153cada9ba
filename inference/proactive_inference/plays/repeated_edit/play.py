"""The play itself: two equal replacements seen, more of the same kind left, one proposal with exact edits."""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from attrs import evolve, field, frozen

from proactive_collectors.events import DiagnosticEvent, DiagnosticResolved, EditBurst, Event, Manner, RunEvent
from proactive_collectors.text import Range, TextEdit, position_at, split_lines
from proactive_collectors.uris import name as file_name
from proactive_inference.ground import digest
from proactive_inference.plays import Moment
from proactive_inference.plays.repeated_edit.arguments import Addition, Call, addition, calls_left
from proactive_inference.plays.repeated_edit.candidates import Remaining, Seen
from proactive_inference.plays.repeated_edit.library import Cache, Library
from proactive_inference.plays.repeated_edit.remaining import remaining
from proactive_inference.plays.repeated_edit.replacements import (
    Difference,
    Form,
    Insertion,
    Spot,
    differences,
    spot,
)
from proactive_inference.plays.repeated_edit.roles import NAMES, Place, Role, Source
from proactive_inference.plays.repeated_edit.texts import mentions
from proactive_inference.plays.repeated_edit.tokens import (
    distinctive,
    is_number,
    occurrences,
    too_common,
    variants,
)
from proactive_inference.plays.rewind import net, rewind
from proactive_inference.proposal import Anchor, Boundary, FileEdit, Proposal

MAX_PLACES = 40
"""More places than this are not offered at once."""

MAX_TOUCHED = 15
"""Nor more files; beyond, the offer is restricted to the file of the last edit."""

MAX_CHANGES = 3_000
"""The newest changes of a window that are looked at; more are a sitting's typing, not a repeated edit."""

MAX_RATIO = 6
"""Unless the old name is gone, no more places are offered than this times the number made by hand."""

FRESH = timedelta(minutes=10)
"""How old the newest of the equal replacements may be, unless a commit was just made."""

MAX_GROUPS = 12
"""How many different replacements of one window are followed up, newest first."""

_UNDEFINED = re.compile(
    r"undefined|not defined|undeclared|cannot find|can't find|unresolved|no attribute|does not exist|unknown|"
    r"has no |no member|not found|cannot import|not exported",
    re.I,
)


@frozen
class _Group:
    """Equal replacements, oldest first."""

    old: str
    new: str
    spots: tuple[Spot, ...]
    forms: tuple[Form, ...]  #: one for each spot

    @property
    def rank(self) -> tuple[int, int]:
        return max((max(one.events), one.rank) for one in self.spots)


_Read = tuple[str, list[Difference]]  # the text before, and what differs


@frozen
class _Found:
    """All that the window's changes come down to."""

    spots: list[Spot] = field(factory=list)
    insertions: list[Insertion] = field(factory=list)
    pairs: frozenset[tuple[str, str]] = frozenset()  #: all pieces that differ, those of a single time too


class RepeatedEdit:
    """Offers to finish a replacement that was made at least twice by hand. Keeps parsed texts between moments."""

    name = "repeated_edit"

    def __init__(self) -> None:
        self._cache = Cache()
        self._read: OrderedDict[tuple[object, ...], _Read] = OrderedDict()

    def propose(self, moment: Moment) -> Sequence[Proposal]:
        """At most one proposal: the newest replacement that has places left."""
        if moment.window.latest(EditBurst) is None:
            return ()
        try:
            return self._propose(moment)
        finally:
            self._cache.rest()

    def _propose(self, moment: Moment) -> Sequence[Proposal]:
        library = Library(moment.workspace, self._cache)
        found = self._changes(moment, library)
        groups = _groups(found.spots)
        pairs = found.pairs | {(group.old, group.new) for group in groups}
        for group in groups[:MAX_GROUPS]:
            proposal = self._offer(group, pairs, moment, library)
            if proposal is not None:
                return (proposal,)
        proposal = _offer_argument(found.insertions, moment, library)
        return (proposal,) if proposal is not None else ()

    # --- what was done ---

    def _changes(self, moment: Moment, library: Library) -> _Found:
        bursts: dict[str, list[tuple[int, Event, EditBurst]]] = {}
        left = MAX_CHANGES
        for index in range(len(moment.window.events) - 1, -1, -1):
            event = moment.window.events[index]
            if isinstance(event.data, EditBurst) and event.where.uri:
                left -= len(event.data.changes)
                if left < 0:
                    break
                bursts.setdefault(event.where.uri, []).insert(0, (index, event, event.data))
        read = [
            (source, self._read_file(source, done))
            for uri, done in bursts.items()
            if (source := library.source(uri)) is not None
        ]
        counts = Counter(one.pair for _, (_, ones) in read for one in ones)
        complaints = _complaints(moment)
        found = _Found(pairs=frozenset(counts))
        for source, (before, ones) in read:
            for one in ones:
                # Nothing is parsed for what was done once, unless something says that the old name is missed.
                if counts[one.pair] > 1 or any(one.pair[0] and one.pair[0] in message for message in complaints):
                    made = spot(before, source, one)
                    if isinstance(made, Spot):
                        found.spots.append(made)
                    elif made is not None:
                        found.insertions.append(made)
        return found

    def _read_file(self, source: Source, done: list[tuple[int, Event, EditBurst]]) -> _Read:
        key = (
            source.document.uri,
            digest(source.text),
            *((index, event.time, len(burst.changes)) for index, event, burst in done),
        )
        found = self._read.pop(key, None)
        if found is None:
            by_hand = (Manner.TYPED, Manner.PASTED, Manner.UNDONE)
            before, steps = rewind(
                source.text, [(index, burst.changes, burst.manner in by_hand) for index, _, burst in done]
            )
            found = before, differences(before, source.text, net(steps))
        self._read[key] = found
        while len(self._read) > 32:
            self._read.popitem(last=False)
        return found

    # --- what is left ---

    def _offer(
        self, group: _Group, pairs: frozenset[tuple[str, str]], moment: Moment, library: Library
    ) -> Proposal | None:
        hands = [one for one in group.spots if one.by_hand]
        committed = moment.boundary is Boundary.COMMITTED
        renamed = any(_is_definition(one.place) for one in hands)
        enough = len(hands) >= 2 or (renamed and _complained(group, moment))
        if not enough or _contested(group, pairs):
            return None
        newest = moment.window.events[max(max(one.events) for one in hands)].time
        if not committed and moment.time - newest > FRESH:
            return None
        seen = Seen(group.old, group.new, tuple(_seen_place(one, form) for one, form in _pairs(group)))
        left = remaining(seen, library)
        sort = "repeated_edit.replace"
        if not left.places and committed:
            left = Remaining(mentions(seen, library), True, "program code uses it no more")
            sort = "repeated_edit.mentions"
        places = _limited(left.places if left.broken else _apart(left.places, group, library), group)
        if not places:
            return None
        if not left.broken and (len(places) > MAX_RATIO * len(hands) or _passed_over(group, places)):
            return None
        return self._proposal(sort, group, left, places, moment, library)

    def _proposal(
        self,
        sort: str,
        group: _Group,
        left: Remaining,
        places: Sequence[Place],
        moment: Moment,
        library: Library,
    ) -> Proposal | None:
        edits = _file_edits(places, group.new, library)
        last = max(group.spots, key=lambda one: (max(one.events), one.rank))
        anchor = _anchor(places, last.place, library)
        if not edits or anchor is None:
            return None
        old, new, count = _short(group.old), _short(group.new), len(places)
        if sort == "repeated_edit.mentions":
            title = f"{count} mentions of {old} are left" if count > 1 else f"1 mention of {old} is left"
        elif count > 1:
            title = f"Replace the {count} remaining '{old}' with '{new}'"
        else:
            title = f"Replace the remaining '{old}' with '{new}'"
        where = f" in {len(edits)} files" if len(edits) > 1 else f" in {file_name(edits[0].uri)}"
        task = f"Replace '{group.old}' with '{group.new}' at {count} more place{'s' * (count > 1)}{where}."
        made = sum(1 for one in group.spots if one.by_hand)
        reason = f"You replaced '{group.old}' with '{group.new}' at {made} place{'s' * (made > 1)}; {left.why}."
        other = _variants_left(group, edits, library)
        if other:
            reason += f" Left as they are: {other}."
        return Proposal(
            play=sort,
            key=f"{group.old}→{group.new}",
            title=title,
            task=task,
            anchor=anchor,
            edits=edits,
            confidence=_confidence(group, left, places, moment),
            reason=reason,
            evidence=tuple(sorted({index for one in group.spots for index in one.events})),
        )


def _pairs(group: _Group) -> Iterable[tuple[Spot, Form]]:
    return zip(group.spots, group.forms, strict=True)


def _seen_place(one: Spot, form: Form) -> Place:
    return evolve(one.place, start=form.start, end=form.end)


def _groups(spots: Sequence[Spot]) -> list[_Group]:
    """Equal replacements, newest first; of those with the same places the widest spelling."""
    by_pair: dict[tuple[str, str], dict[tuple[str, int], tuple[Spot, Form]]] = {}
    for one in spots:
        for form in one.forms:
            if form.old != form.new and not too_common(form.old) and _says_something(form.new):
                pairs = by_pair.setdefault((form.old, form.new), {})
                pairs.setdefault((one.place.uri, form.start), (one, form))
    groups = []
    for (old, new), found in by_pair.items():
        ordered = sorted(found.values(), key=lambda pair: (max(pair[0].events), pair[0].rank))
        groups.append(_Group(old, new, tuple(s for s, _ in ordered), tuple(f for _, f in ordered)))
    groups.sort(key=lambda group: (group.rank, len(group.spots), len(group.old)), reverse=True)
    kept: list[_Group] = []
    for group in groups:
        narrower = any(
            group.old != other.old and group.old in other.old and set(group.spots) <= set(other.spots)
            for other in groups
            if len(other.spots) >= 2
        )
        if not narrower:
            kept.append(group)
    return kept


def _says_something(new: str) -> bool:
    return len(new) >= 2 and (any(map(str.isalpha, new)) or is_number(new))


def _contested(group: _Group, pairs: Iterable[tuple[str, str]]) -> bool:
    """Whether other replacements speak against this one: another successor, the way back, a chain."""
    return any(
        (old == group.old and new != group.new) or old == group.new or new == group.old
        for old, new in pairs
        if old and (old, new) != (group.old, group.new)
    )


def _is_definition(place: Place) -> bool:
    return place.role is Role.DEFINITION or (place.binds and place.role in (Role.ATTRIBUTE, Role.PARAMETER))


def _complaints(moment: Moment, first: int = 0) -> list[str]:
    """What diagnostics and failed runs say of names that are missing, from the ``first`` event on."""
    messages: list[str] = []
    for event in moment.window.events[first:]:
        data = event.data
        if isinstance(data, DiagnosticEvent) and not isinstance(data, DiagnosticResolved):
            messages.append(data.message)
        elif isinstance(data, RunEvent):
            messages += [failure.message for failure in data.failures]
    return [message for message in messages if _UNDEFINED.search(message)]


def _complained(group: _Group, moment: Moment) -> bool:
    """Whether a diagnostic or a failed run says that the old name is gone."""
    first = min(min(one.events) for one in group.spots)
    return any(True for message in _complaints(moment, first) for _ in occurrences(message, group.old))


def _apart(places: Sequence[Place], group: _Group, library: Library) -> list[Place]:
    """The places on lines that do not have the new spelling too: such a line speaks of both, or is done half."""
    kept = []
    for place in places:
        source = library.source(place.uri)
        if source is not None and not any(True for _ in occurrences(source.line_of(place.start), group.new)):
            kept.append(place)
    return kept


def _limited(places: Sequence[Place], group: _Group) -> list[Place]:
    if len(places) <= MAX_PLACES and len({place.uri for place in places}) <= MAX_TOUCHED:
        return list(places)
    uri = group.spots[-1].place.uri
    here = [place for place in places if place.uri == uri]
    return here if len(here) <= MAX_PLACES else []


def _passed_over(group: _Group, places: Sequence[Place]) -> bool:
    """Whether the person went through a file in one direction and left one of the places out on the way."""
    for uri in {place.uri for place in places}:
        made = [form.start for one, form in _pairs(group) if one.place.uri == uri]
        left = [place.start for place in places if place.uri == uri]
        if len(made) < 2 or made not in (sorted(made), sorted(made, reverse=True)):
            continue
        if any(min(made) < start < max(made) for start in left):
            return True
    return False


def _file_edits(places: Sequence[Place], new: str, library: Library) -> tuple[FileEdit, ...]:
    by_file: dict[str, list[Place]] = {}
    for place in places:
        by_file.setdefault(place.uri, []).append(place)
    edits = []
    for uri, here in by_file.items():
        source = library.source(uri)
        if source is None:
            continue
        lines = split_lines(source.text)
        edits.append(
            _file_edit(
                source,
                [TextEdit(_range(lines, place.start, place.end), new) for place in sorted(here, key=_start)],
            )
        )
    return tuple(edits)


def _file_edit(source: Source, edits: Sequence[TextEdit]) -> FileEdit:
    return FileEdit(source.document.uri, tuple(edits), source.document.version, digest(source.text))


def _range(lines: Sequence[str], start: int, end: int) -> Range:
    return Range(position_at(lines, start), position_at(lines, end))


def _start(place: Place) -> int:
    return place.start


def _anchor(places: Sequence[Place], last: Place, library: Library) -> Anchor | None:
    """The next place after the last edit in the same file, else the first there, else the first anywhere."""
    here = sorted((place for place in places if place.uri == last.uri), key=_start)
    after = [place for place in here if place.start >= last.end]
    place = (after or here or list(places))[0]
    source = library.source(place.uri)
    return Anchor(place.uri, _range(split_lines(source.text), place.start, place.end)) if source else None


def _short(spelling: str, limit: int = 24) -> str:
    return spelling if len(spelling) <= limit else spelling[: limit // 2 - 1] + "…" + spelling[-(limit // 2) :]


def _variants_left(group: _Group, edits: Sequence[FileEdit], library: Library) -> str:
    """Other cases of the old spelling in the same files, counted."""
    counts = []
    for variant in sorted(variants(group.old)):
        if variant == group.new or len(variant) < 3:
            continue
        sources = [library.source(edit.uri) for edit in edits]
        count = sum(1 for source in sources if source for _ in occurrences(source.text, variant))
        if count:
            counts.append(f"{count} × '{variant}'")
    return ", ".join(counts[:3])


def _confidence(group: _Group, left: Remaining, places: Sequence[Place], moment: Moment) -> float:
    """Rises with the number seen, with a definition that is gone, within one file, with a telling spelling."""
    made = sum(1 for one in group.spots if one.by_hand)
    roles = {one.place.role for one in group.spots}
    confidence = 0.5 + 0.06 * min(made - 2, 3)
    confidence += 0.2 if left.broken else 0.0
    confidence += 0.08 if {place.uri for place in places} <= {one.place.uri for one in group.spots} else 0.0
    confidence += 0.08 if distinctive(group.old) else 0.0
    confidence += 0.05 if {place.role for place in places} <= roles else 0.0
    confidence -= 0.1 if len(places) > 15 else 0.0
    confidence -= 0.1 if not roles <= NAMES and not distinctive(group.old) else 0.0
    return round(min(max(confidence, 0.05), 0.95), 2)


# --- arguments ---------------------------------------------------------------------------------------------


def _offer_argument(insertions: Sequence[Insertion], moment: Moment, library: Library) -> Proposal | None:
    groups: dict[Addition, list[Insertion]] = {}
    for insertion in insertions:
        source = library.source(insertion.uri)
        if insertion.by_hand and source is not None and (made := addition(source, insertion)) is not None:
            groups.setdefault(made, []).append(insertion)
    for seen, done in sorted(groups.items(), key=lambda item: max(max(i.events) for i in item[1]), reverse=True):
        newest = moment.window.events[max(max(insertion.events) for insertion in done)].time
        if len(done) < 2 or (moment.boundary is not Boundary.COMMITTED and moment.time - newest > FRESH):
            continue
        left = calls_left(seen, sorted({insertion.uri for insertion in done}), library)
        between = any(
            min(i.start for i in done if i.uri == source.document.uri)
            < call.close
            < max(i.start for i in done if i.uri == source.document.uri)
            for source, call in left
        )
        if left and not between and len(left) <= MAX_PLACES:
            return _argument_proposal(seen, done, left)
    return None


def _argument_proposal(seen: Addition, done: Sequence[Insertion], left: Sequence[tuple[Source, Call]]) -> Proposal:
    by_file: dict[str, tuple[Source, list[int]]] = {}
    for source, call in left:
        by_file.setdefault(source.document.uri, (source, []))[1].append(call.close)
    edits = []
    for source, offsets in by_file.values():
        lines = split_lines(source.text)
        edits.append(
            _file_edit(source, [TextEdit(_range(lines, at, at), seen.argument) for at in sorted(offsets)])
        )
    last = max(done, key=lambda insertion: (max(insertion.events), insertion.rank))
    source, offsets = by_file.get(last.uri) or next(iter(by_file.values()))
    after = [at for at in sorted(offsets) if source.document.uri == last.uri and at >= last.end]
    at = (after or sorted(offsets))[0]
    lines, argument, callee = split_lines(source.text), seen.argument.lstrip(", "), _short(seen.callee)
    count = len(left)
    calls = f"the {count} remaining calls" if count > 1 else "the remaining call"
    return Proposal(
        play="repeated_edit.argument",
        key=f"{seen.callee}({seen.argument})",
        title=f"Add '{_short(argument)}' to {calls} of '{callee}'",
        task=f"Add the argument '{argument}' to {count} more call{'s' * (count > 1)} of '{seen.callee}'.",
        anchor=Anchor(source.document.uri, _range(lines, at, at)),
        edits=tuple(edits),
        confidence=0.6,
        reason=f"You added it to {len(done)} calls with as many arguments.",
        evidence=tuple(sorted({index for insertion in done for index in insertion.events})),
    )
