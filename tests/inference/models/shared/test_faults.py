"""What goes wrong with a worker, and that the next question is answered."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from model_workers import gone, status, the_worker, until, workers_in
from proactive_inference.errors import ModelError, UnavailableError
from proactive_inference.models.asking import Asking
from proactive_inference.models.messages import Message
from proactive_inference.models.model_files import find_model
from proactive_inference.models.shared.limits import Limits
from proactive_inference.models.shared.lock import holder
from proactive_inference.models.shared.model import SharedModel
from proactive_inference.models.shared.pause import Pause
from proactive_inference.models.shared.places import Announcement, worker_folder
from tiny_models import tiny_llama

ASKED = (Message("user", "A-SECRET-OF-THE-QUESTION"),)
LONG = {"max_tokens": 3500, "temperature": 3.0, "schema": {"type": "string", "minLength": 4000}}


def test_a_worker_killed_in_the_middle_of_an_answer(tiny_model: Path, state: Path) -> None:
    model = SharedModel(tiny_model)
    heard = threading.Event()
    with ThreadPoolExecutor() as pool:
        answered = pool.submit(model.complete, ASKED, **LONG, asking=Asking(told=lambda piece: heard.set()))
        assert heard.wait(120)
        pid = the_worker().announced.pid
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(
            UnavailableError, match=r"ended in the middle of its work.*starts again when it is asked"
        ):
            answered.result()
    assert model.complete(ASKED, max_tokens=3)
    assert the_worker().announced.pid != pid and len(workers_in(state)) == 1


def test_a_worker_that_hangs_is_ended_and_replaced(tiny_model: Path, state: Path) -> None:
    model = SharedModel(tiny_model, Limits())
    model.complete(ASKED, max_tokens=3)
    pid = the_worker().announced.pid
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(UnavailableError, match="did not answer within 1 s"):
        model.complete(ASKED, max_tokens=3, asking=Asking(1))
    assert not gone(pid)  # a deadline alone proves nothing
    with suppress(UnavailableError):  # on a busy machine a new one may take longer than that to start
        SharedModel(tiny_model, Limits(start_seconds=3)).complete(ASKED, max_tokens=3)
    until(lambda: gone(pid))
    assert model.complete(ASKED, max_tokens=3)
    assert the_worker().announced.pid != pid


def test_what_is_left_of_a_dead_worker_does_no_harm(tiny_model: Path, state: Path) -> None:
    """A port that nobody listens at, one that another program has got, and a file that makes no sense."""
    folder = worker_folder(find_model(tiny_model))
    folder.mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    Announcement(port, "token", 1, "m").write(folder)
    model = SharedModel(tiny_model)
    before = model.complete(ASKED, max_tokens=3)
    the_worker_ends(state)

    heard: list[bytes] = []

    def pretend(server: socket.socket) -> None:
        peer, _ = server.accept()
        with peer:
            heard.append(peer.recv(4096))
            body = json.dumps({"nonce": "x", "proof": "0" * 64, "version": "9", "protocol": 1}).encode()
            peer.sendall(len(body).to_bytes(4, "big") + body)
            heard.append(heard_from(peer))

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=pretend, args=(server,))
        thread.start()
        Announcement(server.getsockname()[1], "the-token", os.getpid(), "m").write(folder)
        assert model.complete(ASKED, max_tokens=3) == before
        thread.join()
    assert b"the-token" not in heard[0] and b"SECRET" not in heard[0] and heard[1] == b""
    the_worker_ends(state)
    (folder / "worker.json").write_text("{")
    assert model.complete(ASKED, max_tokens=3) == before


def test_a_silent_stranger_at_the_port_of_a_dead_worker_costs_no_answer(tiny_model: Path, state: Path) -> None:
    """It takes the call, as any program that listens does, and says nothing for as long as the question has."""
    folder = worker_folder(find_model(tiny_model))
    folder.mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        stale = Announcement(silent.getsockname()[1], "token", os.getpid(), "m")
        stale.write(folder)
        assert SharedModel(tiny_model).complete(ASKED, max_tokens=3, asking=Asking(50))
        assert Announcement.read(folder) != stale


def test_a_stranger_is_called_once_while_the_dying_worker_keeps_its_lock(tiny_model: Path, state: Path) -> None:
    """The system lets the lock go some time after the process is gone; the port may be another's by then."""
    folder = worker_folder(find_model(tiny_model))
    folder.mkdir(parents=True)
    held = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from pathlib import Path\n"
            "from proactive_inference.models.shared.lock import ProcessLock\n"
            "lock = ProcessLock(Path(sys.argv[1])); print(lock.acquire(), flush=True); sys.stdin.read()",
            str(folder / "worker.lock"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert held.stdout is not None
    assert held.stdout.readline() == "True\n"
    calls: list[socket.socket] = []

    def pretend(server: socket.socket) -> None:
        with suppress(OSError):  # closed at the end
            while True:
                calls.append(server.accept()[0])
                threading.Timer(4, held.communicate).start()  # after it has been given up, and found busy

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=pretend, args=(server,), daemon=True).start()
        Announcement(server.getsockname()[1], "token", os.getpid(), "m").write(folder)
        assert SharedModel(tiny_model).complete(ASKED, max_tokens=3)
    assert len(calls) == 1
    held.wait()
    calls[0].close()


