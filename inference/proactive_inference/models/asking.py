"""One question to a language model while it is under way: how long it may take, and whether it is still wanted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from proactive_inference.errors import UnavailableError, UnwantedError


class Asking:
    """Handed along with a question; whoever asked may take it back from any thread.

    Args:
        seconds: how long the answer may take in all, waiting and retries included; ``None``: as long as it takes.
        told: called with each piece of the answer's text as it comes, in the answering thread.
        again: called when the answer begins anew, since its server broke off: what was told before is void.
        monotonic: seconds.
    """

    def __init__(
        self,
        seconds: float | None = None,
        *,
        told: Callable[[str], None] = lambda piece: None,
        again: Callable[[], None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.told = told
        self.again = again
        self.put = False  #: whether the question was on its way to a model, so that it may have cost something
        self._seconds = seconds
        self._monotonic = monotonic
        self._deadline = None if seconds is None else monotonic() + seconds
        self._taken_back = threading.Event()
        self._lock = threading.Lock()
        self._enders: list[Callable[[], None]] = []

    @property
    def taken_back(self) -> bool:
        """Whether nobody wants the answer any more."""
        return self._taken_back.is_set()

    @property
    def seconds_left(self) -> float | None:
        """Until the deadline, zero or more; ``None`` if there is none."""
        return None if self._deadline is None else max(0.0, self._deadline - self._monotonic())

    def take_back(self) -> None:
        """Nobody wants the answer any more: whatever waits for it stops soon."""
        with self._lock:
            self._taken_back.set()
            enders, self._enders = self._enders, []
        for end in enders:
            end()

    def when_taken_back(self, end: Callable[[], None]) -> None:
        """Call ``end`` when the question is taken back, at once if it was: to close a connection, say."""
        with self._lock:
            if not self._taken_back.is_set():
                self._enders.append(end)
                return
        end()

    def forget(self, end: Callable[[], None]) -> None:
        """Do not call ``end`` any more."""
        with self._lock:
            self._enders = [one for one in self._enders if one is not end]

    def rest(self, seconds: float) -> None:
        """Sleep, but no longer than the question is wanted and the deadline allows.

        Raises:
            UnwantedError: it was taken back.
            UnavailableError: the time is up.
        """
        left = self.seconds_left
        self._taken_back.wait(seconds if left is None else min(seconds, left))
        self.check()

    def check(self) -> None:
        """Stop here if there is no use in going on.

        Raises:
            UnwantedError: the question was taken back.
            UnavailableError: the time is up.
        """
        if self.taken_back:
            raise UnwantedError("the question was taken back")
        if self.seconds_left == 0.0:
            raise self.late()

    def late(self) -> UnavailableError:
        """What to raise where the time is up."""
        return UnavailableError(
            f"the model did not answer within {self._seconds or 0:g} s; ask a smaller model, or give it more time"
        )
