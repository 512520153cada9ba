"""What the rest of a person's work says of an offer: done so, done in part, not done, or nothing to be told.

An offered place is *right* if the lines that the person still changed there have that much more of the offered
spelling and that much less of what it replaces; *gone* if what it replaces goes but something else comes, or the
file can no longer be compared; else *wrong*. Words are counted as wholes. Within one changed stretch places are
counted, not matched. (docs/replay.md states the rule with its biases.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from attrs import frozen

from proactive_collectors.text import Range, TextEdit, split_lines
from proactive_inference.proposal import FileEdit
from proactive_training.bench.example import Verdict
from proactive_training.gym.hunks import Hunk, comparable, hunks

Read = Callable[[str], str | None]

_WORD = re.compile(r"\w")


@frozen
class Judgement:
    """An offer, place by place."""

    right: int = 0
    gone: int = 0
    wrong: tuple[str, ...] = ()  #: where, with the line: ``src/a.py:12: x = y``

    @property
    def verdict(self) -> Verdict:
        """The offer as a whole."""
        if self.right and not self.wrong:
            return Verdict.PART if self.gone else Verdict.EXACT
        if self.right:
            return Verdict.PART
        return Verdict.NONE if self.wrong else Verdict.UNKNOWN

    @property
    def mostly(self) -> bool:
        """Whether a place is right, and at most a fifth of those right or wrong is wrong: most would take it."""
        return self.right > 0 and len(self.wrong) <= 0.2 * (self.right + len(self.wrong))


def judge(edits: Iterable[FileEdit], now: Read, then: Read) -> Judgement:
    """Judge an offer's edits by the texts as they stand now and as the person left them in the end.

    Args:
        edits: of the offer, in the texts as they stand now.
        now: a file's text by its URI, as it stands.
        then: the same at the end of what is known.
    """
    right = gone = 0
    wrong: list[str] = []
    for file in edits:
        here, there = now(file.uri), then(file.uri)
        if here is None or there is None or not comparable(here, there):
            gone += len(file.edits)
            continue
        lines = split_lines(here)
        pending = hunks(lines, split_lines(there)) if here != there else []
        by_hunk: dict[int, list[TextEdit]] = {}
        for edit in file.edits:
            by_hunk.setdefault(_covering(pending, edit), []).append(edit)
        for number, ones in by_hunk.items():
            said = [_said(file.uri, lines, one) for one in ones]
            if number < 0:
                wrong += said
                continue
            good, lost = _counted(lines, ones, pending[number])
            right, gone = right + good, gone + lost
            wrong += said[good + lost :]
    return Judgement(right, gone, tuple(wrong))


def _covering(pending: list[Hunk], edit: TextEdit) -> int:
    first, last = edit.range.start.line, edit.range.end.line
    inserts = edit.range.empty
    for number, hunk in enumerate(pending):
        touches = hunk.start <= first < hunk.end or (last > first and hunk.start <= last - 1 < hunk.end)
        # An inserted line belongs to a hunk that inserts just there.
        if touches or (inserts and hunk.start <= first <= hunk.end):
            return number
    return -1


def _counted(lines: list[str], ones: list[TextEdit], hunk: Hunk) -> tuple[int, int]:
    """How many of these places of one hunk are right, and how many gone."""
    groups: dict[tuple[str, str], int] = {}
    for one in ones:
        key = (_between(lines, one.range), one.new_text)
        groups[key] = groups.get(key, 0) + 1
    right = gone = 0
    for (old, new), count in groups.items():
        if not old:  # something is only added
            more = _count(new.strip(), hunk.new) - _count(new.strip(), hunk.old)
            right += max(0, min(count, more)) if new.strip() else 0
            continue
        if not new.strip():  # something is only taken away
            right += max(0, min(count, _count(old, hunk.old) - _count(old, hunk.new)))
            continue
        more = _count(new, hunk.new) - _count(new, hunk.old)
        fewer = more if _count(old, new) else _count(old, hunk.old) - _count(old, hunk.new)
        good = max(0, min(count, more, fewer))
        right += good
        gone += max(0, min(count, fewer) - good)
    return right, gone


def text_between(text: str, range_: Range) -> str:
    """What stands in a range of a text."""
    return _between(split_lines(text), range_)


def _between(lines: list[str], range_: Range) -> str:
    start, end = range_.start, range_.end
    if start.line == end.line:
        return lines[start.line][start.character : end.character]
    return "".join(
        [lines[start.line][start.character :], *lines[start.line + 1 : end.line], lines[end.line][: end.character]]
    )


def _count(spelling: str, text: str) -> int:
    """Whole-word occurrences, where the spelling begins and ends with a word."""
    if not spelling:
        return 0
    before = r"(?<!\w)" if _WORD.match(spelling) else ""
    after = r"(?!\w)" if _WORD.match(spelling[-1]) else ""
    return len(re.findall(before + re.escape(spelling) + after, text))


def _said(uri: str, lines: list[str], edit: TextEdit) -> str:
    row = edit.range.start.line
    line = lines[row].strip()[:100] if row < len(lines) else ""
    return f"{uri.rpartition('/w/')[2] or uri}:{row + 1}: {line}"
