"""The play itself: two equal replacements seen, more of the same kind left, one proposal with exact edits."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Sequence

from attrs import evolve, field, frozen

from proactive_collectors.events import EditBurst, Event, Manner
from proactive_collectors.text import Change
from proactive_collectors.uris import name as file_name
from proactive_inference.plays import Moment
from proactive_inference.plays.repeated_edit.argument_offer import offer_argument
from proactive_inference.plays.repeated_edit.before import is_committed, left_alone
from proactive_inference.plays.repeated_edit.candidates import Remaining, Seen
from proactive_inference.plays.repeated_edit.edits import anchor_at, file_edits, short
from proactive_inference.plays.repeated_edit.groups import (
    Group,
    complained,
    complaints,
    contested,
    groups_of,
    is_definition,
    pairs_of,
    seen_place,
)
from proactive_inference.plays.repeated_edit.library import Cache, Library
from proactive_inference.plays.repeated_edit.limits import FRESH, MAX_PLACES
from proactive_inference.plays.repeated_edit.remaining import remaining
from proactive_inference.plays.repeated_edit.replacements import (
    Difference,
    Insertion,
    Spot,
    differences,
    second_thoughts,
    spot,
)
from proactive_inference.plays.repeated_edit.roles import NAMES, Place, Source
from proactive_inference.plays.repeated_edit.texts import mentions
from proactive_inference.plays.repeated_edit.tokens import distinctive, occurrences, variants
from proactive_inference.plays.rewind import net, rewind
from proactive_inference.proposal import Boundary, FileEdit, Proposal

MAX_TOUCHED = 15
"""Nor more files; beyond, the offer is restricted to the file of the last edit."""

MAX_CHANGES = 3_000
"""The newest changes of a window that are looked at; more are a sitting's typing, not a repeated edit."""

MAX_RATIO = 6
"""Unless the old name is gone, and that is seen twice, no more places are offered than this times those made."""


MAX_GROUPS = 12
"""How many different replacements of one window are followed up, newest first."""


_Read = tuple[str, list[Difference]]  # the text before, and what differs, its events counted by file


@frozen
class _Found:
    """All that the window's changes come down to."""

    spots: list[Spot] = field(factory=list)
    insertions: list[Insertion] = field(factory=list)
    before: dict[str, str] = field(factory=dict)  #: by file, the text before all of it
    pairs: frozenset[tuple[str, str]] = frozenset()  #: all pieces that differ, those of a single time too


