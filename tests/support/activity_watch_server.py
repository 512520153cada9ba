"""A real aw-server, in an environment of its own that is kept for the next run.

::

    with ActivityWatchServer(home) as server:
        server.bucket("web", "web.tab.current")
        server.beat("web", 1, url="https://example.org/", title="", incognito=False)  # a second after BASE
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import venv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import httpx

REQUIREMENTS = ["aw-server==0.12.0", "aw-client==0.5.15", "peewee<4", "flask<2.3"]

BASE = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
"""From when on it has events."""


def at(seconds: float) -> datetime:
    """So many seconds later."""
    return BASE + timedelta(seconds=seconds)


def _interpreter() -> Path:
    """Of an environment that holds aw-server; kept below ``.artifacts``."""
    folder = Path(__file__).parents[2] / ".artifacts" / "aw-server-0.12.0"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    complete = folder / "complete"
    if not complete.exists():
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *REQUIREMENTS], check=True, timeout=300)
        complete.touch()
    return python


class ActivityWatchServer:
    """A real aw-server with a home of its own, which can be stopped and started again."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        folders = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
        environment = {**os.environ, "HOME": str(self.home)} | {name: str(self.home / name) for name in folders}
        command = [_interpreter(), "-c", "from aw_server import main; main()"]
        self.process = subprocess.Popen(
            [*command, "--testing", "--host", "127.0.0.1", "--port", str(self.port)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(600):
            assert self.process.poll() is None, "aw-server ended"
            try:
                if httpx.get(f"{self.url}/api/0/info", trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError("aw-server did not start")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def post(self, path: str, body: Any, **query: Any) -> None:
        answer = httpx.post(f"{self.url}/api/0/buckets/{path}", json=body, params=query, trust_env=False)
        assert answer.status_code in (200, 304), answer.text

    def bucket(self, name: str, kind: str) -> None:
        self.post(name, {"client": "test", "type": kind, "hostname": "here"})

    def beat(self, bucket: str, seconds: float, **data: Any) -> None:
        event = {"timestamp": at(seconds).isoformat(), "duration": 0, "data": data}
        self.post(f"{bucket}/heartbeat", event, pulsetime=5)
