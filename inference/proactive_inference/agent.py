"""The agent: window → gate → plays → language model → judge → policy, as one plain object over plain values.

It has no clock and does no I/O: time comes with events and ticks, texts through the workspace view it is handed,
what a language model says through `Agent.advised`, later than it was asked. The server runs it live; replay and
evaluation run the very same object.
"""

from __future__ import annotations

import hashlib
import logging
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from attrs import evolve, frozen

from proactive_collectors.events import (
    DiagnosticLingering,
    DocumentSaved,
    EditBurst,
    Event,
    GitCommitted,
    GitSwitched,
    IdleBegan,
    Payload,
    RunEvent,
    Snoozed,
    SuggestionDismissed,
    SuggestionEvent,
    SuggestionShown,
    TaskRun,
    TerminalRun,
)
from proactive_collectors.sentences import sentence
from proactive_collectors.trace import RollingWindow, Window
from proactive_collectors.workspace import WorkspaceView
from proactive_inference.decision import Decision, Reason, Silence
from proactive_inference.ground import Ground
from proactive_inference.inquiry import Advice, AdvisedTask, Inquiry
from proactive_inference.life import Life
from proactive_inference.need import Gate, Need
from proactive_inference.on_demand import on_demand
from proactive_inference.plays import Moment, Play
from proactive_inference.policy import Policy, PolicySettings
from proactive_inference.proposal import Boundary, Proposal, Suggestion
from proactive_inference.runs import failed, passed, program
from proactive_inference.spots import spot
from proactive_inference.still import StillWorkspace

log = logging.getLogger(__name__)

BECAUSE = 5
"""How many events a suggestion names as its reasons, at most."""

TURNED_DOWN = 4
"""Of how many suggestions that were turned down last a language model is told."""

_TO_ASK_ABOUT = frozenset({Reason.NO_PROPOSAL, Reason.NOT_WORTH_IT, Reason.DISMISSED_BEFORE, Reason.ALREADY_SHOWN})
"""Why the plays may be silent and a language model is asked nonetheless."""

_CHANGES_THE_GROUND = (EditBurst, TerminalRun, TaskRun, GitCommitted, GitSwitched, Snoozed, SuggestionShown)
"""After these, the answer to an inquiry would come to another situation than the one it was made in."""

_RETRIED = frozenset({Reason.TYPING, Reason.SELECTING, Reason.IN_SNIPPET, Reason.TOO_SOON})


@frozen
class Step:
    """What one event or tick brought about."""

    decision: Decision | None = None  #: ``None`` where the moment was no boundary
    ended: tuple[Event, ...] = ()  #: suggestions that expired, lost their ground or were done by hand
    inquiry: Inquiry | None = None  #: to be put to a language model, beside a decision of the plays to be silent


