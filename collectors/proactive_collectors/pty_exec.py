"""Run a command as if nobody stood between it and the terminal, and keep the end of what it prints.

On a terminal the command gets a pseudo-terminal of its own: the real one is put into raw mode, bytes go both ways
untouched, and resizing and job control work. Where standard input or output is a pipe or a file, the command
inherits standard input itself, and output passes through pipes, standard output and error kept apart (one that is
a terminal stays one, so that colours do).

Limits: what a background process prints after the command has ended is not passed on (it finds its terminal hung
up or its pipe closed), and keys that were typed ahead and not read by the command are lost with its terminal.
This module and those it imports (:mod:`proactive_collectors.pty_wrapper` does the work) load nothing heavy, since
the command waits for them.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from proactive_collectors.recorder import Recorder
from proactive_collectors.start_failure import NOT_EXECUTABLE, NOT_FOUND, say

if TYPE_CHECKING:
    from proactive_collectors.events import TerminalRun

if sys.platform != "win32":
    from proactive_collectors.pty_wrapper import Wrapper


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
        status = Wrapper(argv, recorder).run()
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
        say(argv[0], errno.ENOENT, recorder)
        return NOT_FOUND
    except OSError as error:
        say(argv[0], error.errno or errno.EACCES, recorder)
        return NOT_EXECUTABLE


def _open_standard_files() -> None:
    """Put the null device where a standard file is closed: else our pipes would take its number."""
    for fd in (0, 1, 2):
        try:
            os.fstat(fd)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
