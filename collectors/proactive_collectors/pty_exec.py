"""Run a command as if nobody stood between it and the terminal, and keep the end of what it prints.

On a terminal the command gets a pseudo-terminal of its own: the real one is put into raw mode, bytes go both ways
untouched, and resizing and job control work. Where standard input or output is a pipe or a file, the command
inherits standard input itself, and output passes through pipes, standard output and error kept apart (one that is
a terminal stays one, so that colours do).

The processes on a terminal: the wrapper, a session leader that only waits, and the command in a process group of
its own. Without the one in the middle the command's group would be orphaned, and the kernel does not stop those:
Ctrl-Z would be lost.

Limits: what a background process prints after the command has ended is not passed on (it finds its terminal hung
up or its pipe closed), and keys that were typed ahead and not read by the command are lost with its terminal.
This module imports nothing heavy, since the command waits for it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import signal
import struct
import sys
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from proactive_collectors.events import TerminalRun

if sys.platform != "win32":
    import fcntl
    import termios
    import tty

KEEP_HEAD = 64 * 1024
KEEP_TAIL = 256 * 1024
"""Bytes of output that are kept: the first failure is often at the top, the summary at the end."""

CHUNK = 128 * 1024
NOT_EXECUTABLE, NOT_FOUND = 126, 127
"""Exit codes of a shell for a command that cannot be run, and for one that is not there."""

_FORWARDED = ("SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")
_FROM_KEYS = ("SIGINT", "SIGQUIT")
_NOTICED = ("SIGWINCH", "SIGCHLD", "SIGCONT")


class Outcome(NamedTuple):
    """How a command ended."""

    argv: tuple[str, ...]
    cwd: str
    status: int  #: the exit code, negative for a signal
    seconds: float
    output: bytes  #: the first and the last part of standard output and error, as they came

    @property
    def exit_code(self) -> int:
        """The exit code as a shell tells it: 128 and the number for a signal."""
        return self.status if self.status >= 0 else 128 - self.status


class Recorder:
    """Keeps the first and the last bytes of a stream, in bounded memory."""

    def __init__(self, head: int = KEEP_HEAD, tail: int = KEEP_TAIL) -> None:
        self._room, self._keep = head, tail
        self._head, self._tail = bytearray(), bytearray()
        self._cut = False

    def add(self, data: bytes) -> None:
        """Take the next bytes."""
        if self._room:
            self._head += data[: self._room]
            data, self._room = data[self._room :], max(0, self._room - len(data))
        if len(data) >= self._keep:
            self._cut = self._cut or bool(self._tail) or len(data) > self._keep
            self._tail[:] = data[-self._keep :]
        elif data:
            self._tail += data
            if len(self._tail) > 2 * self._keep:
                del self._tail[: -self._keep]
                self._cut = True

    def value(self) -> bytes:
        """What was kept; where something was left out, a line ends."""
        return bytes(self._head) + (b"\n" if self._cut else b"") + bytes(self._tail)


def run(argv: Sequence[str]) -> TerminalRun:
    """Run a command on this process's terminal or pipes and say what came of it.

    Raises:
        ValueError: ``argv`` is empty.
    """
    return report(execute(argv))


def report(outcome: Outcome) -> TerminalRun:
    """The payload of the event. Failures are read only out of runs that failed."""
    import shlex

    from proactive_collectors.events import TerminalRun
    from proactive_collectors.failures import parse_failures
    from proactive_collectors.terminal_text import plain, tail

    command = shlex.join(outcome.argv)
    # Bytes that are no text tell nothing, and a picture of them would only hide what is.
    text = "" if b"\0" in outcome.output else plain(outcome.output.decode("utf-8", "replace"))
    return TerminalRun(
        command=_encodable(command),
        cwd=_encodable(outcome.cwd),
        exit_code=outcome.status,
        seconds=round(outcome.seconds, 3),
        output=tail(text),
        failures=parse_failures(text, command) if outcome.status else (),
    )


def _encodable(text: str) -> str:
    """File names that are not UTF-8 reach Python as lone surrogates, which JSON cannot carry."""
    return text.encode("utf-8", "replace").decode()


def execute(argv: Sequence[str]) -> Outcome:
    """Run a command to its end. To be called in the main thread, since it takes the process's signals.

    Raises:
        ValueError: ``argv`` is empty.
    """
    if not argv:
        raise ValueError("there is no command to run")
    cwd = _cwd()
    began = time.monotonic()
    recorder = Recorder()
    if sys.platform == "win32":
        status = _execute_plainly(argv, recorder)
    else:
        _open_standard_files()
        status = _Wrapper(argv, recorder).run()
    return Outcome(tuple(argv), cwd, status, time.monotonic() - began, recorder.value())


def _cwd() -> str:
    """The working directory as the shell calls it, links and all; else as the system does."""
    told = os.environ.get("PWD", "")
    try:
        if os.path.isabs(told) and os.path.samefile(told, "."):  # noqa: PTH117, PTH121  # pathlib is not loaded yet
            return told
        return os.getcwd()  # noqa: PTH109
    except OSError:
        return told or "/"


def _execute_plainly(argv: Sequence[str], recorder: Recorder) -> int:
    """Where there are no pseudo-terminals: the command runs on ours, and its output is not seen."""
    import subprocess

    try:
        return subprocess.call(list(argv))
    except FileNotFoundError:
        _say(argv[0], errno.ENOENT, recorder)
        return NOT_FOUND
    except OSError as error:
        _say(argv[0], error.errno or errno.EACCES, recorder)
        return NOT_EXECUTABLE


def _say(name: str, number: int, recorder: Recorder) -> int:
    """Say why a command could not be started, as a shell does; the exit code."""
    missing = number == errno.ENOENT
    text = "command not found" if missing and os.sep not in name else os.strerror(number)
    if number == errno.EACCES and os.path.isdir(name):  # noqa: PTH112  # pathlib is not loaded yet
        text = os.strerror(errno.EISDIR)
    line = f"proactive exec: {name}: {text}\n".encode("utf-8", "surrogateescape")
    recorder.add(line)
    with contextlib.suppress(OSError):
        os.write(2, line)
    return NOT_FOUND if missing or number == errno.ENOTDIR else NOT_EXECUTABLE


if sys.platform != "win32":

    class _Wrapper:
        """One run. Not to be used again."""

        def __init__(self, argv: Sequence[str], recorder: Recorder) -> None:
            self.argv = list(argv)
            self.recorder = recorder
            self.pid = 0  #: the command's
            self.status: int | None = None
            self.master: int | None = None  #: our end of the command's terminal
            self.sizes: list[int] = []  #: pseudo-terminals that follow the real one's size
            self.outputs: dict[int, int] = {}  #: what we read from, and where it goes
            self.news: int | None = None  #: from the session leader
            self.saved: list[Any] | None = None
            self.raw = False
            self.pending = b""  #: keys that the command's terminal has not taken yet
            self.keys_end = False
            self.ours: list[int] = []  #: to be closed at the end
            self.leader = 0

        def run(self) -> int:
            with _signals() as wakeup:
                try:
                    number = self.start()
                    if number:
                        return _say(self.argv[0], number, self.recorder)
                    self.pump(wakeup)
                finally:
                    self.restore()
                    for fd in self.ours:
                        with contextlib.suppress(OSError):
                            os.close(fd)
                    if self.leader:
                        with contextlib.suppress(ChildProcessError):
                            os.waitpid(self.leader, 0)
            assert self.status is not None
            return self.status

        # --- start -----------------------------------------------------------------------------------------

        def start(self) -> int:
            """Start the command; the error number if that failed, else 0."""
            theirs: list[int] = []
            on_terminal = os.isatty(0) and os.isatty(1) and _in_foreground()
            fds = [0, 1, 2]
            if on_terminal:
                self.master, slave = self._terminal(theirs)
                self.saved = termios.tcgetattr(0)
                termios.tcsetattr(slave, termios.TCSANOW, self.saved)
                fds = [slave, slave, slave if os.isatty(2) else self._output(2, theirs)]
                self.outputs[self.master] = 1
                os.set_blocking(self.master, False)
            else:
                fds = [0, self._output(1, theirs), self._output(2, theirs)]
            news, tell = self._pipe(theirs)
            failed, fail = self._pipe(theirs)
            if on_terminal:
                self.news = news
                self.leader = os.fork()
                if self.leader == 0:
                    _lead(self.argv, fds, tell, fail, self.ours)
            else:
                self.pid = os.fork()
                if self.pid == 0:
                    _become(self.argv, fds, fail)
            for fd in theirs:
                os.close(fd)
            told = os.read(failed, 4)
            if told:
                if not on_terminal:
                    os.waitpid(self.pid, 0)
                return int(struct.unpack("i", told)[0])
            if on_terminal:
                told = os.read(news, 8)
                if len(told) < 8:
                    return errno.EIO
                self.pid = struct.unpack("ii", told)[1]
                os.set_blocking(news, False)
                self.make_raw()
            return 0

        def _pipe(self, theirs: list[int]) -> tuple[int, int]:
            read, write = os.pipe()
            self.ours.append(read)
            theirs.append(write)
            return read, write

        def _terminal(self, theirs: list[int]) -> tuple[int, int]:
            master, slave = os.openpty()
            self.ours.append(master)
            theirs.append(slave)
            self.sizes.append(master)
            self.resize()
            return master, slave

        def _output(self, fd: int, theirs: list[int]) -> int:
            """What the command gets in place of our ``fd``: a terminal for a terminal, else a pipe."""
            try:
                if os.isatty(fd):
                    read, write = self._terminal(theirs)
                    settings = termios.tcgetattr(write)
                    settings[1] &= ~termios.OPOST  # the real one does that
                    termios.tcsetattr(write, termios.TCSANOW, settings)
                else:
                    read, write = self._pipe(theirs)
                    if hasattr(fcntl, "F_SETPIPE_SZ"):
                        with contextlib.suppress(OSError):
                            fcntl.fcntl(read, fcntl.F_SETPIPE_SZ, 1 << 20)
            except OSError:
                return fd  # no more pseudo-terminals: it is passed on unseen
            os.set_blocking(read, False)
            self.outputs[read] = fd
            return write

        # --- terminal --------------------------------------------------------------------------------------

        def make_raw(self) -> None:
            if self.saved is not None and not self.raw and _in_foreground():
                with contextlib.suppress(termios.error):
                    tty.setraw(0, termios.TCSADRAIN)
                    self.raw = True

        def restore(self) -> None:
            if self.saved is not None and self.raw:
                with contextlib.suppress(termios.error):
                    termios.tcsetattr(0, termios.TCSADRAIN, self.saved)
                self.raw = False

        def resize(self) -> None:
            for fd in (0, 1, 2):
                with contextlib.suppress(OSError):
                    size = fcntl.ioctl(fd, termios.TIOCGWINSZ, b"\0" * 8)
                    for terminal in self.sizes:
                        fcntl.ioctl(terminal, termios.TIOCSWINSZ, size)
                    return

        # --- while it runs ---------------------------------------------------------------------------------

        def pump(self, wakeup: int) -> None:
            while self.status is None:
                poll = select.poll()
                poll.register(wakeup, select.POLLIN)
                for fd in self.outputs:
                    poll.register(
                        fd, select.POLLIN | (select.POLLOUT if fd == self.master and self.pending else 0)
                    )
                if self.news is not None:
                    poll.register(self.news, select.POLLIN)
                if self.raw and not self.pending and not self.keys_end:
                    poll.register(0, select.POLLIN)
                ready = dict(poll.poll())
                for fd in list(self.outputs):
                    if ready.get(fd, 0) & ~select.POLLOUT:
                        self.pass_on(fd)
                # Before the keys: what is typed after a change of size shall find the new one.
                with contextlib.suppress(BlockingIOError):
                    self.notice(os.read(wakeup, 512))
                if 0 in ready:
                    self.take_keys()
                if self.pending:
                    self.give_keys()
                if self.news in ready:
                    self.hear()
            for fd in list(self.outputs):
                # All the command wrote is in the kernel's buffer by now.
                while fd in self.outputs and self.pass_on(fd):
                    pass

        def pass_on(self, fd: int) -> bool:
            """Pass on what is there to read; whether there may be more."""
            try:
                data = os.read(fd, CHUNK)
            except BlockingIOError:
                return False
            except OSError:  # a terminal that nobody holds open says EIO
                data = b""
            if not data:
                del self.outputs[fd]
                return False
            self.recorder.add(data)
            try:
                _write_all(self.outputs[fd], data)
            except OSError:
                # Whoever read our output is gone; the command shall find out in its own time, by its own SIGPIPE.
                del self.outputs[fd]
                if fd != self.master:
                    os.close(fd)
                    self.ours.remove(fd)
                return False
            return True

        def take_keys(self) -> None:
            try:
                self.pending = os.read(0, 4096)
            except OSError:
                self.pending = b""
            if not self.pending:
                self.keys_end = True  # the terminal was closed
                self.send(signal.SIGHUP)

        def give_keys(self) -> None:
            if self.master is None:
                return
            try:
                self.pending = self.pending[os.write(self.master, self.pending) :]
            except BlockingIOError:
                pass
            except OSError:
                self.pending = b""

        def notice(self, numbers: bytes) -> None:
            """Act on the signals that came."""
            for number in dict.fromkeys(numbers):
                if number == signal.SIGWINCH:
                    self.resize()
                elif number == signal.SIGCONT:
                    self.make_raw()
                    self.resize()
                elif number == signal.SIGCHLD:
                    if not self.leader:
                        pid, status = os.waitpid(self.pid, os.WNOHANG)
                        if pid:
                            self.status = os.waitstatus_to_exitcode(status)
                elif number in (signal.SIGINT, signal.SIGQUIT) and not self.leader and _in_foreground():
                    pass  # the keyboard sent it, and not to us alone
                else:
                    self.send(number)

        def send(self, number: int) -> None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, number)

        def hear(self) -> None:
            """What the session leader tells: the command stopped, or ended."""
            assert self.news is not None
            told = os.read(self.news, 8)
            if len(told) < 8:  # the leader was killed: its terminal hangs up, and that ends the command
                self.status = -signal.SIGKILL
                return
            kind, value = struct.unpack("ii", told)
            if kind == _ENDED:
                self.status = os.waitstatus_to_exitcode(value)
                return
            for fd in list(self.outputs):
                while fd in self.outputs and self.pass_on(fd):
                    pass
            self.restore()
            # Stop as the key would have stopped us; the shell takes over until it continues us.
            os.kill(0, signal.SIGTSTP)
            self.make_raw()
            self.resize()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGCONT)

    _STARTED, _STOPPED, _ENDED = 0, 1, 2

    def _lead(argv: list[str], fds: list[int], tell: int, fail: int, ours: list[int]) -> None:
        """The session leader: owns the terminal, starts the command, tells how it fares. Never returns."""
        try:
            signal.set_wakeup_fd(-1)
            for fd in ours:
                os.close(fd)  # else the terminal would not hang up when the wrapper is killed
            os.setsid()
            fcntl.ioctl(fds[0], termios.TIOCSCTTY, 0)
            unheard = [getattr(signal, name) for name in (*_FROM_KEYS, "SIGTERM", "SIGTTOU")]
            heard = [number for number in unheard if signal.getsignal(number) != signal.SIG_IGN]
            for number in unheard:
                signal.signal(number, signal.SIG_IGN)
            signal.signal(signal.SIGHUP, signal.SIG_DFL)
            pid = os.fork()
            if pid == 0:
                os.setpgid(0, 0)
                os.tcsetpgrp(fds[0], os.getpid())
                for number in heard:
                    signal.signal(number, signal.SIG_DFL)
                _become(argv, fds, fail)
            os.close(fail)
            with contextlib.suppress(OSError):
                os.setpgid(pid, pid)
            os.write(tell, struct.pack("ii", _STARTED, pid))
            while True:
                _, status = os.waitpid(pid, os.WUNTRACED)
                stopped = os.WIFSTOPPED(status)
                os.write(tell, struct.pack("ii", _STOPPED if stopped else _ENDED, status))
                if not stopped:
                    break
        finally:
            os._exit(0)

    def _become(argv: list[str], fds: list[int], fail: int) -> None:
        """Turn this process into the command. Never returns."""
        try:
            # Python ignores these two; a command expects them as they are by default.
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            if hasattr(signal, "SIGXFSZ"):
                signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            for target, fd in enumerate(fds):
                if fd != target:
                    os.dup2(fd, target, inheritable=True)
            try:
                os.execvp(argv[0], argv)
            except OSError as error:
                if error.errno != errno.ENOEXEC:
                    raise
                # No "#!" line: shells take it for a script of theirs.
                import shutil

                os.execv("/bin/sh", ["/bin/sh", shutil.which(argv[0]) or argv[0], *argv[1:]])
        except OSError as error:
            os.write(fail, struct.pack("i", error.errno or errno.EACCES))
        except ValueError:  # a zero byte in an argument
            os.write(fail, struct.pack("i", errno.EINVAL))
        finally:
            os._exit(NOT_FOUND)

    def _in_foreground() -> bool:
        """Whether the terminal, if there is one, listens to us and not to another job."""
        for fd in (0, 1, 2):
            with contextlib.suppress(OSError):
                return os.tcgetpgrp(fd) == os.getpgrp()
        return False

    def _open_standard_files() -> None:
        """Put the null device where a standard file is closed: else our pipes would take its number."""
        for fd in (0, 1, 2):
            try:
                os.fstat(fd)
            except OSError:
                os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)

    def _write_all(fd: int, data: bytes) -> None:
        while data:
            try:
                data = data[os.write(fd, data) :]
            except BlockingIOError:  # someone else made it so
                select.select([], [fd], [])

    @contextlib.contextmanager
    def _signals() -> Iterator[int]:
        """Let signals wake a poll instead of ending us; the file that tells their numbers."""
        read, write = os.pipe()
        os.set_blocking(read, False)
        os.set_blocking(write, False)
        before: dict[int, Any] = {}
        previous = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        try:
            for name in (*_FORWARDED, *_FROM_KEYS, *_NOTICED):
                number = getattr(signal, name)
                # What the shell has us ignore (nohup), the command shall ignore as well.
                if name in _NOTICED or signal.getsignal(number) != signal.SIG_IGN:
                    before[number] = signal.signal(number, _nothing)
            yield read
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(previous)
            os.close(read)
            os.close(write)

    def _nothing(number: int, frame: object) -> None:
        """The wakeup file has the number; a handler must be there for it to be written."""
