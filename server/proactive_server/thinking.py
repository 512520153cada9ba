"""Whether the worker has been at it for so long that a person would wonder; without flicker, without polling."""

from __future__ import annotations

import time
from collections.abc import Callable

from proactive_server.observer import Deadline

AFTER = 0.15
"""Seconds of unbroken work before it counts as thinking: most decisions take a few milliseconds."""

LEAST = 0.4
"""Seconds for which it is shown at least: what goes again at once is only a flicker."""


class Thinking:
    """For the event loop alone.

    Args:
        busy_since: since when the worker has worked without a rest, by ``monotonic``; ``None`` while it rests.
        changed: called when `shown` has changed.
    """

    def __init__(self, busy_since: Callable[[], float | None], changed: Callable[[], None]) -> None:
        self._busy_since = busy_since
        self._changed = changed
        self._alarm: Deadline | None = None
        self._monotonic: Callable[[], float] = time.monotonic
        self._looking = False  # whether the alarm is set
        self._shown_at = 0.0
        self.shown = False

    def set_alarm(self, alarm: Deadline, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Take the timer; it calls `look`. Its clock is ``monotonic``."""
        self._alarm = alarm
        self._monotonic = monotonic

    def work_begins(self) -> None:
        """There is a job for the worker."""
        if not self._looking and not self.shown:
            self._look_at(self._monotonic() + AFTER)

    def work_ends(self) -> None:
        """The worker rests after work that was long enough to count."""
        if self.shown and not self._looking:
            self.look()

    def look(self) -> None:
        """See how long it has been busy, or shown."""
        self._looking = False
        now, since = self._monotonic(), self._busy_since()
        if since is not None and now < since + AFTER:
            self._look_at(since + AFTER)  # of the end of shorter work nobody tells
        elif since is not None and not self.shown:
            self.shown, self._shown_at = True, now
            self._changed()
        elif since is None and self.shown and now < self._shown_at + LEAST:
            self._look_at(self._shown_at + LEAST)
        elif since is None and self.shown:
            self.shown = False
            self._changed()

    def _look_at(self, deadline: float) -> None:
        if self._alarm is not None:
            self._looking = True
            self._alarm.set(deadline)
