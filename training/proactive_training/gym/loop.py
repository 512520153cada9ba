"""The loop of environment, user and assistant, in imagined time.

The user acts; the environment carries the act out and says what events came of it; the assistant observes them
and now and then suggests something; the user replies. The assistant is the same object that the language server
runs (:class:`proactive_inference.agent.Agent`), or any other behind :class:`Assistant`. Time is what the acts say:
the loop never sleeps, and asks the assistant at the very moments at which the server's clock would.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from attrs import define, field, frozen

from proactive_collectors.events import (
    Event,
    SuggestionAccepted,
    SuggestionDismissed,
    SuggestionEvent,
    SuggestionShown,
)
from proactive_collectors.workspace import WorkspaceView
from proactive_inference.agent import Step
from proactive_inference.decision import Decision
from proactive_inference.life import outcome_event
from proactive_inference.proposal import Suggestion
from proactive_training.gym.acts import Act

REPLY_SECONDS = 4.0
"""How long a person takes to see a suggestion and answer it, unless the user says otherwise."""


class Answer(StrEnum):
    """What a user says to a suggestion."""

    ACCEPT = "accept"
    DISMISS = "dismiss"
    IGNORE = "ignore"  #: nothing: it expires, is overtaken, or done by hand


@frozen
class Reply:
    """An answer and how long it takes to come."""

    answer: Answer
    seconds: float = REPLY_SECONDS


class User(Protocol):
    """Who works."""

    def act(self) -> Act | None:
        """The next act; ``None`` when the work is done. It may read the environment that it was made with."""

    def still_means(self, act: Act) -> bool:
        """Whether to go on with an act that was meant before an accepted suggestion changed the text."""

    def reply(self, suggestion: Suggestion) -> Reply:
        """What to answer to a suggestion; the environment is as it was when it came."""


class Environment(Protocol):
    """Where the work is done: files, tools, a terminal."""

    @property
    def workspace(self) -> WorkspaceView:
        """The files as they stand."""

    def do(self, act: Act, now: datetime) -> Sequence[Event]:
        """Carry out an act that ends at ``now``; what happened, in time order."""

    @property
    def wake_at(self) -> datetime | None:
        """When something will happen by itself, such as a diagnostic that has stood for long."""

    def happen(self, now: datetime) -> Sequence[Event]:
        """What happens by itself until ``now``."""

    def apply(self, suggestion: Suggestion, now: datetime) -> Sequence[Event]:
        """Apply a suggestion's edits, as an editor does."""


class Assistant(Protocol):
    """Who may speak."""

    @property
    def wake_at(self) -> datetime | None:
        """When :meth:`tick` has something to do."""

    def observe(self, event: Event, workspace: WorkspaceView) -> Step:
        """Take in an event."""

    def tick(self, now: datetime, workspace: WorkspaceView) -> Step:
        """Do what is due."""


@frozen
class Moment:
    """A decision of the assistant, and where in the sitting it fell."""

    index: int  #: of the newest event before it; the window ends there
    decision: Decision


@define
class Episode:
    """One run of the loop."""

    events: list[Event] = field(factory=list)
    moments: list[Moment] = field(factory=list)
    replies: dict[str, Answer] = field(factory=dict)  #: by the suggestion's identifier
    ends: dict[str, str] = field(
        factory=dict
    )  #: by the suggestion's identifier, the kind of the event that ended it
    began: datetime | None = None
    ended: datetime | None = None


class Witness(Protocol):
    """Looks on."""

    def decided(self, episode: Episode, moment: Moment) -> None:
        """The assistant has decided; environment and user stand as they did, and the user has not replied."""

    def acted(self, now: datetime) -> None:
        """The user's act has changed what there is to change."""


@frozen
class Awaited:
    """An answer that the user has decided on, and not yet given."""

    time: datetime  #: when it comes
    suggestion: Suggestion
    answer: Answer


