"""A replacement, what is left of it, and the places that can come into question at all."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from proactive_inference.plays.repeated_edit.roles import NAMES, Place, Role, Source, Span
from proactive_inference.plays.repeated_edit.tokens import WORD, in_compound, is_number

_LOCAL = frozenset({Role.VARIABLE, Role.PARAMETER, Role.DEFINITION, Role.IMPORT})


@frozen
class Seen:
    """A replacement that was made by hand; ``places`` are where the new spelling stands in the current text."""

    old: str
    new: str
    places: tuple[Place, ...]


@frozen
class Remaining:
    """The places left, and why they are thought to be of the same kind."""

    places: tuple[Place, ...] = ()
    broken: bool = False  #: whether the old name is defined nowhere any more
    why: str = ""


NONE = Remaining()


def simple(spelling: str) -> bool:
    """Whether a spelling is one word."""
    return WORD.fullmatch(spelling) is not None


def candidates(source: Source, seen: Seen) -> list[Place]:
    """The occurrences of the old spelling that are neither inside the new one nor part of a longer word."""
    text, old, new = source.text, seen.old, seen.new
    inner = new.find(old)
    found = []
    for place in source.places(old):
        start, end = place.start, place.end
        if inner >= 0 and text.startswith(new, start - inner) and start >= inner:
            continue
        loose = place.role not in NAMES and not is_number(old) and "/" not in old and "." not in old
        if loose and in_compound(text, start, end):
            continue
        if place.role not in NAMES and _goes_on(text, start, end):
            continue
        if is_number(old) and (text[start - 1 : start] == "." or text[end : end + 2].strip(".")[:1].isdigit()):
            continue
        if "." in old and place.role in NAMES and text[start - 1 : start] == ".":
            continue
        if inner >= 0 and new[inner - 1 : inner] in (".", ":") and text[start - 1 : start] in (".", ":"):
            continue
        found.append(place)
    return found


def _goes_on(text: str, start: int, end: int) -> bool:
    """Whether a hyphen makes a longer word of what stands there: ``docs/typer`` in ``docs/typer-cli``."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    return (after[:1] == "-" and after[1:].isalnum()) or (before[1:] == "-" and before[:1].isalnum())


def binder(places: Iterable[Place], place: Place) -> Span | None:
    """The innermost function around ``place`` that binds the spelling itself."""
    if place.scope is None:
        return None
    low, high = place.scope
    spans = {
        other.scope
        for other in places
        if other.binds
        and other.role in _LOCAL
        and other.scope
        and other.scope[0] <= low
        and high <= other.scope[1]
    }
    return min(spans, key=lambda span: span[1] - span[0], default=None)
