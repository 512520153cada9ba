"""From a window to the gate's numbers: what stands unresolved, what was done by hand, what goes on at the end.

Three groups, in this order (the weights file lists the names and is refused if they differ):

- *state*: a walk over the events keeps what is open (a failed run, a diagnostic that outlives typing, a slip in
  prose, a replacement made again and again) and says how it stands at the last event;
- *pace*: times and positions relative to the trace itself, since sittings differ widely in tempo;
- *marks*: for each :class:`~proactive_inference.signals.Mark`, whether the last event has it, and a sum over the
  window that halves every ``HALF_LIFE`` events.

Plain Python numbers: nothing here needs numpy, and one pass over 64 events takes a fraction of a millisecond.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from attrs import define, field, frozen

from proactive_collectors.events import (
    DiagnosticAppeared,
    DiagnosticEvent,
    DiagnosticLingering,
    DiagnosticResolved,
    EditBurst,
    Event,
    Observed,
    RunEvent,
    Severity,
    TerminalRun,
)
from proactive_inference.signals import Mark, Signals, signals

HALF_LIFE = 4.0
"""After how many events the trail of a mark has halved."""

_DECAY = 0.5 ** (1.0 / HALF_LIFE)
_FEEDBACK_MINUTES = 10.0  # how fast a dismissal or an acceptance is forgotten
_REPEAT_BURSTS = 12  # within how many bursts the same replacement counts as repeated
_FRESH_MINUTES = 10.0  # how long before a run edits count as its cause

# name → plain words for the evidence (empty: never named as evidence)
_STATE: dict[str, str] = {
    "bias_live": "",
    "failing": "a run failed and has not passed since",
    "failing_now": "a run just failed",
    "failing_located": "the failure names the place",
    "failing_after_edits": "the run failed right after edits",
    "failing_again": "it failed several times in a row",
    "failing_same": "it failed with the same error as before",
    "failing_being_edited": "edits were made since the failure",
    "failing_age": "the failure is some time ago",
    "seen_failing": "an error was seen and not overcome since",
    "passed_now": "a run just passed",
    "passed_since_failure": "the failure was overcome",
    "lingering_errors": "an error has been standing for a while",
    "lingering_warnings": "a warning has been standing for a while",
    "lingering_now": "a problem has outlived the typing",
    "lingering_being_edited": "edits were made since the problem was seen to last",
    "fresh_problems": "problems are fresh and may be half-typed code",
    "repeated": "the same replacement was made again by hand",
    "repeated_more": "the same replacement was made three times or more",
    "repeated_settled": "a repeated replacement, then a pause or save",
    "slip": "a doubled word or a placeholder was left in prose",
    "slip_settled": "a slip was left in prose, then a pause or save",
    "typing_now": "the last thing was typing",
    "typing_steadily": "typing is going on",
    "saved_now": "a file was just saved",
    "committed_now": "a commit was just made",
    "looking_around": "files were only opened, closed or switched",
    "dismissed_lately": "suggestions were dismissed lately",
    "accepted_lately": "suggestions were taken lately",
    "ignored_lately": "suggestions were left unanswered lately",
    "conflict": "a merge stopped at a conflict",
    "stopped": "the debugger stopped at an exception",
    "undid_lately": "changes were taken back",
    "nothing_open": "nothing is known to be wrong",
}
_PACE: dict[str, str] = {
    "position": "",
    "first": "the sitting has just begun",
    "gap": "there was a pause before",
    "gap_relative": "there was a longer pause than usual before",
    "stay": "attention stayed in one place",
    "hopping": "attention hops between places",
    "searched_again": "searching went on",
    "said_before": "the same thing was done before",
    "length": "",
    "searched_since_wrote": "a search since the last writing",
}

_MARK_WORDS: dict[Mark, str] = {
    Mark.FAILED: "an error is told of",
    Mark.PASSED: "success is told of",
    Mark.RAN: "something was run",
    Mark.SEARCHED: "a search was made",
    Mark.ASKED: "a how-to or an error was looked up",
    Mark.VISITED: "a page was visited",
    Mark.READ: "reading or scrolling",
    Mark.WROTE: "writing",
    Mark.SWITCHED: "switching between windows or files",
    Mark.OPENED: "something was opened",
    Mark.CLOSED: "something was closed",
    Mark.SAVED: "a save",
    Mark.COMMITTED: "a commit",
    Mark.IDLED: "nothing was done",
    Mark.CLICKED: "clicking",
    Mark.COPIED: "copying",
    Mark.PASTED: "pasting",
    Mark.UNDID: "undoing",
    Mark.WROTE_PROSE: "notes or prose were written",
    Mark.WROTE_CODE: "code was written",
    Mark.IN_BROWSER: "",
    Mark.IN_EDITOR: "",
    Mark.IN_TERMINAL: "",
    Mark.SPECIFIC: "",
    Mark.ERROR_APPEARED: "an error appeared",
    Mark.WARNING_APPEARED: "a warning appeared",
    Mark.LINGERED: "a problem lasts",
    Mark.RESOLVED: "a problem was resolved",
    Mark.CONFLICTED: "a merge conflict",
    Mark.STOPPED: "the debugger stopped",
    Mark.SHOWN: "a suggestion was shown",
    Mark.ACCEPTED: "a suggestion was taken",
    Mark.DISMISSED: "a suggestion was dismissed",
    Mark.IGNORED: "a suggestion was left unanswered",
}

LABELS: dict[str, str] = {
    **_STATE,
    **_PACE,
    **{f"last:{mark.name.lower()}": words for mark, words in _MARK_WORDS.items()},
    **{f"trail:{mark.name.lower()}": f"{words} (lately)" if words else "" for mark, words in _MARK_WORDS.items()},
}
"""Every feature's name, in the order of the weights, with its plain words."""

