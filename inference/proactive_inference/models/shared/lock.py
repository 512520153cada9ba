"""A lock that a process holds while it lives, whatever becomes of it."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Any

_FAR = 1 << 30
"""The byte that is locked on Windows, where a locked one cannot be read: behind what is written."""


class ProcessLock:
    """Held through an open file; the system lets it go when the process ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self, seconds: float = 0.0) -> bool:
        """Try for so long; whether it is held now. The file then holds this process's number.

        Raises:
            OSError: the file cannot be written, or its disk knows no locks.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        end = time.monotonic() + seconds
        try:
            while not _locked(descriptor):
                if time.monotonic() >= end:
                    os.close(descriptor)
                    return False
                time.sleep(0.05)
        except OSError:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        return True

    def release(self) -> None:
        """Let it go."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def holder(path: Path) -> int | None:
    """The number of the process that holds the lock; ``None`` if none does, or it has not said."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return None
    try:
        if _locked(descriptor):
            return None
        return int(os.read(descriptor, 20))
    except (OSError, ValueError):
        return None
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    """Whether the lock could be had.

    Raises:
        OSError: there are no locks on this disk.
    """
    with contextlib.suppress(BlockingIOError, PermissionError):  # another process has it
        if os.name == "nt":
            import msvcrt

            windows: Any = msvcrt
            os.lseek(descriptor, _FAR, os.SEEK_SET)
            windows.locking(descriptor, windows.LK_NBLCK, 1)
            os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
