"""What becomes of a suggestion: shown, taken, dismissed, snoozed, asked about: the code actions' commands."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from lsprotocol import types

from proactive_collectors.uris import name, to_path
from proactive_server import explained, surfaces
from proactive_server.answers import Answers
from proactive_server.board import Board, Posted
from proactive_server.client import Client
from proactive_server.documents import Documents
from proactive_server.edits import Edits, Workspace
from proactive_server.explained import GONE, UNFIT
from proactive_server.observer import Observer
from proactive_server.status import Status
from proactive_server.timeline import Timeline

if TYPE_CHECKING:
    from proactive_collectors.events import SuggestionEvent
    from proactive_inference.proposal import Anchor
    from proactive_server.pipeline import Outcome

log = logging.getLogger(__name__)

CHANGE_PATIENCE = timedelta(seconds=3)
"""How long after a client's word that an edit was applied the change itself may come."""

_MOST_MINUTES = 60 * 24 * 7


class Window(Protocol):
    """What is asked of the client's window; the server's side of the protocol."""

    def tell(self, text: str) -> None:
        """Show a sentence."""

    def ask(self, params: types.ShowMessageRequestParams) -> Awaitable[types.MessageActionItem | None]:
        """Show a sentence with buttons."""

    def show(self, params: types.ShowDocumentParams) -> None:
        """Bring a document to the front."""

    def apply(self, params: types.ApplyWorkspaceEditParams) -> Awaitable[types.ApplyWorkspaceEditResult]:
        """Apply an edit."""

    def offer_command(self, posted: Posted) -> None:
        """Show a command with a way to put it into a terminal; for a client that can."""


