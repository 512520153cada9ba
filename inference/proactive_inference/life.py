"""The life of the suggestion that is out: answered, expired, overtaken, done by hand; and taken back after all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from attrs import evolve, frozen

from proactive_collectors.events import (
    DocumentSaved,
    EditBurst,
    Event,
    GitSwitched,
    Source,
    SuggestionAccepted,
    SuggestionDismissed,
    SuggestionDoneAlone,
    SuggestionEvent,
    SuggestionIgnored,
    SuggestionSuperseded,
    Where,
)
from proactive_collectors.workspace import WorkspaceView
from proactive_inference.ground import Ground, Standing
from proactive_inference.proposal import Boundary, Proposal, Suggestion

ACCEPTANCE_GRACE = timedelta(seconds=3)
"""An accepted edit changes the text a moment before the editor says that it was accepted: wait before
concluding that the person made the change alone."""

AFTERWARDS = timedelta(minutes=30)
"""How long after it expired unanswered the person may still make the offered change alone, and be seen to."""

REGRET = timedelta(minutes=5)
"""An accepted edit that is undone within this time was not wanted: it counts as dismissed."""


@frozen
class _Live:
    suggestion: Suggestion
    ground: Ground
    expires: datetime
    fading: type[SuggestionEvent] | None = None  # how it ends unless the editor soon says that it was taken
    fades: datetime | None = None


@frozen
class _Taken:
    suggestion: Suggestion
    ground: Ground
    until: datetime
    done: bool = False  # whether the text has been seen with the edit in it


class Life:
    """Keeps the one suggestion that waits for an answer, and follows what was taken or expired last. No clock."""

    def __init__(self) -> None:
        self._live: _Live | None = None
        self._taken: _Taken | None = None
        self._missed: _Live | None = None  # expired unanswered; ``expires`` is how long it is still followed

    @property
    def waiting(self) -> Suggestion | None:
        """The suggestion that waits for an answer."""
        return self._live.suggestion if self._live else None

    @property
    def wake_at(self) -> datetime | None:
        """When `end_due` has something to do."""
        live = self._live
        return min((time for time in (live.expires, live.fades) if time), default=None) if live else None

    def begin(self, suggestion: Suggestion, ground: Ground, expires: datetime) -> None:
        """A suggestion is put before the user, in place of the one that was."""
        self._live = _Live(suggestion, ground, expires)

    def written(self, identifier: str, proposal: Proposal, workspace: WorkspaceView) -> None:
        """The edit of a suggestion that was offered by its sentence alone has been written."""
        live = self._live
        if live is not None and live.suggestion.id == identifier:
            suggestion = evolve(live.suggestion, proposal=proposal)
            self._live = evolve(live, suggestion=suggestion, ground=Ground.of(proposal, workspace))

    def follow(self, event: Event, workspace: WorkspaceView, settled: Callable[[], bool]) -> tuple[Event, ...]:
        """See what an event does; the ends that follow from it.

        ``settled`` tells whether the event is a run that went well where the suggestion's went wrong.
        """
        regrets = (*self._follow_taken(event, workspace), *self._follow_missed(event, workspace))
        live = self._live
        if live is None:
            return regrets
        match event.data:
            case SuggestionAccepted() | SuggestionDismissed() as answer if answer.suggestion == live.suggestion.id:
                self._live = None
                if isinstance(answer, SuggestionAccepted) and live.suggestion.proposal.edits:
                    done = live.ground.standing(workspace) is Standing.DONE
                    self._taken = _Taken(live.suggestion, live.ground, event.time + REGRET, done)
                return regrets
            case SuggestionSuperseded() as over if over.suggestion == live.suggestion.id:
                self._live = None  # put away: the person wants quiet, or a file has changed on disk
                return regrets
            case EditBurst() | DocumentSaved() if event.where.uri in live.ground.uris:
                self._judge_ground(event.time, live, workspace)
            case GitSwitched():
                self._judge_ground(event.time, live, workspace)
            case _ if live.suggestion.boundary is Boundary.RUN_FAILED and settled():
                self._live = None
                return (*regrets, outcome_event(event.time, live.suggestion, live.fading or SuggestionSuperseded))
            case _:
                pass
        return (*regrets, *self.end_due(event.time))

    def end_due(self, now: datetime) -> tuple[Event, ...]:
        """End what has faded or expired by ``now``."""
        live = self._live
        if live is None:
            return ()
        if live.fading is not None and live.fades is not None and now >= live.fades:
            self._live = None
            return (outcome_event(now, live.suggestion, live.fading),)
        if now >= live.expires:
            self._live = None
            if live.suggestion.proposal.edits:
                self._missed = evolve(live, expires=live.expires + AFTERWARDS)
            return (outcome_event(now, live.suggestion, SuggestionIgnored),)
        return ()

    def _judge_ground(self, now: datetime, live: _Live, workspace: WorkspaceView) -> None:
        standing = live.ground.standing(workspace)
        if standing is Standing.STANDS:
            self._live = evolve(live, fading=None, fades=None)
            return
        fading = SuggestionDoneAlone if standing is Standing.DONE else SuggestionSuperseded
        self._live = evolve(live, fading=fading, fades=now + ACCEPTANCE_GRACE)

    def _follow_taken(self, event: Event, workspace: WorkspaceView) -> tuple[Event, ...]:
        taken = self._taken
        if taken is None:
            return ()
        if event.time > taken.until:
            self._taken = None
        elif isinstance(event.data, EditBurst) and event.where.uri in taken.ground.uris:
            standing = taken.ground.standing(workspace)
            if taken.done and standing is Standing.STANDS:
                self._taken = None
                return (outcome_event(event.time, taken.suggestion, SuggestionDismissed),)
            self._taken = evolve(taken, done=taken.done or standing is Standing.DONE)
        return ()

    def _follow_missed(self, event: Event, workspace: WorkspaceView) -> tuple[Event, ...]:
        missed = self._missed
        if missed is None:
            return ()
        if event.time > missed.expires:
            self._missed = None
        elif isinstance(event.data, EditBurst) and event.where.uri in missed.ground.uris:
            standing = missed.ground.standing(workspace)
            if standing is not Standing.STANDS:
                self._missed = None
            if standing is Standing.DONE:
                return (outcome_event(event.time, missed.suggestion, SuggestionDoneAlone),)
        return ()


def outcome_event(now: datetime, suggestion: Suggestion, kind: type[SuggestionEvent]) -> Event:
    """The event of a suggestion's life: ``kind`` is `SuggestionShown`, `SuggestionAccepted` and so on."""
    proposal = suggestion.proposal
    data = kind(suggestion=suggestion.id, play=proposal.play, key=proposal.key, title=proposal.title)
    where = Where(uri=proposal.anchor.uri, range=proposal.anchor.range)
    return Event(time=now, source=Source.AGENT, where=where, data=data)
