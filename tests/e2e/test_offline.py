"""scripts/offline.sh: no network but loopback, nothing outlives the command, and its exit status comes through."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "offline.sh"
SECONDS = 60.0
"""The most that any of these commands may take on a busy machine."""


def offline(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", str(SCRIPT), *command],
        env={**os.environ, **environment}, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def cut_off() -> None:
    """The tests below need a machine on which the network can be cut off."""
    tried = offline("true", PROACTIVE_REQUIRE_OFFLINE="1")
    if tried.returncode != 0:
        message = (
            f"{tried.stderr.strip()}; run scripts/setup_editors.sh, as root or where users may have namespaces"
        )
        if os.environ.get("CI") or os.environ.get("PROACTIVE_ALL_EDITORS"):
            pytest.fail(message)
        pytest.skip(message)


def python(text: str) -> tuple[str, str, str]:
    return sys.executable, "-c", text


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"waited {SECONDS} s in vain for {what}"
        time.sleep(0.05)


def sleeping(duration: str) -> list[int]:
    """The processes that sleep for just this long."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        if process.info["cmdline"] == ["sleep", duration] and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process.pid)
    return found


@contextlib.contextmanager
def start(*command: str, grace: int) -> Iterator[subprocess.Popen[bytes]]:
    # These tests hold in a background job as well, where Ctrl-C would be ignored.
    started = subprocess.Popen(
        ["env", "--default-signal=INT,TERM,HUP", "bash", str(SCRIPT), *command],
        env={**os.environ, "PROACTIVE_OFFLINE_GRACE": str(grace)}, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def a_duration() -> str:
    """A number of seconds that no other process sleeps for, so that a sleep can be told by it."""
    return f"{6000 + os.getpid()}.{time.monotonic_ns() % 1_000_000_000}"


@pytest.mark.usefixtures("cut_off")
class TestNetwork:
    def test_an_outside_address_cannot_be_reached(self) -> None:
        # 192.0.2.0/24 is set aside for documentation; with any route at all the attempt would wait instead.
        done = offline(
            *python(
                "import errno, socket\n"
                "try: socket.create_connection(('192.0.2.1', 80), timeout=5)\n"
                "except OSError as error: print(errno.errorcode.get(error.errno, error))"
            )
        )
        assert (done.stdout.strip(), done.returncode) == ("ENETUNREACH", 0), done.stderr

    def test_there_is_loopback_and_nothing_else(self) -> None:
        done = offline(*python("import socket; print(*[name for _, name in socket.if_nameindex()])"))
        assert done.stdout.split() == ["lo"]

    def test_loopback_works(self) -> None:
        done = offline(
            *python(
                "import socket\n"
                "server = socket.create_server(('127.0.0.1', 0))\n"
                "client = socket.create_connection(server.getsockname(), timeout=5)\n"
                "server.accept()[0].sendall(b'heard')\n"
                "print(client.recv(5).decode())"
            )
        )
        assert (done.stdout.strip(), done.returncode) == ("heard", 0), done.stderr

    def test_what_listens_outside_is_not_heard(self) -> None:
        connect = "import socket, sys; print(socket.socket().connect_ex(('127.0.0.1', int(sys.argv[1]))))"
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = str(server.getsockname()[1])
            plainly = subprocess.run([*python(connect), port], capture_output=True, text=True, check=True)
            done = offline(*python(connect), port)
        assert plainly.stdout.strip() == "0"
        assert done.stdout.strip() not in ("", "0")


@pytest.mark.usefixtures("cut_off")
class TestProcesses:
    @pytest.mark.parametrize("status", [0, 1, 7, 143])
    def test_the_exit_status_is_passed_on(self, status: int) -> None:
        assert offline("sh", "-c", f"exit {status}").returncode == status

    def test_input_and_output_are_passed_on(self) -> None:
        done = subprocess.run(
            ["bash", str(SCRIPT), "cat"],
            input="said\n",
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert (done.stdout, done.stderr, done.returncode) == ("said\n", "", 0)

    @pytest.mark.parametrize("begin", ["sleep {} &", "setsid sleep {} &", "(sleep {} & ) &"])
    def test_a_left_over_is_found_named_and_ended(self, begin: str) -> None:
        duration = a_duration()
        command = (
            f"exec >/dev/null; {begin.format(duration)}"  # it holds no pipe that would keep this test waiting
        )
        done = offline("bash", "-c", command, PROACTIVE_OFFLINE_GRACE="1")
        assert done.returncode == 97
        assert f"sleep {duration}" in done.stderr
        assert sleeping(duration) == []

    def test_a_left_over_does_not_hide_a_failure(self) -> None:
        done = offline("bash", "-c", f"sleep {a_duration()} & exit 3", PROACTIVE_OFFLINE_GRACE="1")
        assert done.returncode == 3
        assert "still running" in done.stderr

    def test_what_ends_within_the_grace_is_no_left_over(self) -> None:
        done = offline("bash", "-c", "sleep 0.5 & exit 0", PROACTIVE_OFFLINE_GRACE="30")
        assert (done.stderr, done.returncode) == ("", 0)

    def test_control_characters_of_a_command_line_are_not_printed(self) -> None:
        done = offline("bash", "-c", "exec -a $'\\e]0;title\\a' sleep 5000 &", PROACTIVE_OFFLINE_GRACE="1")
        assert done.returncode == 97
        assert "title" in done.stderr
        assert "\x1b" not in done.stderr

    @pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
    @pytest.mark.parametrize("manners", ["", "trap '' TERM INT HUP; "])
    def test_nothing_survives_a_signal(self, sent: signal.Signals, manners: str) -> None:
        duration = a_duration()
        command = f"{manners}setsid sleep {duration} & sleep {duration}; sleep {duration}"
        with start("bash", "-c", command, grace=1) as started:
            until(lambda: len(sleeping(duration)) == 2, "both sleeps")
            started.send_signal(sent)
            assert started.wait(SECONDS) == (-sent if sent == signal.SIGKILL else 128 + sent)
        until(lambda: sleeping(duration) == [], "the end of all that was started")

    def test_a_polite_command_can_end_in_its_own_way(self, tmp_path: Path) -> None:
        ready, said = tmp_path / "ready", tmp_path / "said"
        command = f"trap 'echo goodbye > {said}; exit 0' TERM; touch {ready}; while :; do sleep 0.1; done"
        with start("bash", "-c", command, grace=30) as started:
            until(ready.exists, "the command")
            started.terminate()
            assert started.wait(SECONDS) == 128 + signal.SIGTERM
        assert said.read_text() == "goodbye\n"


class TestWithoutNamespaces:
    @pytest.fixture
    def bare(self, tmp_path: Path) -> str:
        """A PATH with nothing of what cuts the network off."""
        for name in ("bash", "id", "echo"):
            (tmp_path / name).symlink_to(shutil.which(name) or f"/bin/{name}")
        return str(tmp_path)

    def test_it_says_so_in_one_line_and_runs_the_command(self, bare: str) -> None:
        done = offline("echo", "ran", PATH=bare, PROACTIVE_REQUIRE_OFFLINE="")
        assert (done.stdout, done.returncode) == ("ran\n", 0)
        (line,) = done.stderr.splitlines()
        assert "running with the network as it is" in line

    def test_it_refuses_where_that_is_required(self, bare: str) -> None:
        done = offline("echo", "ran", PATH=bare, PROACTIVE_REQUIRE_OFFLINE="1")
        assert (done.stdout, done.returncode) == ("", 2)
        assert "cannot cut the network off" in done.stderr