class Agent:
    """Decides, event by event, whether to speak. Not thread-safe.

    The caller feeds every event in time order, finishes an edit burst that is under way before it feeds any other
    event or calls `tick`, and calls `tick` when `wake_at` has come. A suggestion that a step returns counts as
    shown once its `SuggestionShown` has been observed. An inquiry that a step returns may be answered by `advised`
    for as long as `inquiry` is that very one.
    """

    def __init__(self, gate: Gate, plays: Sequence[Play], settings: PolicySettings | None = None) -> None:
        self._gate = gate
        self._plays = tuple(plays)
        self._policy = Policy(settings or PolicySettings())
        self._window = RollingWindow()
        self._life = Life()
        self._pending: tuple[Boundary, datetime] | None = None
        self._inquires = False
        self._inquiry: Inquiry | None = None
        self._turned_down: deque[Event] = deque(maxlen=TURNED_DOWN)

    # --- what callers see -------------------------------------------------------------------------------

    @property
    def live(self) -> tuple[Suggestion, ...]:
        """The suggestions that wait for an answer; at most one, since one offer at a time is the promise."""
        return (waiting,) if (waiting := self._life.waiting) else ()

    @property
    def window(self) -> Window:
        """The last stretch of events."""
        return self._window.view()

    @property
    def policy(self) -> Policy:
        """The rules in force and their memory."""
        return self._policy

    @property
    def wake_at(self) -> datetime | None:
        """When `tick` has something to do; ``None`` if nothing is pending."""
        times = (self._pending[1] if self._pending else None, self._life.wake_at)
        return min((time for time in times if time), default=None)

    def configure(self, settings: PolicySettings) -> None:
        """Change the settings; what was learned about the user stays."""
        self._policy.settings = settings

    def use(self, gate: Gate) -> None:
        """Ask another gate from now on."""
        self._gate = gate

    def inquire(self, wanted: bool) -> None:
        """Whether to make inquiries: there is a language model that can answer them."""
        self._inquires = wanted
        if not wanted:
            self._inquiry = None

    @property
    def inquiry(self) -> Inquiry | None:
        """The inquiry whose answer is wanted; it ends when the person works on, or another takes its place."""
        return self._inquiry

    def recall(self, events: Iterable[Event]) -> None:
        """Remember how earlier suggestions ended and what is snoozed, without deciding anything.

        For the start: feed the journal's events of suggestions and snoozes, oldest first.
        """
        for event in events:
            if isinstance(event.data, SuggestionEvent | Snoozed):
                self._policy.observe(event)
                self._note_dismissal(event)

    def observe(self, event: Event, workspace: WorkspaceView) -> Step:
        """Take in one event; decide if it is a boundary that wants an answer at once."""
        self._window.append(event)
        self._policy.observe(event)
        self._note_dismissal(event)
        if isinstance(event.data, _CHANGES_THE_GROUND):
            self._inquiry = None
        ended = self._noted(self._life.follow(event, workspace, lambda: self._settles(event.data)))
        boundary = _boundary(event.data)
        if boundary in (Boundary.RUN_FAILED, Boundary.COMMITTED):
            self._pending = None
            return evolve(self._decide(event.time, boundary, workspace), ended=ended)
        self._note_activity(event, boundary)
        return Step(None, ended)

    def tick(self, now: datetime, workspace: WorkspaceView) -> Step:
        """Do what is due at ``now``: the question at a quiet moment, the end of an unanswered suggestion."""
        ended = self._noted(self._life.end_due(now))
        if self._pending and now >= self._pending[1]:
            boundary, self._pending = self._pending[0], None
            return evolve(self._decide(now, boundary, workspace), ended=ended)
        return Step(None, ended)

    def advised(self, advice: Advice, now: datetime, workspace: WorkspaceView) -> Step:
        """Take what a language model answered; nothing comes of it if the inquiry is not wanted any more."""
        inquiry = self._inquiry
        if inquiry is None or inquiry.id != advice.inquiry:
            return Step()
        self._inquiry = None
        boundary, need, threshold = inquiry.boundary, inquiry.need, inquiry.threshold
        silence = self._policy.silence(now, boundary, self._window.view().last)
        if silence is None and not inquiry.held:
            silence = advice.silence
        if silence is not None:
            return Step(Decision(now, boundary, silence, need, threshold))
        workspace = StillWorkspace(workspace)
        found = [self._advised(task, inquiry, workspace) for task in advice.tasks]
        proposals = [*(proposal for proposal in found if proposal is not None), *inquiry.held]
        chosen = self._choose(now, need, proposals, workspace)
        return self._outcome(now, boundary, need, chosen, len(proposals), inquiry.window, workspace)

    def written(self, identifier: str, proposal: Proposal, workspace: WorkspaceView) -> None:
        """Know the edit of a suggestion whose edit was written once it was wanted."""
        self._life.written(identifier, proposal, workspace)

    def _noted(self, ended: tuple[Event, ...]) -> tuple[Event, ...]:
        """The ends that the agent found itself, once the policy knows of them."""
        for event in ended:
            self._policy.observe(event)
        return ended

    # --- boundaries -------------------------------------------------------------------------------------

    def _note_activity(self, event: Event, boundary: Boundary | None) -> None:
        quiet = event.time + timedelta(seconds=self._policy.settings.quiet_seconds)
        match event.data:
            case SuggestionEvent() | Snoozed() | IdleBegan():
                return
            case TerminalRun() | TaskRun() as run if (
                self._pending and self._pending[0] is Boundary.RUN_FAILED and self._settles(run)
            ):
                self._pending = None
            case _ if boundary is Boundary.QUIET:
                held = self._pending[0] if self._pending else Boundary.QUIET
                # After an edit, a run that failed before it may tell of text that is gone.
                changed = isinstance(event.data, EditBurst)
                self._pending = (Boundary.QUIET if changed else held, quiet)
                return
        if self._pending:
            self._pending = (self._pending[0], max(self._pending[1], quiet))

    def _decide(self, now: datetime, boundary: Boundary, workspace: WorkspaceView) -> Step:
        self._inquiry = None
        window = self._window.view()
        silence = self._policy.silence(now, boundary, window.last)
        if silence is not None:
            if silence.reason in _RETRIED:
                self._retry(now, boundary)
            return Step(Decision(now, boundary, silence))
        need = self._gate.need(window)
        threshold = self._policy.settings.threshold
        if need.probability < threshold:
            detail = f"p = {need.probability:.2f} below {threshold:.2f}"
            return Step(Decision(now, boundary, Silence(Reason.NO_NEED, detail), need, threshold))
        workspace = StillWorkspace(workspace)
        proposals = self._propose(Moment(now, boundary, window, workspace))
        chosen = self._choose(now, need, proposals, workspace)
        if self._is_to_ask(chosen, boundary):
            held = tuple(proposal for proposal in proposals if _is_bare(proposal))
            name = _name(f"{now.isoformat()} {boundary.value}")
            turned_down = tuple(self._turned_down)
            self._inquiry = Inquiry(name, now, boundary, window, need, threshold, held, turned_down)
            silence = chosen if isinstance(chosen, Silence) else Silence(Reason.MODEL_ASKED)
            decision = Decision(now, boundary, silence, need, threshold, len(proposals))
            return Step(decision, inquiry=self._inquiry)
        return self._outcome(now, boundary, need, chosen, len(proposals), window, workspace)

    def _is_to_ask(self, chosen: Proposal | Silence, boundary: Boundary) -> bool:
        """Whether a model is asked first: the plays have nothing, or only the way to show."""
        if not self._inquires or not all(_makes_room(live.proposal, boundary) for live in self.live):
            return False
        return chosen.reason in _TO_ASK_ABOUT if isinstance(chosen, Silence) else _is_bare(chosen)

    def _outcome(
        self,
        now: datetime,
        boundary: Boundary,
        need: Need,
        chosen: Proposal | Silence,
        proposals: int,
        window: Window,
        workspace: WorkspaceView,
    ) -> Step:
        """Put what was chosen of so many proposals before the user; or be silent, if nothing was."""
        threshold = self._policy.settings.threshold
        if isinstance(chosen, Silence):
            return Step(Decision(now, boundary, chosen, need, threshold, proposals))
        suggestion = self._suggest(now, boundary, need, chosen, window)
        withdrawn = tuple(live.id for live in self.live)
        expires = now + timedelta(minutes=self._policy.settings.expire_minutes)
        self._life.begin(suggestion, Ground.of(chosen, workspace), expires)
        return Step(Decision(now, boundary, suggestion, need, threshold, proposals, withdrawn))

    def _advised(self, advised: AdvisedTask, inquiry: Inquiry, workspace: WorkspaceView) -> Proposal | None:
        """A model's task as a proposal, if there is a place to show it."""
        anchor = spot(advised.task, inquiry.window, inquiry.need, workspace)
        return on_demand(advised, anchor, len(inquiry.window) - 1) if anchor is not None else None

    def _note_dismissal(self, event: Event) -> None:
        if isinstance(event.data, SuggestionDismissed):
            self._turned_down.append(event)

    def _retry(self, now: datetime, boundary: Boundary) -> None:
        """Ask again when what forbids it now is over; the next edit or run changes the question anyway."""
        quiet = now + timedelta(seconds=self._policy.settings.quiet_seconds)
        free = self._policy.free_at(now)
        self._pending = (boundary, max(quiet, free) if free and free > now else quiet)

    def _propose(self, moment: Moment) -> list[Proposal]:
        proposals: list[Proposal] = []
        for play in self._plays:
            try:
                proposals += play.propose(moment)
            except Exception:  # a play that fails must not take the others, or the editor's session, with it
                log.exception("the play %s failed", play.name)
        # Stable: a play's own order decides between equals.
        return sorted(proposals, key=lambda proposal: -proposal.confidence)

    def _choose(
        self, now: datetime, need: Need, proposals: Sequence[Proposal], workspace: WorkspaceView
    ) -> Proposal | Silence:
        """The best proposal that policy allows and that is likely enough to be taken."""
        first: Silence | None = None
        waiting = self._life.waiting
        threshold = self._policy.settings.threshold
        for proposal in proposals:
            document = workspace.document(proposal.anchor.uri)
            folder = next(
                (f for f in workspace.folders() if proposal.anchor.uri.startswith(f.rstrip("/") + "/")), None
            )
            unfit = self._policy.unfit(
                now, proposal, language=document.language if document else None, workspace=folder
            )
            if unfit is None and waiting and _same(waiting.proposal, proposal):
                unfit = Silence(Reason.ALREADY_SHOWN, "the same offer is waiting")
            taken = need.probability * proposal.confidence
            if unfit is None and taken < threshold:
                unfit = Silence(
                    Reason.NOT_WORTH_IT,
                    f"{proposal.title!r}: need {need.probability:.2f} × acceptance {proposal.confidence:.2f}"
                    f" = {taken:.2f} below {threshold:.2f}",
                )
            if unfit is None:
                return proposal
            first = first or unfit
        return first or Silence(Reason.NO_PROPOSAL)

    def _suggest(
        self, now: datetime, boundary: Boundary, need: Need, proposal: Proposal, window: Window
    ) -> Suggestion:
        told = {index for index in proposal.evidence if 0 <= index < len(window)}
        for evidence in need.evidence:
            if len(told) < BECAUSE and evidence.event is not None and evidence.weight > 0:
                told.add(evidence.event)
        because = tuple(sentence(window.events[index]) for index in sorted(told)[-BECAUSE:])
        identifier = _name(f"{now.isoformat()} {proposal.play} {proposal.key}")
        return Suggestion(identifier, proposal, need, boundary, now, because)

    def _settles(self, run: Payload) -> bool:
        """Whether this is a run that went well where the last failed one of the same program went wrong."""
        if not isinstance(run, RunEvent) or not passed(run) or run.failures:
            return False
        before = (event.data for event in reversed(self._window.view().events))
        last = next((data for data in before if isinstance(data, RunEvent) and failed(data)), None)
        return last is not None and program(last) == program(run)


def _boundary(data: Payload) -> Boundary | None:
    """Which boundary an event is or leads to."""
    match data:
        case TerminalRun() | TaskRun() as run:
            return Boundary.RUN_FAILED if failed(run) else None
        case GitCommitted():
            return Boundary.COMMITTED
        case EditBurst() | DocumentSaved() | DiagnosticLingering():
            return Boundary.QUIET
    return None


def _is_bare(proposal: Proposal) -> bool:
    """Whether it only shows the way."""
    return not proposal.edits and proposal.command is None and not proposal.on_demand


def _makes_room(waiting: Proposal, boundary: Boundary) -> bool:
    """Whether a model may be asked although this waits: it only shows the way, or was offered before a new run."""
    return _is_bare(waiting) or (waiting.on_demand and boundary is not Boundary.QUIET)


def _same(one: Proposal, other: Proposal) -> bool:
    return (one.play, one.key) == (other.play, other.key)


def _name(seed: str) -> str:
    return hashlib.blake2b(seed.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
