"""Tells the client when a look through the workspace takes long enough to wonder about."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Protocol

from lsprotocol import types
from pygls import progress as work_done

LONG_SECONDS = 1.0
"""Work that takes less is not worth a word."""

LOOK_SECONDS = 0.25
"""How often to look whether it is over, while it goes on."""


class Reporter(Protocol):
    """The part of the protocol that shows progress (pygls' own has this shape)."""

    def create_async(self, token: int | str) -> Awaitable[object]:
        """Ask the client for a place to show it."""

    def begin(self, token: int | str, value: types.WorkDoneProgressBegin) -> None:
        """Show that it begins."""

    def end(self, token: int | str, value: types.WorkDoneProgressEnd) -> None:
        """Show that it is over."""


class Stoppable:
    """pygls' reporter of progress, with a word when the person stops it."""

    def __init__(self, progress: work_done.Progress) -> None:
        self._progress = progress

    def create_async(self, token: int | str) -> Awaitable[object]:
        """Ask the client for a place to show it."""
        return self._progress.create_async(token)

    def begin(self, token: int | str, value: types.WorkDoneProgressBegin) -> None:
        """Show that it begins."""
        self._progress.begin(token, value)

    def report(self, token: int | str, value: types.WorkDoneProgressReport) -> None:
        """Show how far it is."""
        self._progress.report(token, value)

    def end(self, token: int | str, value: types.WorkDoneProgressEnd) -> None:
        """Show that it is over."""
        self._progress.end(token, value)
        self._progress.tokens.pop(token, None)

    def when_cancelled(self, token: int | str, call: Callable[[], object]) -> None:
        """Call that when the person stops it."""
        self._progress.tokens[token].add_done_callback(lambda future: call() if future.cancelled() else None)


class Progress:
    """Watches the worker while it works; asleep while it does not. For the event loop alone.

    Args:
        busy: whether the worker works.
        reporter: shows it; ``None`` where the client cannot.
        spawn: lets a coroutine go on beside.
    """

    def __init__(
        self,
        busy: Callable[[], bool],
        reporter: Callable[[], Reporter | None],
        spawn: Callable[[Awaitable[None]], None],
        *,
        long_seconds: float = LONG_SECONDS,
    ) -> None:
        self._busy = busy
        self._reporter = reporter
        self._spawn = spawn
        self._long_seconds = long_seconds
        self._looking = False

    def work_begins(self) -> None:
        """There is a job for the worker."""
        if not self._looking and self._reporter() is not None:
            self._looking = True
            self._spawn(self._look())

    async def _look(self) -> None:
        try:
            await asyncio.sleep(self._long_seconds)
            reporter = self._reporter()
            if not self._busy() or reporter is None:
                return
            token = f"proactive-{uuid.uuid4().hex}"
            await reporter.create_async(token)
            reporter.begin(token, types.WorkDoneProgressBegin("Looking through the workspace"))
            while self._busy():
                await asyncio.sleep(LOOK_SECONDS)
            reporter.end(token, types.WorkDoneProgressEnd())
        finally:
            self._looking = False
