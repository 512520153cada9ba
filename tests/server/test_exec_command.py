import asyncio
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from proactive_collectors.events import Event, TerminalRun
from proactive_collectors.journal import Journal
from proactive_collectors.pty_exec import Outcome
from proactive_collectors.relay import RelayServer
from proactive_collectors.uris import to_uri
from proactive_server.commands.exec import deliver
from proactive_server.settings import Settings
from proactive_server.settings import Sources as SourceSettings
from proactive_server.sources import Sources

PROACTIVE = shutil.which("proactive", path=str(Path(sys.executable).parent)) or "proactive"
PATIENCE = 30.0


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PROACTIVE_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "state"


def proactive(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PWD": str(folder)}
    return subprocess.run(
        [PROACTIVE, "exec", *words], cwd=folder, capture_output=True, text=True, env=environment, check=False
    )


def journalled(count: int) -> list[Event]:
    """The journal's events, once there are so many: they are written after the command line has ended."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        journal = Journal.open()
        try:
            events = list(journal.events())
        finally:
            journal.close()
        if len(events) >= count:
            return events
        time.sleep(0.05)
    raise AssertionError(f"the journal has not got {count} events")


def make(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


async def test_a_run_goes_to_the_server_of_its_workspace(tmp_path: Path, state: Path) -> None:
    one, two = make(tmp_path / "one"), make(tmp_path / "two")
    got: asyncio.Queue[tuple[str, Event]] = asyncio.Queue()
    servers = [
        RelayServer(lambda: [one], lambda event: got.put_nowait(("one", event))),
        RelayServer(lambda: [two], lambda event: got.put_nowait(("two", event))),
    ]
    for server in servers:
        await server.start()
    code = "print('token: ' + 'ghp_' + 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'); print(totl)"
    done = await asyncio.to_thread(proactive, two, "--", sys.executable, "-c", code)
    assert done.returncode == 1
    assert "ghp_a1B2" in done.stdout, "what the user sees is left alone"
    name, event = await asyncio.wait_for(got.get(), PATIENCE)
    for server in servers:
        await server.close()
    assert name == "two"
    assert got.empty()
    run = event.data
    assert isinstance(run, TerminalRun)
    assert (run.cwd, run.exit_code, event.where.workspace) == (str(two), 1, to_uri(two))
    assert "token: " in run.output and "ghp_a1B2" not in run.output, "what is told is redacted"
    assert [failure.error for failure in run.failures] == ["NameError"]
    assert not (state / "journal.sqlite3").exists()


def test_a_run_that_nobody_takes_is_kept_in_the_journal(tmp_path: Path) -> None:
    make(tmp_path / "app" / ".git")
    folder = make(tmp_path / "app" / "src")
    done = proactive(folder, "sh", "-c", "echo 'hello you'; exit 3")
    assert (done.returncode, done.stdout, done.stderr) == (3, "hello you\n", "")
    [event] = journalled(1)
    run = event.data
    assert isinstance(run, TerminalRun)
    assert run.command == "sh -c 'echo '\"'\"'hello you'\"'\"'; exit 3'"
    assert (run.exit_code, run.output) == (3, "hello you\n")
    assert event.where.workspace == to_uri(tmp_path / "app")


def ran(folder: Path) -> Outcome:
    return Outcome(("make",), str(folder), 2, 0.5, b"error\n")


@pytest.mark.parametrize("policy", ["[journal]\nenabled = false\n", "[sources]\nterminal = false\n"])
@pytest.mark.parametrize("git", [True, False])
def test_a_projects_file_can_forbid_to_keep_runs(tmp_path: Path, state: Path, policy: str, git: bool) -> None:
    folder = make(tmp_path / "app" / "src")
    if git:
        make(tmp_path / "app" / ".git")
    (tmp_path / "app" / ".proactive.toml").write_text(policy)
    assert deliver(ran(folder)) == 0
    assert not state.exists()
    assert deliver(ran(make(tmp_path / "other"))) == 0
    assert len(journalled(1)) == 1


async def test_a_server_whose_user_wants_no_runs_drops_them(tmp_path: Path, state: Path) -> None:
    folder = make(tmp_path / "app")
    events: list[Event] = []
    sources = Sources(events.append)
    await sources.arrange(Settings(sources=SourceSettings(terminal=False, git=False)), [folder])
    try:
        async with asyncio.timeout(PATIENCE):
            while not list((state / "run").glob("*.sock")):
                await asyncio.sleep(0.02)
        assert await asyncio.to_thread(deliver, ran(folder)) == 1
    finally:
        await sources.close()
    assert events == []
    assert not (state / "journal.sqlite3").exists()


@pytest.mark.parametrize("words", [["--", "echo", "--", "-x", "--help"], ["echo", "--", "-x", "--help"]])
def test_words_are_passed_on_as_they_are(tmp_path: Path, words: list[str]) -> None:
    assert proactive(tmp_path, *words).stdout == "-- -x --help\n"


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 255", 255), ("kill -TERM $$", 143)])
def test_exit_codes(tmp_path: Path, script: str, code: int) -> None:
    assert proactive(tmp_path, "--", "sh", "-c", script).returncode == code


def test_what_cannot_be_run(tmp_path: Path) -> None:
    done = proactive(tmp_path, "--", "no-such-command")
    assert (done.returncode, done.stderr) == (127, "proactive exec: no-such-command: command not found\n")


def test_a_report_that_fails_does_not_touch_the_command(tmp_path: Path, state: Path) -> None:
    state.write_text("a file where the folder should be")
    done = proactive(tmp_path, "--", "sh", "-c", "echo fine; exit 3")
    assert (done.returncode, done.stdout, done.stderr) == (3, "fine\n", "")


def test_without_a_command_it_says_what_to_do(tmp_path: Path) -> None:
    done = proactive(tmp_path, "--")
    assert done.returncode == 2
    assert "proactive exec -- pytest -q" in done.stderr
    for option in ("--help", "-h"):
        help_ = proactive(tmp_path, option)
        assert help_.returncode == 0
        assert "CMD..." in help_.stdout


def test_a_state_folder_may_be_named_relative_to_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make(tmp_path / "app")
    monkeypatch.setenv("PROACTIVE_STATE_DIR", "kept here")
    assert proactive(folder, "--", "sh", "-c", "exit 3").returncode == 3
    monkeypatch.chdir(folder)
    assert len(journalled(1)) == 1
    assert (folder / "kept here" / "journal.sqlite3").exists()


def test_nothing_heavy_is_loaded_before_the_command_runs() -> None:
    code = "import sys, proactive_server.cli, proactive_server.commands.exec; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {
        "attr",
        "attrs",
        "cattrs",
        "typer",
        "orjson",
        "asyncio",
        "sqlite3",
        "importlib.metadata",
        "subprocess",
    }
    assert "proactive_collectors.pty_exec" in done.stdout.split()
    assert not heavy & set(done.stdout.split())
