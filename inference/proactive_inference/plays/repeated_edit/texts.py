"""Which mentions of a spelling are left in strings, comments, prose and configuration."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from proactive_inference.plays.repeated_edit.candidates import NONE, Remaining, Seen, candidates
from proactive_inference.plays.repeated_edit.library import Library
from proactive_inference.plays.repeated_edit.limits import SURE
from proactive_inference.plays.repeated_edit.roles import NAMES, Place, Role, Source
from proactive_inference.plays.repeated_edit.tokens import (
    Width,
    distinctive,
    grammatical,
    is_number,
    variants,
    widen,
)

_DIGITS = re.compile(r"[\d.]+")
_HASH = re.compile(r"(?=\D*\d)[0-9a-f]{7,64}")
_POINTED = re.compile(r"\w:\d+(?::\d+)?$")
_PATH = re.compile(r"\.[A-Za-z]\w{0,9}$")


def texts_left(seen: Seen, places: Sequence[Place], library: Library) -> Remaining:
    """The mentions left of a text that was replaced at these places."""
    files = {place.uri for place in places}
    roles = {place.role for place in places}
    telling = distinctive(seen.old) and not is_number(seen.old)
    whole = all(place.whole for place in places)
    sources: list[Source] | None
    if telling:
        sources = library.containing(seen.old)
    else:
        sources = [source for uri in sorted(files) if (source := library.source(uri)) is not None]
    if sources is None or (not telling and len(roles) > 1):
        return NONE
    if seen.old[1:] == seen.new[1:]:
        return NONE  # the beginning of a sentence or a title
    valued = whole and roles == {Role.STRING} and all(_is_value(place, library) for place in places)
    if not _same_thing(seen, roles, telling, whole, valued=valued, made=len(places)):
        return NONE
    if any(_is_syntax(place, library) for place in places):
        return NONE
    if _POINTED.search(seen.old) or (_PATH.search(seen.old) and library.has_file(seen.old)):
        return NONE  # a line of a file as it was then; a file that is still there to be spoken of
    everywhere = len(files) > 1 or seen.old.startswith("--")
    if not telling and Role.CODE in roles:
        roles = roles & {Role.CODE} if all(_in_span(place, library) for place in places) else set()
    shapes = {_shape(source.text, place) for place in places if (source := library.source(place.uri)) is not None}
    addressed = any(
        _in_address(source.text, place) for place in places if (source := library.source(place.uri)) is not None
    )
    if len(places) > 1 and len({_line_of(place, library) for place in places}) < 2:
        return NONE  # one line that speaks of something else now, however often it names it
    number = is_number(seen.old) or _numbered(seen)
    if number and not distinctive(seen.old) and len(places) < SURE:
        return NONE  # versions and sizes are often chosen place by place
    leads = {
        _lead(source, place, exact=number) for place in places if (source := library.source(place.uri)) is not None
    }
    deeper = any(_leads_on(source.text, place) for place in places if (source := library.source(place.uri)))
    left: list[Place] = []
    for source in sources:
        for place in candidates(source, seen):
            if not deeper and _leads_on(source.text, place):
                continue  # a longer path, of which only the beginning is the same
            if telling:
                if place.role in NAMES:
                    return NONE  # still a name in program code, and text may go on speaking of it
                if (everywhere or place.uri in files) and (addressed or not _in_address(source.text, place)):
                    left.append(place)
                continue
            alike = place.role in roles and (place.whole or not whole) and _shape(source.text, place) in shapes
            if alike and _lead(source, place, exact=number) in leads:
                left.append(place)
    return Remaining(tuple(left), False, "the same text in the same role") if left else NONE


def mentions(seen: Seen, library: Library) -> tuple[Place, ...]:
    """Where text and configuration still speak of a telling old spelling that no program code uses any more."""
    if not distinctive(seen.old):
        return ()
    sources = library.containing(seen.old)
    if sources is None:
        return ()
    found: list[Place] = []
    for source in sources:
        for place in candidates(source, seen):
            if place.role in NAMES or place.role in (Role.STRING, Role.NUMBER):
                return ()
            found.append(place)
    return tuple(found)


def _numbered(seen: Seen) -> bool:
    """Whether old and new are versions of one thing, ``py39`` and ``py310``: equal but for their digits."""
    old, new = _DIGITS.sub("", seen.old), _DIGITS.sub("", seen.new)
    return old == new != seen.old


def _same_thing(seen: Seen, roles: set[Role], telling: bool, whole: bool, *, valued: bool, made: int) -> bool:
    """Whether old and new can be two spellings of one thing, and not another thing said in these sentences."""
    old, new = seen.old, seen.new
    if telling:
        head = re.split(r"[@:=]", old)[0]
        return new not in variants(old) and (_likeness(old, new) >= 0.5 or (head != old and new.startswith(head)))
    if is_number(old) or _HASH.fullmatch(old) or valued:
        return True
    if not roles & {Role.PROSE, Role.COMMENT, Role.STRING} or (whole and roles == {Role.STRING}):
        # A plain word gave way to quite another one: that may be meant for these lines only.
        return made >= SURE or _likeness(old, new) >= 0.75
    if grammatical(old):
        return False
    return _likeness(old, new) >= 0.75 and not (old.startswith(new) or new.startswith(old))


def _likeness(old: str, new: str) -> float:
    return SequenceMatcher(None, old.lower(), new.lower(), autojunk=False).ratio()


def _in_span(place: Place, library: Library) -> bool:
    """Whether the place is a whole code span; a plain word in a longer sample is a name of that sample only."""
    source = library.source(place.uri)
    return source is not None and _shape(source.text, place) == ("`", "`")


def _is_value(place: Place, library: Library) -> bool:
    """Whether a string is the value of something that is named, and not one argument of a call."""
    source = library.source(place.uri)
    return source is not None and source.text[max(0, place.start - 40) : place.start - 1].rstrip().endswith(
        (":", "=")
    )


def _leads_on(text: str, place: Place) -> bool:
    return text[place.end : place.end + 1] == "/" and text[place.end + 1 : place.end + 2].isalnum()


def _line_of(place: Place, library: Library) -> tuple[str, int]:
    source = library.source(place.uri)
    return place.uri, source.text.rfind("\n", 0, place.start) if source is not None else -1


def _is_syntax(place: Place, library: Library) -> bool:
    """Whether the place is a word of the programming language itself, such as ``assert``."""
    source = library.source(place.uri)
    return place.role is Role.TEXT and source is not None and source.parsed


def _in_address(text: str, place: Place) -> bool:
    """Whether the place is part of a URL, which names what is elsewhere and does not change with this."""
    low, high = widen(text, place.start, place.end, Width.PATH)
    return "://" in text[low:high]


def _lead(source: Source, place: Place, *, exact: bool) -> str:
    """What a number or a whole string is the value of: the line before it, of a string only the last word.

    Equal numbers and short strings often mean different things; the same key says that they do not.
    """
    low = source.text.rfind("\n", 0, place.start) + 1
    before = source.text[low : place.start].strip()
    if exact:
        return before
    word = re.search(r"(\w+)\W*$", before) if place.whole else None
    return word[1] if word else ""


def _shape(text: str, place: Place) -> tuple[str, str]:
    """What stands right before and after, space and sentence marks taken as one."""
    before, after = text[place.start - 1 : place.start], text[place.end : place.end + 1]
    return ("" if before.isspace() else before), ("" if after.isspace() or after in ".,;:!?" else after)
