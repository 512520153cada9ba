"""Why a command could not be started, said as a shell says it."""

from __future__ import annotations

import contextlib
import errno
import os

from proactive_collectors.recorder import Recorder

NOT_EXECUTABLE, NOT_FOUND = 126, 127
"""Exit codes of a shell for a command that cannot be run, and for one that is not there."""


def say(name: str, number: int, recorder: Recorder) -> int:
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
