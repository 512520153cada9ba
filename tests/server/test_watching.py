"""What is heard of the editor and of other sources, and what is not: without threads."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk import START, Desk, kept
from proactive_collectors.events import (
    Event,
    GitCommitted,
    GitSwitched,
    Payload,
    Source,
    TerminalRun,
    Where,
)
from proactive_collectors.text import Range
from proactive_collectors.uris import to_uri
from proactive_server.pipeline import Outcome
from proactive_server.settings import JournalSettings, Sources


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
