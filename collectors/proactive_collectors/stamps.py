"""What the file system says of a file or directory, by which one read before is known to be unchanged.

Times alone do not tell: a change within the same tick of the file system's clock as the last one leaves no trace.
So what was read is trusted only if its last change was `SETTLED` before it was read, as git does with its index.
"""

from __future__ import annotations

import os
import time

Stamp = tuple[int, int, int, int, int]
"""Modification and change time (ns), size, inode, device."""

SETTLED = 2_000_000_000
"""Nanoseconds: the coarsest clock of a file system in use (FAT's)."""

SETTLED_FINE = 100_000_000
"""Nanoseconds, where the times have digits that no coarse clock gives: the longest tick of a kernel, with room."""

_FINE = 1_000_000

_POSIX = os.name != "nt"


def stamp_of(status: os.stat_result) -> Stamp:
    """The stamp of what ``status`` was taken of."""
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_dev


def settled(stamp: Stamp) -> bool:
    """Whether any change from now on will show in the stamp."""
    # Nobody can set the change time back; Windows gives the time of creation in its place.
    changed = stamp[1 if _POSIX else 0]
    return changed + (SETTLED_FINE if changed % _FINE else SETTLED) < time.time_ns()
