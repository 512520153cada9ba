"""Starts a worker, from the side of whoever asks, and hears how it went."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

from attrs import asdict, frozen

from proactive_inference.models.asking import Asking
from proactive_inference.models.shared import launch
from proactive_inference.models.shared.limits import Limits
from proactive_inference.models.shared.pause import SetupError, WorkerError
from proactive_inference.models.shared.places import LOG, make_private

WORKER = "proactive_inference.models.shared.worker"
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)
_LOOK_SECONDS = 0.05


@frozen
class Wanted:
    """The worker that is wanted."""

    model: str  #: as :func:`places.absolute` gives it
    folder: Path  #: of the worker
    limits: Limits
    device: str | None = None
    dtype: str | None = None

    def as_json(self) -> str:
        """As :meth:`from_json` takes it."""
        return json.dumps(asdict(self) | {"folder": str(self.folder)})

    @classmethod
    def from_json(cls, text: str) -> Wanted:
        """The same again."""
        whole: dict[str, Any] = json.loads(text)
        whole |= {"folder": Path(whole["folder"]), "limits": Limits(**whole["limits"])}
        return cls(**whole)


def start(wanted: Wanted, asking: Asking, *, wait_for_lock: float = 0.0) -> bool:
    """Start a worker and wait until it listens, long before it has loaded the model.

    Args:
        wanted: which one.
        asking: the question for whose sake; if it is taken back, the worker starts nonetheless.
        wait_for_lock: seconds that it waits for another one to end.

    Returns:
        Whether it listens; false if there is another one in its place.

    Raises:
        WorkerError: it does not start.
        SetupError: it cannot be started.
        UnavailableError: the question's time is up.
    """
    make_private(wanted.folder)
    python = sys.executable or "python3"
    worker = [python, "-P", "-m", WORKER, wanted.as_json(), str(wait_for_lock)]
    kept = {name: value for name, value in os.environ.items() if not _SECRET.search(name)}
    with _log(wanted.folder) as log:
        try:
            launcher = subprocess.Popen(
                [python, "-I", "-S", launch.__file__, *worker],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=wanted.folder,
                env=kept,
            )
        except OSError as error:
            raise SetupError(
                f"the worker of {wanted.model} cannot be started ({error.strerror}); see that {python} runs"
            ) from error
    said: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    assert launcher.stdout is not None
    threading.Thread(target=_hear, args=(launcher, launcher.stdout, said), daemon=True).start()
    return _answer(wanted, said, asking)


def end_process(pid: int) -> None:
    """End a process that does not answer."""
    with contextlib.suppress(OSError):
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))


def _answer(wanted: Wanted, said: queue.SimpleQueue[bytes], asking: Asking) -> bool:
    left = wanted.limits.start_seconds
    pid = 0
    while True:
        try:
            line = said.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            asking.check()
            left -= _LOOK_SECONDS
            if left <= 0:
                end_process(pid) if pid else None
                raise WorkerError(
                    f"the worker of {wanted.model} did not start within {wanted.limits.start_seconds:g} s; "
                    f"ask again, and look into {wanted.folder / LOG}"
                ) from None
            continue
        if not line:
            raise WorkerError(
                f"the worker of {wanted.model} ended before it listened; {wanted.folder / LOG} says why"
            )
        if not pid:
            pid = int(line)
            continue
        found = json.loads(line)
        if found.get("error"):
            raise SetupError(found["error"])
        return not found.get("busy")


def _hear(launcher: subprocess.Popen[bytes], output: IO[bytes], said: queue.SimpleQueue[bytes]) -> None:
    """Hand on what the launcher and then the worker say, line by line, and an empty line at their end."""
    with output:
        for line in output:
            said.put(line)
    launcher.wait()
    said.put(b"")


@contextlib.contextmanager
def _log(folder: Path) -> Any:
    """Where a worker's errors go before it has its own log, if they can be kept."""
    try:
        descriptor = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError:
        yield subprocess.DEVNULL
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)