def the_worker_ends(state: Path) -> None:
    for process in workers_in(state):
        process.kill()
        until(lambda pid=process.pid: gone(pid))


def heard_from(peer: socket.socket) -> bytes:
    """What comes next; nothing once the other end has hung up, with something unread or not."""
    try:
        return peer.recv(4096)
    except ConnectionError:
        return b""


def test_who_does_not_know_the_token_is_not_heard(tiny_model: Path, state: Path) -> None:
    model = SharedModel(tiny_model)
    model.complete(ASKED, max_tokens=3)
    port = the_worker().announced.port
    for said in (b'{"nonce": "a"}', b"{}", b"[]", b"\xff", b"GET / HTTP/1.1"):
        with socket.create_connection(("127.0.0.1", port), timeout=60) as peer:
            peer.sendall(len(said).to_bytes(4, "big") + said)
            guess = b'{"proof": "' + b"0" * 64 + b'"}'
            with suppress(OSError):  # it may hang up before all is said
                peer.sendall(2 * (len(guess).to_bytes(4, "big") + guess))
                peer.shutdown(socket.SHUT_WR)
            got = b""
            while more := heard_from(peer):
                got += more
            assert b"completions" not in got and b"status" not in got
    with socket.create_connection(("127.0.0.1", port), timeout=60) as peer:
        peer.sendall((1 << 20).to_bytes(4, "big") + b"x" * 100)  # more than a stranger may say
        assert heard_from(peer) == b""
    assert model.complete(ASKED, max_tokens=3)


