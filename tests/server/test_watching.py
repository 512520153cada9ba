"""From messages to suggestions and back, without threads: observer, pipeline, board and feedback together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lsprotocol import types

from proactive_collectors.events import (
    Event,
    GitCommitted,
    GitSwitched,
    Payload,
    Source,
    TerminalRun,
    Where,
)
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
from proactive_server.settings import JournalSettings, Settings, Sources, Surfaces
from proactive_server.status import Status
from proactive_server.timeline import KEPT, Timeline

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
            self.board, self.documents, edits, lambda: self.client, self.write, self.tell
        )
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

    def offer(self, uri: str, line: int = 0) -> str:
        """The identifier of the suggestion that is out at a line."""
        (posted,) = self.board.at(uri, line, line)
        return posted.id


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def kept(state: Path) -> list[str]:
    return [event.kind for event in Journal.open(state / "journal.sqlite3").events()]


# --- watching ----------------------------------------------------------------------------------------------


def test_typing_becomes_one_burst_when_it_rests(folder: Path, state: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.py", "x\n", "python")
    desk.type(uri, 0, 1, " = 12")
    assert desk.kinds() == ["document.opened"]
    desk.pass_time(2.0)
    assert desk.kinds() == ["document.opened", "edit.burst"]
    burst = desk.timeline.timeline()["events"][-1]
    last_key = START + timedelta(seconds=0.4)  # not the end of the rest
    assert datetime.fromisoformat(burst["time"]) == last_key
    desk.pipeline.close()
    assert kept(state) == ["document.opened", "edit.burst"]


def test_nothing_is_due_when_all_has_been_decided(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.py", "x\n", "python")
    desk.type(uri, 0, 1, " = 12")
    desk.pass_time(60)
    assert [decision["reason"] for decision in desk.decisions()] == ["no_proposal"]
    assert desk.deadline is None


def test_it_does_not_speak_while_the_user_types(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "\n")
    desk.type(uri, 0, 0, "teh ")
    desk.pass_time(4)
    desk.type(uri, 0, 4, "end of it")
    desk.pass_time(4)
    assert desk.decisions() == []
    desk.pass_time(2)
    assert [decision["boundary"] for decision in desk.decisions()] == ["quiet"]
    assert desk.offer(uri)


def test_a_burst_under_way_is_told_before_what_follows_it(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.py", "x\n", "python")
    desk.type(uri, 0, 1, "yz")
    desk.observer.saved(uri)
    desk.type(uri, 0, 3, "!")
    desk.fail()
    desk.type(uri, 0, 4, "?")
    desk.observer.closed(uri)
    assert desk.kinds() == [
        "document.opened", "edit.burst", "document.saved", "edit.burst", "terminal.run", "edit.burst",
        "document.closed",
    ]  # fmt: skip


def test_excluded_files_leave_no_trace(folder: Path, state: Path) -> None:
    (folder / ".gitignore").write_text("build/\n")
    desk = Desk(folder, exclude=("private/**",))
    for name in (".env", "build/a.py", "private/a.py", "../outside.py"):
        uri = desk.open(name, "teh\n")
        desk.type(uri, 0, 0, "x")
        desk.observer.saved(uri)
        desk.observer.closed(uri)
    desk.fail()
    assert desk.kinds() == ["terminal.run"]
    desk.pipeline.close()
    assert kept(state) == ["terminal.run"]


def test_switched_off_sources_are_not_heard(folder: Path) -> None:
    desk = Desk(folder, sources=Sources(terminal=False, diagnostics=False))
    uri = desk.open("a.py", "x\n", "python")
    desk.fail()
    desk.observer.notified({"kind": "diagnostics", "where": {"uri": uri}, "data": {"items": [ITEM]}})
    assert desk.kinds() == ["document.opened"]


REPORTS: list[tuple[str, str, dict[str, Any]]] = [
    ("terminal", "terminal.run", {"command": "make", "exit_code": 2}),
    ("tasks", "task.run", {"name": "build", "exit_code": 2}),
    ("tests", "task.run", {"name": "stats", "kind": "test", "exit_code": 1}),
    ("debug", "debug.stopped", {"reason": "exception"}),
    ("git", "git.committed", {"commit": "3f2a9c1d" * 5}),
    ("git", "git.switched", {"branch": "side"}),
    ("git", "git.conflicted", {"operation": "merge"}),
    ("focus", "document.focused", {}),
    ("focus", "window.focused", {"app": "Code"}),
    ("idle", "idle.began", {}),
    ("idle", "idle.ended", {"seconds": 400}),
]


@pytest.mark.parametrize("switch", sorted({switch for switch, _, _ in REPORTS}))
def test_each_switch_silences_its_own_reports_and_no_others(folder: Path, state: Path, switch: str) -> None:
    desk = Desk(folder, sources=Sources(**{switch: False}))
    where = {"uri": desk.open("a.py", "x\n", "python")}
    for _, kind, data in REPORTS:
        desk.observer.notified({"kind": kind, "where": where, "data": data})
    left = [kind for other, kind, _ in REPORTS if other != switch]
    assert desk.kinds() == ["document.opened", *left]
    desk.pipeline.close()
    assert kept(state) == ["document.opened", *left]


def test_a_selection_is_always_heard_for_it_tells_when_not_to_interrupt(folder: Path) -> None:
    off = {switch: False for switch, _, _ in REPORTS}
    desk = Desk(folder, sources=Sources(**off, diagnostics=False))
    uri = desk.open("a.md", "It is teh end.\n")
    desk.observer.notified({"kind": "selection.changed", "where": {"uri": uri}, "data": {"selecting": True}})
    desk.observer.saved(uri)
    desk.pass_time(10)
    assert desk.decisions()[-1]["reason"] == "selecting"


def test_what_was_seen_before_its_source_was_switched_off_does_not_linger(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.py", "import x\n", "python")
    desk.observer.notified({"kind": "diagnostics", "where": {"uri": uri}, "data": {"items": [ITEM]}})
    desk.settings = evolve(desk.settings, sources=Sources(diagnostics=False))
    desk.pipeline.configure(desk.settings)
    desk.pass_time(60)
    assert desk.kinds() == ["document.opened", "diagnostic.appeared"]


ITEM = {"range": [0, 3, 0, 4], "message": "unknown name", "severity": "error", "tool": "lint"}


@pytest.mark.parametrize("order", [1, -1])
def test_what_the_server_and_the_editor_both_see_is_decided_once(folder: Path, state: Path, order: int) -> None:
    desk = Desk(folder)
    where, name = Where(workspace=to_uri(folder)), "3f2a9c1d" * 5
    wrapped = {"command": "proactive exec -- make", "cwd": str(folder), "exit_code": 2, "output": "error\n"}
    told: list[list[tuple[Payload, dict[str, Any]]]] = [
        [(GitCommitted(name, "Fix"), {"kind": "git.committed", "data": {"commit": name, "subject": "Fix"}})],
        [(GitSwitched("side", "main"), {"kind": "git.switched", "data": {"branch": "side", "previous": "main"}})],
        [(TerminalRun("make", str(folder), 2, 0.5), {"kind": "terminal.run", "data": wrapped})],
    ]
    for [(seen, plain)] in told:
        source = Source.EXEC if isinstance(seen, TerminalRun) else Source.GIT
        event = Event(desk.clock(), source, seen, where)
        reports = [
            lambda event=event: desk.observer.report(event),
            lambda plain=plain: desk.observer.notified(plain),
        ]
        for report in reports[::order]:
            report()
            desk.pass_time(1)
    kinds = ["git.committed", "git.switched", "terminal.run"]
    assert desk.kinds() == kinds
    assert [decision["boundary"] for decision in desk.decisions()] == ["committed", "run_failed"]
    desk.pipeline.close()
    assert kept(state) == kinds


def test_diagnostics_appear_linger_and_resolve(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.py", "'😀' y\n", "python")
    desk.observer.notified({"kind": "diagnostics", "where": {"uri": uri}, "data": {"items": [ITEM]}})
    desk.pass_time(30)
    desk.observer.notified({"kind": "diagnostics", "where": {"uri": uri}, "data": {"items": []}})
    assert desk.kinds() == [
        "document.opened", "diagnostic.appeared", "diagnostic.lingering", "diagnostic.resolved"
    ]  # fmt: skip
    assert [decision["boundary"] for decision in desk.decisions()] == ["quiet"]


def test_diagnostics_of_what_is_not_open_excluded_or_elsewhere_are_dropped(folder: Path, tmp_path: Path) -> None:
    desk = Desk(folder)
    desk.open("a.py", "import x\n", "python")
    excluded, outside = desk.open(".env", "SECRET=1\n"), desk.open(str(tmp_path / "b.py"), "import x\n", "python")
    (folder / "closed.py").write_text("import x\n")
    for uri in (excluded, outside, to_uri(folder / "closed.py"), "untitled:Untitled-1", "git:/work/a.py"):
        for items in ([ITEM], [ITEM, {**ITEM, "message": "another"}], []):
            desk.observer.notified({"kind": "diagnostics", "where": {"uri": uri}, "data": {"items": items}})
            desk.pass_time(30)
    assert desk.kinds() == ["document.opened"]
    assert desk.deadline is None, "nothing of them is waited for either"


def test_an_empty_list_clears_a_document_also_when_nothing_was_there(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.py", "import x\n", "python")
    for items in ([], [ITEM], [], []):
        desk.observer.notified({"kind": "diagnostics", "where": {"uri": uri}, "data": {"items": items}})
    assert desk.kinds() == ["document.opened", "diagnostic.appeared", "diagnostic.resolved"]
    desk.pass_time(60)
    assert "diagnostic.lingering" not in desk.kinds()


def test_positions_of_plug_ins_are_counted_in_utf_16(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.py", "'😀' y\n", "python")
    seen: list[Outcome] = []
    desk.observer._deliver = seen.append
    desk.observer.notified({"kind": "diagnostics", "where": {"uri": uri}, "data": {"items": [ITEM]}})
    assert seen[0].event is not None
    assert seen[0].event.where.range == Range.of(0, 2, 0, 3)
    assert seen[0].event.where.language == "python"


def test_without_a_journal_nothing_is_written(folder: Path, state: Path) -> None:
    desk = Desk(folder, journal=JournalSettings(enabled=False))
    desk.open("a.py", "x\n")
    desk.pipeline.close()
    assert not state.exists()
    desk.pipeline.configure(evolve(desk.settings, journal=JournalSettings()))
    desk.fail()
    desk.pipeline.close()
    assert kept(state) == ["terminal.run"]


def test_a_secret_is_taken_out_before_anything_keeps_it(folder: Path, state: Path) -> None:
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    desk = Desk(folder)
    uri = desk.open("a.py", "\n", "python")
    desk.change(uri, 0, 0, 0, f"token = '{secret}'")
    data = {"command": f"curl -H 'Authorization: token {secret}'", "exit_code": 0, "output": secret}
    desk.observer.notified({"kind": "terminal.run", "data": data})
    desk.pipeline.close()
    assert "terminal.run" in kept(state)
    assert secret.encode() not in b"".join(path.read_bytes() for path in state.iterdir() if path.is_file())
    assert secret not in str(desk.timeline.timeline())


NAMES = sorted(
    {"kind", "data", "where", "uri", "range", "items", "start", "end", "line", "character", "text", "time"}
    | {"textDocument", "contentChanges", "version", "command", "output", "exit_code", "message"}
)

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(NAMES),
            inner
            | st.sampled_from(["terminal.run", "diagnostics", "edit.burst", "selection.changed", "file:///a"]),
            max_size=5,
        )
    ),
    max_leaves=15,
)


@given(JSON)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
def test_no_message_of_a_client_can_stop_it(folder: Path, message: Any) -> None:
    desk = Desk(folder, journal=JournalSettings(enabled=False))
    uri = desk.open("a.md", "teh\n")
    desk.observer.notified(message)
    desk.observer.changed(message)
    desk.observer.changed({"textDocument": {"uri": uri, "version": 2}, "contentChanges": message})
    desk.observer.changed({"textDocument": {"uri": uri, "version": 2}, "contentChanges": [message]})
    desk.pass_time(30)
    desk.observer.saved(uri)
    assert desk.kinds()[-1] == "document.saved"


# --- suggestions and answers -------------------------------------------------------------------------------


def test_a_suggestion_is_shown_and_told_to_the_journal(folder: Path, state: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    (hint,) = desk.published[uri]
    assert (hint.message, hint.data) == ("Write 'the'", {"id": desk.offer(uri)})
    assert desk.status.now()["state"] == "suggestion"
    desk.pipeline.close()
    assert kept(state)[-1] == "suggestion.shown"
    (decision,) = Journal.open(state / "journal.sqlite3").decisions()
    assert decision["suggestion"]["title"] == "Write 'the'"


def test_typing_into_it_hides_it_at_once(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    desk.change(uri, 0, 7, 7, "x")
    assert desk.actions.at(uri, 0, 0) == []
    assert desk.published[uri] == []
    desk.pass_time(10)
    assert "suggestion.superseded" in desk.kinds()


def test_a_malformed_change_takes_away_what_it_may_have_shifted(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    assert desk.offer(uri)
    desk.observer.changed({"textDocument": {"uri": uri}, "contentChanges": [{"text": "new\n"}, {"range": 1}]})
    assert desk.actions.at(uri, 0, 0) == []


def test_hints_follow_the_text_once_the_typing_rests(folder: Path) -> None:
    desk = Desk(folder)
    desk.observer.on_rest = desk.hints.refresh
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    desk.change(uri, 0, 0, 0, "Now!\n")
    assert desk.published[uri][0].range.start.line == 0
    desk.pass_time(2)
    assert desk.published[uri][0].range.start.line == 1


def test_taking_it_counts_only_with_the_edit_in_the_text(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    identifier = desk.offer(uri)
    desk.feedback.accepted(identifier)
    assert "suggestion.accepted" not in desk.kinds()
    desk.change(uri, 0, 6, 9, "the")
    desk.feedback.accepted(identifier)
    desk.feedback.accepted(identifier)
    desk.pass_time(10)
    assert desk.kinds().count("suggestion.accepted") == 1
    assert "suggestion.done_alone" not in desk.kinds()
    assert desk.status.now()["counts"]["accepted"] == 1


def test_taking_it_counts_too_where_the_change_comes_a_moment_later(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    desk.feedback.accepted(desk.offer(uri))
    desk.pass_time(1)
    desk.change(uri, 0, 6, 9, "the")
    desk.pass_time(10)
    assert desk.kinds().count("suggestion.accepted") == 1
    assert "suggestion.done_alone" not in desk.kinds()


def test_a_word_that_no_change_follows_is_not_believed(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    desk.feedback.accepted(desk.offer(uri))
    desk.pass_time(20)
    desk.change(uri, 0, 6, 9, "the")
    desk.pass_time(10)
    assert "suggestion.accepted" not in desk.kinds()
    assert "suggestion.done_alone" in desk.kinds()


def test_a_client_that_lets_no_server_edit_gets_the_edit_without_a_command(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    for apply_edit in (False, True):
        desk.client = Client(literals=True, apply_edit=apply_edit)
        offered = desk.actions.at(uri, 0, 0)[0]
        assert isinstance(offered, types.CodeAction)
        assert offered.edit is not None
        assert (offered.command is not None) == apply_edit


def test_the_server_applies_it_where_the_surface_cannot(folder: Path) -> None:
    import asyncio

    desk = Desk(folder, surfaces=Surfaces(code_lens=True))
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    (lens,) = desk.lenses.of(uri)
    assert lens.command is not None
    assert lens.command.command == "proactive.apply"
    identifier = desk.offer(uri)
    asyncio.run(desk.feedback.apply(identifier))
    assert desk.documents.overlay(uri).text == "It is the end.\n"  # type: ignore[union-attr]
    assert "suggestion.accepted" in desk.kinds()
    asyncio.run(desk.feedback.apply(identifier))
    assert desk.told == ["Write 'the': this is over, answered or expired. Nothing was changed."]


def test_the_same_edit_by_hand_is_told_from_taking_it(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    desk.change(uri, 0, 7, 9, "")
    desk.type(uri, 0, 7, "he")
    desk.pass_time(30)
    assert "suggestion.done_alone" in desk.kinds()
    assert desk.status.now()["suggestions"] == []


def test_an_unanswered_one_goes_away(folder: Path) -> None:
    desk = Desk(folder, expire_minutes=10.0)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    desk.pass_time(599)
    assert desk.board.at(uri, 0, 0)
    desk.pass_time(2)
    assert desk.board.at(uri, 0, 0) == []
    assert desk.published[uri] == []
    assert "suggestion.ignored" in desk.kinds()


def test_dismissing_it_keeps_its_sort_away(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    desk.feedback.dismiss(desk.offer(uri))
    assert desk.published[uri] == []
    desk.pass_time(300)
    desk.fail()
    assert desk.decisions()[-1]["reason"] == "dismissed_before"
    desk.feedback.dismiss("nobody")
    assert desk.kinds().count("suggestion.dismissed") == 1


def test_what_was_dismissed_is_remembered_by_the_next_server(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    desk.feedback.dismiss(desk.offer(uri))
    desk.pipeline.close()
    later = Desk(folder)
    later.now = 3600.0
    later.open("a.md", "It is teh end.\n")
    later.fail()
    assert later.decisions()[-1]["reason"] == "dismissed_before"


def test_what_is_dismissed_in_one_editor_is_not_offered_in_another_of_the_same_workspace(folder: Path) -> None:
    one, two = Desk(folder), Desk(folder, pause_cap_minutes=0.0)
    uri = one.open("a.md", "It is teh end.\n")
    two.open("a.md", "It is teh end.\n")
    for desk in (one, two):
        desk.play.change = lambda proposal: evolve(proposal, key=f"{proposal.key} {one.now}")
    one.fail()
    one.feedback.dismiss(one.offer(uri))
    one.pipeline.flush()
    for desk in (one, two):
        desk.pass_time(300)
    two.fail()
    assert two.decisions()[-1]["text"] == (
        "What it could offer was dismissed before: one of its sort (typo.teh) was turned down lately."
    )
    two.pass_time(24 * 3600)
    two.play.change = lambda proposal: evolve(proposal, key=f"{proposal.key} 0.0")
    two.fail()
    assert two.decisions()[-1]["detail"] == "the same offer was turned down"
    assert one.kinds().count("suggestion.dismissed") == 1
    assert "suggestion.dismissed" not in two.kinds(), "it is the other's event"
    one.pipeline.close()
    two.pipeline.close()


def test_ones_own_dismissal_is_not_heard_of_again_from_the_journal(folder: Path) -> None:
    desk = Desk(folder, minimum_pause_seconds=20.0, dismissed_kind_pause_minutes=0.0)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    desk.feedback.dismiss(desk.offer(uri))
    desk.play.change = lambda proposal: evolve(proposal, key=f"{proposal.key} again")
    desk.pass_time(10)
    desk.fail()
    assert desk.decisions()[-1]["reason"] == "backing_off"
    desk.pass_time(31)
    desk.fail()
    assert desk.offer(uri), "twice as long, not four times"
    desk.pipeline.close()


def test_a_dismissal_in_another_workspace_is_another_matter_and_a_snooze_of_all_is_not(
    folder: Path, tmp_path: Path
) -> None:
    here, there = Desk(folder), Desk(tmp_path / "there")
    uri, other = (desk.open("a.md", "It is teh end.\n") for desk in (here, there))
    there.fail()
    there.feedback.dismiss(there.offer(other))
    for desk in (here, there):
        desk.pass_time(60)
    here.fail()
    assert here.offer(uri)
    there.feedback.snooze("all", 30)
    there.pipeline.flush()
    for desk in (here, there):
        desk.pass_time(60)
    here.fail()
    assert here.decisions()[-1]["reason"] == "snoozed"
    assert [snooze["scope"] for snooze in here.status.now()["snoozes"]] == ["all"]
    there.feedback.snooze("all", 0)
    there.pipeline.flush()
    here.fail()
    assert here.status.now()["snoozes"] == []
    here.pipeline.close()
    there.pipeline.close()


@pytest.mark.parametrize(("scope", "quiet"), [("file", True), ("workspace", True), ("all", True)])
def test_a_snooze_takes_down_what_it_covers(folder: Path, scope: str, quiet: bool) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    assert desk.offer(uri)
    desk.feedback.snooze(scope, 15, uri)
    assert (desk.board.at(uri, 0, 0) == []) == quiet
    assert (desk.status.now()["state"] == "snoozed") == (scope != "file")
    desk.pass_time(60)
    desk.observer.saved(uri)
    desk.pass_time(10)
    assert desk.decisions()[-1]["reason"] == "snoozed"
    desk.feedback.snooze("all", 0)
    assert desk.status.now()["state"] == "watching"


def test_the_status_tells_what_is_snoozed_and_until_when(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is well.\n")
    desk.feedback.snooze("file", 15, uri)
    desk.feedback.snooze("workspace", 5, uri)

    def until(minutes: float) -> str:
        return (START + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")

    one, other = (
        {"scope": "workspace", "until": until(5), "uri": to_uri(folder)},
        {"scope": "file", "until": until(15), "uri": uri},
    )
    status = desk.status.now()
    assert (status["state"], status["snoozes"], status["snoozedUntil"]) == ("snoozed", [one, other], until(5))
    assert desk.status.changes_at == START + timedelta(minutes=5)
    assert desk.status.covers(uri)
    desk.pass_time(301)
    status = desk.status.now()
    assert (status["state"], status["snoozes"]) == ("watching", [other])
    assert "snoozedUntil" not in status
    desk.settings = evolve(desk.settings, enable=False)
    assert (desk.status.now()["state"], desk.status.now()["paused"]) == ("off", True)
    desk.feedback.snooze("all", 60)
    assert desk.status.now()["snoozedUntil"] == (START + timedelta(seconds=3901)).strftime("%Y-%m-%dT%H:%M:%SZ")
    desk.feedback.snooze("all", 0)
    assert desk.status.now()["snoozes"] == []
    assert desk.status.changes_at is None


def test_one_of_two_folders_that_is_snoozed_is_not_the_whole(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    desk = Desk(folder, folders=[folder, other])
    uris = [desk.open(str(place / "a.md"), "It is well.\n") for place in (folder, other)]
    desk.feedback.snooze("workspace", 15, uris[0])
    assert (desk.status.now()["state"], len(desk.status.now()["snoozes"])) == ("watching", 1)
    assert [desk.status.covers(uri) for uri in uris] == [True, False]
    desk.feedback.snooze("workspace", 30, uris[1])
    assert desk.status.now()["state"] == "snoozed"
    assert desk.status.now()["snoozedUntil"] == (START + timedelta(minutes=15)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_snooze_is_known_to_the_next_server_of_the_workspace(folder: Path, tmp_path: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is well.\n")
    desk.feedback.snooze("file", 15, uri)
    desk.pipeline.close()
    later = Desk(folder)
    later.deliver(later.pipeline.begin())
    assert [snooze["uri"] for snooze in later.status.now()["snoozes"]] == [uri]
    later.pipeline.close()
    elsewhere = Desk(tmp_path / "elsewhere")
    elsewhere.deliver(elsewhere.pipeline.begin())
    assert elsewhere.status.now()["snoozes"] == []


# --- the timeline ------------------------------------------------------------------------------------------


def fates(desk: Desk) -> list[str]:
    return [one["suggestion"]["fate"] for one in desk.decisions() if "suggestion" in one]


def test_the_timeline_tells_what_became_of_a_suggestion(folder: Path) -> None:
    desk = Desk(folder, dismissed_kind_pause_minutes=0, pause_cap_minutes=0)
    text = "It is teh end.\n"
    uri = desk.open("a.md", text)
    desk.play.change = lambda proposal: evolve(proposal, key=f"{proposal.key} {desk.now}")
    desk.fail()
    assert fates(desk) == ["waiting"]
    desk.feedback.dismiss(desk.offer(uri))
    desk.pass_time(60)
    desk.fail()
    desk.pass_time(60)
    desk.fail()
    assert fates(desk) == ["dismissed", "superseded", "waiting"]
    desk.pass_time(700)
    desk.fail()
    assert fates(desk)[2:] == ["ignored", "waiting"]
    desk.change(uri, 0, 6, 9, "the")
    desk.feedback.accepted(desk.timeline.timeline()["decisions"][-1]["suggestion"]["id"])
    desk.pass_time(60)
    assert fates(desk)[3:] == ["accepted"]
    desk.change(uri, 0, 6, 9, "teh")
    desk.fail()
    desk.change(uri, 0, 6, 9, "the")
    desk.pass_time(60)
    assert fates(desk)[3:] == ["dismissed", "done_alone"], "undone soon after, it was not wanted"


def test_the_timeline_is_one_order_of_events_and_decisions(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    timeline = desk.timeline.timeline()
    rows = sorted([*timeline["events"], *timeline["decisions"]], key=lambda row: row["order"])
    assert [row.get("kind", row.get("boundary")) for row in rows] == [
        "document.opened", "terminal.run", "run_failed", "suggestion.shown"
    ]  # fmt: skip
    assert len({row["order"] for row in rows}) == 4
    assert (rows[3]["uri"], rows[3]["line"]) == (uri, 0)
    decision = rows[2]
    assert (decision["need"], decision["threshold"], decision["suggestion"]["title"]) == (0.9, 0.25, "Write 'the'")


def test_what_is_said_of_a_suggestion_that_is_long_out_of_sight_breaks_nothing(folder: Path) -> None:
    desk = Desk(folder, expire_minutes=1440.0)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    identifier = desk.offer(uri)
    for _ in range(KEPT):
        desk.pass_time(1)
        desk.fail()
    assert fates(desk) == []
    desk.feedback.dismiss(identifier)
    timeline = desk.timeline.timeline(1000)
    assert len(timeline["decisions"]) == len(timeline["events"]) == KEPT
    assert timeline["counts"]["dismissed"] == 1
    assert timeline["decisions"][-1]["text"] == "What it could offer was shown already: the same offer is waiting."
    assert desk.timeline.timeline(0)["decisions"] == []


def test_a_snooze_of_a_file_needs_the_file(folder: Path) -> None:
    desk = Desk(folder)
    desk.feedback.snooze("file", 15)
    assert "agent.snoozed" not in desk.kinds()
    assert len(desk.told) == 1


def test_going_to_the_spot_and_showing_a_command(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.play.change = lambda proposal: evolve(proposal, edits=())
    desk.fail()
    identifier = desk.offer(uri)
    (action, *_) = desk.actions.at(uri, 0, 0)
    assert isinstance(action, types.Command)  # this client knows no action literals
    assert action.command == "proactive.goto"
    desk.feedback.goto(identifier)
    assert desk.shown[0].selection == types.Range(types.Position(0, 6), types.Position(0, 9))
    assert "suggestion.accepted" in desk.kinds()
    desk.client = Client()
    desk.feedback.goto(identifier)
    assert desk.told == ["a.md:1: There is a slip of the pen."]


def test_to_look_at_an_edit_is_not_to_take_it(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    desk.feedback.goto(desk.offer(uri))
    assert len(desk.shown) == 1
    desk.feedback.show(desk.offer(uri))
    assert desk.told == ["There is a slip of the pen."]
    assert fates(desk) == ["waiting"]
    desk.feedback.goto("nobody")
    assert "no longer known" in desk.told[-1]


async def test_what_is_asked_for_though_it_is_over_or_snoozed_is_refused_in_words(folder: Path) -> None:
    desk = Desk(folder, dismissed_kind_pause_minutes=0, pause_cap_minutes=0)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.play.change = lambda proposal: evolve(proposal, key=f"{proposal.key} {desk.now}")
    desk.fail()
    first = desk.offer(uri)
    assert desk.feedback.refusal(first) is None
    desk.feedback.dismiss(first)
    desk.pass_time(60)
    desk.fail()
    second = desk.offer(uri)
    desk.feedback.snooze("workspace", 10, uri)
    for identifier in (first, second, "nobody"):
        await desk.feedback.apply(identifier)
    over, put_away, unknown = desk.told
    assert "this is over" in over
    assert "put away when you asked for quiet" in put_away
    assert "no longer known" in unknown
    assert desk.documents.get(uri).lines[0] == "It is teh end.\n"  # type: ignore[union-attr]
    desk.feedback.snooze("all", 0)
    assert "put away" in str(desk.feedback.refusal(second)), "it stays away"


def test_a_command_is_shown_and_never_run(folder: Path) -> None:
    desk = Desk(folder)
    desk.client = Client(literals=True)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.play.change = lambda proposal: evolve(proposal, edits=(), command="touch ran")
    desk.fail()
    (action, *_) = desk.actions.at(uri, 0, 0)
    assert isinstance(action, types.CodeAction)
    assert action.edit is None
    assert action.command is not None
    assert action.command.command == "proactive.show"
    desk.feedback.goto(desk.offer(uri))
    assert "suggestion.accepted" not in desk.kinds()
    del desk.told[:]
    desk.feedback.show(desk.offer(uri))
    assert desk.told == ["There is a slip of the pen. Run: touch ran"]
    assert "suggestion.accepted" in desk.kinds()
    assert not (folder / "ran").exists()


def test_what_reaches_outside_the_workspace_is_held_back(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.md").write_text("teh\n")
    (folder / "linked.md").symlink_to(tmp_path / "outside.md")
    for target in (folder / "linked.md", tmp_path / "outside.md", folder / ".." / "outside.md"):
        desk = Desk(folder, journal=JournalSettings(enabled=False))
        edit = FileEdit("file://" + str(target), (TextEdit(Range.of(0, 0, 0, 3), "the"),), None, digest("teh\n"))
        desk.play.change = lambda proposal, edit=edit: evolve(proposal, edits=(*proposal.edits, edit))  # type: ignore[misc]
        uri = desk.open("a.md", "It is teh end.\n")
        desk.fail()
        assert "suggestion" in desk.decisions()[-1]
        assert desk.board.at(uri, 0, 0) == []
        assert "suggestion.shown" not in desk.kinds()
        desk.pass_time(700)
        assert "suggestion.ignored" in desk.kinds()
        assert fates(desk) == ["withheld"], "nobody has seen it, whatever else is said of it"


def test_a_suggestion_that_the_typing_has_overtaken_is_not_shown(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    late: list[Outcome] = []
    desk.observer._deliver = late.append
    desk.fail()
    desk.change(uri, 0, 0, 0, "x")
    for outcome in late:
        desk.deliver(outcome)
    assert desk.board.at(uri, 0, 0) == []


def test_why_tells_the_events_the_odds_and_the_reason(folder: Path) -> None:
    desk = Desk(folder)
    desk.feedback.why()
    uri = desk.open("a.md", "It is well.\n")
    desk.fail()
    desk.feedback.why()
    desk.change(uri, 0, 6, 10, "teh")
    desk.pass_time(10)
    desk.feedback.why(desk.offer(uri))
    desk.feedback.dismiss(desk.offer(uri))
    desk.feedback.why()
    nothing, silent, spoke, ended = desk.told
    assert "no suggestion" in nothing
    assert silent.endswith("There was nothing sure enough to offer.")
    assert "'teh' is no word." in spoke
    assert "90%" in spoke
    assert "25%" in spoke
    assert ended == "There is no suggestion now. The last one was: Write 'the' (dismissed)."


async def test_a_message_with_buttons_can_be_answered(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    (posted,) = desk.board
    (first, *_) = surfaces.message(posted, desk.client).actions or ()
    assert first.title == "Apply"
    await desk.feedback.ask(posted)
    assert desk.board.at(uri, 0, 0)
    desk.button = surfaces.TAKE
    await desk.feedback.ask(posted)
    assert "suggestion.accepted" in desk.kinds()


def test_surfaces_that_are_off_show_nothing(folder: Path) -> None:
    desk = Desk(folder, surfaces=Surfaces(hints=False))
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    assert desk.offer(uri)
    assert desk.published == {}
    assert desk.lenses.of(uri) == []
    assert desk.lenses.of("file:///nowhere") == []


def test_without_a_folder_the_open_file_is_all_there_is(folder: Path) -> None:
    (folder / "b.md").write_text("teh\n")
    desk = Desk(folder, folders=())
    uri = desk.open("a.md", "It is teh end.\n")
    seen: list[str] = []

    def note(proposal: Proposal) -> Proposal:
        seen.append(proposal.anchor.uri)
        return proposal

    desk.play.change = note
    desk.fail()
    assert desk.offer(uri)
    assert seen == [uri]
    desk.observer.closed(uri)
    desk.observer.opened(to_uri(folder / ".env"), "dotenv", 1, "teh\n")
    desk.feedback.snooze("all", 0)
    desk.fail()
    assert desk.kinds().count("document.opened") == 1
    assert desk.decisions()[-1]["reason"] == "no_proposal"
