"""What goes on beside the messages, each to its own end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

from pygls.exceptions import PyglsError

log = logging.getLogger(__name__)


class Tasks:
    """Work that nobody waits for."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Future[Any]] = set()

    def spawn(self, work: Awaitable[Any]) -> None:
        """Let something go on beside; what goes wrong in it is logged."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def close(self) -> None:
        """Have all of it stop."""
        for task in self._tasks:
            task.cancel()

    def _done(self, task: asyncio.Future[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            level = logging.INFO if isinstance(error, PyglsError) else logging.ERROR
            log.log(level, "the client did not do as asked: %s", error)
