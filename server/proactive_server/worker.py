"""One thread that does the work too heavy for the event loop, one job after the other; asleep without one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

_T = TypeVar("_T")


class Worker(Generic[_T]):
    """Owns a subject that is built in its own thread, and that nothing else ever touches.

    Args:
        build: makes the subject; called in the thread, so that its imports cost the start nothing.
    """

    def __init__(self, build: Callable[[], _T], end: Callable[[_T], None]) -> None:
        self._build = build
        self._end = end
        self._jobs: SimpleQueue[Callable[[_T], object] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._working = False

    def start(self) -> None:
        """Begin; jobs put before are done first."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="proactive-worker", daemon=True)
            self._thread.start()

    def put(self, job: Callable[[_T], object]) -> None:
        """Queue a job; from any thread."""
        self._jobs.put(job)

    @property
    def waiting(self) -> int:
        """How many jobs have not begun."""
        return self._jobs.qsize()

    @property
    def busy(self) -> bool:
        """Whether a job is being done or waits."""
        return self._working or self._jobs.qsize() > 0

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
            return
        while (job := self._jobs.get()) is not None:
            self._working = True
            try:
                job(subject)
            except Exception:  # one bad event must not end the watching
                log.exception("an event could not be handled")
            self._working = False
        try:
            self._end(subject)
        except Exception:
            log.exception("the journal could not be closed")
