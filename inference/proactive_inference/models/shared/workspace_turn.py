"""One question about a workspace at a time, however many editors have it open: a lock file for each folder.

The files lie in ``<state folder>/turns/``, named by a hash of the folder, and hold the number of the process whose
turn it is, nothing else. The system lets a lock go with its process.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from proactive_inference.errors import ModelError, UnavailableError, UnwantedError
from proactive_inference.models.asking import Asking
from proactive_inference.models.shared.lock import ProcessLock
from proactive_inference.models.shared.places import make_private, workers_folder

LOOK_SECONDS = 0.05
"""Between two looks whether another editor is done."""

_log = logging.getLogger(__name__)


@contextmanager
def workspace_turn(folders: Sequence[Path], asking: Asking) -> Iterator[None]:
    """Wait until no other process asks about one of these folders, and keep others waiting meanwhile.

    Where locks cannot be had, it is nobody's turn and everybody's: questions are asked at once.

    Raises:
        UnwantedError: the question was taken back, or its time passed, while others asked.
    """
    with ExitStack() as held:
        for path in _paths(folders):
            lock = ProcessLock(path)
            try:
                _wait(lock, asking)
            except OSError as error:
                _log.debug("no turns for a workspace: %s", error)
                continue
            held.callback(lock.release)
        yield


def _wait(lock: ProcessLock, asking: Asking) -> None:
    while not lock.acquire():
        try:
            asking.rest(LOOK_SECONDS)
        except (UnavailableError, UnwantedError) as error:
            raise UnwantedError(
                "another editor asks a language model about this workspace; ask again in a moment"
            ) from error


def _paths(folders: Sequence[Path]) -> list[Path]:
    """In an order that is everybody's, so that nobody waits for who waits for them."""
    if not folders:
        return []
    try:
        place = workers_folder().parent / "turns"
        make_private(place)
    except ModelError as error:
        _log.debug("no turns for workspaces: %s", error)
        return []
    names = {os.fsencode(os.path.realpath(folder)) for folder in folders}
    return sorted(place / f"{hashlib.blake2b(name, digest_size=8).hexdigest()}.lock" for name in names)