@define
class Loop:
    """Runs one episode.

    Args:
        environment, user, assistant: the three.
        start: when it begins, UTC.
        witness: looks on.
    """

    environment: Environment
    user: User
    assistant: Assistant
    start: datetime
    witness: Witness | None = None
    episode: Episode = field(factory=Episode)
    _now: datetime = field(init=False)
    _reply: Awaited | None = None

    def __attrs_post_init__(self) -> None:
        self._now = self.start

    def run(self) -> Episode:
        """Play until the user has done all."""
        while self.turn():
            pass
        return self.finish()

    @property
    def now(self) -> datetime:
        """The time in the episode."""
        return self._now

    def turn(self) -> bool:
        """Play one act of the user, with what happens before it and comes of it; whether there was one.

        Between two turns nothing is under way: all three, and the loop itself, can be saved there
        (:mod:`proactive_training.gym.saving`).
        """
        if self.episode.began is None:
            self.episode.began = self._now
        act = self.user.act()
        if act is None:
            return False
        begins = self._now + timedelta(seconds=max(act.after, 0.0))
        if self._pass_time(begins) and not self.user.still_means(act):
            return True
        self._now = max(self._now, begins) + timedelta(seconds=act.lasts)
        events = self.environment.do(act, self._now)
        if self.witness is not None:
            self.witness.acted(self._now)
        self._take(events)
        return True

    def finish(self) -> Episode:
        """Let come what is still due, once the user has done all."""
        self._pass_time(self._now + timedelta(minutes=1))
        self.episode.ended = self._now
        return self.episode

    @property
    def awaited(self) -> Awaited | None:
        """The user's answer that is on its way."""
        return self._reply

    def resume(self, now: datetime, awaited: Awaited | None, episode: Episode) -> None:
        """Go on from between two turns of another loop."""
        self._now, self._reply, self.episode = now, awaited, episode

    def _pass_time(self, until: datetime) -> bool:
        """Let happen what is due before ``until``, in order; whether an edit was applied meanwhile."""
        applied = False
        while True:
            due = [
                (time, rank)
                for rank, time in enumerate(
                    (self._reply.time if self._reply else None, self.environment.wake_at, self.assistant.wake_at)
                )
                if time is not None and time <= until
            ]
            if not due:
                return applied
            time, rank = min(due)
            self._now = max(self._now, time)
            if rank == 0:
                applied |= self._answer()
            elif rank == 1:
                self._take(self.environment.happen(self._now))
            else:
                self._step(self.assistant.tick(self._now, self.environment.workspace))

    def _take(self, events: Iterable[Event]) -> None:
        for event in events:
            self.episode.events.append(event)
            self._step(self.assistant.observe(event, self.environment.workspace))

    def _step(self, step: Step) -> None:
        for ended in step.ended:
            self._end(ended)
            self.episode.events.append(ended)
        decision = step.decision
        if decision is None:
            return
        moment = Moment(len(self.episode.events) - 1, decision)
        self.episode.moments.append(moment)
        if self.witness is not None:
            self.witness.decided(self.episode, moment)
        if isinstance(decision.outcome, Suggestion):
            suggestion = decision.outcome
            reply = self.user.reply(suggestion)
            self.episode.replies[suggestion.id] = reply.answer
            self._take([outcome_event(self._now, suggestion, SuggestionShown)])
            if reply.answer is not Answer.IGNORE:
                due = self._now + timedelta(seconds=reply.seconds)
                self._reply = Awaited(due, suggestion, reply.answer)

    def _answer(self) -> bool:
        assert self._reply is not None
        suggestion, answer = self._reply.suggestion, self._reply.answer
        self._reply = None
        if suggestion.id in self.episode.ends:
            return False
        if answer is Answer.DISMISS:
            self._take([self._end(outcome_event(self._now, suggestion, SuggestionDismissed))])
            return False
        self._take(self.environment.apply(suggestion, self._now))
        if suggestion.id not in self.episode.ends:
            self._take([self._end(outcome_event(self._now, suggestion, SuggestionAccepted))])
        return True

    def _end(self, event: Event) -> Event:
        if isinstance(event.data, SuggestionEvent):
            self.episode.ends[event.data.suggestion] = event.kind
        return event
