"""Labels by hindsight: at each moment at which the agent would ask itself, whether help was wanted, and which.

At every boundary all proposers are asked, whatever gate and policy would say, and what they offer is judged by the
rest of the sitting (:mod:`proactive_training.gym.hindsight`). Need holds

- ``confirmed``: where some offer is borne out in full or nearly so, and the person has not done all of it by
  themselves within :data:`ABOUT_TO` seconds;
- ``outlives``: where an error that came up in this sitting, on a line that the history has, has stood for long,
  stands for at least :data:`~proactive_training.gym.lasting.OUTLIVES` of work more, and is put right in the end;
- ``slip``: where a slip which the replay itself made has stood for :data:`ABOUT_TO` seconds and is not mended
  within as many, or only offers that mend one are borne out;
- ``red``: at a failed run, where the same command fails when it is next run, or is not run again.

Need is unknown (``undecided``) where the only offers are such that what came next tells nothing of them, and
(``repeats``) where the person goes on with a replacement that they have made twice, and nobody offers it.
Everywhere else there is none: ``about_to`` where the person did all that was offered at once, ``mending`` where an
error stands but is soon gone, or the failed command passes when it is next run, ``nothing`` where no proposer had
anything and nothing was wrong, ``unwanted`` where what was offered was not done. docs/replay.md names the biases.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from attrs import define, field, frozen

from proactive_collectors.events import (
    Event,
    Severity,
    TerminalRun,
)
from proactive_collectors.text import split_lines
from proactive_collectors.trace import Window, window_at
from proactive_inference import plays
from proactive_inference.need import Need
from proactive_inference.plays import Play
from proactive_inference.proposal import Boundary, Proposal
from proactive_inference.runs import failed
from proactive_inference.still import StillWorkspace
from proactive_training.bench.example import Example, Label, LabelSource, Verdict
from proactive_training.gym.hindsight import Judgement, judge
from proactive_training.gym.lasting import ABOUT_TO, Error, Repeats, Worked, errors_of
from proactive_training.gym.loop import Episode, Moment
from proactive_training.gym.records import offer_of
from proactive_training.gym.replay_environment import ReplayEnvironment
from proactive_training.gym.replay_workspace import path_of, uri_of
from proactive_training.gym.replaying_user import ReplayingUser

log = logging.getLogger(__name__)


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
    errors: frozenset[tuple[str, str]]  # that stand on lines of the history: document and message
    slips: set[tuple[str, str]]  # of the replay's own: those that have stood for a while, and are not soon mended
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
    _slips: dict[tuple[str, str], datetime] = field(factory=dict)  # since when those of the user stand

    def decided(self, episode: Episode, moment: Moment) -> None:
        """Ask the proposers at a boundary."""
        window = window_at(episode.events, moment.index)
        workspace = StillWorkspace(self.environment.workspace)
        asked = plays.Moment(moment.decision.time, moment.decision.boundary, window, workspace)
        offered = [self._judged(proposal) for proposal in self._proposals(asked)]
        errors = frozenset(self._errors_of_history())
        now = moment.decision.time
        slips = {slip for slip, since in self._standing_slips(now).items() if now - since >= ABOUT_TO}
        pending = _Pending(moment.index, moment.decision.boundary.value, now, offered, errors, slips)
        self._pending.append(pending)
        if offered or slips:
            self._fresh.append(pending)

    def acted(self, now: datetime) -> None:
        """See which offers the person has done all of, as long as their moments are fresh."""
        standing = self._standing_slips(now)
        self._fresh = [pending for pending in self._fresh if now - pending.time <= ABOUT_TO]
        for pending in self._fresh:
            pending.slips.intersection_update(standing)
            for number, offered in enumerate(pending.offered):
                if number not in pending.done and offered.judged.right:
                    by_now = judge(offered.proposal.edits, offered.texts.get, self._text)
                    if by_now.right >= offered.judged.right:
                        pending.done.add(number)

    def _errors_of_history(self) -> Iterator[tuple[str, str]]:
        """The errors that stand on lines of the history: document and message."""
        for path, items in self.environment.standing.items():
            lines = split_lines(self.environment.workspace.text(path) or "")
            for item in items:
                row = item.range.start.line
                line = lines[row].strip() if row < len(lines) else ""
                if item.severity is Severity.ERROR and self.user.is_history(path, line):
                    yield uri_of(path), item.message

    def _standing_slips(self, now: datetime) -> dict[tuple[str, str], datetime]:
        """The slips that stand in the texts, and since when."""
        for path, line in self.user.slips:
            if line in (self.environment.workspace.text(path) or ""):  # not before it has been typed
                self._slips.setdefault((path, line), now)
        for path, line in list(self._slips):
            if line not in (self.environment.workspace.text(path) or ""):
                del self._slips[path, line]
                self.user.slips.discard((path, line))
        return self._slips

    def examples(self, sitting: str, events: Sequence[Event]) -> list[Example]:
        """The labelled moments, once the sitting is over: of each, the silence and every offer."""
        errors, work, repeats = errors_of(events), Worked(events), Repeats(events)
        found: list[Example] = []
        for pending in self._pending:
            if pending.index < 0:
                continue
            need, rule = self._need(pending, errors, events, work)
            if rule in ("nothing", "unwanted") and repeats.go_on(pending.index, pending.time):
                need, rule = None, "repeats"
            silent = Label(LabelSource.HINDSIGHT, need, None if need is None else not need, (), rule)
            found.append(Example(sitting, pending.index, silent, None, pending.boundary))
            for offered in pending.offered:
                verdict = offered.judged.verdict
                accepted = None if verdict is Verdict.UNKNOWN else offered.judged.mostly
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
        self, pending: _Pending, errors: dict[tuple[str, str], list[Error]], events: Sequence[Event], work: Worked
    ) -> tuple[bool | None, str]:
        wanted = [number for number, offered in enumerate(pending.offered) if offered.judged.mostly]
        undone = [number for number in wanted if number not in pending.done]
        if undone:
            return True, "slip" if all(pending.offered[number].planted for number in undone) else "confirmed"
        standing = [
            error
            for key in pending.errors
            for error in errors.get(key, ())
            if error.began <= pending.time and (error.ended is None or error.ended > pending.time)
        ]
        if any(error.in_the_way(pending.time, work) for error in standing):
            return True, "outlives"
        if pending.slips:
            return True, "slip"
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
