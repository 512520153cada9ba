"""Finds the one place that a search block means: exactly first, then but for indentation, then but for blanks.

Only lines that the model was shown are looked at, and at each step the place has to be the only one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from attrs import frozen

from proactive_collectors.text import Position, is_word
from proactive_inference.writing.blocks import Block, plain_lines
from proactive_inference.writing.indentation import mapped, shifted

LEAST_WITHIN_A_LINE = 2
"""So many characters, blanks aside, must a piece of a line have to be looked for."""

_ESCAPED_MARK = re.compile(r"\\u00(3c|5b|3C|5B)")
_NUMBERED = re.compile(r"^ *\d{1,6}(?: ?[|:│]| {2}|\t)")

_Regions = Sequence[tuple[int, int]]


@frozen
class Placement:
    """Whole lines of a file, and what shall stand there; ends of lines aside."""

    first: int  #: zero-based
    end: int  #: not included
    lines: tuple[str, ...]
    touched: tuple[Position, Position]  #: what of those lines the search block covers


def find(lines: Sequence[str], regions: _Regions, block: Block) -> list[Placement]:
    """The places that the block means: one if all is well, none, or several of which each may be meant.

    Args:
        lines: the file's, without their ends.
        regions: where to look: first lines and ends.
        block: with something to search for.
    """
    for wanted, replace in _readings(block):
        for way in (_exact, _indented_otherwise, _within, _blank_otherwise):
            places = list(way(lines, regions, wanted, replace))
            if places:
                return places
    return []


def _readings(block: Block) -> Iterator[tuple[list[str], list[str]]]:
    """The block as it is, then as it may be meant."""
    wanted, replace = plain_lines(block.search), plain_lines(block.replace)
    if not any(line.strip() for line in wanted):
        return
    yield wanted, replace
    head, tail = _blank_ends(wanted)
    if head or tail:
        more_head, more_tail = _blank_ends(replace)
        yield (
            wanted[head : len(wanted) - tail],
            replace[min(head, more_head) : len(replace) - min(tail, more_tail)],
        )
    if all(_NUMBERED.match(line) for line in wanted if line.strip()):
        yield [_NUMBERED.sub("", line) for line in wanted], [_NUMBERED.sub("", line) for line in replace]
    if _ESCAPED_MARK.search(block.search):  # as the question spells what looks like the mark of a turn
        yield plain_lines(_marks(block.search)), plain_lines(_marks(block.replace))
    if len(wanted) == 1 and "\\n" in wanted[0]:  # escaped twice
        yield plain_lines(_unescaped(block.search)), plain_lines(_unescaped(block.replace))


def _unescaped(text: str) -> str:
    return text.replace("\\n", "\n").replace("\\t", "\t").replace('\\"', '"')


def _marks(text: str) -> str:
    return _ESCAPED_MARK.sub(lambda found: chr(int(found[1], 16)), text)


def _blank_ends(lines: Sequence[str]) -> tuple[int, int]:
    """How many blank lines are at the beginning and at the end; of blank lines alone, all are at the beginning."""
    head = next((n for n, line in enumerate(lines) if line.strip()), len(lines))
    tail = next((n for n, line in enumerate(reversed(lines)) if line.strip()), 0)
    return head, tail


def _exact(lines: Sequence[str], regions: _Regions, wanted: list[str], replace: list[str]) -> Iterator[Placement]:
    for at in _starts(lines, regions, wanted, lambda line: line):
        yield _whole(lines, at, wanted, replace)


def _indented_otherwise(
    lines: Sequence[str], regions: _Regions, wanted: list[str], replace: list[str]
) -> Iterator[Placement]:
    for at in _starts(lines, regions, wanted, str.strip):
        if (moved := shifted(wanted, lines[at : at + len(wanted)], replace)) is not None:
            yield _whole(lines, at, wanted, moved)


def _blank_otherwise(
    lines: Sequence[str], regions: _Regions, wanted: list[str], replace: list[str]
) -> Iterator[Placement]:
    tabs = any(line.startswith("\t") for line in lines)
    for at in _starts(lines, regions, wanted, lambda line: " ".join(line.split())):
        if (moved := mapped(wanted, lines[at : at + len(wanted)], replace, tabs=tabs)) is not None:
            yield _whole(lines, at, wanted, moved)


def _within(lines: Sequence[str], regions: _Regions, wanted: list[str], replace: list[str]) -> Iterator[Placement]:
    """A piece that begins or ends within a line, and does not cut a word in two."""
    search = "\n".join(wanted)
    if len("".join(search.split())) < LEAST_WITHIN_A_LINE:
        return
    for first, end in regions:
        text = "\n".join(lines[first:end])
        at = text.find(search)
        while at >= 0:
            stop = at + len(search)
            if not (_cuts_word(text, at) or _cuts_word(text, stop)):
                start_line = first + text.count("\n", 0, at)
                end_line = first + text.count("\n", 0, stop)
                start = at - (text.rfind("\n", 0, at) + 1)
                stop_column = stop - (text.rfind("\n", 0, stop) + 1)
                new = lines[start_line][:start] + "\n".join(replace) + lines[end_line][stop_column:]
                touched = Position(start_line, start), Position(end_line, stop_column)
                left = tuple(new.split("\n")) if replace or new.strip() else ()  # of what is taken away, no blanks
                yield Placement(start_line, end_line + 1, left, touched)
            at = text.find(search, at + 1)


def _cuts_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and is_word(text[at - 1]) and is_word(text[at])


def _starts(
    lines: Sequence[str], regions: _Regions, wanted: Sequence[str], form: Callable[[str], str]
) -> Iterator[int]:
    """The lines at which all of ``wanted`` stands, both put in a ``form``."""
    sought = [form(line) for line in wanted]
    for first, end in regions:
        here = [form(line) for line in lines[first:end]]
        for at in range(len(here) - len(sought) + 1):
            if here[at] == sought[0] and here[at : at + len(sought)] == sought:
                yield first + at


def _whole(lines: Sequence[str], at: int, wanted: Sequence[str], replace: Sequence[str]) -> Placement:
    end = at + len(wanted)
    touched = Position(at, 0), Position(end - 1, len(lines[end - 1]))
    return Placement(at, end, tuple(replace), touched)
