"""A document's text as a list of lines, changed in place and cheaply: it follows every keystroke."""

from __future__ import annotations

from proactive_collectors.text import Change, Position, Range, split_lines


class TextBuffer:
    """The text of one open document. Not thread-safe.

    A replacement touches only the lines it is about, so its cost does not grow with the document, apart from
    moving the list's tail when the number of lines changes.
    """

    def __init__(self, text: str) -> None:
        self._lines = split_lines(text)
        self._text: str | None = text

    @property
    def lines(self) -> list[str]:
        """The lines with their ends, as :func:`split_lines` cuts them. Live: read it, do not change it."""
        return self._lines

    @property
    def text(self) -> str:
        """The whole text; joined when first asked for after a change."""
        if self._text is None:
            self._text = "".join(self._lines)
        return self._text

    def replace(self, range_: Range, new_text: str) -> Change:
        """Put ``new_text`` in the place of ``range_`` and say what was changed.

        Positions past a line's or the text's end are clipped, and ends in the wrong order are swapped. The
        change that comes back has the range as clipped. Where the replacement makes one line end of a ``\\r``
        and a ``\\n``, the range takes in the neighbour too: there is no position between the two, and so
        ``Change.new_end`` and everything built on it stays exact.
        """
        lines = self._lines
        start, end = self._clip(range_.start), self._clip(range_.end)
        if (end.line, end.character) < (start.line, start.character):
            start, end = end, start
        if start is not range_.start or end is not range_.end:
            range_ = Range(start, end)
        first, last, column = start.line, end.line, start.character
        line = lines[first]
        # The keystroke: within one line, and no line end comes, goes or could meet another.
        if first == last and "\n" not in new_text and "\r" not in new_text and (column or new_text):
            self._text = None
            lines[first] = line[:column] + new_text + line[end.character :]
            return Change(range_, line[column : end.character], new_text)

        rest = lines[last][end.character :]
        after = (new_text or rest)[:1]
        joins_before = column == 0 and first > 0 and after == "\n" and lines[first - 1][-1] == "\r"
        joins_after = rest[:1] == "\n" and (new_text[-1:] == "\r" if new_text else joins_before)
        if joins_before:
            first -= 1
            start, new_text = Position(first, len(lines[first]) - 1), "\r" + new_text
        if joins_after:
            last += 1  # a line that ends has a line after it
            end, new_text = Position(last, 0), new_text + "\n"
        if joins_before or joins_after:
            range_ = Range(start, end)

        old_text = self._cut(start, end)
        fresh = split_lines(lines[first][: start.character] + new_text + lines[last][end.character :])
        if last + 1 < len(lines):
            fresh.pop()  # the empty line after the last line end, which is already the next one
        self._text = None
        lines[first : last + 1] = fresh
        return Change(range_, old_text, new_text)

    def _clip(self, position: Position) -> Position:
        line, character = position.line, position.character
        lines = self._lines
        if not 0 <= line < len(lines):
            return Position(0, 0) if line < 0 else Position(len(lines) - 1, len(lines[-1]))
        text = lines[line]
        visible = len(text)
        if text.endswith("\r\n"):
            visible -= 2
        elif text.endswith(("\n", "\r")):
            visible -= 1
        if character < 0:
            return Position(line, 0)
        return Position(line, visible) if character > visible else position

    def _cut(self, start: Position, end: Position) -> str:
        lines = self._lines
        if start.line == end.line:
            return lines[start.line][start.character : end.character]
        inner = lines[start.line + 1 : end.line]
        return "".join([lines[start.line][start.character :], *inner, lines[end.line][: end.character]])
