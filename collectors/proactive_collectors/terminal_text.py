r"""From what a program wrote to a terminal to the text a person would read there.

`plain` resolves what a terminal does with one line (colours are gone, a progress bar shows its last state) and
leaves out what is drawn on the alternate screen. Runs in time linear in its input.

Formats: escape sequences after ECMA-48 (CSI, OSC, DCS and the two-character ones). Shell integrations mark
prompts and commands by OSC 133 and OSC 633; those are OSC sequences like any other and vanish with them.
"""

from __future__ import annotations

import re

TAIL_CHARS = 8000
"""How many characters of a run's output an event carries."""

MAX_COLUMN = 1000
"""Where a line in which the cursor moves is wrapped, as a terminal of that width does: what no movement reaches
any more is settled, and the time for a movement stays bounded."""

MAX_GAP = 80
"""How far past a line's end the cursor can be moved: a few bytes must not grow into a page of spaces."""

# An OSC or DCS whose end never came swallows at most this much: a terminal would wait, a reader cannot.
_STRING = r"[^\x07\x1b\x9c]{0,4096}(?:\x07|\x1b\\|\x9c)?"

_ESCAPE = re.compile(
    r"\x1b\[(?P<parameters>[0-?]{0,256})[ -/]{0,16}(?P<final>[@-~])?"
    r"|\x9b[0-?]{0,256}[ -/]{0,16}[@-~]?"
    rf"|(?:\x1b\]|\x9d){_STRING}"
    rf"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f]){_STRING}"
    r"|\x1b[ -/]{1,16}[0-~]?"
    r"|\x1b[0-~]?"
)
# What an editor or a pager draws on the other screen is gone when it ends.
_OTHER_SCREEN = re.compile(r"\x1b\[\?(?:1049|1047|47)h.*?(?:\x1b\[\?(?:1049|1047|47)l|\Z)", re.S)
_MOVES = re.compile(r"[\r\x08]|\x1b\[[0-?]{0,256}[CDGKP]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_CARRIAGE_RETURNS_BEFORE_END = re.compile(r"(?<!\r)\r+\n")


def plain(output: str) -> str:
    """The text as it stands on the screen after ``output``, line by line, ``\\n`` between lines."""
    if not _CONTROL.search(output):
        return output
    output = _OTHER_SCREEN.sub("", output)
    output = _CARRIAGE_RETURNS_BEFORE_END.sub("\n", output)
    return "\n".join(
        _line(line) if _MOVES.search(line) else _CONTROL.sub("", _ESCAPE.sub("", line))
        for line in _ESCAPED_NEWLINES.sub(_keep_line_ends, output).split("\n")
    )


# A title or a link may hold a line break; it goes with the sequence, before the text is cut into lines.
_ESCAPED_NEWLINES = re.compile(rf"(?:\x1b\]|\x9d){_STRING}")


def _keep_line_ends(match: re.Match[str]) -> str:
    text = match.group()
    # Unterminated: most likely cut off in the middle. Only its first line is lost.
    return text[text.index("\n") :] if not text.endswith(("\x07", "\x1b\\", "\x9c")) and "\n" in text else ""


def _line(line: str) -> str:
    """One line with the cursor moving in it."""
    settled: list[str] = []
    cells: list[str] = []
    column = 0
    at = 0
    while at < len(line):
        character = line[at]
        if character == "\r":
            column = 0
        elif character == "\b":
            column = max(0, column - 1)
        elif character == "\x1b" or "\x90" <= character <= "\x9f":
            match = _ESCAPE.match(line, at)
            if match is not None:
                column = _move(cells, column, match)
                at = match.end()
                continue
        elif character == "\t" or not _CONTROL.match(character):
            if column < len(cells):
                cells[column] = character
            else:
                cells.extend(" " * (column - len(cells)))
                cells.append(character)
            column += 1
            if column == MAX_COLUMN:
                settled += cells
                cells.clear()
                column = 0
        at += 1
    text = "".join(settled) + "".join(cells)
    return text.rstrip(" ") if "\r" in line else text


def _move(cells: list[str], column: int, match: re.Match[str]) -> int:
    """Apply a cursor movement or an erasure within the line; the new column."""
    final, parameters = match["final"], match["parameters"] or ""
    if final not in ("C", "D", "G", "K", "P"):
        return column
    first = parameters.split(";")[0]
    count = min(int(first), MAX_COLUMN) if first.isascii() and first.isdigit() and len(first) < 8 else 0
    if final == "C":
        return min(column + max(count, 1), len(cells) + MAX_GAP, MAX_COLUMN - 1)
    if final == "D":
        return max(0, column - max(count, 1))
    if final == "G":
        return min(max(count, 1) - 1, len(cells) + MAX_GAP, MAX_COLUMN - 1)
    if final == "P":
        del cells[column : column + max(count, 1)]
    elif count == 0:
        del cells[column:]
    elif count == 2:
        cells.clear()
    else:
        blank = min(column + 1, len(cells))
        cells[:blank] = " " * blank
    return column


def tail(output: str, max_chars: int = TAIL_CHARS) -> str:
    """The last whole lines that fit into ``max_chars``; of a longer last line, its end.

    What failed first may lie before: it is kept apart, as a parsed failure.
    """
    if len(output) <= max_chars:
        return output
    start = len(output) - max_chars
    if output[start - 1] == "\n":
        return output[start:]
    line_end = output.find("\n", start, len(output) - 1)
    return output[start:] if line_end < 0 else output[line_end + 1 :]
