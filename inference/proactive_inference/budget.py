"""How much a language model may be asked within an hour."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)


class Budget:
    """Counts calls and tokens of the last hour. Not thread-safe; time comes with each call.

    Args:
        calls: how many are allowed in any hour.
        tokens: how many may be read and written in any hour.
    """

    def __init__(self, calls: int, tokens: int) -> None:
        self.calls = calls
        self.tokens = tokens
        self._spent: deque[tuple[datetime, int, int]] = deque()

    def spend(self, now: datetime, calls: int, tokens: int) -> None:
        """Take note of what was used."""
        if calls or tokens:
            self._spent.append((now, calls, tokens))

    def used(self, now: datetime) -> tuple[int, int]:
        """Calls and tokens of the hour before ``now``."""
        while self._spent and self._spent[0][0] <= now - HOUR:
            self._spent.popleft()
        return sum(calls for _, calls, _ in self._spent), sum(tokens for _, _, tokens in self._spent)

    def exhausted(self, now: datetime) -> str | None:
        """Which of the two is used up, in words with the number; ``None`` if there is something left."""
        calls, tokens = self.used(now)
        if calls >= self.calls:
            return f"{calls} of {self.calls} calls of this hour are used"
        if tokens >= self.tokens:
            return f"{tokens} of {self.tokens} tokens of this hour are used"
        return None
