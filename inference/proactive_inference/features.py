"""From a window to the gate's numbers: what stands unresolved, what was done by hand, what goes on at the end.

Three groups, in the order of :mod:`proactive_inference.feature_names`:

- *state*: what is open (a failed run, a diagnostic that outlives typing, a slip in prose, a replacement made again
  and again; :mod:`proactive_inference.unresolved`), and how it stands at the last event;
- *pace*: times and positions relative to the trace itself, since sittings differ widely in tempo;
- *marks*: for each :class:`~proactive_inference.signals.Mark`, whether the last event has it, and a sum over the
  window that halves every ``HALF_LIFE`` events.

Plain Python numbers: nothing here needs numpy, and one pass over 64 events takes a fraction of a millisecond.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from attrs import frozen

from proactive_collectors.events import EditBurst, Event, Observed, RunEvent
from proactive_inference.feature_names import NAMES
from proactive_inference.signals import Mark, Signals, signals
from proactive_inference.unresolved import FRESH_MINUTES, Unresolved, unresolved_after

HALF_LIFE = 4.0
"""After how many events the trail of a mark has halved."""

_DECAY = 0.5 ** (1.0 / HALF_LIFE)
_FEEDBACK_MINUTES = 10.0  # how fast a dismissal or an acceptance is forgotten

_INDEX = {name: position for position, name in enumerate(NAMES)}
_LAST = _INDEX["last:failed"]
_TRAIL = _INDEX["trail:failed"]


@frozen
class Features:
    """A window in numbers."""

    values: tuple[float, ...]  #: one for each of :data:`NAMES`
    origin: dict[int, int]  #: feature position → index into the window of the event it rests on
    signals: tuple[Signals, ...]  #: of each event


_PASSIVE = frozenset((Mark.OPENED, Mark.CLOSED, Mark.SWITCHED, Mark.VISITED, Mark.SEARCHED))


def features(events: Sequence[Event], signal_of: Callable[[Event], Signals] = signals) -> Features:
    """The numbers of a window's events, oldest first; ``signal_of`` lets a caller remember what events tell."""
    found = tuple(signal_of(event) for event in events)
    values = [0.0] * len(NAMES)
    origin: dict[int, int] = {}
    if not events:
        return Features(tuple(values), origin, found)

    def put(name: str, value: float, index: int | None = None) -> None:
        position = _INDEX[name]
        values[position] = value
        if index is not None and value:
            origin[position] = index

    open_ = unresolved_after(events, found)
    _put_state(put, open_, events, found)
    _put_pace(put, events, found)
    last = len(events) - 1
    for mark in found[last].marks:
        values[_LAST + mark] = 1.0
        origin[_LAST + mark] = last
    weight = 1.0
    for index in range(last - 1, -1, -1):
        weight *= _DECAY
        for mark in found[index].marks:
            position = _TRAIL + mark
            values[position] += weight
            origin.setdefault(position, index)
    for position in range(_TRAIL, _TRAIL + len(Mark)):
        if values[position]:
            values[position] = math.log1p(values[position])
    return Features(tuple(values), origin, found)


def live_share(events: Sequence[Event]) -> float:
    """How many of the last eight events are known by more than a sentence, from 0 to 1."""
    latest = events[-8:]
    return sum(not isinstance(event.data, Observed) for event in latest) / len(latest)


_Put = Callable[..., None]


