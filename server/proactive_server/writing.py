"""Has written what was offered by its sentence alone, once it is wanted: with progress, and a way to stop it."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from attrs import define, evolve
from lsprotocol import types

from proactive_server.board import Board, Posted
from proactive_server.consultant import Consultant
from proactive_server.documents import Documents
from proactive_server.edits import Edits, Workspace
from proactive_server.progress import Reporter
from proactive_server.settings import Settings

if TYPE_CHECKING:
    from proactive_collectors.trace import Window
    from proactive_inference.models.asking import Asking
    from proactive_inference.models.chat import ChatModel
    from proactive_inference.models.tally import Tally
    from proactive_inference.proposal import Proposal
    from proactive_inference.writing import Unwritten, Written

log = logging.getLogger(__name__)

REPORT_CHARACTERS = 200
"""After how many new characters the progress is told anew."""

CHANGED = "The text was changed while it was written. Nothing was changed; ask again."
OUTSIDE = "What was written reaches outside the workspace. Nothing was changed."


class Reporting(Reporter, Protocol):
    """What shows progress that can be stopped."""

    def report(self, token: int | str, value: types.WorkDoneProgressReport) -> None:
        """Show how far it is."""

    def when_cancelled(self, token: int | str, call: Callable[[], object]) -> None:
        """Call that when the person stops it."""


@define
class _UnderWay:
    task: asyncio.Task[str | None]
    waiting: int = 0


class Writing:
    """For the event loop alone.

    Args:
        board: the suggestions that are out.
        documents: the open documents.
        workspace: the folders that edits must stay in.
        edits: makes them for the client.
        consultant: asks the model.
        settings: those in force.
        window: the last stretch of events, from the thread that keeps it.
        written: told of a suggestion's proposal once it is written.
        reporter: shows progress; ``None`` where the client cannot.
    """

    def __init__(
        self,
        board: Board,
        documents: Documents,
        workspace: Workspace,
        edits: Edits,
        consultant: Consultant,
        settings: Callable[[], Settings],
        window: Callable[[], Awaitable[Window]],
        written: Callable[[str, Proposal], None],
        reporter: Callable[[], Reporting | None],
    ) -> None:
        self._board = board
        self._documents = documents
        self._workspace = workspace
        self._edits = edits
        self._consultant = consultant
        self._settings = settings
        self._window = window
        self._written = written
        self._reporter = reporter
        self._under_way: dict[str, _UnderWay] = {}

    async def write(self, identifier: str) -> str | None:
        """Have a suggestion written, once for all who wait for it; it stops when nobody waits any more.

        Returns:
            Why there is nothing, in a sentence; ``None`` if it is written: the board has the proposal.
        """
        posted = self._board.get(identifier)
        if posted is None or not posted.proposal.on_demand:
            return None
        one = self._under_way.get(identifier)
        if one is None:
            one = self._under_way[identifier] = _UnderWay(asyncio.ensure_future(self._write(posted)))
            one.task.add_done_callback(lambda _: self._under_way.pop(identifier, None))
        one.waiting += 1
        try:
            return await asyncio.shield(one.task)
        finally:
            one.waiting -= 1
            if not one.waiting and not one.task.done():
                one.task.cancel()

    def stop(self, identifier: str) -> None:
        """Stop the writing of a suggestion that is wanted no more; those who wait for it are cancelled."""
        if (one := self._under_way.get(identifier)) is not None:
            one.task.cancel()

    async def _write(self, posted: Posted) -> str | None:
        from proactive_collectors.errors import ProactiveError

        reporter, told = self._reporter(), _Told()
        if reporter is not None:
            await told.begin(reporter, posted.proposal.title, asyncio.current_task())
        try:
            window = await self._window()
            written = await self._consultant.write(self._work(posted.proposal, window), told.piece)
        except ProactiveError as error:
            return f"{posted.proposal.title}: {_sentence(str(error))} Nothing was changed."
        finally:
            told.end()
        from proactive_inference.writing import Unwritten  # loaded by now, in the model's thread: it takes a while

        if isinstance(written, Unwritten):
            posted.unwritten = written.sentence
            self._board.changed(posted)
            return f"{posted.proposal.title}: {_sentence(written.sentence)}"
        return self._take(posted, written)

    def _work(
        self, proposal: Proposal, window: Window
    ) -> Callable[[ChatModel, Asking, Tally], Written | Unwritten]:
        """What the model's thread does: it reads the workspace by a view of its own."""
        folders, exclude = self._workspace.folders, self._settings().exclude

        def work(model: ChatModel, asking: Asking, tally: Tally) -> Written | Unwritten:
            from proactive_inference.writing import WritingTask, write
            from proactive_server.views import parents_of, view_of_folders, view_of_open_files

            if folders:
                _, view = view_of_folders(self._documents, folders, exclude)
            else:
                _, view = view_of_open_files(self._documents, parents_of(self._documents), exclude)
            return write(WritingTask(proposal, window), model, view, asking=asking, tally=tally)

        return work

    def _take(self, posted: Posted, written: Written) -> str | None:
        from proactive_inference.writing import WrittenAnswer, WrittenCommand

        proposal = posted.proposal
        if isinstance(written, WrittenAnswer):
            posted.answer = written
            proposal = evolve(proposal, on_demand=False)
        elif isinstance(written, WrittenCommand):
            proposal = evolve(proposal, on_demand=False, command=written.command, reason=written.why)
        else:
            proposal = evolve(proposal, on_demand=False, edits=written.edits, reason=written.summary)
            if not all(self._workspace.holds(file.uri) for file in written.edits):
                log.warning("held back an edit that reaches outside the workspace")
                return OUTSIDE
            if self._edits.of(proposal, proposal.anchor.uri) is None:
                return CHANGED
        self._board.rewrite(posted, proposal)
        self._written(posted.id, proposal)
        return None


class _Told:
    """The progress of one writing."""

    def __init__(self) -> None:
        self._reporter: Reporting | None = None
        self._token = f"proactive-writing-{uuid.uuid4().hex}"
        self._characters = 0
        self._reported = 0

    async def begin(self, reporter: Reporting, title: str, task: asyncio.Task[object] | None) -> None:
        await reporter.create_async(self._token)
        self._reporter = reporter
        reporter.begin(self._token, types.WorkDoneProgressBegin("Writing", cancellable=True, message=title))
        if task is not None:
            reporter.when_cancelled(self._token, task.cancel)

    def piece(self, text: str) -> None:
        self._characters += len(text)
        if self._reporter is not None and self._characters >= self._reported + REPORT_CHARACTERS:
            self._reported = self._characters
            message = f"{self._characters} characters"
            self._reporter.report(self._token, types.WorkDoneProgressReport(message=message))

    def end(self) -> None:
        if self._reporter is not None:
            self._reporter.end(self._token, types.WorkDoneProgressEnd())


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else text + "."
