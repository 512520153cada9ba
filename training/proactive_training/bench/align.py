"""Finds the moments of a trace that a retelling of it is about: some events reworded, merged or dropped."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from attrs import frozen


@frozen
class Told:
    """An event as a text tells it."""

    time: datetime
    text: str


@frozen
class Match:
    """The event that a told one stands for; the last of them, where it stands for several."""

    index: int
    exact: bool  #: same time and same text


def align(trace: Sequence[Told], told: Sequence[Told]) -> list[Match]:
    """A match for each told event, never going back.

    Events with the same time and text are anchors. What is told between two anchors stands for the events between
    them: each of these goes with the last told one that is not later. A told event then means the last event that
    goes with it, since whoever answered it had heard of them all; one that none goes with means the event before.

    Raises:
        ValueError: the trace has no events.
    """
    if not trace:
        raise ValueError("a trace without events has no moments")
    anchors = _anchors(trace, told)
    found: list[Match | None] = [None] * len(told)
    for position, index in anchors:
        found[position] = Match(index, exact=True)
    borders = [(-1, -1), *anchors, (len(told), len(trace))]
    for (position, index), (next_position, next_index) in pairwise(borders):
        between = range(position + 1, next_position)
        last = {p: max(index, 0) for p in between}
        for event in range(index + 1, next_index):
            with_it = [p for p in between if told[p].time <= trace[event].time] or list(between[:1])
            if with_it:
                last[with_it[-1]] = event
        at = max(index, 0)
        for p in between:
            at = max(at, last[p])
            found[p] = Match(at, exact=False)
    return [match for match in found if match is not None]


def _anchors(trace: Sequence[Told], told: Sequence[Told]) -> list[tuple[int, int]]:
    """The longest chain of equal events, as (position told, index in the trace), both growing."""
    where: dict[Told, list[int]] = {}
    for index, event in enumerate(trace):
        where.setdefault(event, []).append(index)
    # The longest growing chain of pairs. Of a repeated event, later places come first, so that one told event
    # never takes two places (Hunt and Szymanski 1977).
    tails: list[int] = []
    chains: list[tuple[tuple[int, int], int]] = []  # a pair, and the number of the one before it
    ends: list[int] = []
    for position, event in enumerate(told):
        for index in reversed(where.get(event, [])):
            length = bisect_left(tails, index)
            chains.append(((position, index), ends[length - 1] if length else -1))
            if length == len(tails):
                tails.append(index)
                ends.append(len(chains) - 1)
            else:
                tails[length], ends[length] = index, len(chains) - 1
    chain: list[tuple[int, int]] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        pair, at = chains[at]
        chain.append(pair)
    return chain[::-1]
