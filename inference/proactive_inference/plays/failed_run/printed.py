"""What a run's output shows of the failing line: its source text and the carets below it.

A line number alone points at the wrong place once the file has been edited since the run; the printed source
tells whether the line is still there, and where.
"""

from __future__ import annotations

import re

from attrs import frozen

from proactive_collectors.events import Failure

_TRACEBACK = re.compile(r'^\s*File "(?P<path>[^"]+)", line (?P<line>\d{1,9})')
_PYTEST = re.compile(r"^(?P<path>[^\s:][^:]*|[A-Za-z]:[^:]+):(?P<line>\d{1,9}): ?(?P<what>.*)$")
_MARKS = frozenset(" \t~^")
_RULERS = ("____", "====", "_ _ _")
_MOST_LINES = 20_000
_LONGEST_LINE = 2_000


@frozen
class Printed:
    """A line of source as a run printed it."""

    text: str  #: without its indentation
    carets: tuple[int, int] | None = None  #: from and up to which character of ``text`` the tool points


class PrintedSources:
    """Every line of source that an output shows, found in one pass; of several prints of a line the last counts.

    Knows the tracebacks of Python (``File "x.py", line 3``) and pytest's ``long`` and ``short`` styles.
    """

    def __init__(self, output: str) -> None:
        self._found: dict[tuple[str, int], Printed] = {}
        lines = output.splitlines()[-_MOST_LINES:]
        marked: int | None = None  # the row of pytest's last ``>``
        for row, line in enumerate(lines):
            if line.startswith(">"):
                marked = row
                continue
            if len(line) > _LONGEST_LINE or (":" not in line and "line " not in line):
                continue
            shown = None
            if match := _TRACEBACK.match(line):
                shown = _shown(lines, row + 1)
            elif match := _PYTEST.match(line):
                if match["what"].startswith("in "):
                    shown = _shown(lines, row + 1)
                elif marked is not None:
                    shown, marked = _shown(lines, marked), None
            elif line.startswith(_RULERS):
                marked = None
            if match and shown:
                self._found[_name(match["path"]), int(match["line"]) - 1] = shown

    def of(self, failure: Failure) -> Printed | None:
        """The printed source of a failure's line; ``None`` if the output shows none."""
        if failure.path is None or failure.line is None:
            return None
        return self._found.get((_name(failure.path), failure.line))


def _name(path: str) -> str:
    # The same file is printed relative here and absolute there; the name and the line are telling enough.
    return path.replace("\\", "/").rsplit("/", 1)[-1]


def _shown(lines: list[str], row: int) -> Printed | None:
    if row >= len(lines) or len(lines[row]) > _LONGEST_LINE:
        return None
    line = " " + lines[row][1:] if lines[row].startswith(">") else lines[row]
    text = line.strip()
    if not text or not line[0].isspace():
        return None
    indent = len(line) - len(line.lstrip())
    below = lines[row + 1] if row + 1 < len(lines) else ""
    if "^" not in below or not _MARKS.issuperset(below):
        return Printed(text)
    # Python underlines a whole expression with ~ and the part at fault in it with ^.
    start, end = below.index("^") - indent, below.rindex("^") + 1 - indent
    return Printed(text, (start, end)) if 0 <= start < end <= len(text) else Printed(text)
