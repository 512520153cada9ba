"""Stands between a command and the terminal or pipes it was started on, and keeps what passes.

The processes on a terminal: the wrapper, a session leader (:mod:`proactive_collectors.pty_session`), and the
command in a process group of its own. Not for Windows.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import signal
import struct
import sys
import termios
import tty
from collections.abc import Iterator, Sequence
from typing import Any

from proactive_collectors.pty_session import ENDED, FROM_KEYS, become, lead
from proactive_collectors.recorder import Recorder
from proactive_collectors.start_failure import say

assert sys.platform != "win32"  # type checkers need to be told

CHUNK = 128 * 1024
_FORWARDED = ("SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")
_NOTICED = ("SIGWINCH", "SIGCHLD", "SIGCONT")


class Wrapper:
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
        """Run the command to its end; its exit code, negative for a signal."""
        with _signals() as wakeup:
            try:
                number = self.start()
                if number:
                    return say(self.argv[0], number, self.recorder)
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
                lead(self.argv, fds, tell, fail, self.ours)
        else:
            self.pid = os.fork()
            if self.pid == 0:
                become(self.argv, fds, fail)
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
        """Have keys come one by one and unechoed, as long as the terminal listens to us."""
        if self.saved is not None and not self.raw and _in_foreground():
            with contextlib.suppress(termios.error):
                tty.setraw(0, termios.TCSADRAIN)
                self.raw = True

    def restore(self) -> None:
        """Give the terminal back as it was."""
        if self.saved is not None and self.raw:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(0, termios.TCSADRAIN, self.saved)
            self.raw = False

    def resize(self) -> None:
        """Give the command's terminals the size of the real one."""
        for fd in (0, 1, 2):
            with contextlib.suppress(OSError):
                size = fcntl.ioctl(fd, termios.TIOCGWINSZ, b"\0" * 8)
                for terminal in self.sizes:
                    fcntl.ioctl(terminal, termios.TIOCSWINSZ, size)
                return

    # --- while it runs ---------------------------------------------------------------------------------

    def pump(self, wakeup: int) -> None:
        """Pass everything on until the command has ended."""
        while self.status is None:
            poll = select.poll()
            poll.register(wakeup, select.POLLIN)
            for fd in self.outputs:
                poll.register(fd, select.POLLIN | (select.POLLOUT if fd == self.master and self.pending else 0))
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
        """Read the keys that were pressed."""
        try:
            self.pending = os.read(0, 4096)
        except OSError:
            self.pending = b""
        if not self.pending:
            self.keys_end = True  # the terminal was closed
            self.send(signal.SIGHUP)

    def give_keys(self) -> None:
        """Hand the command as many of them as its terminal takes."""
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
        """Send the command a signal, if it is still there."""
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
        if kind == ENDED:
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


def _in_foreground() -> bool:
    """Whether the terminal, if there is one, listens to us and not to another job."""
    for fd in (0, 1, 2):
        with contextlib.suppress(OSError):
            return os.tcgetpgrp(fd) == os.getpgrp()
    return False


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
        for name in (*_FORWARDED, *FROM_KEYS, *_NOTICED):
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