NAMES: tuple[str, ...] = tuple(LABELS)
# Sides of one and the same thing, which a person would hear of once, by the first one's words.
_TOPICS: tuple[tuple[str, ...], ...] = (
    (
        "failing", "failing_now", "failing_located", "failing_after_edits", "failing_again", "failing_same",
        "failing_being_edited", "failing_age", "last:failed", "last:ran", "trail:failed",
    ),
    ("passed_since_failure", "passed_now", "last:passed", "trail:passed"),
    ("lingering_errors", "lingering_now", "lingering_being_edited", "last:lingered", "trail:lingered"),
    ("lingering_warnings",),
    ("fresh_problems", "last:error_appeared", "last:warning_appeared"),
    ("last:resolved", "trail:resolved"),
    ("repeated", "repeated_more", "repeated_settled"),
    ("slip", "slip_settled"),
    ("saved_now", "last:saved"),
    ("committed_now", "last:committed"),
    ("typing_now", "last:wrote", "last:wrote_code", "last:wrote_prose"),
    ("trail:wrote", "trail:wrote_code", "trail:wrote_prose"),
    ("dismissed_lately", "last:dismissed", "trail:dismissed"),
    ("accepted_lately", "last:accepted", "trail:accepted"),
    ("ignored_lately", "last:ignored", "trail:ignored"),
    ("gap", "gap_relative"),
)  # fmt: skip
_HEADS = {name: topic[0] for topic in _TOPICS for name in topic}
TOPIC_OF: tuple[int, ...] = tuple(NAMES.index(_HEADS.get(name, name)) for name in NAMES)
"""For each feature, the position of the one under whose words it is told as evidence."""

_INDEX = {name: position for position, name in enumerate(NAMES)}
_LAST = _INDEX["last:failed"]
_TRAIL = _INDEX["trail:failed"]
_EMPTY = Signals()


@frozen
class Features:
    """A window in numbers."""

    values: tuple[float, ...]  #: one for each of :data:`NAMES`
    origin: dict[int, int]  #: feature position → index into the window of the event it rests on
    signals: tuple[Signals, ...]  #: of each event


@define
class _Failure:
    """A failed run that has not been overcome."""

    index: int
    after_edits: bool
    located: bool
    same: bool
    in_row: int = 1
    edits_since: int = 0