class Feedback:
    """Puts suggestions up, takes answers, and feeds both back as events. For the event loop alone."""

    def __init__(
        self,
        board: Board,
        documents: Documents,
        workspace: Workspace,
        edits: Edits,
        observer: Observer,
        timeline: Timeline,
        status: Status,
        client: Callable[[], Client],
        window: Window,
        clock: Callable[[], datetime],
        write: Callable[[str], Awaitable[str | None]],
        stop_writing: Callable[[str], None],
    ) -> None:
        """``write`` has a suggestion written, and says why not (:meth:`writing.Writing.write`); ``stop_writing``
        breaks it off."""
        self._board = board
        self._documents = documents
        self._workspace = workspace
        self._edits = edits
        self._observer = observer
        self._timeline = timeline
        self._status = status
        self._client = client
        self._window = window
        self._clock = clock
        self._write = write
        self._stop_writing = stop_writing
        self._answers = Answers()
        self._claimed: dict[str, datetime] = {}  # said to be taken, before the text has borne it out
        self._applying: set[str] = set()  # while they are written and the client has not answered
        board.subscribe(lambda uris: self._borne_out())

    # --- from the pipeline ------------------------------------------------------------------------------

    def take(self, outcome: Outcome) -> Posted | None:
        """Act on an outcome; the suggestion that is newly up, if there is one."""
        from proactive_collectors.events import SuggestionEvent, SuggestionShown
        from proactive_inference.proposal import Suggestion

        self._timeline.add(outcome)
        for known in outcome.recalled:
            self._status.snoozed(known)
        for ended in outcome.ended:
            if isinstance(ended.data, SuggestionEvent):
                self._board.end(ended.data.suggestion)
        decision = outcome.decision
        if decision is None or not isinstance(decision.outcome, Suggestion):
            return None
        for identifier in decision.withdrawn:
            self._board.end(identifier)
        suggestion = decision.outcome
        stand_in = self._stand_in(suggestion.proposal.anchor.uri)
        posted = Posted(suggestion, suggestion.proposal, decision.threshold, stand_in=stand_in)
        if not all(self._workspace.holds(uri) for uri in posted.uris):
            log.warning("held back a suggestion that reaches outside the workspace: %s", suggestion.proposal.play)
            self._timeline.withheld(posted.id)
            return None
        if self._edits.changed(suggestion.proposal) is not None:
            self._timeline.withheld(posted.id)
            return None  # overtaken by the typing; the agent finds its ground gone with the next burst
        self._board.post(posted)
        self._tell_agent(posted, SuggestionShown)
        return posted

    # --- from the user ----------------------------------------------------------------------------------

    def accepted(self, identifier: str) -> None:
        """The client says that it applied the edit; believed if the text bears it out."""
        posted = self._board.get(identifier)
        if posted is None or not self._board.waits(identifier) or posted.proposal.on_demand or posted.refused:
            return  # of what could not be written or no longer fits, the user was told why
        if posted.offered_on_demand and not posted.proposal.edits and not posted.at_hand:
            self._hand_over(posted)
            return
        open_files = [file for file in posted.proposal.edits if self._documents.get(file.uri) is not None]
        if open_files and len(open_files) == len(posted.proposal.edits) and not posted.hidden:
            log.info("an accepted suggestion has changed nothing yet: %s", posted.proposal.play)
            self._claimed[identifier] = self._clock()
            return
        self._accept(posted)

    def refusal(self, identifier: str) -> str | None:
        """Why a suggestion cannot be applied now, in a sentence; ``None`` if it can."""
        self.recheck()
        return explained.refusal(
            self._board.get(identifier),
            waits=self._board.waits(identifier),
            applying=identifier in self._applying,
        )

    def cannot_apply(self, identifier: str) -> str | None:
        """Why the server cannot have a suggestion applied, in a sentence: as in `refusal`, or for the client."""
        posted = self._board.get(identifier)
        return self.refusal(identifier) or (
            explained.unable(posted, self._client()) if posted is not None else None
        )

    def recheck(self) -> None:
        """End those that are about a file that has changed, or is gone, beside the editor."""
        from proactive_collectors.events import SuggestionSuperseded

        for posted in list(self._board):
            if (changed := self._edits.changed(posted.proposal)) is not None:
                posted.overtaken = changed
                self._stop_writing(posted.id)
                self._board.end(posted.id)
                self._tell_agent(posted, SuggestionSuperseded)

    async def apply(self, identifier: str) -> None:
        """Have the client apply the edit, for surfaces that cannot carry one."""
        posted = self._board.get(identifier)
        refusal = self.cannot_apply(identifier)
        if posted is None or refusal is not None:
            self._window.tell(refusal or GONE)
            return
        self._applying.add(identifier)
        try:
            await self._apply(posted)
        finally:
            self._applying.discard(identifier)

    async def _apply(self, posted: Posted) -> None:
        identifier = posted.id
        if (refusal := await self._write(identifier)) is not None:
            self._window.tell(refusal)
            return
        if posted.offered_on_demand and not posted.proposal.edits:
            self._hand_over(posted)
            return
        if not posted.proposal.edits:
            self.show(identifier) if posted.proposal.command else self.goto(identifier)
            return
        edit = self._edits.of(posted.proposal, posted.proposal.anchor.uri)
        if edit is None:
            self._window.tell(UNFIT)
            return
        if (refusal := explained.unable(posted, self._client())) is not None:
            self._window.tell(refusal)
            return
        result = await self._window.apply(types.ApplyWorkspaceEditParams(edit=edit, label=posted.proposal.title))
        if result.applied and self._board.waits(identifier):
            self._accept(posted)

    def goto(self, identifier: str) -> None:
        """Go to the spot. Where that is all there is to it, it is taken; to look at an edit is not to take it."""
        if (posted := self._board.get(identifier)) is None:
            self._window.tell(GONE)
            return
        proposal = posted.proposal
        if not self._edits.there(proposal.anchor.uri):
            self._window.tell(self.refusal(identifier) or UNFIT)
            return
        line = proposal.anchor.range.start.line
        if self._client().show_document:
            self._window.show(
                types.ShowDocumentParams(
                    uri=self._documents.client_uri(proposal.anchor.uri),
                    take_focus=True,
                    selection=self._range_out(posted),
                )
            )
        else:
            self._window.tell(f"{name(proposal.anchor.uri)}:{line + 1}: {proposal.task}")
        if (
            self._board.waits(identifier)
            and not posted.offered_on_demand
            and not (proposal.edits or proposal.command)
        ):
            self._accept(posted)

    def show(self, identifier: str) -> None:
        """Show a proposal that comes as a shell command, which takes it; nothing is run.

        A client that can put it into a terminal says itself when it is taken.
        """
        if (posted := self._board.get(identifier)) is None:
            self._window.tell(GONE)
            return
        proposal = posted.proposal
        if proposal.command is None:
            self._window.tell(proposal.task)
            return
        if self._client().terminal:
            posted.at_hand = True
            self._window.offer_command(posted)
            return
        self._window.tell(f"{proposal.task} Run: {proposal.command}")
        if self._board.waits(identifier) and not proposal.edits:
            self._accept(posted)

    def _hand_over(self, posted: Posted) -> None:
        """Show what was written if it is no edit: a text to read, or a command, for the user alone to run."""
        if posted.answer is None:
            self.show(posted.id)
            return
        answer = posted.answer
        if self._client().show_document:
            try:
                uri = self._answers.keep(answer.title, answer.text).as_uri()
            except OSError as error:
                self._window.tell(f"The answer cannot be written to a file ({error.strerror}).")
                return
            self._window.show(types.ShowDocumentParams(uri=uri, take_focus=True))
        else:
            self._window.tell(f"{answer.title}\n\n{answer.text}")
        if self._board.waits(posted.id):
            self._accept(posted)

    def close(self) -> None:
        """Delete what was written for reading."""
        self._answers.close()

    def dismiss(self, identifier: str) -> None:
        """The user turned it down."""
        from proactive_collectors.events import SuggestionDismissed

        if self._board.waits(identifier) and (posted := self._board.end(identifier)) is not None:
            self._stop_writing(identifier)
            self._tell_agent(posted, SuggestionDismissed)

    def snooze(self, scope: str = "all", minutes: float = 60, uri: str | None = None) -> None:
        """Have quiet for some minutes: in a file, in its workspace folder, or everywhere; zero ends it."""
        from proactive_collectors.events import (
            Event,
            Snoozed,
            SnoozeScope,
            Source,
            SuggestionSuperseded,
            Where,
        )
        from proactive_collectors.uris import canonical, to_uri
        from proactive_server.pipeline import folder_of

        reach = SnoozeScope(scope)
        minutes = min(max(float(minutes), 0.0), _MOST_MINUTES)
        uri = canonical(uri) if uri else None
        folder = folder_of(to_path(uri) if uri else None, self._workspace.folders)
        if folder is None and len(self._workspace.folders) == 1:
            folder = self._workspace.folders[0]
        if (reach is SnoozeScope.FILE and uri is None) or (reach is SnoozeScope.WORKSPACE and folder is None):
            self._window.tell("Say which file to snooze: nothing was changed.")
            return
        where = Where(uri=uri if reach is SnoozeScope.FILE else None, workspace=to_uri(folder) if folder else None)
        event = Event(self._clock(), Source.AGENT, Snoozed(reach, minutes), where)
        self._status.snoozed(event)  # first, so that nobody is told of a board that is empty for no reason
        for posted in list(self._board) if minutes else ():
            near = folder is not None and folder_of(to_path(posted.proposal.anchor.uri), [folder]) is not None
            if (
                reach is SnoozeScope.ALL
                or (reach is SnoozeScope.FILE and posted.proposal.anchor.uri == uri)
                or (reach is SnoozeScope.WORKSPACE and near)
            ):
                posted.snoozed = True
                self._stop_writing(posted.id)
                self._board.end(posted.id)  # for good, so that it can be offered again once the quiet has ended
                self._tell_agent(posted, SuggestionSuperseded)
        self._observer.answered(event)

    def why(self, identifier: str | None = None) -> None:
        """Say why a suggestion came, or why there was none."""
        posted = self._board.get(identifier) if identifier else next(iter(self._board), None)
        self._window.tell(
            explained.because(posted) if posted else explained.why_none(self._timeline.last_decision)
        )

    async def ask(self, posted: Posted) -> None:
        """Show the suggestion as a message with buttons."""
        chosen = await self._window.ask(surfaces.message(posted, self._client()))
        match chosen.title if chosen else None:
            case surfaces.DISMISS_IT:
                self.dismiss(posted.id)
            case surfaces.SNOOZE_IT:
                self.snooze()
            case None:
                pass
            case _:
                await self.apply(posted.id)

    # --- parts ------------------------------------------------------------------------------------------

    def _stand_in(self, uri: str) -> Anchor | None:
        """Where to show what is about a document that is not open: where the person worked last."""
        latest = self._documents.latest
        if latest is None or self._documents.get(uri) is not None or not self._workspace.holds(latest.uri):
            return None
        from proactive_collectors.text import Range
        from proactive_inference.proposal import Anchor

        line = min(latest.last_line, len(latest.lines) - 1)
        return Anchor(latest.uri, Range.of(line, 0, line, len(latest.lines[line].rstrip("\r\n"))))

    def _borne_out(self) -> None:
        """Count as taken what the client said before it sent the change, as Emacs does."""
        for identifier, since in list(self._claimed.items()):
            posted = self._board.get(identifier)
            late = self._clock() - since > CHANGE_PATIENCE
            if posted is None or late or not self._board.waits(identifier):
                self._claimed.pop(identifier, None)
            elif posted.hidden:
                del self._claimed[identifier]
                self._accept(posted)

    def _accept(self, posted: Posted) -> None:
        from proactive_collectors.events import SuggestionAccepted

        self._board.end(posted.id)
        self._tell_agent(posted, SuggestionAccepted)

    def _tell_agent(self, posted: Posted, kind: type[SuggestionEvent]) -> None:
        from proactive_inference.life import outcome_event

        self._observer.answered(outcome_event(self._clock(), posted.suggestion, kind))

    def _range_out(self, posted: Posted) -> types.Range:
        anchor = posted.proposal.anchor
        document = self._documents.get(anchor.uri)
        lines: Any = document.lines if document else ()
        units = self._documents.units
        return types.Range(
            types.Position(*units.position_out(lines, anchor.range.start)),
            types.Position(*units.position_out(lines, anchor.range.end)),
        )
