"""Positions, ranges and exact text edits; pure, with no idea of files or editors.

Lines and characters count from zero, and characters are *code points* (indices into a Python string).
The server converts to and from the units its client speaks. Lines end at ``\\n``, ``\\r\\n`` or ``\\r`` and
at nothing else, as the Language Server Protocol has it (``str.splitlines`` also splits at form feeds).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from attrs import frozen

_LINE_END = re.compile(r"\r\n|\n|\r")


@frozen(order=True)
class Position:
    """A place between two characters: zero-based line and code point in that line."""

    line: int
    character: int


@frozen(order=True)
class Range:
    """A half-open stretch of text, from ``start`` up to ``end``."""

    start: Position
    end: Position

    @classmethod
    def of(cls, start_line: int, start_character: int, end_line: int, end_character: int) -> Range:
        """Build a range from its four numbers."""
        return cls(Position(start_line, start_character), Position(end_line, end_character))

    def overlaps(self, other: Range) -> bool:
        """Whether the two share a character, or touch where one of them is empty."""
        return (
            self.start <= other.end and other.start <= self.end
            if self.empty or other.empty
            else (self.start < other.end and other.start < self.end)
        )

    @property
    def empty(self) -> bool:
        """Whether the range is a mere caret position."""
        return self.start == self.end


@frozen
class TextEdit:
    """Replace ``range`` by ``new_text``."""

    range: Range
    new_text: str


@frozen
class Change:
    """One replacement that took place: ``old_text`` stood in ``range``, then ``new_text`` in its stead.

    ``range`` is in the text *before* the change.
    """

    range: Range
    old_text: str
    new_text: str

    @property
    def new_end(self) -> Position:
        """Where ``new_text`` ends in the text after the change."""
        return end_of(self.range.start, self.new_text)


def split_lines(text: str) -> list[str]:
    """Cut a text into lines that keep their ends; the last one is always there and has none.

    ``"a\\nb"`` gives ``["a\\n", "b"]``, ``"a\\n"`` gives ``["a\\n", ""]``.
    """
    if "\r" not in text:
        lines = [part + "\n" for part in text.split("\n")]
        lines[-1] = lines[-1][:-1]
        return lines
    lines = []
    start = 0
    for match in _LINE_END.finditer(text):
        lines.append(text[start : match.end()])
        start = match.end()
    lines.append(text[start:])
    return lines


def shared_ends(one: Sequence[str], other: Sequence[str]) -> tuple[int, int]:
    """How many lines two texts have in common at the beginning, and how many of the rest at the end."""
    least = min(len(one), len(other))
    head = 0
    while head < least and one[head] == other[head]:
        head += 1
    tail = 0
    while tail < least - head and one[-1 - tail] == other[-1 - tail]:
        tail += 1
    return head, tail


def end_of(start: Position, text: str) -> Position:
    """Where ``text`` ends if it begins at ``start``."""
    if "\n" not in text and "\r" not in text:
        return Position(start.line, start.character + len(text))
    lines = split_lines(text)
    return Position(start.line + len(lines) - 1, len(lines[-1]))


def offset_at(lines: Sequence[str], position: Position) -> int:
    """The index of ``position`` in the joined ``lines``; positions past a line's or the text's end are clipped."""
    if position.line >= len(lines):
        return sum(map(len, lines))
    line = lines[position.line]
    visible = len(line.rstrip("\r\n"))
    return sum(map(len, lines[: position.line])) + min(max(position.character, 0), visible)


def position_at(lines: Sequence[str], offset: int) -> Position:
    """The position of the ``offset``-th code point of the joined ``lines``; offsets past the end are clipped."""
    if not lines:
        return Position(0, 0)
    ends = list(accumulate(map(len, lines)))
    number = bisect_right(ends, max(offset, 0))
    if number == len(lines):
        return Position(len(lines) - 1, len(lines[-1]))
    return Position(number, max(offset, 0) - (ends[number] - len(lines[number])))


def apply_edits(text: str, edits: Iterable[TextEdit]) -> str:
    """Apply edits that all refer to the *original* text, as a ``WorkspaceEdit`` does.

    Raises:
        ValueError: two edits overlap.
    """
    lines = split_lines(text)
    spans = sorted(
        ((offset_at(lines, e.range.start), offset_at(lines, e.range.end), e.new_text) for e in edits),
        key=lambda span: (span[0], span[1]),
    )
    parts: list[str] = []
    at = 0
    for start, end, new_text in spans:
        if start < at:
            raise ValueError(f"edits overlap at offset {start}")
        parts += [text[at:start], new_text]
        at = end
    return "".join([*parts, text[at:]])


def shift(position: Position, change: Change) -> Position:
    """Where a position that lies at or after the end of ``change.range`` stands once the change is made."""
    old_end, new_end = change.range.end, change.new_end
    if position.line == old_end.line:
        return Position(new_end.line, new_end.character + position.character - old_end.character)
    return Position(position.line + new_end.line - old_end.line, position.character)


def shift_range(range_: Range, change: Change) -> Range | None:
    """Carry a range over a change elsewhere in its document; ``None`` if the change alters the range itself.

    A change that only touches an end counts as elsewhere unless it writes a letter, digit or underscore right
    against the range, which makes another word of what stood there.
    """
    new = change.new_text
    if range_.end <= change.range.start:
        touched = range_.end == change.range.start and is_word(new[:1]) and not range_.empty
        return None if touched else range_
    if change.range.end <= range_.start:
        touched = range_.start == change.range.end and is_word(new[-1:]) and not range_.empty
        return None if touched else Range(shift(range_.start, change), shift(range_.end, change))
    return None


def is_word(character: str) -> bool:
    """Whether a character is a letter, a digit or an underscore; the empty string is not."""
    return character.isalnum() or character == "_"