@define
class _Standing:
    """A diagnostic that is there now."""

    index: int
    error: bool
    lingering: bool = False
    edits_since: int = 0


@define
class _Walk:
    """What is open after the events so far."""

    events: Sequence[Event]
    failures: dict[str, _Failure] = field(factory=dict)  # by command: another program's success overcomes nothing
    overcome: int | None = None
    last_errors: dict[str, tuple[str, ...]] = field(factory=dict)
    seen_error: int | None = None
    standing: dict[tuple[object, ...], _Standing] = field(factory=dict)
    bursts: list[tuple[int, tuple[tuple[str, str], ...]]] = field(factory=list)
    slips: list[tuple[int, str | None, str]] = field(factory=list)
    conflict: int | None = None
    stopped: int | None = None

    def run(self, index: int, run: RunEvent, marks: tuple[Mark, ...]) -> None:
        key = " ".join(run.command.split()) if isinstance(run, TerminalRun) else run.name
        if Mark.FAILED in marks:
            errors = tuple(failure.message for failure in run.failures)
            before = self.failures.get(key)
            self.failures[key] = _Failure(
                index,
                after_edits=self._edited_before(index),
                located=any(failure.path for failure in run.failures),
                same=bool(errors) and self.last_errors.get(key) == errors,
                in_row=before.in_row + 1 if before else 1,
            )
            self.last_errors[key] = errors
        elif Mark.PASSED in marks:
            # The same command, or the same program with other arguments, went well.
            program = key.split(" ", 1)[0]
            fixed = [k for k in self.failures if k == key or k.split(" ", 1)[0] == program]
            for k in fixed:
                del self.failures[k]
            if fixed:
                self.overcome = index
            self.stopped = None

    def _edited_before(self, index: int) -> bool:
        if not self.bursts:
            return False
        age = self.events[index].time - self.events[self.bursts[-1][0]].time
        return age.total_seconds() <= _FRESH_MINUTES * 60

    def diagnostic(self, index: int, event: Event, data: DiagnosticEvent) -> None:
        key = (event.where.uri, data.message, data.code, data.tool)
        if isinstance(data, DiagnosticResolved):
            self.standing.pop(key, None)
            return
        if data.severity not in (Severity.ERROR, Severity.WARNING):
            return
        error = data.severity is Severity.ERROR
        if isinstance(data, DiagnosticAppeared):
            self.standing.setdefault(key, _Standing(index, error))
        elif isinstance(data, DiagnosticLingering):
            self.standing[key] = _Standing(index, error, lingering=True)

    def edit(self, index: int, event: Event, found: Signals) -> None:
        for failure in self.failures.values():
            failure.edits_since += 1
        for standing in self.standing.values():
            standing.edits_since += 1
        uri = event.where.uri
        if found.removed:
            self.slips = [s for s in self.slips if s[1] != uri or not _touches(s[2], found.removed)]
        self.bursts.append((index, found.replacements))
        self.slips += [(index, uri, slip) for slip in found.slips]

    def repeats(self) -> tuple[int, int]:
        """How often the last burst's, or the one's before it, replacement was made lately; and where last."""
        recent = self.bursts[-_REPEAT_BURSTS:]
        counts: dict[tuple[str, str], int] = {}
        for _, pairs in recent:
            for pair in pairs:
                counts[pair] = counts.get(pair, 0) + 1
        best, at = 0, -1
        for index, pairs in recent[-2:]:
            for pair in pairs:
                # There and back again is a change of mind, not a repeated wish.
                back = counts.get((pair[1], pair[0]), 0)
                if counts[pair] - back >= max(best, 2):
                    best, at = counts[pair] - back, index
        return best, at


def _touches(slip: str, removed: str) -> bool:
    return any(part and (part in slip or slip in part) for part in (r.strip() for r in removed.split("\0")))


