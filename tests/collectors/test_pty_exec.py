"""A real pseudo-terminal plays the user's; the wrapper runs in a process of its own, as it does in life."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from proactive_collectors.pty_exec import execute, report, run

WRAPPER = (
    "import sys\nfrom proactive_collectors.pty_exec import execute\n"
    "outcome = execute(sys.argv[1:])\nraise SystemExit(outcome.exit_code)\n"
)
PATIENCE = 20.0


def wrapped(*argv: str) -> list[str]:
    return [sys.executable, "-c", WRAPPER, *argv]


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """What ``nohup`` or a shell's background has the tests ignore is heard, as in what is started by hand."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)}
    for number, handler in before.items():
        if handler is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Terminal:
    """What the user sees and types: the other end of a pseudo-terminal on which a program runs as in a shell."""

    def __init__(self, argv: list[str]) -> None:
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(PS1="$ ", TERM="xterm")
            os.execvp(argv[0], argv)
        self.code: int | None = None

    def expect(self, text: bytes) -> bytes:
        """Everything up to and with ``text``, which is then forgotten."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.seen:
            left = deadline - time.monotonic()
            assert left > 0, f"{text!r} did not come: {self.seen!r}"
            assert self._read(left) or text in self.seen, f"it ended without {text!r}: {self.seen!r}"
        before, _, self.seen = self.seen.partition(text)
        return before + text

    def _read(self, seconds: float) -> bool:
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.seen += data
        return bool(data)

    def type(self, keys: bytes) -> None:
        os.write(self.fd, keys)

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def end(self) -> int:
        """Wait for the end; the exit code."""
        while self._read(PATIENCE):
            pass
        self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.code

    def close(self) -> None:
        os.close(self.fd)
        if self.code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        terminal.close()


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


# --- on a terminal -----------------------------------------------------------------------------------------


def test_the_command_has_a_terminal_with_its_colours_and_size(terminals: list[Terminal]) -> None:
    code = (
        "import os; print([os.isatty(n) for n in (0, 1, 2)]); input('ready?');"
        "print(os.get_terminal_size()); print('\\033[31mred\\033[0m'); raise SystemExit(7)"
    )
    terminal = Terminal(wrapped(*python(code)))
    terminals.append(terminal)
    terminal.expect(b"[True, True, True]\r\n")
    terminal.expect(b"ready?")
    terminal.resize(41, 123)
    terminal.type(b"\n")
    terminal.expect(b"columns=123, lines=41")
    terminal.expect(b"\x1b[31mred\x1b[0m\r\n")
    assert terminal.end() == 7


def test_the_command_hears_of_a_new_size(terminals: list[Terminal]) -> None:
    code = (
        "import os, signal, time\n"
        "def hear(*_):\n    print(os.get_terminal_size())\n    raise SystemExit\n"
        "signal.signal(signal.SIGWINCH, hear)\nprint('ready', flush=True)\ntime.sleep(60)"
    )
    terminal = Terminal(wrapped(*python(code)))
    terminals.append(terminal)
    terminal.expect(b"ready")
    terminal.resize(33, 77)
    terminal.expect(b"columns=77, lines=33")
    assert terminal.end() == 0


def test_ctrl_c_reaches_the_command_and_not_the_wrapper(terminals: list[Terminal]) -> None:
    code = "import time\ntry:\n print('ready')\n time.sleep(60)\nexcept KeyboardInterrupt:\n print('heard')\n"
    terminal = Terminal(wrapped(*python(code)))
    terminals.append(terminal)
    terminal.expect(b"ready")
    terminal.type(b"\x03")
    terminal.expect(b"heard")
    assert terminal.end() == 0


def test_a_command_that_ctrl_c_ends(terminals: list[Terminal]) -> None:
    terminal = Terminal(wrapped("sh", "-c", "echo ready; exec sleep 60"))
    terminals.append(terminal)
    terminal.expect(b"ready")
    terminal.type(b"\x03")
    assert terminal.end() == 128 + signal.SIGINT


def test_ctrl_z_gives_the_shell_back_and_fg_goes_on(terminals: list[Terminal], tmp_path: Path) -> None:
    script = tmp_path / "wrap.py"
    script.write_text(WRAPPER)
    terminal = Terminal(["bash", "--norc", "--noprofile", "-i"])
    terminals.append(terminal)
    terminal.expect(b"$ ")
    code = "print('rea' + 'dy'); print(input().upper())"
    terminal.type(f'{sys.executable} {script} {sys.executable} -c "{code}"\n'.encode())
    terminal.expect(b"ready")
    terminal.type(b"\x1a")
    terminal.expect(b"Stopped")
    terminal.type(b"echo shell $((40 + 2))\n")
    terminal.expect(b"shell 42")
    terminal.type(b"fg\n")
    terminal.expect(b"wrap.py")
    terminal.type(b"whisper\n")
    terminal.expect(b"WHISPER")
    terminal.expect(b"$ ")
    terminal.type(b"echo code $?; exit 3\n")
    terminal.expect(b"code 0")
    assert terminal.end() == 3


def test_the_terminal_is_as_it_was(terminals: list[Terminal], tmp_path: Path) -> None:
    script = tmp_path / "wrap.py"
    script.write_text(WRAPPER)
    wrap = f"{sys.executable} {script}"
    terminal = Terminal(
        ["sh", "-c", f"stty -g; echo 1; {wrap} sh -c 'stty raw -echo; kill -9 $$'; echo code $?; stty -g; echo 2"]
    )
    terminals.append(terminal)
    before = terminal.expect(b"1\r\n").split(b"\r\n")[0]
    terminal.expect(b"code 137\r\n")
    assert terminal.expect(b"2\r\n").split(b"\r\n")[0] == before
    assert terminal.end() == 0


def test_standard_error_stays_apart_on_a_terminal(terminals: list[Terminal], tmp_path: Path) -> None:
    shell = 'exec "$@" 2>' + str(tmp_path / "errors")
    terminal = Terminal(["sh", "-c", shell, "sh", *wrapped("sh", "-c", "echo out; echo err >&2; test -t 1")])
    terminals.append(terminal)
    terminal.expect(b"out\r\n")
    assert terminal.end() == 0
    assert terminal.seen == b""
    assert (tmp_path / "errors").read_bytes() == b"err\n"


def test_output_to_a_terminal_and_input_from_a_pipe(terminals: list[Terminal]) -> None:
    shell = 'printf "typed" | "$@"'
    terminal = Terminal(["sh", "-c", shell, "sh", *wrapped("sh", "-c", "cat; echo; test -t 1 && echo terminal")])
    terminals.append(terminal)
    assert terminal.expect(b"terminal\r\n") == b"typed\r\nterminal\r\n"
    assert terminal.end() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_are_passed_on_and_nothing_stays(terminals: list[Terminal], number: int) -> None:
    terminal = Terminal(wrapped("sh", "-c", "echo ready $$; exec sleep 60"))
    terminals.append(terminal)
    terminal.expect(b"ready ")
    child = int(terminal.expect(b"\n"))
    os.kill(terminal.pid, number)
    assert terminal.end() == 128 + number
    assert not psutil.pid_exists(child)


def test_a_killed_wrapper_takes_the_command_along(terminals: list[Terminal]) -> None:
    terminal = Terminal(wrapped("sh", "-c", "echo ready $$; exec sleep 60"))
    terminals.append(terminal)
    terminal.expect(b"ready ")
    child = psutil.Process(int(terminal.expect(b"\n")))
    others = psutil.Process(terminal.pid).children(recursive=True)
    os.kill(terminal.pid, signal.SIGKILL)
    assert terminal.end() == -signal.SIGKILL
    gone, alive = psutil.wait_procs([child, *others], timeout=PATIENCE)
    assert not alive, gone


# --- on pipes ----------------------------------------------------------------------------------------------


def test_pipes_are_byte_identical() -> None:
    data = bytes(range(256)) * 20_000
    done = subprocess.run(wrapped("cat"), input=data, capture_output=True, check=False)
    assert done.stdout == data
    assert done.stderr == b""
    assert done.returncode == 0


def test_outputs_stay_apart() -> None:
    done = subprocess.run(wrapped("sh", "-c", "echo out; echo err >&2; exit 3"), capture_output=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == (b"out\n", b"err\n", 3)


def test_a_reader_that_leaves_ends_the_command() -> None:
    with subprocess.Popen(wrapped("yes"), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.read(4) == b"y\ny\n"
        process.stdout.close()
        assert process.wait(PATIENCE) == 128 + signal.SIGPIPE


def test_closed_outputs() -> None:
    done = subprocess.run(["sh", "-c", '"$@" >&- 2>&-', "sh", *wrapped("sh", "-c", "exit 4")], check=False)
    assert done.returncode == 4


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_signals_are_passed_on_over_pipes(number: int) -> None:
    with subprocess.Popen(wrapped("sh", "-c", "echo $$; exec sleep 60"), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.send_signal(number)
        assert process.wait(PATIENCE) == 128 + number
        assert not psutil.pid_exists(child)


def test_what_cannot_be_run(tmp_path: Path) -> None:
    (tmp_path / "plain.txt").write_text("x")
    script = tmp_path / "script"
    script.write_text("echo $1; exit 5")
    script.chmod(0o755)
    cases: list[tuple[list[str], int, bytes]] = [
        (["no-such-command"], 127, b"no-such-command: command not found\n"),
        (["./nothing"], 127, b"./nothing: No such file or directory\n"),
        (["./plain.txt"], 126, b"./plain.txt: Permission denied\n"),
        (["./"], 126, b"./: Is a directory\n"),
        (["./script", "without a first line"], 5, b""),
    ]
    for argv, code, said in cases:
        done = subprocess.run(wrapped(*argv), cwd=tmp_path, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (code, b"proactive exec: " + said if said else b"")


def test_what_cannot_be_run_on_a_terminal(terminals: list[Terminal]) -> None:
    terminal = Terminal(wrapped("no-such-command"))
    terminals.append(terminal)
    terminal.expect(b"no-such-command: command not found\r\n")
    assert terminal.end() == 127


# --- what is told ------------------------------------------------------------------------------------------


def test_the_event_tells_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: object) -> None:
    monkeypatch.chdir(tmp_path)
    told = run([*python("print('\\033[1mhello\\033[0m'); totl")])
    assert told.command.endswith("hello\\033[0m'\"'\"'); totl'")
    assert told.cwd == str(tmp_path)
    assert told.exit_code == 1
    assert told.seconds is not None and told.seconds > 0
    assert told.output.startswith("hello\n") or told.output.endswith("hello\n")
    assert [failure.error for failure in told.failures] == ["NameError"]


def test_a_signal_is_negative_and_success_has_no_failures(capfd: object) -> None:
    outcome = execute(["sh", "-c", "kill -9 $$"])
    assert (outcome.status, outcome.exit_code) == (-9, 137)
    assert report(outcome).exit_code == -9
    assert run(["echo", "a.c:1:2: error: quoted"]).failures == ()


def test_bytes_that_are_no_text(capfd: object) -> None:
    assert run(["printf", r"a\0b"]).output == ""
    assert run(["printf", r"caf\303\251 \377"]).output == "café �"


def test_names_that_are_not_utf_8(capfd: object) -> None:
    assert run(["true", os.fsdecode(b"\xff")]).command == "true '?'"


def test_signals_are_as_they_were(capfd: object) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)]
    execute(["true"])
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)] == before
    with pytest.raises(ValueError, match="no command"):
        execute([])
