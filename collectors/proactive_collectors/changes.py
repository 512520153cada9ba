"""The algebra of changes: what touches is joined into one net change, what does not can change places.

All of it rests on changes whose ``\\r\\n`` pairs are whole, as
:meth:`proactive_collectors.buffer.TextBuffer.replace` returns them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from proactive_collectors.text import Change, Position, Range, is_word, split_lines


def join(first: Change, second: Change) -> Change | None:
    """One change that does what ``first`` and then ``second`` do; ``None`` if they do not touch.

    ``second`` is in the text that ``first`` left. Typing on, rubbing out, deleting forward, and writing over or
    inside or around what was just written are all joined.
    """
    net = join_nets(net_of(first), net_of(second))
    return None if net is None else net.change


class Net(NamedTuple):
    """A net change with the place where its new text ends, which is costly to find out for a long one."""

    change: Change
    end: Position


def join_nets(net: Net, other: Net) -> Net | None:
    """:func:`join`, with the new ends at hand."""
    first, second = net.change, other.change
    end_line, end_character = net.end.line, net.end.character
    start = first.range.start
    from_, to = second.range.start, second.range.end
    # Plain comparisons of numbers: this runs for every keystroke.
    starts_early = (from_.line, from_.character) < (start.line, start.character)
    ends_late = (to.line, to.character) > (end_line, end_character)
    if (to.line, to.character) < (start.line, start.character):
        return None
    if (from_.line, from_.character) > (end_line, end_character):
        return None

    written, removed = first.new_text, second.old_text
    head = "" if starts_early else written[: _index(written, start, net.end, from_)]
    tail = "" if ends_late else written[_index(written, start, net.end, to) :]
    before = removed[: _index(removed, from_, to, start)] if starts_early else ""
    after = removed[_index(removed, from_, to, net.end) :] if ends_late else ""
    old_end = _unshift(to, net) if ends_late else first.range.end
    end = other.end if ends_late else _shift(net.end, other)
    range_ = first.range
    if starts_early or ends_late:
        range_ = Range(from_ if starts_early else start, old_end)
    change = Change(range_, before + first.old_text + after, head + second.new_text + tail)
    return Net(change, end)


def _index(text: str, start: Position, end: Position, position: Position) -> int:
    """The index of ``position`` in a ``text`` that reaches from ``start`` to ``end``."""
    if position.line == end.line:
        return len(text) - (end.character - position.character)
    if position.line == start.line:
        return position.character - start.character
    lines = split_lines(text)[: position.line - start.line]
    return sum(map(len, lines)) + position.character


def _shift(position: Position, net: Net) -> Position:
    """:func:`proactive_collectors.text.shift`, with the change's new end at hand."""
    old_end = net.change.range.end
    if position.line == old_end.line:
        return Position(net.end.line, net.end.character + position.character - old_end.character)
    return Position(position.line + net.end.line - old_end.line, position.character)


def _unshift(position: Position, net: Net) -> Position:
    """Where a position at or after the net change's new end stood before it."""
    old_end = net.change.range.end
    if position.line == net.end.line:
        return Position(old_end.line, position.character - net.end.character + old_end.character)
    return Position(position.line - net.end.line + old_end.line, position.character)


def _swap(first: Net, second: Net) -> tuple[Net, Net]:
    """Two changes that do not touch, in the other order: ``second`` as if made first, and ``first`` after it."""
    # Mostly neither adds nor removes lines and they stand on different ones: then nothing moves.
    if second.change.range.start.line > first.end.line and first.end.line == first.change.range.end.line:
        return second, first
    if (
        second.change.range.end.line < first.change.range.start.line
        and second.end.line == second.change.range.end.line
    ):
        return second, first
    if second.change.range.start > first.end:
        return _carried(second, first, _unshift), first
    return second, _carried(first, second, _shift)


def _carried(net: Net, over: Net, by: Callable[[Position, Net], Position]) -> Net:
    change = net.change
    range_ = Range(by(change.range.start, over), by(change.range.end, over))
    return Net(Change(range_, change.old_text, change.new_text), by(net.end, over))


def net_of(change: Change) -> Net:
    """A single change as a net change."""
    new, start = change.new_text, change.range.start
    if "\n" in new or "\r" in new:
        return Net(change, change.new_end)
    return Net(change, Position(start.line, start.character + len(new)))  # the same, sooner


def absorb(nets: tuple[Net, ...], change: Change, reach: int) -> tuple[Net, ...]:
    """Join a change to one of the last ``reach`` net changes, past later ones it does not touch; else append."""
    added = moved = net_of(change)
    passed: list[Net] = []
    for index in range(len(nets) - 1, max(-1, len(nets) - 1 - reach), -1):
        joined = join_nets(nets[index], moved)
        if joined is not None:
            return (*nets[:index], joined, *reversed(passed))
        moved, net = _swap(nets[index], moved)
        passed.append(net)
    return (*nets, added)


def whole_words(change: Change, lines_after: Sequence[str]) -> Change:
    """The same change, widened to the words it is in: ``typedkey`` to ``typed_key`` rather than a ``_`` put in.

    Editors that compare lines report the letters that differ and no more. ``lines_after`` are the document's lines
    once the change is made. A word that is being typed on at its end stays as it is, and so does what spans lines.
    """
    old, new, start = change.old_text, change.new_text, change.range.start
    if start.line >= len(lines_after) or any(mark in old + new for mark in "\r\n"):
        return change
    line, end = lines_after[start.line], start.character + len(new)
    if line[start.character : end] != new:
        return change
    before = (
        _word_before(line[: start.character]) if is_word((old or new)[:1]) or is_word((new or old)[:1]) else ""
    )
    after = _word_after(line[end:]) if is_word((old or new)[-1:]) or is_word((new or old)[-1:]) else ""
    if not after and not (before and old):
        return change
    widened = Range(
        Position(start.line, start.character - len(before)),
        Position(change.range.end.line, change.range.end.character + len(after)),
    )
    return Change(widened, before + old + after, before + new + after)


def _word_before(text: str) -> str:
    start = len(text)
    while start and is_word(text[start - 1]):
        start -= 1
    return text[start:]


def _word_after(text: str) -> str:
    end = 0
    while end < len(text) and is_word(text[end]):
        end += 1
    return text[:end]