def _put_state(put: _Put, open_: Unresolved, events: Sequence[Event], found: Sequence[Signals]) -> None:
    last = len(events) - 1
    now = events[last].time
    data = events[last].data
    marks = found[last].marks
    live = live_share(events)
    put("bias_live", live)

    if open_.failures:
        failure = max(open_.failures.values(), key=lambda f: f.index)
        put("failing", 1.0, failure.index)
        put("failing_now", float(failure.index == last), failure.index)
        put("failing_located", float(failure.located), failure.index)
        put("failing_after_edits", float(failure.after_edits), failure.index)
        put("failing_again", math.log(min(failure.in_row, 8)), failure.index)
        put("failing_same", float(failure.same), failure.index)
        put("failing_being_edited", math.log1p(failure.edits_since), failure.index)
        put("failing_age", _log_minutes((now - events[failure.index].time).total_seconds()), failure.index)
    if open_.seen_error is not None:
        put("seen_failing", 1.0, open_.seen_error)
    put("passed_now", float(Mark.PASSED in marks and isinstance(data, RunEvent)), last)
    if open_.overcome is not None and not open_.failures:
        put("passed_since_failure", 1.0, open_.overcome)

    lingering = [s for s in open_.standing.values() if s.lingering]
    if lingering:
        newest = max(lingering, key=lambda s: s.index)
        put("lingering_errors", math.log1p(sum(s.error for s in lingering)), newest.index)
        put("lingering_warnings", math.log1p(sum(not s.error for s in lingering)), newest.index)
        put("lingering_now", float(Mark.LINGERED in marks), newest.index)
        put("lingering_being_edited", math.log1p(min(s.edits_since for s in lingering)), newest.index)
    fresh = [s for s in open_.standing.values() if not s.lingering]
    if fresh:
        put("fresh_problems", math.log1p(len(fresh)), max(s.index for s in fresh))

    settled = not isinstance(data, EditBurst)
    repeats, repeated_at = open_.repeats()
    if repeats >= 2:
        put("repeated", 1.0, repeated_at)
        put("repeated_more", float(repeats >= 3), repeated_at)
        put("repeated_settled", float(settled), repeated_at)
    slips = [slip for slip in open_.slips if (now - events[slip[0]].time).total_seconds() <= FRESH_MINUTES * 60]
    if slips:
        put("slip", 1.0, slips[-1][0])
        put("slip_settled", float(settled), slips[-1][0])

    put("typing_now", float(not settled), last)
    recent = [i for i, _ in open_.bursts if (now - events[i].time).total_seconds() <= 60]
    put("typing_steadily", math.log1p(len(recent)))
    put("saved_now", float(Mark.SAVED in marks), last)
    put("committed_now", float(Mark.COMMITTED in marks), last)
    passive = bool(marks) and not isinstance(data, Observed) and bool(_PASSIVE.intersection(marks))
    put("looking_around", float(passive), last)
    for name, mark in (
        ("dismissed_lately", Mark.DISMISSED),
        ("accepted_lately", Mark.ACCEPTED),
        ("ignored_lately", Mark.IGNORED),
    ):
        total = 0.0
        for index, signal in enumerate(found):
            if mark in signal.marks:
                minutes = (now - events[index].time).total_seconds() / 60
                total += math.exp(-max(minutes, 0.0) / _FEEDBACK_MINUTES)
                put(name, total, index)
    if open_.conflict is not None:
        put("conflict", 1.0, open_.conflict)
    if open_.stopped is not None:
        put("stopped", 1.0, open_.stopped)
    put("undid_lately", float(any(Mark.UNDID in signal.marks for signal in found[-4:])))
    anything = (
        open_.failures or lingering or repeats >= 2 or slips or open_.seen_error is not None
        or open_.conflict is not None or open_.stopped is not None
    )  # fmt: skip
    put("nothing_open", 0.0 if anything else live)


def _log_minutes(seconds: float) -> float:
    return math.log1p(min(max(seconds, 0.0), 7200.0) / 60)


_PLACES = (Mark.IN_BROWSER, Mark.IN_EDITOR, Mark.IN_TERMINAL)


def _place(signal: Signals) -> Mark | None:
    return next((mark for mark in _PLACES if mark in signal.marks), None)


def _put_pace(put: _Put, events: Sequence[Event], found: Sequence[Signals]) -> None:
    last = len(events) - 1
    put("position", math.log1p(len(events)))
    put("first", float(last == 0), last)
    gaps = [max((b.time - a.time).total_seconds(), 0.0) for a, b in pairwise(events)]
    if gaps:
        middle = sorted(gaps)[len(gaps) // 2]
        put("gap", _log_minutes(gaps[-1]), last)
        ratio = math.log((gaps[-1] + 1.0) / (middle + 1.0))
        put("gap_relative", min(max(ratio, -3.0), 3.0), last)
    places = [_place(signal) for signal in found[-6:]]
    hops = sum(a is not b for a, b in pairwise(places))
    put("hopping", hops / 5)
    stay = 0
    while stay < len(places) and places[-1 - stay] is places[-1]:
        stay += 1
    put("stay", math.log1p(stay))
    put("searched_again", math.log1p(sum(Mark.SEARCHED in s.marks for s in found[-8:])))
    text = found[last].text
    if text:
        put("said_before", float(any(s.text == text for s in found[:-1])), last)
        put("length", math.log1p(len(text)) / 5)
    for index in range(last, -1, -1):
        if Mark.WROTE in found[index].marks:
            break
        if Mark.SEARCHED in found[index].marks:
            put("searched_since_wrote", 1.0, index)
            break
