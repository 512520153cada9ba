"""The journal against real files, real processes and real damage."""

import logging
import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proactive_collectors import journal_file
from proactive_collectors.errors import JournalError
from proactive_collectors.events import DocumentSaved, Event, Observed, Source, TerminalRun, Where
from proactive_collectors.journal import Journal, default_path
from proactive_collectors.journal_writer import WRITE_DELAY
from proactive_collectors.trace import WINDOW_SPAN

START = datetime(2026, 1, 31, 9, 30, 0, 123456, tzinfo=UTC)
APP, LIB = "file:///app", "file:///lib"


def event(seconds: float, sentence: str = "x", workspace: str | None = APP) -> Event:
    time_ = START + timedelta(seconds=seconds)
    return Event(time=time_, source=Source.DATASET, data=Observed(sentence), where=Where(workspace=workspace))


@pytest.fixture
def journal(tmp_path: Path):  # type: ignore[no-untyped-def]
    opened = Journal.open(tmp_path / "state" / "journal.sqlite3")
    yield opened
    opened.close()


def test_what_goes_in_comes_out_in_the_order_of_time(journal: Journal) -> None:
    events = [event(n, f"é {n}") for n in range(10)]
    for one in reversed(events):
        journal.append(one)
    assert list(journal.events()) == events
    assert journal.lost == 0


def test_nothing_is_opened_before_it_is_needed(journal: Journal) -> None:
    assert list(journal.events()) == []
    assert list(journal.decisions()) == []
    assert len(journal.window(START)) == 0
    assert journal.stats().events == 0
    assert journal.purge(everything=True) == 0
    assert not journal.path.parent.exists()


def test_reading_narrows_by_time_kind_and_workspace(journal: Journal) -> None:
    for n in range(6):
        journal.append(event(n, workspace=APP if n % 2 else LIB))
    saved = Event(time=START + timedelta(seconds=9), source=Source.LSP, data=DocumentSaved())
    journal.append(saved)

    def seconds(**wanted: object) -> list[int]:
        return [(one.time - START).seconds for one in journal.events(**wanted)]  # type: ignore[arg-type]

    second = timedelta(seconds=1)
    assert seconds(since=START + 2 * second, until=START + 4 * second) == [2, 3, 4]
    assert seconds(kinds=["document.saved"]) == [9]
    assert seconds(kinds=[]) == []
    assert seconds(workspace=LIB) == [0, 2, 4]
    assert seconds(limit=2) == [5, 9]
    assert seconds(limit=0) == []
    assert seconds(workspace=APP, until=START + 4 * second, limit=1) == [3]


def test_the_window_is_what_a_rolling_window_would_hold(journal: Journal) -> None:
    for n in range(100):
        journal.append(event(n))
    window = journal.window(START + timedelta(seconds=50), 8)
    assert [(one.time - START).seconds for one in window] == list(range(43, 51))
    journal.append(event(WINDOW_SPAN.total_seconds() + 98))
    assert [(one.time - START).seconds for one in journal.window(START + timedelta(days=1), 8)] == [98, 99, 2798]


def test_decisions_are_kept_beside_the_events(journal: Journal) -> None:
    journal.append_decision(START, APP, {"outcome": "silence", "reason": "typing"})
    journal.append_decision(START + timedelta(seconds=1), None, {"outcome": "suggestion", "at": START})
    assert [one["outcome"] for one in journal.decisions()] == ["silence", "suggestion"]
    assert [one["outcome"] for one in journal.decisions(workspace=APP)] == ["silence"]
    assert [one["outcome"] for one in journal.decisions(limit=1)] == ["suggestion"]


