"""From two texts to the edits that lead from one to the other, line by line."""

from __future__ import annotations

from difflib import SequenceMatcher

from attrs import frozen

from proactive_collectors.text import Range, TextEdit, position_at, shared_ends, split_lines

LONGEST_COMPARED = 2_000
"""Lines between the first and the last that differ; where there are more they are one edit."""


@frozen
class Hunk:
    """Lines ``first`` to ``end`` of the old text have become these."""

    first: int
    end: int
    lines: tuple[str, ...]  #: with their ends


def hunks(old: str, new: str) -> list[Hunk]:
    """What differs, in order."""
    before, after = split_lines(old), split_lines(new)
    head, tail = shared_ends(before, after)
    old_part, new_part = before[head : len(before) - tail], after[head : len(after) - tail]
    if not old_part and not new_part:
        return []
    if max(len(old_part), len(new_part)) > LONGEST_COMPARED:
        return [Hunk(head, head + len(old_part), tuple(new_part))]
    return [
        Hunk(head + i1, head + i2, tuple(new_part[j1:j2]))
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, old_part, new_part, autojunk=False).get_opcodes()
        if tag != "equal"
    ]


def text_edits(old: str, new: str) -> tuple[TextEdit, ...]:
    """The edits, in order; each of whole lines."""
    lines = split_lines(old)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    return tuple(
        TextEdit(
            Range(position_at(lines, starts[hunk.first]), position_at(lines, starts[hunk.end])),
            "".join(hunk.lines),
        )
        for hunk in hunks(old, new)
    )
