"""One thread that does the work too heavy for the event loop, one job after the other; asleep without one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

_T = TypeVar("_T")


class Worker(Generic[_T]):
    """Owns a subject that is built in its own thread, and that nothing else ever touches.

    Args:
        build: makes the subject; called in the thread, so that its imports cost the start nothing.
        end: ends it.
        rested: called in the thread whenever no job is left, with the seconds for which there were some.
    """

    def __init__(
        self,
        build: Callable[[], _T],
        end: Callable[[_T], None],
        rested: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self._build = build
        self._end = end
        self._rested = rested
        self._broken = False
        self._jobs: SimpleQueue[Callable[[_T], object] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._left = 0  # jobs that are not done
        self._busy_since: float | None = None

    def start(self) -> None:
        """Begin; jobs put before are done first."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="proactive-worker", daemon=True)
            self._thread.start()

    def put(self, job: Callable[[_T], object]) -> None:
        """Queue a job; from any thread."""
        with self._lock:
            self._left += 1
            if self._busy_since is None:
                self._busy_since = time.monotonic()
        self._jobs.put(job)

    @property
    def busy(self) -> bool:
        """Whether a job is being done or waits."""
        return self.busy_since is not None

    @property
    def busy_since(self) -> float | None:
        """Since when it has had work without a rest, by `time.monotonic`; ``None`` while it rests."""
        with self._lock:
            return None if self._broken else self._busy_since

    def close(self, timeout: float = 5.0) -> None:
        """Do the jobs that wait, end the subject, and wait for that; seconds."""
        self._jobs.put(None)
        if self._thread is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        try:
            subject = self._build()
        except Exception:
            log.exception("the part that decides cannot start; no suggestions will be made")
            self._broken = True
            return
        while (job := self._jobs.get()) is not None:
            try:
                job(subject)
            except Exception:  # one bad event must not end the watching
                log.exception("an event could not be handled")
            self._done()
        try:
            self._end(subject)
        except Exception:
            log.exception("the journal could not be closed")

    def _done(self) -> None:
        with self._lock:
            self._left -= 1
            since = self._busy_since
            if self._left or since is None:
                return
            self._busy_since = None
        self._rested(time.monotonic() - since)
