"""Unified diffs as models write them: line numbers are not believed, and a context line may lack its blank.

Each hunk becomes a :class:`~proactive_inference.writing.blocks.Block`; where it belongs is found by its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from proactive_inference.writing.blocks import MOST_BLOCKS, Block, plain_lines

NOWHERE = "/dev/null"

_HUNK = re.compile(r"^@@(?:.{0,60}?@@)?")
_OLD = re.compile(r"^--- +(?P<path>\S.*)$")
_NEW = re.compile(r"^\+\+\+ +(?P<path>\S.*)$")
_META = re.compile(
    r"^(?:diff --git |index [0-9a-f]|new file mode|deleted file mode|similarity index|rename |\\ No newline)"
)
_MOVES = re.compile(r"^(?:new file mode|deleted file mode|rename (?:from|to)) ?(?P<rest>.*)$")


def looks_like_diff(text: str) -> bool:
    """Whether there is a hunk in it."""
    lines = plain_lines(text)
    hunk = any(_HUNK.match(line) for line in lines)
    headers = any(_OLD.match(line) for line in lines) and any(_NEW.match(line) for line in lines)
    return (hunk or headers) and any(line[:1] in "+-" and line[:3] not in ("+++", "---") for line in lines if line)


def moves_files(text: str) -> bool:
    """Whether a diff makes, deletes or renames a file."""
    lines = plain_lines(text)
    return any(_MOVES.match(line) for line in lines) or any(
        (found := _OLD.match(line) or _NEW.match(line)) is not None and _path(found["path"]) == NOWHERE
        for line in lines
    )


def read_diff(text: str) -> list[Block]:
    """The hunks of a diff, in order; what stands around it is passed over."""
    found: list[Block] = []
    for file, hunk in _hunks(plain_lines(text)):
        changed = [n for n, line in enumerate(hunk) if line[:1] in ("+", "-")]
        if not changed:
            continue
        # Behind the last change: context, then perhaps blank lines, or what the model says of its diff.
        chatter = (n for n in range(changed[-1] + 1, len(hunk)) if hunk[n].strip() and hunk[n][:1] != " ")
        del hunk[next(chatter, len(hunk)) :]
        while not hunk[-1].strip():
            hunk.pop()
        old = [line[1:] if line[:1] in " -" else line for line in hunk if line[:1] != "+"]
        new = [line[1:] if line[:1] in " +" else line for line in hunk if line[:1] != "-"]
        found.append(Block(file, "".join(f"{line}\n" for line in old), "".join(f"{line}\n" for line in new)))
        if len(found) == MOST_BLOCKS:
            break
    return found


def _hunks(lines: Sequence[str]) -> Iterator[tuple[str | None, list[str]]]:
    file: str | None = None
    hunk: list[str] | None = None
    at = 0
    while at < len(lines):
        line = lines[at]
        following = lines[at + 1] if at + 1 < len(lines) else ""
        old, new = _OLD.match(line), _NEW.match(following)
        if old is not None and new is not None:
            if hunk:
                yield file, hunk
            file = _path(new["path"])
            hunk = []
            at += 2
            continue
        if _HUNK.match(line):
            if hunk:
                yield file, hunk
            hunk = []
        elif _META.match(line):
            pass
        elif hunk is not None:
            if line.strip().startswith("```"):
                if hunk:
                    yield file, hunk
                hunk = None
            else:
                hunk.append(line)
        at += 1
    if hunk:
        yield file, hunk


def _path(written: str) -> str:
    path = written.partition("\t")[0].strip().strip('"')
    return path[2:] if path[:2] in ("a/", "b/") else path
