"""Labels by hindsight: at each moment at which the agent would ask itself, whether help was wanted, and which.

At every boundary all proposers are asked, whatever gate and policy would say, and what they offer is judged by the
rest of the sitting (:mod:`proactive_training.gym.hindsight`). Need holds

- ``confirmed``: where some offer is borne out in full or nearly so, and the person has not done all of it by
  themselves within :data:`ABOUT_TO` seconds;
- ``slip``: where that holds only of offers that mend a slip which the replay itself made;
- ``outlives``: where an error that came up in this sitting has stood for long, stands for at least
  :data:`OUTLIVES` seconds of work more, and is put right in the end;
- ``red``: at a failed run, where the same command still fails when it is next run, or is not run again.

Need is unknown (``undecided``) where the only offers are such that what came next tells nothing of them.
Everywhere else there is none: ``about_to`` where the person did all that was offered at once, ``mending`` where an
error stands but is soon gone, or a run failed that goes well when it is next made, ``nothing`` where no proposer
had anything and nothing was wrong, ``unwanted`` where what was offered was not done.
docs/replay.md names the biases.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from attrs import define, field, frozen

from proactive_collectors.events import (
    DiagnosticAppeared,
    DiagnosticLingering,
    DiagnosticResolved,
    Event,
    Severity,
    TerminalRun,
)
from proactive_collectors.trace import WINDOW_EVENTS, Window
from proactive_inference import plays
from proactive_inference.need import Need
from proactive_inference.plays import Play
from proactive_inference.proposal import Boundary, Proposal
from proactive_inference.runs import failed
from proactive_inference.still import StillWorkspace
from proactive_training.bench.example import Example, Label, LabelSource, Verdict
from proactive_training.gym.hindsight import Judgement, judge
from proactive_training.gym.loop import Episode, Moment
from proactive_training.gym.records import offer_of
from proactive_training.gym.replay_environment import ReplayEnvironment
from proactive_training.gym.replay_workspace import path_of, uri_of
from proactive_training.gym.replaying_user import ReplayingUser

log = logging.getLogger(__name__)

ABOUT_TO = timedelta(seconds=10)
"""What the person does all alone within this time needed no help."""

OUTLIVES = timedelta(seconds=60)
"""An error that stands for so much longer was in the way."""


class SilentGate:
    """A gate that never sees a need: an agent with it passes every boundary, and says nothing."""

    def need(self, window: Window) -> Need:
        """None."""
        return Need(0.0)


@frozen
class _Offered:
    proposal: Proposal
    judged: Judgement
    texts: dict[str, str | None]  # of the files it edits, at the moment
    planted: bool


@define
class _Pending:
    """A moment whose label waits for what comes next."""

    index: int
    boundary: str
    time: datetime
    offered: list[_Offered]
    errors: frozenset[tuple[str, str]]  # that stand: document and message
    done: set[int] = field(factory=set)  # which offers the person has done all of within ``ABOUT_TO``


@define
class Labeller:
    """Looks on at a replay and labels its moments; one for each sitting.

    Args:
        environment, user: of the replay.
        proposers: who is asked at each moment.
    """

    environment: ReplayEnvironment
    user: ReplayingUser
    proposers: Sequence[Play]
    _pending: list[_Pending] = field(factory=list)
    _fresh: list[_Pending] = field(factory=list)  # whose offers may yet be done at once

    def decided(self, episode: Episode, moment: Moment) -> None:
        """Ask the proposers at a boundary."""
        window = Window(tuple(episode.events[max(0, moment.index + 1 - WINDOW_EVENTS) : moment.index + 1]))
        workspace = StillWorkspace(self.environment.workspace)
        asked = plays.Moment(moment.decision.time, moment.decision.boundary, window, workspace)
        offered = [self._judged(proposal) for proposal in self._proposals(asked)]
        errors = frozenset(
            (uri_of(path), item.message)
            for path, items in self.environment.standing.items()
            for item in items
            if item.severity is Severity.ERROR
        )
        pending = _Pending(moment.index, moment.decision.boundary.value, moment.decision.time, offered, errors)
        self._pending.append(pending)
        if offered:
            self._fresh.append(pending)

    def acted(self, now: datetime) -> None:
        """See which offers the person has done all of, as long as their moments are fresh."""
        self._fresh = [pending for pending in self._fresh if now - pending.time <= ABOUT_TO]
        for pending in self._fresh:
            for number, offered in enumerate(pending.offered):
                if number not in pending.done and offered.judged.right:
                    by_now = judge(offered.proposal.edits, offered.texts.get, self._text)
                    if by_now.right >= offered.judged.right:
                        pending.done.add(number)

    def examples(self, sitting: str, events: Sequence[Event]) -> list[Example]:
        """The labelled moments, once the sitting is over: of each, the silence and every offer."""
        errors = _errors(events)
        found: list[Example] = []
        for pending in self._pending:
            if pending.index < 0:
                continue
            need, rule = self._need(pending, errors, events)
            silent = Label(LabelSource.HINDSIGHT, need, None if need is None else not need, (), rule)
            found.append(Example(sitting, pending.index, silent, None, pending.boundary))
            for offered in pending.offered:
                verdict = offered.judged.verdict
                accepted = (
                    None if verdict is Verdict.UNKNOWN else verdict is Verdict.EXACT or offered.judged.mostly
                )
                label = Label(LabelSource.HINDSIGHT, need, accepted, (), rule)
                found.append(
                    Example(
                        sitting,
                        pending.index,
                        label,
                        offer_of(offered.proposal, offered.judged.verdict, offered.texts.get),
                        pending.boundary,
                    )
                )
        return found

    # --- offers -----------------------------------------------------------------------------------------

    def _proposals(self, moment: plays.Moment) -> Iterable[Proposal]:
        for proposer in self.proposers:
            try:
                yield from proposer.propose(moment)
            except Exception:  # as in the agent: one that fails must not end the replay
                log.exception("the proposer %s failed", proposer.name)

    @property
    def planted(self) -> frozenset[tuple[str, str]]:
        """Proposer and key of the offers that were right, but only of slips that the replay itself made."""
        return frozenset(
            (one.proposal.play, one.proposal.key)
            for pending in self._pending
            for one in pending.offered
            if one.planted
        )

    def _judged(self, proposal: Proposal) -> _Offered:
        texts = {file.uri: self._text(file.uri) for file in proposal.edits}
        judged = judge(proposal.edits, self._text, self.user.then)
        return _Offered(proposal, judged, texts, judged.right > 0 and self.user.planted(proposal.edits))

    def _text(self, uri: str) -> str | None:
        return self.environment.workspace.text(path_of(uri))

    # --- the label --------------------------------------------------------------------------------------

    def _need(
        self, pending: _Pending, errors: dict[tuple[str, str], list[_Error]], events: Sequence[Event]
    ) -> tuple[bool | None, str]:
        wanted = [
            number
            for number, offered in enumerate(pending.offered)
            if offered.judged.verdict is Verdict.EXACT or offered.judged.mostly
        ]
        undone = [number for number in wanted if number not in pending.done]
        if undone:
            return True, "slip" if all(pending.offered[number].planted for number in undone) else "confirmed"
        standing = [
            error
            for key in pending.errors
            for error in errors.get(key, ())
            if error.began <= pending.time and (error.ended is None or error.ended > pending.time)
        ]
        if any(error.in_the_way(pending.time) for error in standing):
            return True, "outlives"
        if wanted:
            return False, "about_to"
        red = _still_red(pending, events)
        if red:
            return True, "red"
        if red is not None or any(error.ended is not None for error in standing):
            return False, "mending"
        if not pending.offered:
            return False, "nothing"
        if all(offered.judged.verdict is Verdict.UNKNOWN for offered in pending.offered):
            return None, "undecided"
        return False, "unwanted"


@define
class _Error:
    """An error of a document, from its coming up to its end."""

    began: datetime
    lingered: datetime | None = None
    ended: datetime | None = None  # ``None``: it stood to the end
    fresh: bool = True  # whether it came up by an edit, rather than with the opening of the document

    def in_the_way(self, now: datetime) -> bool:
        """Whether it has stood for long at ``now``, stands for long yet, and is put right in the end."""
        return (
            self.fresh
            and self.lingered is not None
            and self.lingered <= now
            and self.ended is not None
            and self.ended - now >= OUTLIVES
        )


def _still_red(pending: _Pending, events: Sequence[Event]) -> bool | None:
    """Of a moment at a failed run, whether the command fails again, or is not run again; ``None`` elsewhere."""
    if pending.boundary != Boundary.RUN_FAILED:
        return None
    runs = [
        (index, event.data.command, failed(event.data))
        for index, event in enumerate(events)
        if isinstance(event.data, TerminalRun)
    ]
    before = [command for index, command, _ in runs if index <= pending.index]
    if not before:
        return None
    later = (bad for index, command, bad in runs if index > pending.index and command == before[-1])
    return next(later, True)


def _errors(events: Sequence[Event]) -> dict[tuple[str, str], list[_Error]]:
    """The errors of a sitting by document and message, in the order in which they came up."""
    found: dict[tuple[str, str], list[_Error]] = {}
    opened_at: dict[str, datetime] = {}
    for event in events:
        uri = event.where.uri or ""
        match event.data:
            case DiagnosticAppeared(severity=Severity.ERROR, message=message):
                fresh = event.time - opened_at.get(uri, event.time - OUTLIVES) > timedelta(seconds=1)
                found.setdefault((uri, message), []).append(_Error(event.time, fresh=fresh))
            case DiagnosticLingering(severity=Severity.ERROR, message=message) if found.get((uri, message)):
                one = found[uri, message][-1]
                one.lingered = one.lingered or event.time
            case DiagnosticResolved(message=message) if found.get((uri, message)):
                found[uri, message][-1].ended = event.time
            case _ if event.kind == "document.opened":
                opened_at[uri] = event.time
    return found