def test_what_is_appended_reaches_the_disk_within_the_second(journal: Journal) -> None:
    journal.append(event(0))
    deadline = time.monotonic() + 10
    other = Journal.open(journal.path)
    while not list(other.events()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert WRITE_DELAY <= 0.5


def test_a_value_without_json_takes_no_other_with_it(journal: Journal, caplog: pytest.LogCaptureFixture) -> None:
    journal.append(event(0))
    journal.append_decision(START, None, {1: "a key that is no string"})  # type: ignore[dict-item]
    journal.append(event(1))
    assert len(list(journal.events())) == 2
    assert journal.lost == 1


def test_stats_say_what_is_kept(journal: Journal) -> None:
    for n in range(3):
        journal.append(event(n))
    journal.append(Event(time=START, source=Source.EXEC, data=TerminalRun("ls")))
    journal.append_decision(START, None, {})
    stats = journal.stats()
    assert (stats.events, stats.decisions, stats.first, stats.last) == (4, 1, START, START + timedelta(seconds=2))
    assert stats.kinds == {"observed": 3, "terminal.run": 1}
    assert stats.workspaces == {APP: 3, "": 1}
    assert stats.bytes > 0


# --- privacy -----------------------------------------------------------------------------------------------


def test_folder_and_files_are_the_users_alone(journal: Journal) -> None:
    old = os.umask(0)
    try:
        journal.append(event(0))
        journal.flush()
        assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700
        files = list(journal.path.parent.iterdir())
        assert len(files) == 3, "the database and its two side files"
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    finally:
        os.umask(old)


def test_what_is_purged_is_not_in_the_file_any_more(journal: Journal) -> None:
    marker = "a sentence that must be forgotten"
    for n in range(50):
        journal.append(event(n, marker))
    journal.flush()
    assert any(marker.encode() in file.read_bytes() for file in journal.path.parent.iterdir())
    assert journal.purge(everything=True) == 50
    assert not any(marker.encode() in file.read_bytes() for file in journal.path.parent.iterdir())


def test_a_purge_narrows_by_age_and_workspace(journal: Journal) -> None:
    for n in range(4):
        journal.append(event(n, workspace=APP if n % 2 else LIB))
    journal.append_decision(START, LIB, {})
    assert journal.purge(before=START + timedelta(seconds=2), workspace=LIB) == 2
    assert journal.purge(workspace=APP) == 2
    assert [one.where.workspace for one in journal.events()] == [LIB]
    with pytest.raises(ValueError, match="what to purge"):
        journal.purge()


def test_a_purge_of_a_workspace_takes_what_names_none_but_is_about_a_file_in_it(journal: Journal) -> None:
    def offer(uri: str) -> dict[str, object]:
        return {"suggestion": {"uri": uri, "title": "Write 'secret' as 'Secret'"}}

    inside, beside = f"{APP}/a.py", f"{APP}le/a.py"
    for uri in (inside, beside):
        journal.append_decision(START, None, offer(uri))
        journal.append(Event(time=START, source=Source.LSP, data=DocumentSaved(), where=Where(uri=uri)))
    journal.append_decision(START, LIB, offer(inside))
    journal.append_decision(START, None, {"reason": "typing"})
    assert len(list(journal.decisions(workspace=APP))) == 2
    assert journal.purge(workspace=APP) == 3
    assert list(journal.decisions()) == [offer(beside), {"reason": "typing"}]
    assert [one.where.uri for one in journal.events()] == [beside]


def test_retention_deletes_what_is_old(journal: Journal) -> None:
    now = datetime.now(UTC)
    for days in (1, 29, 31, 400):
        journal.append(Event(time=now - timedelta(days=days), source=Source.LSP, data=DocumentSaved()))
    assert journal.retain(30) == 2
    assert journal.stats().events == 2


def test_the_state_folder_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROACTIVE_STATE_DIR", str(tmp_path))
    assert default_path().parent == tmp_path
    monkeypatch.delenv("PROACTIVE_STATE_DIR")
    assert default_path().parent.name == "proactive-lsp"


# --- damage ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [b"no database, but long" * 99, b"SQLite format 3\0" + b"\x07" * 9000],
)
def test_a_file_that_is_no_journal_is_moved_aside(
    tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "journal.sqlite3"
    path.write_bytes(damage)
    journal = Journal.open(path)
    journal.append(event(0))
    assert len(list(journal.events())) == 1
    (aside,) = tmp_path.glob("*.corrupt-*")
    assert aside.read_bytes() == damage
    assert "damaged" in caplog.text
    assert journal.lost == 0
    journal.purge(everything=True)
    assert not list(tmp_path.glob("*.corrupt-*")), "a full purge forgets the damaged file, too"
    journal.close()


def test_damage_inside_is_survived(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    first = Journal.open(path)
    for n in range(2000):
        first.append(event(n, "some words to fill pages with"))
    first.close()
    raw = bytearray(path.read_bytes())
    raw[4096:-4096] = os.urandom(len(raw) - 8192)
    path.write_bytes(raw)
    second = Journal.open(path)
    second.append(event(5000))
    second.close()
    third = Journal.open(path)
    if not list(tmp_path.glob("*.corrupt-*")):  # the write met no damaged page; reading all of them does
        with pytest.raises(JournalError, match="moved aside"):
            list(third.events())
    assert second.lost == 0
    assert len([file for file in tmp_path.glob("*.corrupt-*") if not file.name.endswith(("-wal", "-shm"))]) == 1
    third.append(event(5001))
    assert [(one.time - START).seconds for one in third.events()][-1] == 5001
    third.close()


def test_a_journal_of_a_newer_version_is_left_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "journal.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    journal = Journal.open(path)
    for n in range(3):
        journal.append(event(n))
        journal.flush()
    assert journal.lost == 3
    assert caplog.text.count("of a newer") == 1, "said once"
    with pytest.raises(JournalError, match="newer"):
        list(journal.events())
    journal.close()
    assert path.read_bytes() == before


def test_an_older_schema_is_brought_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "journal.sqlite3"
    old = Journal.open(path)
    old.append(event(0))
    old.close()

    def second(connection: sqlite3.Connection) -> None:
        connection.execute("ALTER TABLE events ADD COLUMN note TEXT")

    monkeypatch.setattr(journal_file, "MIGRATIONS", (*journal_file.MIGRATIONS, second))
    new = Journal.open(path)
    assert len(list(new.events())) == 1
    assert sqlite3.connect(path).execute("SELECT note FROM events").fetchall() == [(None,)]
    new.close()


def test_a_journal_that_is_deleted_under_its_writers_begins_anew(tmp_path: Path) -> None:
    writers = [Journal.open(tmp_path / "journal.sqlite3") for _ in range(2)]
    for one in writers:
        one.append(event(0))
        one.flush()
    for file in tmp_path.iterdir():
        file.unlink()
    for number, one in enumerate(writers):
        one.append(event(1 + number))
        one.flush()
    assert len(list(Journal.open(tmp_path / "journal.sqlite3").events())) == 2
    assert (tmp_path / "journal.sqlite3-wal").exists(), "the second did not remove it when it left the old one"
    for one in writers:
        one.close()
    assert len(list(Journal.open(tmp_path / "journal.sqlite3").events())) == 2


def test_a_folder_that_cannot_be_made_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    journal = Journal.open(tmp_path / "file" / "journal.sqlite3")
    with caplog.at_level(logging.WARNING):
        for n in range(5):
            journal.append(event(n))
            assert journal.flush()
    assert journal.lost == 5
    assert caplog.text.count("work goes on without it") == 1
    journal.close()
    journal.append(event(9))
    assert journal.lost == 6


def test_a_writer_that_is_locked_out_goes_on_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(journal_file, "BUSY_TIMEOUT", 0.05)
    path = tmp_path / "journal.sqlite3"
    journal = Journal.open(path)
    journal.append(event(0))
    journal.flush()
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    journal.append(event(1))
    journal.flush()
    assert journal.lost == 1
    blocker.execute("ROLLBACK")
    journal.append(event(2))
    assert [(one.time - START).seconds for one in journal.events()] == [0, 2]
    blocker.close()
    journal.close()


# --- processes ---------------------------------------------------------------------------------------------

WRITER = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from proactive_collectors.events import Event, Observed, Source
from proactive_collectors.journal import Journal
journal = Journal.open(Path(sys.argv[1]))
name, count = sys.argv[2], int(sys.argv[3])
number = 0
while count < 0 or number < count:
    journal.append(Event(time=datetime.now(UTC), source=Source.DATASET, data=Observed(f"{name} {number}")))
    number += 1
    if number == 1:
        print("begun", flush=True)
    if count < 0:
        time.sleep(0.0005)
journal.close()
sys.exit(journal.lost)
"""


def writer(path: Path, name: str, count: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(path), name, str(count)], stdout=subprocess.PIPE)


def test_a_killed_writer_loses_at_most_a_second_and_never_the_file(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    chance = random.Random(3)
    for name in ("one", "two", "three", "four"):
        process = writer(path, name, -1)
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        time.sleep(0.3 + chance.random())
        killed = datetime.now(UTC)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        journal = Journal.open(path)
        mine = [one for one in journal.events() if str(getattr(one.data, "sentence", "")).startswith(f"{name} ")]
        assert [one.data for one in mine] == [Observed(f"{name} {n}") for n in range(len(mine))], "no hole"
        assert killed - mine[-1].time < timedelta(seconds=1)
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()
    assert not list(tmp_path.glob("*.corrupt-*"))


def test_two_processes_write_one_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    processes = [writer(path, name, 4000) for name in ("left", "right")]
    for process in processes:
        process.communicate()
    assert [process.returncode for process in processes] == [0, 0], "nothing lost"
    sentences = [one.data.sentence for one in Journal.open(path).events() if isinstance(one.data, Observed)]
    for name in ("left", "right"):
        assert [s for s in sentences if s.startswith(name)] == [f"{name} {n}" for n in range(4000)]


def test_another_process_does_not_take_the_file_from_under_a_writer_that_has_read(journal: Journal) -> None:
    journal.append(event(0))
    assert len(list(journal.events())) == 1
    looking = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM events').fetchall()"
    subprocess.run([sys.executable, "-c", looking, str(journal.path)], check=True)
    assert journal.path.with_name(journal.path.name + "-wal").exists(), "it is still in use"
    journal.append(event(1))
    journal.close()
    assert len(list(Journal.open(journal.path).events())) == 2


def test_an_idle_journal_sleeps(journal: Journal) -> None:
    others = set(threading.enumerate())
    journal.append(event(0))
    journal.flush()
    (thread,) = (one for one in set(threading.enumerate()) - others if one.name == "proactive-journal")

    def switches() -> list[str]:
        status = Path(f"/proc/self/task/{thread.native_id}/status").read_text()
        return [line for line in status.splitlines() if "ctxt_switches" in line]

    time.sleep(0.1)  # until it waits for its queue again
    before = switches()
    time.sleep(0.5)
    assert switches() == before


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(-(10**9), 10**9), st.text(max_size=20)), max_size=20))
def test_any_events_are_kept_whole(tmp_path_factory: pytest.TempPathFactory, raw: list[tuple[int, str]]) -> None:
    journal = Journal.open(tmp_path_factory.mktemp("any") / "journal.sqlite3")
    events = [event(seconds, sentence) for seconds, sentence in raw]
    for one in events:
        journal.append(one)
    journal.close()
    kept = list(Journal.open(journal.path).events())
    assert sorted(map(repr, kept)) == sorted(map(repr, events))
    assert [one.time for one in kept] == sorted(one.time for one in events)


def test_a_run_that_two_servers_were_told_of_is_kept_once(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    run = Event(START, Source.EXEC, TerminalRun("pytest -q", "/app", 1, 0.5), Where(workspace=APP))
    again = Event(START + timedelta(seconds=9), Source.EXEC, run.data, run.where)
    for told in ([run, run], [run, again]):
        server = Journal.open(path)
        for one in told:
            server.append(one)
        server.close()
    reading = Journal.open(path)
    assert list(reading.events()) == [run, again]
    reading.close()


def test_events_of_one_moment_keep_their_order(journal: Journal) -> None:
    run = TerminalRun("pytest -q", "/app", 1, 0.5)
    payloads = [DocumentSaved(), run, Observed("one"), Observed("two")]
    for data in payloads:
        journal.append(Event(START, Source.EXEC, data, Where(workspace=APP)))
    assert [event.data for event in journal.events()] == payloads
