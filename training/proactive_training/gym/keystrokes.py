"""How a hunk comes into being under somebody's hands: bursts of edits, rests between them, and wrong turns.

The figures are set, not measured: 80–220 ms a key, bursts of one to four lines, a rest of five seconds or more
after about one burst in six. What is long or stood elsewhere before is pasted. Wrong turns (a misspelt name, a
doubled word) keep the number of lines; whoever plans the hunks has to put them right later, by the difference that
is left.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from attrs import frozen

from proactive_collectors.events import Manner
from proactive_collectors.text import Change, Position, Range, end_of, shared_ends, split_lines
from proactive_training.gym.hunks import Hunk

PASTED_LINES = 25
"""Insertions of more lines are mostly pasted, or generated."""

LONGEST_BURST = 28.0
"""Seconds; longer ones are cut, as the server does."""

SLIP = 0.03
"""How often a typed stretch has a slip that its writer does not see at once."""

HALF_LINE = 0.06
"""How often somebody stops to think in the middle of a line."""

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
_LONG_NAME = re.compile(r"\b[A-Za-z_][a-z_]{4,}\b")


@frozen
class Burst:
    """A burst, and the rest before it."""

    after: float  #: seconds
    changes: tuple[Change, ...]  #: one after the other, each in the text that those before it left
    lasts: float
    keystrokes: int
    manner: Manner = Manner.TYPED
    slip: bool = False  #: whether it holds a wrong turn that the hunk does not have


def bursts(
    hunk: Hunk, line: int, rng: random.Random, *, prose: bool, known: bool = False, slips: bool = True
) -> Iterator[Burst]:
    """The bursts that make a hunk.

    Args:
        hunk: what stands there and what shall.
        line: where it begins in the text as it stands.
        rng: draws.
        prose: whether the slips are those of prose.
        known: whether the new text stood somewhere before, so that it is pasted.
        slips: whether there may be any.
    """
    old, new = _lines(hunk.old), _lines(hunk.new)
    slip = SLIP if slips else 0.0
    if known and hunk.new:
        start = Position(line, 0)
        change = Change(Range(start, end_of(start, hunk.old)), hunk.old, hunk.new)
        yield Burst(rest(rng), (change,), 0.1, 1, Manner.PASTED)
        return
    if old and len(old) == len(new) and all(map(_alike, old, new)):
        yield from _in_place(old, new, line, rng, whole=prose)
        return
    if old and new:
        head, _ = shared_ends(old, new)
        start = Position(line + head, 0)
        kept_old, kept_new = old[head:], new[head:]
        whole = len(kept_old) == len(kept_new) == 1 or all(
            rows and rows[0].endswith("\n") for rows in (kept_old, kept_new)
        )
        if kept_old and kept_new and whole and _alike(kept_old[0], kept_new[0]):
            yield from _in_place(kept_old[:1], kept_new[:1], line + head, rng, whole=prose)
            start = Position(line + head + 1, 0)
            kept_old, kept_new = kept_old[1:], kept_new[1:]
        if kept_old:
            yield _removal("".join(kept_old), start, rng)
        yield from _insertion("".join(kept_new), start, rng, slip=slip, prose=prose)
        return
    if old:
        yield _removal(hunk.old, Position(line, 0), rng)
    yield from _insertion(hunk.new, Position(line, 0), rng, slip=slip, prose=prose)


def rest(rng: random.Random) -> float:
    """Seconds between two bursts at one place."""
    draw = rng.random()
    if draw < 0.83:
        return rng.uniform(1.6, 4.5)
    return rng.uniform(5.0, 14.0) if draw < 0.97 else rng.uniform(20.0, 90.0)


def _in_place(old: list[str], new: list[str], line: int, rng: random.Random, *, whole: bool) -> Iterator[Burst]:
    """Words changed where they stand, line by line; neighbours often in one go.

    ``whole``: all in one go, as prose is wrapped anew: half of it would have words twice, or not at all.
    """
    changes: list[Change] = []
    for offset, (was, now) in enumerate(zip(old, new, strict=True)):
        changes += _word_changes(was, now, line + offset)
        if changes and not whole and (len(changes) >= 3 or rng.random() < 0.5):
            yield _typed(tuple(changes), rng)
            changes = []
    if changes:
        yield _typed(tuple(changes), rng)


def _word_changes(was: str, now: str, line: int) -> list[Change]:
    """The changes from left to right, each in the line as those before it left it."""
    before, after = _WORDS.findall(was), _WORDS.findall(now)
    changes: list[Change] = []
    column = taken = 0
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        old, new = "".join(before[a:b]), "".join(after[c:d])
        if tag != "equal" and "\n" not in old + new:
            start = Position(line, column)
            changes.append(Change(Range(start, Position(line, column + len(old))), old, new))
        elif tag != "equal":  # the line's end changes: all of the rest at once
            tail_old, tail_new = "".join(before[a:]), "".join(after[c:])
            start = Position(line, column)
            changes.append(Change(Range(start, end_of(start, tail_old)), tail_old, tail_new))
            break
        column += len(new)
        taken += len(old)
    return changes


def _removal(text: str, start: Position, rng: random.Random) -> Burst:
    change = Change(Range(start, end_of(start, text)), text, "")
    return Burst(rest(rng), (change,), rng.uniform(0.1, 1.5), rng.randint(1, 4))


def _insertion(text: str, start: Position, rng: random.Random, *, slip: float, prose: bool) -> Iterator[Burst]:
    if not text:
        return
    lines = _lines(text)
    if len(lines) > PASTED_LINES and rng.random() < 0.8:
        change = Change(Range(start, start), "", text)
        yield Burst(rest(rng), (change,), 0.1, 1, Manner.PASTED)
        return
    at = start
    for piece in _pieces(lines, rng):
        written = _slipped(piece, rng, prose=prose) if rng.random() < slip else piece
        change = Change(Range(at, at), "", written)
        yield _typed((change,), rng, slip=written != piece)
        at = end_of(at, written)


def _pieces(lines: list[str], rng: random.Random) -> Iterator[str]:
    """A text as it is typed: some lines, a rest, some more; now and then half a line."""
    piece = ""
    wanted = rng.randint(1, 4)
    held = 0
    for line in lines:
        bare = line.rstrip("\r\n")
        if len(bare) > 16 and rng.random() < HALF_LINE:
            cut = rng.randrange(6, len(bare) - 4)
            yield piece + line[:cut]
            piece, held = line[cut:], 1
            continue
        piece += line
        held += 1
        if held >= wanted or not bare.strip() or len(piece) * 0.15 > LONGEST_BURST:
            yield piece
            piece, held, wanted = "", 0, rng.randint(1, 4)
    if piece:
        yield piece


def _typed(changes: tuple[Change, ...], rng: random.Random, *, slip: bool = False) -> Burst:
    keys = sum(max(len(change.new_text), min(len(change.old_text), 12), 1) for change in changes)
    lasts = min(keys * rng.uniform(0.08, 0.22), LONGEST_BURST)
    return Burst(rest(rng), changes, lasts, keys, slip=slip)


def _slipped(text: str, rng: random.Random, *, prose: bool) -> str:
    """The text with one slip in it, on the same number of lines."""
    found = [match for match in _LONG_NAME.finditer(text) if text[match.end() : match.end() + 1] not in ('"', "'")]
    if not found:
        return text
    word = rng.choice(found)
    if prose and rng.random() < 0.4:
        return f"{text[: word.end()]} {word[0]}{text[word.end() :]}"
    at = rng.randrange(1, len(word[0]) - 1)
    name = word[0]
    wrong = (
        name[:at] + name[at + 1] + name[at] + name[at + 2 :] if rng.random() < 0.5 else name[:at] + name[at + 1 :]
    )
    return text[: word.start()] + wrong + text[word.end() :]


def _alike(one: str, other: str) -> bool:
    if not one.strip() or not other.strip():
        return one == other
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.real_quick_ratio() > 0.5 and matcher.quick_ratio() > 0.5 and matcher.ratio() > 0.5


def _lines(text: str) -> list[str]:
    lines = split_lines(text)
    return lines if lines[-1] else lines[:-1]
