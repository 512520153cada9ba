"""One timer of the event loop for everything that is due later; armed only while something is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Alarm:
    """Calls back once a deadline has come. Moving the deadline later costs nothing; for the event loop alone.

    Args:
        loop: its clock is the measure of all deadlines.
        ring: called when the deadline has come; it may set the next one.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, ring: Callable[[], None]) -> None:
        self._loop = loop
        self._ring = ring
        self._deadline: float | None = None
        self._handle: asyncio.TimerHandle | None = None

    def set(self, deadline: float | None) -> None:
        """Ring at ``deadline`` (of the loop's clock), or not at all."""
        self._deadline = deadline
        if deadline is None:
            if self._handle is not None:
                self._handle.cancel()
                self._handle = None
        elif self._handle is None or self._handle.when() > deadline:
            if self._handle is not None:
                self._handle.cancel()
            self._handle = self._loop.call_at(deadline, self._due)

    def _due(self) -> None:
        self._handle = None
        if self._deadline is None:
            return
        # A keystroke only moves the deadline; the timer finds out here and sleeps on.
        if self._loop.time() < self._deadline:
            self._handle = self._loop.call_at(self._deadline, self._due)
            return
        self._deadline = None
        self._ring()
