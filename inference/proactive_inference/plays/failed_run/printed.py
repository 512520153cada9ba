"""What a run's output shows of the failing line: its source text and the carets below it.

A line number alone points at the wrong place once the file has been edited since the run; the printed source
tells whether the line is still there, and where.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from attrs import frozen

from proactive_collectors.events import Failure

_TRACEBACK = re.compile(r'^\s*File "(?P<path>[^"]+)", line (?P<line>\d+)')
_PYTEST = re.compile(r"^(?P<path>[^\s:][^:]*|[A-Za-z]:[^:]+):(?P<line>\d+): ?(?P<what>.*)$")
_CARETS = re.compile(r"^[\s~^]*\^[\s~^]*$")
_BLOCK_LINES = 400
_MOST_LINES = 20_000


@frozen
class Printed:
    """A line of source as a run printed it."""

    text: str  #: without its indentation
    carets: tuple[int, int] | None = None  #: from and up to which character of ``text`` the tool points


def printed_source(output: str, failure: Failure) -> Printed | None:
    """The last printed source of the failure's line in the output; ``None`` if the output shows none.

    Knows the tracebacks of Python (``File "x.py", line 3``) and pytest's ``long`` and ``short`` styles.
    """
    if failure.path is None or failure.line is None:
        return None
    lines = output.splitlines()[-_MOST_LINES:]
    for number in range(len(lines) - 1, -1, -1):
        found = None
        if match := _TRACEBACK.match(lines[number]):
            if _same(match, failure):
                found = _below(lines, number)
        elif (match := _PYTEST.match(lines[number])) and _same(match, failure):
            found = _below(lines, number) if match["what"].startswith("in ") else _marked(lines, number)
        if found is not None:
            return found
    return None


def _same(match: re.Match[str], failure: Failure) -> bool:
    if failure.line is None or failure.path is None or int(match["line"][:9]) != failure.line + 1:
        return False
    return (
        PurePosixPath(match["path"].replace("\\", "/")).name == PurePosixPath(failure.path.replace("\\", "/")).name
    )


def _below(lines: list[str], number: int) -> Printed | None:
    if number + 1 >= len(lines) or not lines[number + 1][:1].isspace():
        return None
    return _printed(lines, number + 1, lines[number + 1])


def _marked(lines: list[str], number: int) -> Printed | None:
    for above in range(number - 1, max(number - _BLOCK_LINES, -1), -1):
        line = lines[above]
        if line.startswith(">"):
            return _printed(lines, above, " " + line[1:])
        if line.startswith(("____", "====", "_ _ _")):
            return None
    return None


def _printed(lines: list[str], number: int, line: str) -> Printed | None:
    text = line.strip()
    if not text:
        return None
    indent = len(line) - len(line.lstrip())
    below = lines[number + 1] if number + 1 < len(lines) else ""
    if not _CARETS.match(below):
        return Printed(text)
    # Python underlines a whole expression with ~ and the part at fault in it with ^.
    start, end = below.index("^") - indent, below.rindex("^") + 1 - indent
    return Printed(text, (start, end)) if 0 <= start < end <= len(text) else Printed(text)
