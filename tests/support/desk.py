"""A server's observer, pipeline, board and feedback on a clock of their own, without threads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lsprotocol import types

from proactive_collectors.journal import Journal
from proactive_collectors.text import Range, TextEdit
from proactive_collectors.trace import Window
from proactive_collectors.uris import to_uri
from proactive_inference.agent import Agent
from proactive_inference.ground import digest
from proactive_inference.need import Need
from proactive_inference.plays import Moment
from proactive_inference.proposal import Anchor, FileEdit, Proposal
from proactive_server import actions, surfaces
from proactive_server.board import Board, Posted
from proactive_server.client import Client
from proactive_server.documents import Documents
from proactive_server.edits import Edits, Workspace
from proactive_server.feedback import Feedback
from proactive_server.observer import Observer
from proactive_server.pipeline import Outcome, Pipeline
from proactive_server.settings import Settings
from proactive_server.status import Status
from proactive_server.timeline import Timeline

START = datetime.now(UTC).replace(microsecond=0)  # what is older than its time to keep is removed


class SureGate:
    def need(self, window: Window) -> Need:
        return Need(0.9)


class Typo:
    """Offers to write 'the' for the first 'teh' of an open document."""

    name = "typo"

    def __init__(self) -> None:
        self.change: Callable[[Proposal], Proposal] = lambda proposal: proposal

    def propose(self, moment: Moment) -> Sequence[Proposal]:
        for document in moment.workspace.documents():
            for number, line in enumerate(document.text.splitlines()):
                if (at := line.find("teh")) >= 0:
                    spot = Range.of(number, at, number, at + 3)
                    edit = FileEdit(
                        document.uri, (TextEdit(spot, "the"),), document.version, digest(document.text)
                    )
                    proposal = Proposal(
                        play="typo.teh", key=f"{document.uri} {number}", title="Write 'the'", confidence=0.9,
                        task="There is a slip of the pen.", anchor=Anchor(document.uri, spot), edits=(edit,),
                        reason="'teh' is no word.",
                    )  # fmt: skip
                    return [self.change(proposal)]
        return ()


class Desk:
    """One server's parts on a clock of their own; what the client would see is kept."""

    def __init__(self, folder: Path, *, folders: Sequence[Path] | None = None, **changes: Any) -> None:
        self.now = 0.0
        self.deadline: float | None = None
        self.settings = Settings(**{"quiet_seconds": 5.0, "minimum_pause_seconds": 0.0, **changes})
        self.client = Client(show_document=True, apply_edit=True)
        self.told: list[str] = []
        self.shown: list[types.ShowDocumentParams] = []
        self.published: dict[str, Sequence[types.Diagnostic]] = {}
        self.button: str | None = None
        self.takes_edits = True
        self.folder = folder
        self.documents = Documents()
        self.workspace = Workspace(self.documents)
        self.workspace.folders = tuple([folder] if folders is None else folders)
        self.board = Board()
        self.play = Typo()
        self.pipeline = Pipeline(
            self.documents, self.workspace.folders, self.settings, self.clock, Agent(SureGate(), [self.play])
        )
        self.timeline = Timeline()
        self.status = Status(
            self.board, self.timeline, lambda: self.settings, lambda: self.workspace.folders, self.clock
        )
        self.observer = Observer(
            self.documents, self.board, lambda: self.settings, lambda job: job(self.pipeline), self.deliver,
            self.clock, lambda: self.now,
        )  # fmt: skip
        self.observer.set_alarm(self)
        edits = Edits(self.documents, self.workspace, lambda: self.client)
        self.feedback = Feedback(
            self.board, self.documents, self.workspace, edits, self.observer, self.timeline,
            self.status, lambda: self.client, self, self.clock, self.write, lambda _: None,
        )  # fmt: skip
        self.actions = actions.CodeActions(
            self.board, self.documents, edits, lambda: self.client, self.write, self.tell,
            self.feedback.recheck, self.feedback.refusal,
        )  # fmt: skip
        self.hints = surfaces.Hints(self.board, self.documents, lambda: self.settings, self.publish)
        self.lenses = surfaces.Lenses(self.board, self.documents, lambda: self.settings)
        self.board.subscribe(self.hints.refresh)
        self.version = 1

    def clock(self) -> datetime:
        return START + timedelta(seconds=self.now)

    def set(self, deadline: float | None) -> None:
        self.deadline = deadline

    def deliver(self, outcome: Outcome) -> None:
        self.feedback.take(outcome)
        self.observer.wake_at(outcome.wake_at)

    async def write(self, identifier: str) -> str | None:
        return None  # without a language model nothing is written on demand

    def publish(self, params: types.PublishDiagnosticsParams) -> None:
        self.published[params.uri] = params.diagnostics

    def tell(self, text: str) -> None:
        self.told.append(text)

    async def ask(self, params: types.ShowMessageRequestParams) -> types.MessageActionItem | None:
        return types.MessageActionItem(self.button) if self.button else None

    def show(self, params: types.ShowDocumentParams) -> None:
        self.shown.append(params)

    def offer_command(self, posted: Posted) -> None:
        raise AssertionError("only our own clients are offered commands")

    def apply(self, params: types.ApplyWorkspaceEditParams) -> Awaitable[types.ApplyWorkspaceEditResult]:
        async def applied() -> types.ApplyWorkspaceEditResult:
            await asyncio.sleep(0)  # as over a wire, the answer is not there at once
            if not self.takes_edits:
                return types.ApplyWorkspaceEditResult(applied=False)
            for uri, edits in (params.edit.changes or {}).items():
                for edit in edits:
                    self.edit(uri, edit)
            return types.ApplyWorkspaceEditResult(applied=True)

        return applied()

    # --- what the user does -----------------------------------------------------------------------------

    def pass_time(self, seconds: float) -> None:
        """Let time pass, with every deadline on the way."""
        end = self.now + seconds
        while self.deadline is not None and self.deadline <= end:
            self.now, self.deadline = max(self.now, self.deadline), None
            self.observer.ring()
        self.now = end

    def open(self, name: str, text: str, language: str = "markdown") -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        self.observer.opened(to_uri(path), language, 1, text)
        return to_uri(path)

    def change(self, uri: str, line: int, start: int, end: int, text: str) -> None:
        self.version += 1
        ends = {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}
        identifier = {"uri": uri, "version": self.version}
        self.observer.changed({"textDocument": identifier, "contentChanges": [{"range": ends, "text": text}]})

    def edit(self, uri: str, edit: types.TextEdit) -> None:
        self.change(
            uri, edit.range.start.line, edit.range.start.character, edit.range.end.character, edit.new_text
        )

    def type(self, uri: str, line: int, character: int, text: str, pace: float = 0.1) -> None:
        for number, key in enumerate(text):
            self.change(uri, line, character + number, character + number, key)
            self.pass_time(pace)

    def fail(self) -> None:
        data = {"command": "make", "cwd": str(self.folder), "exit_code": 2, "output": "error\n"}
        self.observer.notified({"kind": "terminal.run", "data": data})

    def kinds(self) -> list[str]:
        return [event["kind"] for event in self.timeline.timeline(256)["events"]]

    def decisions(self) -> list[dict[str, Any]]:
        return list(self.timeline.timeline(256)["decisions"])

    def fates(self) -> list[str]:
        """What became of each suggestion, the oldest first."""
        return [one["suggestion"]["fate"] for one in self.decisions() if "suggestion" in one]

    def offer(self, uri: str, line: int = 0) -> str:
        """The identifier of the suggestion that is out at a line."""
        (posted,) = self.board.at(uri, line, line)
        return posted.id


def kept(state: Path) -> list[str]:
    """The kinds of the journal's events."""
    return [event.kind for event in Journal.open(state / "journal.sqlite3").events()]
