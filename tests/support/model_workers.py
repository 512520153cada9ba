"""Editors that ask a model in processes of their own, and a look at the workers that answer them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from proactive_inference.models.shared.running import Running, running_workers

PATIENCE = 120.0
"""Seconds that a test waits for what should come soon."""


def until(condition: Callable[[], Any]) -> Any:
    """Wait for a condition; what it returned."""
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)
    return found


def the_worker() -> Running:
    """The only worker there is."""
    (found,) = running_workers()
    return found


def status() -> dict[str, Any]:
    """What the only worker says of itself."""
    found = the_worker().status
    assert found is not None
    return dict(found)


def gone(pid: int) -> bool:
    """Whether a process has ended, though perhaps nobody has asked how."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def workers_in(state: Path) -> list[psutil.Process]:
    """All processes that serve models of a state folder, announced or not."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if "proactive_inference.models.shared.worker" in line and str(state) in " ".join(line):
            found.append(process)
    return found


@contextmanager
def own_state(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state folder for this process and those that it starts; its workers are gone at the end."""
    monkeypatch.setenv("PROACTIVE_STATE_DIR", str(folder))
    yield folder
    for process in workers_in(folder):
        process.kill()
        until(lambda pid=process.pid: gone(pid))


ASKER = """
import json, sys
from proactive_inference.models.asking import Asking
from proactive_inference.models.messages import Message
from proactive_inference.models.resolve import open_served_model
from proactive_inference.models.shared.limits import Limits
model = open_served_model(sys.argv[1], Limits(**json.loads(sys.argv[2])))
print("ready", flush=True)
for line in sys.stdin:
    found = model.complete([Message("user", line.strip())], max_tokens=5)
    print(json.dumps([found[0].text, sorted({"torch", "transformers", "numpy"} & set(sys.modules))]), flush=True)
"""


class Editor:
    """A process that asks a model, as a language server does."""

    def __init__(self, model: Path, **limits: Any) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", ASKER, str(model), json.dumps(limits)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._said()

    def _said(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "it ended"
        return line

    def send(self, text: str) -> None:
        assert self.process.stdin is not None
        print(text, file=self.process.stdin, flush=True)

    def hear(self) -> tuple[str, list[str]]:
        text, heavy = json.loads(self._said())
        return text, heavy

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()
