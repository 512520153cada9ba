"""From the current text and the changes that led to it, back to the text before, and the net difference.

Everything here is pure. What was typed and taken back, or typed over again, leaves no trace in the net difference,
so the last intent is all that remains.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from attrs import evolve, frozen

from proactive_collectors.text import Change, Position, split_lines


@frozen
class Step:
    """A change that was undone: offsets are code points in the text as it was at that time."""

    start: int
    old_text: str
    new_text: str
    event: int  #: index of the burst in the window
    by_hand: bool = True


@frozen
class Hunk:
    """One stretch that differs: ``[old_start, old_end)`` before, ``[start, end)`` now."""

    old_start: int
    old_end: int
    start: int
    end: int
    events: frozenset[int] = frozenset()
    by_hand: bool = True
    last: int = 0  #: rank of the newest change in it


class Rewinder:
    """A text that can be taken back change by change, in time proportional to the lines a change touches."""

    def __init__(self, text: str) -> None:
        self._lines = split_lines(text)
        self._line = self._offset = 0  # offset of the start of one line, near which the next change probably is

    @property
    def text(self) -> str:
        """The text as it stands."""
        return "".join(self._lines)

    def undo(self, change: Change) -> int | None:
        """Take a change back; its offset, or ``None`` (and nothing done) if the text is not what it left."""
        start, end, lines = change.range.start, change.new_end, self._lines
        if not (self._holds(start) and self._holds(end)):
            return None
        stretch = "".join(lines[start.line : end.line + 1])
        tail = len(lines[end.line]) - end.character
        if stretch[start.character : len(stretch) - tail] != change.new_text:
            return None
        offset = self._start_of(start.line) + start.character
        new = stretch[: start.character] + change.old_text + stretch[len(stretch) - tail :]
        low, high = start.line, end.line + 1
        if new.startswith("\n") and low:  # may close a line end that the line before has begun
            low, new = low - 1, lines[low - 1] + new
            self._line = self._offset = 0
        pieces = split_lines(new)
        if high < len(lines):
            pieces.pop()  # the stretch ends with its line's end, so the last piece is empty
        lines[low:high] = pieces
        return offset

    def _holds(self, position: Position) -> bool:
        if not 0 <= position.line < len(self._lines):
            return False
        return 0 <= position.character <= len(self._lines[position.line].rstrip("\r\n"))

    def _start_of(self, line: int) -> int:
        if line >= self._line:
            self._offset += sum(map(len, self._lines[self._line : line]))
        else:
            self._offset -= sum(map(len, self._lines[line : self._line]))
        self._line = line
        return self._offset


def rewind(text: str, bursts: Sequence[tuple[int, Sequence[Change], bool]]) -> tuple[str, list[Step]]:
    """Undo ``bursts`` (event index, changes, whether made by hand; oldest first), newest change first.

    Returns the text before and the steps that lead from it to ``text``, oldest first. It goes back as far as the
    changes fit: where one does not, something unseen happened to the file, and history begins after it.
    """
    rewinder = Rewinder(text)
    steps: list[Step] = []
    for event, changes, by_hand in reversed(bursts):
        for run in reversed(list(_runs(changes))):
            whole = run[0] if len(run) == 1 else evolve(run[0], new_text="".join(one.new_text for one in run))
            offset = rewinder.undo(whole)
            if offset is not None:
                at = offset + len(whole.new_text)
                for change in reversed(run):
                    at -= len(change.new_text)
                    steps.append(Step(at, change.old_text, change.new_text, event, by_hand))
                continue
            for change in reversed(run if len(run) > 1 else ()):
                offset = rewinder.undo(change)
                if offset is None:
                    break
                steps.append(Step(offset, change.old_text, change.new_text, event, by_hand))
            return rewinder.text, steps[::-1]
    return rewinder.text, steps[::-1]


def _runs(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """Changes that went on typing where the one before ended, taken together: they are one as well as many."""
    run: list[Change] = []
    end: Position | None = None
    for change in changes:
        if run and change.range.start == end and change.range.empty:
            run.append(change)
        else:
            if run:
                yield run
            run = [change]
        end = change.new_end
    if run:
        yield run


def net(steps: Iterable[Step]) -> list[Hunk]:
    """Compose steps into disjoint hunks, in the order of the text. Touching changes become one hunk."""
    hunks: list[Hunk] = []
    for rank, step in _joined(steps):
        start, end = step.start, step.start + len(step.old_text)
        grown = len(step.new_text) - len(step.old_text)
        before = [hunk for hunk in hunks if hunk.end < start]
        touched = [hunk for hunk in hunks if hunk.end >= start and hunk.start <= end]
        after = [hunk for hunk in hunks if hunk.start > end]
        drift = before[-1].old_end - before[-1].end if before else 0
        if touched:
            first, last = touched[0], touched[-1]
            low, high = min(start, first.start), max(end, last.end)
            old_low = first.old_start - (first.start - low)
            old_high = last.old_end + (high - last.end)
        else:
            low, high, old_low, old_high = start, end, start + drift, end + drift
        merged = Hunk(
            old_low,
            old_high,
            low,
            high + grown,
            frozenset({step.event}).union(*(hunk.events for hunk in touched)),
            step.by_hand and all(hunk.by_hand for hunk in touched),
            rank,
        )
        moved = [evolve(hunk, start=hunk.start + grown, end=hunk.end + grown) for hunk in after]
        hunks = [*before, merged, *moved]
    return hunks


def _joined(steps: Iterable[Step]) -> Iterator[tuple[int, Step]]:
    """The steps with their ranks, what was typed in one go as one step with the rank of the last."""
    run: list[Step] = []
    rank = -1
    end = 0
    for step in steps:
        goes_on = run and not step.old_text and step.start == end
        if goes_on and step.event == run[0].event and step.by_hand == run[0].by_hand:
            run.append(step)
        else:
            if run:
                yield rank, _one(run)
            run = [step]
        rank += 1
        end = step.start + len(step.new_text)
    if run:
        yield rank, _one(run)


def _one(run: Sequence[Step]) -> Step:
    return run[0] if len(run) == 1 else evolve(run[0], new_text="".join(step.new_text for step in run))
