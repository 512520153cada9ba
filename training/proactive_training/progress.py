"""Says on one line how far a long run is and when it will be done."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

Progress = Callable[[int, int], None]
"""Called with how many steps are done, and of how many."""


class ProgressLine:
    """Writes ``12/198, 3.1 s each, 9 min left`` at most every few seconds; on a terminal over itself."""

    def __init__(
        self,
        what: str,
        stream: TextIO | None = None,
        *,
        every: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what = what
        self._stream = stream if stream is not None else sys.stderr
        self._every = every if not self._stream.isatty() else 0.5
        self._clock = clock
        self._started = clock()
        self._first: int | None = None  # steps that were done before: they say nothing of the speed
        self._told = float("-inf")

    def __call__(self, done: int, total: int) -> None:
        """Tell it, unless it was told just now; the last step is always told."""
        now = self._clock()
        if self._first is None:
            self._first, self._started = done, now
        if done < total and now - self._told < self._every:
            return
        self._told = now
        steps = done - self._first
        left = ""
        if steps:
            each = (now - self._started) / steps
            left = f", {each:.1f} s each, {span((total - done) * each)} left"
        end = "\n" if done >= total or not self._stream.isatty() else "\r"
        self._stream.write(f"{self._what}: {done}/{total}{left}{end}")
        self._stream.flush()


def span(seconds: float) -> str:
    """A time in the unit in which people say it: ``40 s``, ``9 min``, ``2.5 h``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
