"""Whether a language model can be asked now: after failures it is left alone for a while, longer each time."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=5)


class Availability:
    """Remembers how the last questions went. Not thread-safe; time comes with each call."""

    def __init__(self) -> None:
        self._failures = 0
        self._again_at: datetime | None = None
        self.problem = ""  #: the last failure, in a sentence; empty while all is well

    @property
    def well(self) -> bool:
        """Whether the last question was answered, or none was asked yet."""
        return not self.problem

    def may_ask(self, now: datetime) -> bool:
        """Whether it is worth a try: all was well, or the pause after the last failure is over."""
        return self._again_at is None or now >= self._again_at

    def answered(self) -> None:
        """A question was answered."""
        self._failures, self._again_at, self.problem = 0, None, ""

    def failed(self, now: datetime, problem: str, wait: timedelta | None = None) -> None:
        """A question was not answered; the pause doubles with each failure in a row.

        ``wait`` is how long the model's server wants to be left alone, where it says so.
        """
        pause = max(FIRST_PAUSE * 2 ** min(self._failures, 16), wait or FIRST_PAUSE)
        pause = min(pause, LONGEST_PAUSE)
        self._failures += 1
        self._again_at, self.problem = now + pause, problem
