"""What was replaced by what: from the net difference of a file to spellings, old and new, where they stand now."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from attrs import frozen

from proactive_collectors.events import EditBurst
from proactive_inference.plays.repeated_edit.roles import NAMES, Place, Role, Source
from proactive_inference.plays.repeated_edit.tokens import (
    PIECE,
    Width,
    in_compound,
    is_number,
    widen,
    widen_number,
)
from proactive_inference.plays.rewind import Hunk

MAX_PIECES = 250
"""Stretches of more pieces than this on either side were rewritten, not replaced word by word."""

MAX_LENGTH = 80
"""No spelling is longer than this (code points)."""


@frozen
class Form:
    """One way to see a replacement: narrower or wider."""

    old: str
    new: str
    start: int  #: of ``new`` in the current text
    end: int


@frozen
class Spot:
    """A place where something was replaced, as it stands now; ``forms`` widest first."""

    place: Place
    forms: tuple[Form, ...]
    old_start: int  #: offset in the text before
    events: frozenset[int]
    by_hand: bool
    rank: int  #: grows with the time of the change


@frozen
class Insertion:
    """Text that was put in where nothing stood: offsets in the text now, and what stands around in the line."""

    uri: str
    start: int
    end: int
    text: str
    events: frozenset[int]
    by_hand: bool
    rank: int


@frozen
class _Block:
    """Whole lines that differ."""

    old_start: int
    old_end: int
    start: int
    end: int
    events: frozenset[int]
    by_hand: bool
    rank: int


_Diff = tuple[int, int, int, int]  # old start, old end, new start, new end

_PHRASE = re.compile(r"[\w$](?:[\w$.:/@\-]*[\w$])?$")
_WORDS = re.compile(r"[^\W\d_][\w'’\-]*(?: [\w'’\-]+){0,3}$")
_FROM = re.compile(r"\bfrom\s+([^\s;]+)")
_PATH_ON = re.compile(r"[\w$./:@\-]*")
_PREFIX = re.compile(r"[\w$]+(?:\.|::)$")
_SUFFIX = re.compile(r"(?:\.|::)[\w$]+$")
_WORD_END = re.compile(r"[\w$]+$")
_WORD_START = re.compile(r"[\w$]+")


@frozen
class Difference:
    """A piece that differs, not yet looked at: offsets before and now."""

    old_start: int
    old_end: int
    start: int
    end: int
    pair: tuple[str, str]  #: the piece before and now
    events: frozenset[int]
    by_hand: bool
    rank: int


def second_thoughts(bursts: Sequence[EditBurst]) -> int:
    """How many of the last bursts only changed words inside lines.

    What was replaced in lines that were written a moment before leaves no trace in the whole difference, in which
    these lines are simply new. Compared with the text before these bursts, it is a replacement like any other.
    """
    count = 0
    for burst in reversed(bursts):
        if any("\n" in change.old_text + change.new_text for change in burst.changes):
            break
        if not any(change.old_text for change in burst.changes):
            break
        count += 1
    return count


def differences(before: str, text: str, hunks: Sequence[Hunk]) -> list[Difference]:
    """The pieces that differ in one file, in the order of the text. Knows no language, parses nothing."""
    return [
        Difference(a, b, c, d, (before[a:b], text[c:d]), block.events, block.by_hand, block.rank)
        for block in _blocks(before, text, hunks)
        for a, b, c, d in _differences(before, text, block)
        if text[c:d].strip() and max(b - a, d - c) <= MAX_LENGTH and "\n" not in before[a:b] + text[c:d]
    ]


def spot(before: str, now: Source, found: Difference) -> Spot | Insertion | None:
    """What a difference comes to as a spelling replaced by another, or as text that was put in."""
    old_start, old_end, start, end = found.old_start, found.old_end, found.start, found.end
    if found.pair[0]:
        forms = _forms(before, now, old_start, old_end, start, end)
    else:
        forms = _glued(before, now.text, old_start, start, end)
        if not forms:
            return Insertion(now.document.uri, start, end, found.pair[1], found.events, found.by_hand, found.rank)
    if not forms:
        return None
    place = now.place(forms[-1].start, forms[-1].end)
    return Spot(place, tuple(forms), old_start, found.events, found.by_hand, found.rank)


def _blocks(before: str, text: str, hunks: Sequence[Hunk]) -> list[_Block]:
    blocks: list[_Block] = []
    for hunk in hunks:
        if before[hunk.old_start : hunk.old_end] == text[hunk.start : hunk.end]:
            continue  # done and taken back
        lead = hunk.old_start - (before.rfind("\n", 0, hunk.old_start) + 1)
        tail = _line_end(before, hunk.old_end) - hunk.old_end
        # What surrounds a hunk is the same on both sides up to the neighbouring hunks.
        lead = min(lead, hunk.start - (text.rfind("\n", 0, hunk.start) + 1))
        tail = min(tail, _line_end(text, hunk.end) - hunk.end)
        block = _Block(
            hunk.old_start - lead,
            hunk.old_end + tail,
            hunk.start - lead,
            hunk.end + tail,
            hunk.events,
            hunk.by_hand,
            hunk.last,
        )
        if blocks and (blocks[-1].old_end >= block.old_start or blocks[-1].end >= block.start):
            last = blocks.pop()
            block = _Block(
                min(last.old_start, block.old_start),
                max(last.old_end, block.old_end),
                min(last.start, block.start),
                max(last.end, block.end),
                last.events | block.events,
                last.by_hand and block.by_hand,
                max(last.rank, block.rank),
            )
        blocks.append(block)
    return blocks


def _line_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    return len(text) if end < 0 else end


def _differences(before: str, text: str, block: _Block) -> Iterator[_Diff]:
    """The pieces that differ within a block, aligned line by line where the lines can be told apart."""
    old_lines = before[block.old_start : block.old_end].splitlines(keepends=True)
    new_lines = text[block.start : block.end].splitlines(keepends=True)
    old_at, new_at = block.old_start, block.start
    if len(old_lines) == len(new_lines):
        for old, new in zip(old_lines, new_lines, strict=True):
            if old != new:
                yield from _pieces(old, new, old_at, new_at)
            old_at += len(old)
            new_at += len(new)
        return
    yield from _pieces("".join(old_lines), "".join(new_lines), old_at, new_at)


def _pieces(old: str, new: str, old_at: int, new_at: int) -> Iterator[_Diff]:
    for a, b, c, d in _diff(old, new):
        yield old_at + a, old_at + b, new_at + c, new_at + d


@lru_cache(maxsize=2_000)  # between two moments most of what differs is the same
def _diff(old: str, new: str) -> tuple[_Diff, ...]:
    olds = [match.span() for match in PIECE.finditer(old)]
    news = [match.span() for match in PIECE.finditer(new)]
    old_words, new_words = [old[a:b] for a, b in olds], [new[a:b] for a, b in news]
    lead, least = 0, min(len(olds), len(news))
    while lead < least and old_words[lead] == new_words[lead]:
        lead += 1
    tail = 0
    while tail < least - lead and old_words[-1 - tail] == new_words[-1 - tail]:
        tail += 1
    old_words = old_words[lead : len(old_words) - tail]
    new_words = new_words[lead : len(new_words) - tail]
    if max(len(old_words), len(new_words)) > MAX_PIECES:
        return ()
    olds.append((len(old), len(old)))
    news.append((len(new), len(new)))
    if min(len(old_words), len(new_words)) <= 1 and max(len(old_words), len(new_words)) <= 1:
        codes = [("replace", 0, len(old_words), 0, len(new_words))]
    else:
        codes = list(SequenceMatcher(None, old_words, new_words, autojunk=False).get_opcodes())
    found: list[_Diff] = []
    for tag, i1, i2, j1, j2 in codes:
        if tag == "equal":
            continue
        skeleton = i2 - i1 == j2 - j1 and all(
            _is_piece_word(a) == _is_piece_word(b) and (a == b or _is_piece_word(a))
            for a, b in zip(old_words[i1:i2], new_words[j1:j2], strict=True)
        )
        pairs = (
            [(i, i + 1, j1 + i - i1, j1 + i - i1 + 1) for i in range(i1, i2)] if skeleton else [(i1, i2, j1, j2)]
        )
        for a, b, c, d in pairs:
            if old_words[a:b] != new_words[c:d]:
                low, new_low = olds[lead + a][0], news[lead + c][0]
                high = olds[lead + b - 1][1] if b > a else low
                found.append((low, high, new_low, news[lead + d - 1][1] if d > c else new_low))
    return tuple(found)


def _is_piece_word(piece: str) -> bool:
    return _WORD_START.match(piece) is not None


def _glued(before: str, text: str, old_at: int, start: int, end: int) -> list[Form]:
    """``Path`` made ``pathlib.Path``, or ``settings`` made ``settings.current``."""
    new = text[start:end]
    if _PREFIX.match(new) and (word := _WORD_START.match(before, old_at)):
        return [Form(word[0], new + word[0], start, end + len(word[0]))]
    if _SUFFIX.match(new):
        low = before.rfind("\n", 0, old_at) + 1
        word = _WORD_END.search(before[low:old_at])
        if word:
            return [Form(word[0], word[0] + new, start - len(word[0]), end)]
    return []


def _forms(before: str, now: Source, old_start: int, old_end: int, start: int, end: int) -> list[Form]:
    text = now.text
    old, new = before[old_start:old_end], text[start:end]
    role = now.place(start, end).role
    if not (_is_piece_word(old) and _is_piece_word(new) and PIECE.fullmatch(old) and PIECE.fullmatch(new)):
        phrase = _PHRASE.match(old) and _PHRASE.match(new)
        words = role not in NAMES and _WORDS.match(old) and _WORDS.match(new)
        return [Form(old, new, start, end)] if phrase or words else []
    if is_number(old) and is_number(new):
        return [_form(before, text, widen_number(before, old_start, old_end), widen_number(text, start, end))]
    if role is Role.IMPORT:
        reach = _import_reach(text, start)
        if _path_after(before, old_end) != _path_after(text, end):
            return []
        path = text[start - reach : start]
        if reach and before[old_start - reach : old_start] == path:
            return [_form(before, text, (old_start - reach, old_end), (start - reach, end))]
        # Where more of the path or the module has changed, something else is imported from somewhere else.
        moved = path.endswith((".", ":", "/")) or _module_at(before, old_start) != _module_at(text, start)
        return [] if moved else [Form(old, new, start, end)]
    if role in NAMES:
        return [Form(old, new, start, end)]
    forms = [
        _form(before, text, widen(before, old_start, old_end, width), widen(text, start, end, width))
        for width in (Width.PATH, Width.COMPOUND)
    ]
    if not in_compound(before, old_start, old_end) and not in_compound(text, start, end):
        forms.append(Form(old, new, start, end))
    unique = list(dict.fromkeys(form for form in forms if form.old != form.new and len(form.old) <= MAX_LENGTH))
    return unique[:3]


def _module_at(text: str, offset: int) -> str:
    """The module that the line around ``offset`` imports from, if ``offset`` is not in it; else nothing."""
    low = text.rfind("\n", 0, offset) + 1
    found = _FROM.search(text[low : _line_end(text, offset)])
    if found is None or found.start(1) <= offset - low < found.end(1):
        return ""
    return found[1]


def _path_after(text: str, end: int) -> str:
    found = _PATH_ON.match(text, end)
    return found[0] if found else ""


def _import_reach(text: str, start: int) -> int:
    """How many characters of a module's path stand before ``start``."""
    low = start
    while low and (text[low - 1].isalnum() or text[low - 1] in "_$./-@"):
        low -= 1
    return start - low


def _form(before: str, text: str, old: tuple[int, int], new: tuple[int, int]) -> Form:
    return Form(before[old[0] : old[1]], text[new[0] : new[1]], *new)