def test_missing_packages_are_said_without_starting_over_and_over(
    tiny_model: Path, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = tmp_path / "hidden"
    (hidden / "torch").mkdir(parents=True)
    (hidden / "torch" / "__init__.py").write_text("raise ImportError('No module named torch')")
    now = [0.0]
    model = SharedModel(tiny_model, pause=Pause(monotonic=lambda: now[0]))
    with monkeypatch.context() as patch:
        patch.setenv("PYTHONPATH", str(hidden))
        with pytest.raises(ModelError, match=r"pip install 'proactive-lsp\[local\]'") as caught:
            model.complete(ASKED, max_tokens=3)
        assert not isinstance(caught.value, UnavailableError)  # it stays so until somebody acts
        until(lambda: not workers_in(state))
    starts = next(state.rglob("worker.log")).read_text().count(" serves ")
    with pytest.raises(ModelError, match=r"pip install 'proactive-lsp\[local\]'"):
        model.complete(ASKED, max_tokens=3)
    assert next(state.rglob("worker.log")).read_text().count(" serves ") == starts == 1
    now[0] = 1000.0
    assert model.complete(ASKED, max_tokens=3)


def test_a_worker_that_hangs_while_it_loads_gives_up(
    tiny_model: Path, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "transformers.py").write_text("import time; time.sleep(10_000)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    model = SharedModel(tiny_model, Limits(load_seconds=3))
    with pytest.raises(
        UnavailableError, match=r"is still being loaded, and goes on being|did not answer within 1 s"
    ):
        model.complete(ASKED, asking=Asking(1))
    with pytest.raises(UnavailableError, match=r"loading tiny-llama took longer than 3 s.*take a smaller model"):
        model.complete(ASKED)
    until(lambda: not workers_in(state))
    monkeypatch.delenv("PYTHONPATH")
    assert SharedModel(tiny_model).complete(ASKED, max_tokens=3)


def test_a_worker_that_cannot_even_start_is_said(
    tiny_model: Path, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "asyncio.py").write_text("raise SystemError('broken')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(UnavailableError, match=r"ended before it listened; .*worker\.log says why"):
        SharedModel(tiny_model).complete(ASKED)
    assert "SystemError: broken" in next(state.rglob("worker.log")).read_text()


def test_weights_above_the_limit_are_not_loaded(tiny_model: Path, state: Path) -> None:
    model = SharedModel(tiny_model, Limits(memory=100_000_000))
    with pytest.raises(
        ModelError, match=r"tiny-llama needs 0\.\d\d GB of memory \(0\.00 GB for its weights in float32"
    ) as caught:
        model.complete(ASKED, max_tokens=3)
    assert "the limit is 0.10 GB; raise the limit, or take a smaller model" in str(caught.value)
    until(lambda: not workers_in(state))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system does not refuse memory")
def test_a_question_above_the_limit_fails_and_the_worker_stays(tmp_path: Path, state: Path) -> None:
    """Thousands of answers at once would take gigabytes: the system refuses, and the next one is answered."""
    folder = tiny_llama(tmp_path / "tiny", width=128)
    model = SharedModel(folder, Limits(memory=800_000_000))
    model.complete(ASKED, max_tokens=3)
    pid = the_worker().announced.pid
    with pytest.raises(
        ModelError, match=r"more memory than the limit of 0\.80 GB; tell it fewer events, or raise"
    ):
        model.complete([Message("user", "x" * 2000)], max_tokens=20, count=5000)
    assert model.complete(ASKED, max_tokens=3)
    assert the_worker().announced.pid == pid
    assert psutil.Process(pid).memory_info().rss < 800_000_000


def test_the_log_has_no_text_of_questions_and_stays_small(
    tiny_model: Path, state: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = worker_folder(find_model(tiny_model))
    folder.mkdir(parents=True, mode=0o700)
    (folder / "worker.log").write_text("x" * 1_000_000 + "\n")
    model = SharedModel(tiny_model)
    with caplog.at_level(logging.DEBUG):
        model.complete(ASKED, max_tokens=3)
        with pytest.raises(ModelError):
            model.complete(ASKED, max_tokens=5000)
        with pytest.raises(ModelError):
            model.complete(ASKED, schema={"type": "no such type: A-SECRET-OF-THE-QUESTION"})
    log = until(lambda: (folder / "worker.log").stat().st_size < 300_000) and (folder / "worker.log").read_text()
    assert "loaded in" in log and "SECRET" not in log and "SECRET" not in caplog.text


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_a_disk_that_is_full_for_the_log_stops_nothing(tiny_model: Path, state: Path) -> None:
    folder = worker_folder(find_model(tiny_model))
    folder.mkdir(parents=True, mode=0o700)
    (folder / "worker.log").symlink_to("/dev/full")
    assert SharedModel(tiny_model).complete(ASKED, max_tokens=3)
    assert status()["answered"] == 1


def test_a_disk_that_is_full_for_the_token_is_said(tiny_model: Path, state: Path) -> None:
    """Files of this process and its children may not grow: as full as a disk can be made without one."""
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))\n"
        "from proactive_inference.models.shared.model import SharedModel\n"
        "from proactive_inference.models.messages import Message\n"
        f"SharedModel({str(tiny_model)!r}).complete([Message('user', 'x')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "cannot be set up in" in done.stderr and "make room there" in done.stderr
    assert SharedModel(tiny_model).complete(ASKED, max_tokens=3)


def test_a_folder_that_cannot_be_made_is_said(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PROACTIVE_STATE_DIR", str(tmp_path / "file"))
    with pytest.raises(ModelError, match=r"cannot be made .*set PROACTIVE_STATE_DIR to another folder"):
        SharedModel(tiny_model).complete(ASKED)


def test_a_signal_ends_it_and_nothing_is_lost(tiny_model: Path, state: Path) -> None:
    model = SharedModel(tiny_model)
    void: list[int] = []
    heard = threading.Event()
    pieces: list[str] = []

    def told(piece: str) -> None:
        pieces.append(piece)
        heard.set()

    def again() -> None:
        void.append(len(pieces))
        pieces.clear()

    with ThreadPoolExecutor() as pool:
        answered = pool.submit(model.complete, ASKED, **LONG, seed=1, asking=Asking(told=told, again=again))
        assert heard.wait(120)
        pid = the_worker().announced.pid
        os.kill(pid, signal.SIGTERM)
        (found,) = answered.result()
    assert found.text == "".join(pieces) and len(void) == 1
    assert gone(pid) and holder(the_worker().folder / "worker.lock") == the_worker().announced.pid
