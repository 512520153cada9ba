"""What stands unresolved after some events: failed runs, diagnostics, repeated replacements, slips in prose."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, evolve, field

from proactive_collectors.changes import join
from proactive_collectors.events import (
    DiagnosticAppeared,
    DiagnosticEvent,
    DiagnosticLingering,
    DiagnosticResolved,
    EditBurst,
    Event,
    Manner,
    Observed,
    RunEvent,
    Severity,
    TerminalRun,
)
from proactive_collectors.text import Change
from proactive_inference.signals import TEXT_LIMIT, Mark, Signals, signals

FRESH_MINUTES = 10.0
"""How long before a run edits count as its cause, and how long a slip in prose is told of."""

_Pair = tuple[str, str]  # what stood there, what stands there now
_REPEAT_BURSTS = 12  # within how many bursts the same replacement counts as repeated


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
class Unresolved:
    """What is open after the events so far."""

    events: Sequence[Event]
    failures: dict[str, _Failure] = field(factory=dict)  # by command: another program's success overcomes nothing
    overcome: int | None = None
    last_errors: dict[str, tuple[str, ...]] = field(factory=dict)
    seen_error: int | None = None
    standing: dict[tuple[object, ...], _Standing] = field(factory=dict)
    bursts: list[tuple[int, tuple[_Pair, ...]]] = field(factory=list)
    # By document: the change that the caret was in after a burst, and where in ``bursts`` it was counted.
    under_way: dict[str | None, tuple[Change, int]] = field(factory=dict)
    slips: list[tuple[int, str | None, str]] = field(factory=list)
    conflict: int | None = None
    stopped: int | None = None

    def run(self, index: int, run: RunEvent, marks: tuple[Mark, ...]) -> None:
        """Take in a run: it fails, overcomes a failure, or neither."""
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
        return age.total_seconds() <= FRESH_MINUTES * 60

    def diagnostic(self, index: int, event: Event, data: DiagnosticEvent) -> None:
        """Take in what a diagnostic has become."""
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

    def edit(self, index: int, event: Event, burst: EditBurst, found: Signals) -> None:
        """Take in an edit burst, and what it leaves behind or puts right."""
        for failure in self.failures.values():
            failure.edits_since += 1
        for standing in self.standing.values():
            standing.edits_since += 1
        uri = event.where.uri
        if found.removed:
            self.slips = [s for s in self.slips if s[1] != uri or not _touches(s[2], found.removed)]
        self._note_replacements(index, event, burst, found.replacements)
        self.slips += [(index, uri, slip) for slip in found.slips]

    def _note_replacements(
        self, index: int, event: Event, burst: EditBurst, replacements: tuple[_Pair, ...]
    ) -> None:
        """Note what a burst replaced by what, together with what an earlier burst in the document had begun.

        A rest in the middle of a word, or another event, ends a burst; what was replaced by what shows in both. A
        burst that does nothing but go on with the one before is counted as one with it, so that rests after each
        key do not push what was replaced earlier out of sight.
        """
        uri, begun = event.where.uri, self.under_way.pop(event.where.uri, None)
        if not burst.changes or burst.manner in (Manner.UNDONE, Manner.APPLIED):
            self.bursts.append((index, replacements))
            return
        first, last = burst.changes[0], burst.changes[-1]
        joined = join(begun[0], first) if begun is not None else None
        if begun is not None and joined is not None:
            change, at = begun
            replacements = _without(replacements, _replaced(event, burst, first))
            replacements += _replaced(event, burst, joined)
            # What was only begun is no replacement of its own.
            earlier, pairs = self.bursts[at]
            self.bursts[at] = (earlier, _without(pairs, _replaced(event, burst, change)))
            if len(burst.changes) == 1:
                last = joined
                if at == len(self.bursts) - 1:
                    replacements = self.bursts.pop()[1] + replacements
        self.bursts.append((index, replacements))
        if last.old_text and len(last.old_text) + len(last.new_text) <= TEXT_LIMIT:
            self.under_way[uri] = last, len(self.bursts) - 1

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


def _replaced(event: Event, burst: EditBurst, change: Change) -> tuple[_Pair, ...]:
    """The replacements that one change of a burst is, taken by itself."""
    return signals(evolve(event, data=evolve(burst, changes=(change,)))).replacements


def _without(pairs: tuple[_Pair, ...], others: tuple[_Pair, ...]) -> tuple[_Pair, ...]:
    """``pairs`` less one for each of ``others``; the last ones go."""
    left = list(reversed(pairs))
    for pair in others:
        if pair in left:
            left.remove(pair)
    return tuple(reversed(left))


def _touches(slip: str, removed: str) -> bool:
    return any(part and (part in slip or slip in part) for part in (r.strip() for r in removed.split("\0")))


def unresolved_after(events: Sequence[Event], found: Sequence[Signals]) -> Unresolved:
    """Walk over events, oldest first, and the signals found in each."""
    walk = Unresolved(events)
    for index, event in enumerate(events):
        data, marks = event.data, found[index].marks
        if isinstance(data, EditBurst):
            walk.edit(index, event, data, found[index])
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
