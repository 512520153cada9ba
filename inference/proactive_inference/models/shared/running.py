"""Which workers run, and how a person ends them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from attrs import frozen

from proactive_inference.models.shared.call import call_worker
from proactive_inference.models.shared.lock import holder
from proactive_inference.models.shared.places import LOCK, Announcement, all_workers
from proactive_inference.models.shared.starting import end_process
from proactive_inference.models.shared.wire import WireError

ANSWER_SECONDS = 5.0
"""How long a worker may take to say how it is, and to end."""


@frozen
class Running:
    """A worker that is announced and lives."""

    folder: Path
    announced: Announcement
    status: Mapping[str, Any] | None  #: as :meth:`service.Service.status` says; ``None`` if it does not answer


def running_workers() -> list[Running]:
    """All workers of this user on this machine; the files of dead ones are removed.

    Raises:
        ModelError: this user has no home folder.
    """
    found = []
    for folder, announced in all_workers():
        status: Mapping[str, Any] | None = None
        try:
            with closing(call_worker(announced, ANSWER_SECONDS)) as call:
                status = call.request(ANSWER_SECONDS, status=True).get("status")
        except (ConnectionRefusedError, WireError):
            if holder(folder / LOCK) is None:
                announced.withdraw(folder)
                continue
        except TimeoutError:
            pass
        found.append(Running(folder, announced, status))
    return found


def stop_worker(running: Running) -> bool:
    """End a worker, by force if it does not answer; whether it has ended."""
    try:
        with closing(call_worker(running.announced, ANSWER_SECONDS)) as call:
            call.request(ANSWER_SECONDS, stop="person")
    except (OSError, WireError):
        pass
    if not _ended(running):
        if holder(running.folder / LOCK) == running.announced.pid:
            end_process(running.announced.pid)
        if not _ended(running):
            return False
    running.announced.withdraw(running.folder)
    return True


def _ended(running: Running) -> bool:
    end = time.monotonic() + ANSWER_SECONDS
    while (pid := holder(running.folder / LOCK)) == running.announced.pid:
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return pid != running.announced.pid
