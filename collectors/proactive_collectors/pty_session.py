"""The session leader that waits for a command on a terminal of its own, and how a process becomes the command.

The leader only waits. Without it the group of the command's processes would be orphaned, and the kernel does not
stop those: Ctrl-Z would be lost. Not for Windows.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import signal
import struct
import sys
import termios

from proactive_collectors.start_failure import NOT_FOUND

assert sys.platform != "win32"  # type checkers need to be told

FROM_KEYS = ("SIGINT", "SIGQUIT")
STARTED, STOPPED, ENDED = 0, 1, 2
"""What the leader tells, each with a number: the command's process, or its status as `os.waitpid` has it."""


def lead(argv: list[str], fds: list[int], tell: int, fail: int, ours: list[int]) -> None:
    """The session leader: owns the terminal, starts the command, tells how it fares. Never returns."""
    try:
        signal.set_wakeup_fd(-1)
        for fd in ours:
            os.close(fd)  # else the terminal would not hang up when the wrapper is killed
        os.setsid()
        fcntl.ioctl(fds[0], termios.TIOCSCTTY, 0)
        unheard = [getattr(signal, name) for name in (*FROM_KEYS, "SIGTERM", "SIGTTOU")]
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
            become(argv, fds, fail)
        os.close(fail)
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)
        os.write(tell, struct.pack("ii", STARTED, pid))
        while True:
            _, status = os.waitpid(pid, os.WUNTRACED)
            stopped = os.WIFSTOPPED(status)
            os.write(tell, struct.pack("ii", STOPPED if stopped else ENDED, status))
            if not stopped:
                break
    finally:
        os._exit(0)


def become(argv: list[str], fds: list[int], fail: int) -> None:
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
