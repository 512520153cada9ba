"""Diagnostics that go along with their lines until a linter looks again, as editors have them do."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from proactive_collectors.diagnostics import Item
from proactive_collectors.text import Position, Range, shared_ends, split_lines


def carried(items: Sequence[Item], old: str, new: str) -> list[Item]:
    """Diagnostics of a text, moved with their lines into the text that it has become.

    Those of lines that are gone stay about where they were.
    """
    before, after = split_lines(old), split_lines(new)
    head, tail = shared_ends(before, after)
    by = len(after) - len(before)

    def moved(place: Position) -> Position:
        if place.line < head:
            return place
        if place.line >= len(before) - tail:
            return Position(place.line + by, place.character)
        alike = [row for row in range(head, len(after) - tail) if after[row] == before[place.line]]
        if alike:
            return Position(min(alike, key=lambda row: abs(row - place.line)), place.character)
        line = max(min(place.line, len(after) - tail - 1), 0)
        return Position(line, min(place.character, len(after[line].rstrip("\r\n"))))

    def both(range_: Range) -> Range:
        start = moved(range_.start)
        return Range(start, max(start, moved(range_.end)))

    return [evolve(item, range=both(item.range)) for item in items]