def _feature_walk(events: Sequence[Event], found: Sequence[Signals]) -> _Walk:
    walk = _Walk(events)
    for index, event in enumerate(events):
        data, marks = event.data, found[index].marks
        if isinstance(data, EditBurst):
            walk.edit(index, event, found[index])
        elif isinstance(data, RunEvent):
            walk.run(index, data, marks)
        elif isinstance(data, DiagnosticEvent):
            walk.diagnostic(index, event, data)
        elif isinstance(data, Observed):
            if Mark.FAILED in marks and Mark.WROTE not in marks:
                walk.seen_error = index
            elif Mark.PASSED in marks:
                walk.seen_error = None
        elif Mark.CONFLICTED in marks:
            walk.conflict = index
        elif Mark.COMMITTED in marks:
            walk.conflict = None
        elif Mark.STOPPED in marks and getattr(data, "reason", "") == "exception":
            walk.stopped = index
    return walk


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

    walk = _feature_walk(events, found)
    _put_state(put, walk, events, found)
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


_Put = Callable[..., None]


def _put_state(put: _Put, walk: _Walk, events: Sequence[Event], found: Sequence[Signals]) -> None:
    last = len(events) - 1
    now = events[last].time
    data = events[last].data
    marks = found[last].marks
    live = sum(not isinstance(event.data, Observed) for event in events[-8:]) / min(len(events), 8)
    put("bias_live", live)

    if walk.failures:
        failure = max(walk.failures.values(), key=lambda f: f.index)
        put("failing", 1.0, failure.index)
        put("failing_now", float(failure.index == last), failure.index)
        put("failing_located", float(failure.located), failure.index)
        put("failing_after_edits", float(failure.after_edits), failure.index)
        put("failing_again", math.log(min(failure.in_row, 8)), failure.index)
        put("failing_same", float(failure.same), failure.index)
        put("failing_being_edited", math.log1p(failure.edits_since), failure.index)
        put("failing_age", _log_minutes((now - events[failure.index].time).total_seconds()), failure.index)
    if walk.seen_error is not None:
        put("seen_failing", 1.0, walk.seen_error)
    put("passed_now", float(Mark.PASSED in marks and isinstance(data, RunEvent)), last)
    if walk.overcome is not None and not walk.failures:
        put("passed_since_failure", 1.0, walk.overcome)

    lingering = [s for s in walk.standing.values() if s.lingering]
    if lingering:
        newest = max(lingering, key=lambda s: s.index)
        put("lingering_errors", math.log1p(sum(s.error for s in lingering)), newest.index)
        put("lingering_warnings", math.log1p(sum(not s.error for s in lingering)), newest.index)
        put("lingering_now", float(Mark.LINGERED in marks), newest.index)
        put("lingering_being_edited", math.log1p(min(s.edits_since for s in lingering)), newest.index)
    fresh = [s for s in walk.standing.values() if not s.lingering]
    if fresh:
        put("fresh_problems", math.log1p(len(fresh)), max(s.index for s in fresh))

    settled = not isinstance(data, EditBurst)
    repeats, repeated_at = walk.repeats()
    if repeats >= 2:
        put("repeated", 1.0, repeated_at)
        put("repeated_more", float(repeats >= 3), repeated_at)
        put("repeated_settled", float(settled), repeated_at)
    slips = [slip for slip in walk.slips if (now - events[slip[0]].time).total_seconds() <= _FRESH_MINUTES * 60]
    if slips:
        put("slip", 1.0, slips[-1][0])
        put("slip_settled", float(settled), slips[-1][0])

    put("typing_now", float(not settled), last)
    recent = [i for i, _ in walk.bursts if (now - events[i].time).total_seconds() <= 60]
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
    if walk.conflict is not None:
        put("conflict", 1.0, walk.conflict)
    if walk.stopped is not None:
        put("stopped", 1.0, walk.stopped)
    put("undid_lately", float(any(Mark.UNDID in signal.marks for signal in found[-4:])))
    anything = (
        walk.failures or lingering or repeats >= 2 or slips or walk.seen_error is not None
        or walk.conflict is not None or walk.stopped is not None
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
