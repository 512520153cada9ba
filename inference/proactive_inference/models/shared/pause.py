"""What a worker's failures mean for the next question: it recovers by itself, but not over and over in vain."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from proactive_inference.errors import ModelError, UnavailableError

FIRST_SECONDS = 30.0
"""The pause after a worker could not start or load, or died twice in a row."""

LONGEST_SECONDS = 600.0


class WorkerError(UnavailableError):
    """The worker failed, whatever the question; with ``died``, it had been at work until then."""

    def __init__(self, text: str, *, died: bool = False, seconds: float | None = None) -> None:
        super().__init__(text, seconds=seconds)
        self.died = died


class SetupError(ModelError):
    """The worker cannot be had, whatever the question, until somebody acts: a package is missing, say."""


class Pause:
    """After a failure it says the same again for a while, without trying; the pause doubles with each failure."""

    def __init__(self, *, first: float = FIRST_SECONDS, monotonic: Callable[[], float] = time.monotonic) -> None:
        """``first`` is in seconds."""
        self._first = first
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._failures = 0
        self._until = 0.0
        self._error: WorkerError | SetupError | None = None
        self._model = ""

    def check(self, model: str) -> None:
        """Stop here while it rests, unless the ``model`` (its fingerprint) is another one by now.

        Raises:
            WorkerError, SetupError: as before.
        """
        with self._lock:
            left = self._until - self._monotonic()
            if self._error is None or model != self._model or left <= 0:
                return
            if isinstance(self._error, SetupError):
                raise SetupError(str(self._error))
            raise WorkerError(str(self._error), seconds=left)

    def failed(self, model: str, error: WorkerError | SetupError) -> None:
        """A worker failed; one that died in the middle of its work is started again at once, the first time."""
        with self._lock:
            self._failures = self._failures + 1 if model == self._model else 1
            self._model, self._error = model, error
            doublings = self._failures - (2 if isinstance(error, WorkerError) and error.died else 1)
            pause = min(LONGEST_SECONDS, self._first * 2**doublings) if doublings >= 0 else 0.0
            self._until = self._monotonic() + pause

    def worked(self) -> None:
        """A question was answered."""
        with self._lock:
            self._failures, self._until = 0, 0.0
