"""The proposal to add the same argument to the calls that are left."""

from __future__ import annotations

from collections.abc import Sequence

from proactive_collectors.text import TextEdit, split_lines
from proactive_inference.plays import Moment
from proactive_inference.plays.repeated_edit.arguments import Addition, Call, addition, calls_left
from proactive_inference.plays.repeated_edit.before import left_alone
from proactive_inference.plays.repeated_edit.edits import file_edit, range_of, short
from proactive_inference.plays.repeated_edit.library import Library
from proactive_inference.plays.repeated_edit.limits import FRESH, MAX_PLACES
from proactive_inference.plays.repeated_edit.replacements import Insertion
from proactive_inference.plays.repeated_edit.roles import Source
from proactive_inference.proposal import Anchor, Boundary, Proposal

MAX_RATIO = 3
"""No more calls are offered than this times those made by hand: most arguments are for some calls only."""


def offer_argument(insertions: Sequence[Insertion], moment: Moment, library: Library) -> Proposal | None:
    """The proposal to add an argument to the calls left, if one was added to two in the same way."""
    groups: dict[Addition, list[Insertion]] = {}
    for insertion in insertions:
        source = library.source(insertion.uri)
        if insertion.by_hand and source is not None and (made := addition(source, insertion)) is not None:
            groups.setdefault(made, []).append(insertion)
    for seen, done in sorted(groups.items(), key=lambda item: max(max(i.events) for i in item[1]), reverse=True):
        newest = moment.window.events[max(max(insertion.events) for insertion in done)].time
        if len(done) < 2 or (moment.boundary is not Boundary.COMMITTED and moment.time - newest > FRESH):
            continue
        if left_alone(moment, "repeated_edit", _key(seen)):
            continue
        left = calls_left(seen, sorted({insertion.uri for insertion in done}), library)
        between = any(
            min(i.start for i in done if i.uri == source.document.uri)
            < call.close
            < max(i.start for i in done if i.uri == source.document.uri)
            for source, call in left
        )
        if left and not between and len(left) <= min(MAX_PLACES, MAX_RATIO * len(done)):
            return _argument_proposal(seen, done, left)
    return None


def _key(seen: Addition) -> str:
    return f"{seen.callee}({seen.argument})"


def _argument_proposal(seen: Addition, done: Sequence[Insertion], left: Sequence[tuple[Source, Call]]) -> Proposal:
    by_file: dict[str, tuple[Source, list[int]]] = {}
    for source, call in left:
        by_file.setdefault(source.document.uri, (source, []))[1].append(call.close)
    edits = []
    for source, offsets in by_file.values():
        lines = split_lines(source.text)
        edits.append(
            file_edit(source, [TextEdit(range_of(lines, at, at), seen.argument) for at in sorted(offsets)])
        )
    last = max(done, key=lambda insertion: (max(insertion.events), insertion.rank))
    source, offsets = by_file.get(last.uri) or next(iter(by_file.values()))
    after = [at for at in sorted(offsets) if source.document.uri == last.uri and at >= last.end]
    at = (after or sorted(offsets))[0]
    lines, argument, callee = split_lines(source.text), seen.argument.lstrip(", "), short(seen.callee)
    count = len(left)
    calls = f"the {count} remaining calls" if count > 1 else "the remaining call"
    return Proposal(
        play="repeated_edit.argument",
        key=_key(seen),
        title=f"Add '{short(argument)}' to {calls} of '{callee}'",
        task=f"Add the argument '{argument}' to {count} more call{'s' * (count > 1)} of '{seen.callee}'.",
        anchor=Anchor(source.document.uri, range_of(lines, at, at)),
        edits=tuple(edits),
        confidence=0.6,
        reason=f"You added it to {len(done)} calls with as many arguments.",
        evidence=tuple(sorted({index for insertion in done for index in insertion.events})),
    )
