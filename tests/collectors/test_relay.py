import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proactive_collectors.errors import SourceError
from proactive_collectors.event_json import to_json
from proactive_collectors.events import DocumentSaved, Event, Source, TerminalRun
from proactive_collectors.relay import MAX_LINE, RelayServer, runtime_folder, send, serving
from proactive_collectors.uris import to_uri


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PROACTIVE_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "state"


def a_run(cwd: Path, output: str = "") -> Event:
    return Event(datetime.now(UTC), Source.EXEC, TerminalRun("pytest", cwd=str(cwd), exit_code=1, output=output))


@asynccontextmanager
async def serve(*folders: Path, on_event: Callable[[Event], None] | None = None) -> AsyncIterator[list[Event]]:
    got: list[Event] = []
    server = RelayServer(lambda: folders, on_event or got.append)
    await server.start()
    try:
        yield got
    finally:
        await server.close()


async def offer(event: Event, cwd: Path) -> int:
    return await asyncio.to_thread(send, event, cwd, seconds=5)


def make(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def test_a_run_reaches_the_server_of_its_workspace_alone(tmp_path: Path) -> None:
    one, two, other = (make(tmp_path / name) for name in ("one", "two", "other"))
    below = make(one / "src" / "deep")
    async with serve(one) as first, serve(two, other) as second:
        assert await offer(a_run(below), below) == 1
        assert [event.data for event in first] == [a_run(below).data]
        assert first[0].where.workspace == to_uri(one)
        assert second == []
        assert await offer(a_run(other), other) == 1
        assert second[0].where.workspace == to_uri(other)
        assert await offer(a_run(tmp_path), tmp_path) == 0
        assert await asyncio.to_thread(serving, below, seconds=5) == 1
        assert await asyncio.to_thread(serving, tmp_path, seconds=5) == 0
        assert len(first) == len(second) == 1


async def test_two_servers_of_one_workspace_both_get_it(tmp_path: Path) -> None:
    async with serve(tmp_path) as first, serve(tmp_path) as second:
        assert await offer(a_run(tmp_path), tmp_path) == 2
    assert len(first) == len(second) == 1


async def test_folders_are_asked_anew_and_links_followed(tmp_path: Path) -> None:
    real = make(tmp_path / "real")
    (tmp_path / "link").symlink_to(real)
    folders: list[Path] = []
    got: list[Event] = []
    server = RelayServer(lambda: folders, got.append)
    await server.start()
    assert await offer(a_run(real), real) == 0
    folders.append(tmp_path / "link")
    assert await offer(a_run(real), real) == 1
    await server.close()
    assert len(got) == 1


async def test_a_large_output_fits(tmp_path: Path) -> None:
    async with serve(tmp_path) as got:
        assert await offer(a_run(tmp_path, "é" * 200_000), tmp_path) == 1
    assert len(got[0].data.output) == 200_000  # type: ignore[attr-defined]
    assert send(a_run(tmp_path, "x" * MAX_LINE), tmp_path) == 0


async def test_nobody_but_the_user_can_open_it_and_nothing_is_left(tmp_path: Path) -> None:
    server = RelayServer(lambda: [tmp_path], print)
    await server.start()
    assert server.path is not None
    assert server.path.stat().st_mode & 0o777 == 0o600
    assert server.path.parent.stat().st_mode & 0o777 == 0o700
    folder = server.path.parent
    await server.close()
    await server.close()
    assert list(folder.iterdir()) == []
    assert send(a_run(tmp_path), tmp_path) == 0


async def test_a_folder_that_others_can_write_is_not_trusted(tmp_path: Path) -> None:
    async with serve(tmp_path) as got:
        runtime_folder().chmod(0o777)
        assert await offer(a_run(tmp_path), tmp_path) == 0
    assert got == []


async def test_a_folder_that_is_a_link_is_refused(tmp_path: Path, state: Path) -> None:
    make(state)
    (state / "run").symlink_to(make(tmp_path / "elsewhere"))
    with pytest.raises(SourceError, match="not a folder of this user alone"):
        await RelayServer(list, print).start()


async def test_long_paths_fit_into_a_socket_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROACTIVE_STATE_DIR", str(tmp_path / ("long" * 40)))
    async with serve(tmp_path) as got:
        assert len(os.fsencode(runtime_folder())) < 80
        assert await offer(a_run(tmp_path), tmp_path) == 1
    assert len(got) == 1
    runtime_folder().rmdir()


def leave_a_dead_socket(folder: Path) -> Path:
    """The socket of a process that has ended without a chance to remove it."""
    make(folder).chmod(0o700)
    code = (
        "import os, socket, sys; s = socket.socket(socket.AF_UNIX);"
        "name = f'{sys.argv[1]}/{os.getpid()}-00c0ffee.sock'; s.bind(name); s.listen(); print(name)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
    return Path(done.stdout.strip())


async def test_what_dead_servers_left_is_cleaned_up(tmp_path: Path) -> None:
    dead = leave_a_dead_socket(runtime_folder())
    assert dead.exists()
    assert send(a_run(tmp_path), tmp_path) == 0
    assert not dead.exists(), "a sender removes it"
    dead = leave_a_dead_socket(runtime_folder())
    async with serve(tmp_path):
        assert not dead.exists(), "a server removes it"


async def test_a_server_that_hangs_does_not_keep_the_others_waiting(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as hung:
        async with serve(tmp_path) as got:
            hung.bind(str(runtime_folder() / f"{os.getpid()}-00000000.sock"))
            hung.listen()
            loop = asyncio.get_running_loop()
            reached: asyncio.Future[int] = loop.create_future()

            def offer_for_a_moment() -> None:
                count = send(a_run(tmp_path), tmp_path)
                loop.call_soon_threadsafe(reached.set_result, count)

            threading.Thread(target=offer_for_a_moment, daemon=True).start()
            assert await asyncio.wait_for(reached, 10) == 1
            assert len(got) == 1


async def talk(data: bytes) -> bytes:
    [path] = runtime_folder().iterdir()
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(data)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    return answer


async def test_only_runs_are_taken(tmp_path: Path) -> None:
    saved = Event(datetime.now(UTC), Source.EXEC, DocumentSaved())
    nowhere = Event(datetime.now(UTC), Source.EXEC, TerminalRun("ls"))
    async with serve(tmp_path) as got:
        lines = [to_json(saved), to_json(nowhere), b"{", b"", b"\xff\x00", to_json(a_run(tmp_path)), b"?\0"]
        assert await talk(b"\n".join(lines) + b"\n") == b"!\n!\n!\n!\n!\n1\n0\n"
        assert await talk(b"x" * (MAX_LINE + 10)) == b"!\n"
        assert await talk(b'{"no": "end"}') == b""
        assert len(got) == 1
        assert send(saved, tmp_path) == 0


async def test_a_receiver_that_fails_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def fail(event: Event) -> None:
        raise RuntimeError("no room")

    async with serve(tmp_path, on_event=fail):
        assert await offer(a_run(tmp_path), tmp_path) == 1
        assert await offer(a_run(tmp_path), tmp_path) == 1
    assert "no room" in caplog.text


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.binary(max_size=40) | st.sampled_from([b"\n", b"{}", b'{"kind":"terminal.run"}', b"?/"]), max_size=8
    )
)
def test_garbage_is_survived(pieces: list[bytes]) -> None:
    async def check() -> None:
        async with serve(Path("/nowhere")) as got:
            answers = await talk(b"".join(pieces))
            assert set(answers) <= set(b"!01\n")
            assert await talk(b"?/nowhere/at/all\n") == b"1\n"
            assert got == []

    asyncio.run(check())
