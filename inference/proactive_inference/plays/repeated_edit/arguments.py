"""The same argument put into calls of the same function: ``fetch(url)`` made ``fetch(url, timeout=t)``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from attrs import frozen

from proactive_inference.plays.repeated_edit.library import Library
from proactive_inference.plays.repeated_edit.replacements import Insertion
from proactive_inference.plays.repeated_edit.roles import Role, Source
from proactive_inference.plays.repeated_edit.tokens import words

MAX_CALL = 400
"""Calls longer than this (code points) are not looked through."""

_CALLEE = re.compile(r"[\w$]+(?:(?:\.|::)[\w$]+)*$")
_ARGUMENT = re.compile(r",\s*[^\s,)](?:[^\n]*\S)?$")
_FIRST = re.compile(r"[^\s,)](?:[^\n]*[^\s,])?$")
_LITERAL = re.compile(r"-?\d[\w.]*|\"[^\"\n]*\"|'[^'\n]*'|`[^`\n]*`")
_NAMED = re.compile(r",?\s*([A-Za-z_]\w*)\s*=(?!=)")
_FREE = re.compile(r"(?<![\w.\"'])[A-Za-z_]\w*\b(?!\s*=[^=])")
_FIXED = words("True False None true false nil null undefined self this cls")
_CODE = frozenset({Role.VARIABLE, Role.ATTRIBUTE})


@frozen
class Addition:
    """An argument put in last; ``count`` arguments stood there before."""

    callee: str
    argument: str  #: as typed, with its comma if there is one
    count: int


@frozen
class Call:
    """A call in a text: ``close`` is the offset of its closing parenthesis."""

    start: int
    close: int
    arguments: tuple[str, ...]


def addition(source: Source, insertion: Insertion) -> Addition | None:
    """The argument that an insertion added to a call, ``None`` if it did something else."""
    text = source.text
    if text[insertion.end : insertion.end + 1] != ")" or len(insertion.text) > 80:
        return None
    opening = _opening(text, insertion.start)
    if opening is None:
        return None
    callee = _CALLEE.search(text, max(0, text.rfind("\n", 0, opening) + 1, opening - 120), opening)
    if callee is None or source.place(callee.end() - 1, callee.end()).role not in _CODE:
        return None
    if _LITERAL.fullmatch(insertion.text.lstrip(", ")):
        return None  # a number or a text says something of this call alone
    before = tuple(_split(text[opening + 1 : insertion.start]))
    fits = _ARGUMENT.match(insertion.text) if before else _FIRST.match(insertion.text)
    if not fits or _closing(insertion.text + ")", 0) != len(insertion.text):
        return None  # more or less than one whole argument
    return Addition(callee[0], insertion.text, len(before))


def calls_left(seen: Addition, uris: Sequence[str], library: Library) -> list[tuple[Source, Call]]:
    """The calls of the same function with as many arguments, to which the addition can be made as it is."""
    sources = library.containing(seen.callee + "(")
    found: list[tuple[Source, Call]] = []
    for source in sources or ():
        if source.document.uri not in uris or not source.parsed:
            continue
        for call in _calls(source, seen.callee):
            if len(call.arguments) == seen.count and _fits(seen, source, call, library):
                found.append((source, call))
    return found


def _fits(seen: Addition, source: Source, call: Call, library: Library) -> bool:
    named = _NAMED.match(seen.argument)
    if named and any(re.match(rf"{named[1]}\s*=", argument) for argument in call.arguments):
        return False
    if any(argument.startswith(("*", "...")) or argument.endswith("...") for argument in call.arguments):
        return False
    for name in set(_FREE.findall(seen.argument)) - _FIXED:
        places = [place for place in source.places(name) if place.binds]
        scope = source.place(call.start, call.close).scope
        if not any(
            place.scope is None
            or (scope is not None and place.scope[0] <= scope[0] and scope[1] <= place.scope[1])
            for place in places
            if place.role is not Role.ATTRIBUTE
        ):
            return False
    return True


def _calls(source: Source, callee: str) -> Iterator[Call]:
    text = source.text
    for match in re.finditer(rf"(?<![\w$.:]){re.escape(callee)}\(", text):
        if source.place(match.end() - 2, match.end() - 1).role not in _CODE:
            continue
        closing = _closing(text, match.end())
        if closing is not None:
            yield Call(match.start(), closing, tuple(_split(text[match.end() : closing])))


def _opening(text: str, at: int) -> int | None:
    depth = 0
    for offset in range(at - 1, max(-1, at - MAX_CALL), -1):
        if text[offset] in ")]}":
            depth += 1
        elif text[offset] in "([{":
            if not depth:
                return offset if text[offset] == "(" else None
            depth -= 1
    return None


def _closing(text: str, at: int) -> int | None:
    depth, quote = 0, ""
    for offset in range(at, min(len(text), at + MAX_CALL)):
        character = text[offset]
        if quote:
            quote = "" if character == quote and text[offset - 1] != "\\" else quote
        elif character in "\"'`":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            if not depth:
                return offset if character == ")" else None
            depth -= 1
    return None


def _split(arguments: str) -> list[str]:
    parts, depth, quote, start = [], 0, "", 0
    for offset, character in enumerate(arguments):
        if quote:
            quote = "" if character == quote and arguments[offset - 1] != "\\" else quote
        elif character in "\"'`":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and not depth:
            parts.append(arguments[start:offset].strip())
            start = offset + 1
    parts.append(arguments[start:].strip())
    return [part for part in parts if part]
