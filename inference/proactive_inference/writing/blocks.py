"""Search and replace, as models write it in plain text: ``<<<<<<< SEARCH … ======= … >>>>>>> REPLACE``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import frozen

from proactive_collectors.text import split_lines

MOST_BLOCKS = 40
"""How many blocks of one answer are read; one that has more is not for one task."""

_BEGIN = re.compile(r"^\s*<{5,9}\s*(?:SEARCH|ORIGINAL|OLD|HEAD|BEFORE)?\b[^\n]{0,80}$", re.IGNORECASE)
_MIDDLE = re.compile(r"^\s*={5,9}\s*(?:REPLACE)?\s*$", re.IGNORECASE)
_END = re.compile(r"^\s*>{5,9}\s*(?:REPLACE|UPDATED|NEW|AFTER|[\w./-]{0,40})\s*$", re.IGNORECASE)
_FENCE = re.compile(r"^\s*(?P<ticks>`{3,}|~{3,})\s*(?P<info>[^`\n]{0,200})$")
_PATH = re.compile(
    r"[\w.@+-]*(?:[\\/][\w.@+ -]+)*[\\/]?[\w@+-]*\.[\w-]{1,12}|[\w.@+-]+(?:[\\/][\w.@+-]+)+|[A-Z]\w*file"
)
_BEFORE_PATH = re.compile(
    r"^(?:[#*>\s`-]|\d+\.\s)*(?:(?:in|file|filename|path|update[ds]?|edit|modif(?:y|ied))\b)?[:\s*`'\"]*", re.I
)


@frozen
class Block:
    """What shall stand in place of what."""

    file: str | None  #: as the model names it; ``None`` where it names none
    search: str
    replace: str
    whole: bool = False  #: ``replace`` is the whole file, ``search`` is empty


@frozen
class Fence:
    """A fenced piece of text."""

    info: str  #: what stands behind the opening fence
    text: str  #: each line with its end
    before: str  #: the last line before it that says something
    closed: bool


def plain_lines(text: str) -> list[str]:
    """The lines of a text without their ends; an end behind the last one begins no further line."""
    lines = [line.rstrip("\r\n") for line in split_lines(text)]
    return lines if lines[-1] else lines[:-1]


def read_blocks(text: str) -> tuple[list[Block], bool]:
    """The blocks in a text, and whether the last of them broke off."""
    lines = plain_lines(text)
    found: list[Block] = []
    at = 0
    while at < len(lines) and len(found) < MOST_BLOCKS:
        if not _BEGIN.match(lines[at]):
            at += 1
            continue
        middle = next((n for n in range(at + 1, len(lines)) if _MIDDLE.match(lines[n])), None)
        if middle is None:
            return found, True
        end = next((n for n in range(middle + 1, len(lines)) if _END.match(lines[n])), None)
        if end is None:
            return found, True
        found.append(
            Block(_name_before(lines, at), _joined(lines[at + 1 : middle]), _joined(lines[middle + 1 : end]))
        )
        at = end + 1
    return found, False


def read_fences(text: str) -> list[Fence]:
    """The fenced pieces in a text, in order; one that is not closed goes to the end."""
    lines = plain_lines(text)
    found: list[Fence] = []
    at = 0
    while at < len(lines) and len(found) < MOST_BLOCKS:
        opened = _FENCE.match(lines[at])
        if opened is None:
            at += 1
            continue
        ticks = opened["ticks"]
        end = next(
            (
                n
                for n in range(at + 1, len(lines))
                if (mark := _FENCE.match(lines[n]))
                and mark["ticks"].startswith(ticks)
                and not mark["info"].strip()
            ),
            None,
        )
        body = lines[at + 1 : end]
        before = next((line for line in reversed(lines[:at]) if line.strip()), "")
        found.append(Fence(opened["info"].strip(), _joined(body), before, end is not None))
        at = len(lines) if end is None else end + 1
    return found


def path_in(line: str) -> str | None:
    """The path that a line names and nothing else: ``**src/a.py**``, ``File: src/a.py``, ``### `a.py`:``."""
    rest = _BEFORE_PATH.sub("", line[:300], count=1).strip().strip("`*'\":()").strip()
    return rest if rest and _PATH.fullmatch(rest) else None


def path_of(fence: Fence) -> str | None:
    """The file that a fenced piece is of, by its info string or the line before it."""
    info = fence.info
    for part in (
        info.partition(":")[2],
        info.partition(" ")[2].removeprefix("title=").removeprefix("file="),
        info,
    ):
        if ("." in part or "/" in part) and (path := path_in(part)) is not None:
            return path
    return path_in(fence.before)


def _name_before(lines: Sequence[str], at: int) -> str | None:
    for line in reversed(lines[max(0, at - 4) : at]):
        if not line.strip() or _END.match(line):
            continue
        fence = _FENCE.match(line)
        if fence is not None:
            if (path := path_of(Fence(fence["info"].strip(), "", "", True))) is not None:
                return path
            continue
        return path_in(line)
    return None


def _joined(lines: Sequence[str]) -> str:
    return "".join(line + "\n" for line in lines)
