"""The lines in which two states of a file differ, as hunks that can be made one at a time, in any order."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from attrs import define, field, frozen

from proactive_collectors.text import shared_ends, split_lines

MAX_LENGTH = 200_000
"""Longer texts (code points) are not compared."""

MAX_LINES = 6_000
"""Nor are stretches of more lines between the first and the last difference: the comparison is quadratic."""

LONE = re.compile(r"\r(?!\n)")
"""Next to another line's end, which hunks may put there, such a return is no line end of its own any more."""


@frozen
class Hunk:
    """Whole lines that differ: ``start`` to ``end`` are lines of the text that ``old`` stands in."""

    start: int
    end: int
    old: str
    new: str


@define
class Modified:
    """A file on its way from one state to another."""

    lines: list[str]  #: of the state it starts from
    hunks: list[Hunk]  #: in those lines, from top to bottom
    made: set[int] = field(factory=set)
    text: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.text = "".join(self.lines)

    def make(self, number: int) -> tuple[int, str, str]:
        """Make a hunk; returns its first line as the text stood before, and the texts before and after."""
        hunk = self._shifted(number)
        lines = split_lines(self.text)
        assert "".join(lines[hunk.start : hunk.end]) == hunk.old
        self.text = "".join([*lines[: hunk.start], hunk.new, *lines[hunk.end :]])
        self.made.add(number)
        return hunk.start, hunk.old, hunk.new

    def pending(self) -> list[Hunk]:
        """The hunks not made yet, in lines of the text as it stands."""
        return [self._shifted(number) for number in range(len(self.hunks)) if number not in self.made]

    def _shifted(self, number: int) -> Hunk:
        above = [self.hunks[other] for other in self.made if other < number]
        by = sum(hunk.new.count("\n") - hunk.old.count("\n") for hunk in above)
        hunk = self.hunks[number]
        return Hunk(hunk.start + by, hunk.end + by, hunk.old, hunk.new)


def comparable(old: str, new: str) -> bool:
    """Whether the hunks of these texts can be told: neither too long nor with lone carriage returns."""
    return max(len(old), len(new)) <= MAX_LENGTH and not any(
        "\r" in text and LONE.search(text) for text in (old, new)
    )


def hunks(old: list[str], new: list[str]) -> list[Hunk]:
    """The lines that differ.

    Where more than :data:`MAX_LINES` lie between the first and the last difference, they are one hunk.
    """
    head, tail = shared_ends(old, new)
    was, now = old[head : len(old) - tail], new[head : len(new) - tail]
    if not was and not now:
        return []
    if max(len(was), len(now)) > MAX_LINES:
        return [Hunk(head, head + len(was), "".join(was), "".join(now))]
    codes = SequenceMatcher(None, was, now, autojunk=False).get_opcodes()
    return [
        Hunk(head + a, head + b, "".join(was[a:b]), "".join(now[c:d]))
        for tag, a, b, c, d in codes
        if tag != "equal"
    ]
