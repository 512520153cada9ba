"""The server as a process: over its pipes and over TCP, to its end."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from lsp_editor import SERVE
from proactive_collectors.journal import Journal


def message(body: str) -> bytes:
    return f"Content-Length: {len(body)}\r\n\r\n{body}".encode()


INITIALIZE = (
    '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":%s,"rootUri":null,"capabilities":{}}}'
)
INITIALIZED = '{"jsonrpc":"2.0","method":"initialized","params":{}}'


def start(tmp_path: Path, *arguments: str) -> subprocess.Popen[bytes]:
    env = {**os.environ, "PROACTIVE_STATE_DIR": str(tmp_path / "state"), "XDG_RUNTIME_DIR": str(tmp_path)}
    return subprocess.Popen(
        [*SERVE, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env
    )


def until_answered(server: subprocess.Popen[bytes]) -> None:
    """Wait for the answer to the request number 2."""
    assert server.stdout is not None
    answers = b""
    while b'"id": 2' not in answers:
        chunk = os.read(server.stdout.fileno(), 65536)
        assert chunk, "it ended without an answer"
        answers += chunk


def test_the_server_ends_when_its_input_does(tmp_path: Path) -> None:
    with start(tmp_path) as server:
        assert server.stdin is not None
        server.stdin.write(message(INITIALIZE % "null") + message(INITIALIZED))
        server.stdin.close()
        assert server.wait(60) == 1


def test_the_server_ends_when_the_client_is_killed(tmp_path: Path) -> None:
    client = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    with start(tmp_path) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(message(INITIALIZE % client.pid) + message(INITIALIZED))
        server.stdin.flush()
        assert server.stdout.readline().startswith(b"Content-Length")
        client.send_signal(signal.SIGKILL)
        client.wait()
        # The pipe is still open: only the client's process tells.
        assert server.wait(60) == 1


def test_a_client_elsewhere_whose_number_means_nothing_here_is_served(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with start(tmp_path) as server:
        body = message(INITIALIZE % gone.pid) + message(INITIALIZED)
        end = message('{"jsonrpc":"2.0","id":2,"method":"shutdown"}') + message(
            '{"jsonrpc":"2.0","method":"exit"}'
        )
        output, _ = server.communicate(body + end, timeout=60)
        assert output.count(b"Content-Length") == 2
        assert server.returncode == 0


def test_what_was_seen_is_kept_though_the_client_kills_it_after_the_shutdown(tmp_path: Path) -> None:
    opened = (
        '{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":'
        '{"uri":"file:///app/%s.py","languageId":"python","version":1,"text":""}}}'
    )
    path = tmp_path / "state" / "journal.sqlite3"
    with start(tmp_path) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(message(INITIALIZE % os.getpid()) + message(INITIALIZED) + message(opened % "a"))
        server.stdin.flush()
        deadline = time.monotonic() + 60
        while not path.exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        server.stdin.write(message(opened % "b") + message('{"jsonrpc":"2.0","id":2,"method":"shutdown"}'))
        server.stdin.flush()
        until_answered(server)
        server.kill()
    assert [event.where.uri for event in Journal.open(path).events()] == ["file:///app/a.py", "file:///app/b.py"]


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals there")
@pytest.mark.parametrize("by", ["SIGTERM", "SIGHUP"])
def test_what_was_seen_is_kept_though_it_is_told_to_end(tmp_path: Path, by: str) -> None:
    """By the system, or by a terminal that is closed; an edit is under way."""
    if signal.getsignal(signal.Signals[by]) is signal.SIG_IGN:
        pytest.skip("these tests began deaf to it, as by nohup, and so would the server")
    opened = '{"uri":"file:///app/a.py","languageId":"python","version":1,"text":"a\\n"}'
    change = '{"range":{"start":{"line":0,"character":1},"end":{"line":0,"character":1}},"text":"b"}'
    told = [
        f'{{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{{"textDocument":{opened}}}}}',
        '{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":'
        f'{{"uri":"file:///app/a.py","version":2}},"contentChanges":[{change}]}}}}',
        '{"jsonrpc":"2.0","id":2,"method":"proactive/status"}',
    ]
    with start(tmp_path) as server:
        assert server.stdin is not None
        server.stdin.write(message(INITIALIZE % os.getpid()) + message(INITIALIZED) + b"".join(map(message, told)))
        server.stdin.flush()
        until_answered(server)
        number = signal.Signals[by]
        server.send_signal(number)
        assert server.wait(60) == 128 + number
        assert server.stderr is not None and b"Traceback" not in server.stderr.read()
    kinds = [event.kind for event in Journal.open(tmp_path / "state" / "journal.sqlite3").events()]
    assert kinds == ["document.opened", "edit.burst"]


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals there")
def test_one_whose_client_reads_nothing_can_be_told_to_end(tmp_path: Path) -> None:
    status = message('{"jsonrpc":"2.0","id":2,"method":"proactive/status"}')
    with start(tmp_path) as server:
        assert server.stdin is not None
        server.stdin.write(message(INITIALIZE % os.getpid()) + message(INITIALIZED) + 2000 * status)
        server.stdin.flush()
        waits = psutil.Process(server.pid)
        deadline = time.monotonic() + 60
        while (spent := sum(waits.cpu_times()[:2])) == 0 or sum(waits.cpu_times()[:2]) > spent:
            assert time.monotonic() < deadline
            time.sleep(0.5)
        server.terminate()
        assert server.wait(60) == 128 + signal.SIGTERM


@pytest.mark.skipif(shutil.which("nohup") is None, reason="there is no nohup")
def test_one_that_is_to_outlive_its_terminal_does(tmp_path: Path) -> None:
    env = {**os.environ, "PROACTIVE_STATE_DIR": str(tmp_path / "state"), "XDG_RUNTIME_DIR": str(tmp_path)}
    listens = ["nohup", *SERVE, "--tcp", "127.0.0.1:0"]
    with subprocess.Popen(
        listens, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env
    ) as server:
        assert server.stderr is not None
        while b"listening" not in server.stderr.readline():
            assert server.poll() is None
        server.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            server.wait(1)
        server.terminate()
        assert server.wait(60) == 128 + signal.SIGTERM


def test_what_is_not_lsp_ends_it(tmp_path: Path) -> None:
    with start(tmp_path) as server:
        _, error = server.communicate(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", timeout=60)
        assert server.returncode == 1
        assert b"does not speak LSP" in error


def test_it_listens_on_loopback_only(tmp_path: Path) -> None:
    with start(tmp_path, "--tcp", "0.0.0.0:0") as server:
        _, error = server.communicate(timeout=60)
        assert server.returncode == 2
        assert b"127.0.0.1" in error


async def test_over_tcp_and_gone_with_the_connection(tmp_path: Path) -> None:
    with start(tmp_path, "--tcp", "127.0.0.1:0") as server:
        assert server.stderr is not None
        line = (await asyncio.to_thread(server.stderr.readline)).decode()
        port = int(line.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(message(INITIALIZE % "null"))
        assert (await reader.readline()).startswith(b"Content-Length")
        writer.close()
        await writer.wait_closed()
        assert await asyncio.to_thread(server.wait, 60) == 1