class RepeatedEdit:
    """Offers to finish a replacement that was made at least twice by hand. Keeps parsed texts between moments."""

    name = "repeated_edit"

    def __init__(self) -> None:
        self._cache = Cache()
        self._read: OrderedDict[tuple[object, ...], list[_Read]] = OrderedDict()

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
        groups = groups_of(found.spots)
        pairs = found.pairs | {(group.old, group.new) for group in groups}
        for group in groups[:MAX_GROUPS]:
            proposal = self._offer(group, pairs, found, moment, library)
            if proposal is not None:
                return (proposal,)
        proposal = offer_argument(found.insertions, moment, library)
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
            (source, _placed(part, done))
            for uri, done in bursts.items()
            if (source := library.source(uri)) is not None
            for part in self._read_file(source, done)
        ]
        counts = Counter(one.pair for _, (_, ones) in read for one in ones)
        said = complaints(moment)
        found = _Found(pairs=frozenset(counts))
        for source, (before, ones) in read:
            found.before.setdefault(source.document.uri, before)
            for one in ones:
                # Nothing is parsed for what was done once, unless something says that the old name is missed.
                if counts[one.pair] > 1 or any(one.pair[0] and one.pair[0] in message for message in said):
                    made = spot(before, source, one)
                    if isinstance(made, Spot):
                        found.spots.append(made)
                    elif made is not None:
                        found.insertions.append(made)
        return found

    def _read_file(self, source: Source, done: list[tuple[int, Event, EditBurst]]) -> list[_Read]:
        key = (
            source.document.uri,
            source.text,
            *((event.time, len(burst.changes)) for _, event, burst in done),
        )
        found = self._read.pop(key, None)
        if found is None:
            by_hand = (Manner.TYPED, Manner.PASTED, Manner.UNDONE)
            changes = [(number, one.changes, one.manner in by_hand) for number, (_, _, one) in enumerate(done)]
            found = [_compared(source.text, changes)]
            late = second_thoughts([burst for _, _, burst in done])
            if 0 < late < len(done):
                known = {(one.start, one.end) for one in found[0][1]}
                before, ones = _compared(source.text, changes[-late:])
                found.append((before, [one for one in ones if (one.start, one.end) not in known]))
        self._read[key] = found
        while len(self._read) > 32:
            self._read.popitem(last=False)
        return found

    # --- what is left ---

    def _offer(
        self, group: Group, pairs: frozenset[tuple[str, str]], found: _Found, moment: Moment, library: Library
    ) -> Proposal | None:
        hands = [one for one in group.spots if one.by_hand]
        committed = moment.boundary is Boundary.COMMITTED
        renamed = any(is_definition(one.place) for one in hands)
        enough = len(hands) >= 2 or (renamed and complained(group, moment))
        if not enough or contested(group, pairs):
            return None
        last = max(max(one.events) for one in hands)
        if not committed and (moment.time - moment.window.events[last].time > FRESH or is_committed(moment, last)):
            return None
        if left_alone(moment, self.name, _key(group)):
            return None
        if renamed and any(_was_there(group, uri, found) for uri in {one.place.uri for one in group.spots}):
            return None
        seen = Seen(group.old, group.new, tuple(seen_place(one, form) for one, form in pairs_of(group)))
        left = remaining(seen, library)
        sort = "repeated_edit.replace"
        if not left.places and committed and renamed and all(one.place.role in NAMES for one in hands):
            left = Remaining(mentions(seen, library), True, "program code uses it no more")
            sort = "repeated_edit.mentions"
        places = _limited(left.places if left.broken else _apart(left.places, group, library), group)
        if not places:
            return None
        too_many = len(places) > MAX_RATIO * len(hands)
        if too_many and (len(hands) < 2 or not left.broken):
            return None
        if not left.broken and _passed_over(group, places):
            return None
        return self._proposal(sort, group, left, places, moment, library)

    def _proposal(
        self,
        sort: str,
        group: Group,
        left: Remaining,
        places: Sequence[Place],
        moment: Moment,
        library: Library,
    ) -> Proposal | None:
        edits = file_edits(places, group.new, library)
        last = max(group.spots, key=lambda one: (max(one.events), one.rank))
        anchor = anchor_at(places, last.place, library)
        if not edits or anchor is None:
            return None
        old, new, count = short(group.old), short(group.new), len(places)
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
            key=_key(group),
            title=title,
            task=task,
            anchor=anchor,
            edits=edits,
            confidence=_confidence(group, left, places, moment),
            reason=reason,
            evidence=tuple(sorted({index for one in group.spots for index in one.events})),
        )


def _key(group: Group) -> str:
    return f"{group.old}→{group.new}"


def _compared(text: str, changes: Sequence[tuple[int, Sequence[Change], bool]]) -> _Read:
    before, steps = rewind(text, changes)
    return before, differences(before, text, net(steps))


def _placed(read: _Read, done: Sequence[tuple[int, Event, EditBurst]]) -> _Read:
    """What was read with the events' places in the window: they move, while what was read of a file stays."""
    before, ones = read
    return before, [evolve(one, events=frozenset(done[number][0] for number in one.events)) for one in ones]


def _was_there(group: Group, uri: str, found: _Found) -> bool:
    """Whether a definition's new name was a name in this file before: then two things change places."""
    defined = any(is_definition(one.place) for one in group.spots if one.place.uri == uri)
    return defined and any(True for _ in occurrences(found.before.get(uri, ""), group.new))


def _apart(places: Sequence[Place], group: Group, library: Library) -> list[Place]:
    """The places on lines that do not have the new spelling too: such a line speaks of both, or is done half."""
    kept = []
    for place in places:
        source = library.source(place.uri)
        if source is not None and not any(True for _ in occurrences(source.line_of(place.start), group.new)):
            kept.append(place)
    return kept


def _limited(places: Sequence[Place], group: Group) -> list[Place]:
    if len(places) <= MAX_PLACES and len({place.uri for place in places}) <= MAX_TOUCHED:
        return list(places)
    uri = group.spots[-1].place.uri
    here = [place for place in places if place.uri == uri]
    return here if len(here) <= MAX_PLACES else []


def _passed_over(group: Group, places: Sequence[Place]) -> bool:
    """Whether the person went through a file in one direction and left one of the places out on the way."""
    for uri in {place.uri for place in places}:
        made = [form.start for one, form in pairs_of(group) if one.place.uri == uri]
        left = [place.start for place in places if place.uri == uri]
        if len(made) < 2 or made not in (sorted(made), sorted(made, reverse=True)):
            continue
        if any(min(made) < start < max(made) for start in left):
            return True
    return False


def _variants_left(group: Group, edits: Sequence[FileEdit], library: Library) -> str:
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


def _confidence(group: Group, left: Remaining, places: Sequence[Place], moment: Moment) -> float:
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
