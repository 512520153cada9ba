"""Between code points, which everything inside counts in, and the units a client counts characters in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from proactive_collectors.text import Position, Range

_WIDTHS: dict[str, Callable[[int], int]] = {
    "utf-8": lambda point: 1 if point < 0x80 else 2 if point < 0x800 else 3 if point < 0x10000 else 4,
    "utf-16": lambda point: 1 if point < 0x10000 else 2,
    "utf-32": lambda point: 1,
}


class Units:
    """The position encoding that was agreed on with a client.

    Args:
        encoding: ``utf-8``, ``utf-16`` or ``utf-32``.
    """

    def __init__(self, encoding: str = "utf-16") -> None:
        self.encoding = encoding
        self._width = _WIDTHS[encoding]

    def to_code_point(self, line: str, units: int) -> int:
        """The index in ``line`` of what the client calls the character ``units``; clipped to the line."""
        if line.isascii():
            return min(units, len(line))
        seen = 0
        for index, character in enumerate(line):
            if seen >= units:
                return index
            seen += self._width(ord(character))
        return len(line)

    def to_units(self, line: str, index: int) -> int:
        """How the client counts the ``index``-th code point of ``line``."""
        if line.isascii():
            return min(index, len(line))
        return sum(self._width(ord(character)) for character in line[:index])

    def range_in(self, lines: Sequence[str], plain: Any) -> Range:
        """Read a range in the client's units, as JSON has it.

        Raises:
            KeyError, TypeError: it is not a range.
        """
        start, end = plain["start"], plain["end"]
        return Range(self._position_in(lines, start), self._position_in(lines, end))

    def _position_in(self, lines: Sequence[str], plain: Any) -> Position:
        line, character = plain["line"], plain["character"]
        if line < len(lines) and not lines[line].isascii():
            character = self.to_code_point(lines[line], character)
        return Position(line, character)

    def position_out(self, lines: Sequence[str], position: Position) -> tuple[int, int]:
        """Line and character of a position in the client's units."""
        if position.line >= len(lines):
            return position.line, position.character
        return position.line, self.to_units(lines[position.line], position.character)
