"""The worker's log: one file that stays small, for its own words and for whatever the libraries print."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from pathlib import Path

from proactive_inference.models.shared.places import LOG

MOST_BYTES = 256 << 10
"""Above it, only the later half is kept."""

_FORM = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"


def log_to(folder: Path) -> None:
    """Have everything that is logged, or printed as an error, go into the folder's log; nowhere if it cannot."""
    try:
        descriptor = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError:
        descriptor = os.open(os.devnull, os.O_WRONLY)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    logging.raiseExceptions = False  # a full disk is no reason to stop
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format=_FORM, force=True)
    logging.getLogger("proactive_inference").setLevel(logging.INFO)


def keep_small(folder: Path, most: int = MOST_BYTES) -> None:
    """Cut the beginning off a log that has grown above ``most`` bytes."""
    path = folder / LOG
    with contextlib.suppress(OSError):
        size = path.stat().st_size
        if size <= most or not path.is_file():
            return
        with path.open("r+b") as file:
            file.seek(size - most // 2)
            kept = file.read().partition(b"\n")[2]
            file.seek(0)
            file.write(kept)
            file.truncate()
