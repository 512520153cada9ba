"""A program in a real terminal (tmux): keys go in as a person types them, what stands on the screen comes out."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from sample_project import BIN

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds that a condition has on a busy machine."""


class Terminal:
    """A terminal of its own for one program; ``close`` asserts that no process of it is left."""

    def __init__(self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="tty"))  # a socket's path must be short
        self.env = {name: value for name, value in env.items() if name not in ("TMUX", "TMUX_PANE")}
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", "180", "-y", "50", "-c", str(cwd), "--", *command)
        self._server = psutil.Process(int(self._tmux("display-message", "-p", "#{pid}")))

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-u", "-S", str(self._folder / "socket"), *arguments],
            env=self.env, capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"tmux {arguments}: {done.stderr}"
        return done.stdout

    def type(self, text: str) -> None:
        """Type the text; a newline is the Enter key."""
        for number, line in enumerate(text.split("\n")):
            if number:
                self.press("Enter")
            if line:
                self._tmux("send-keys", "-l", "--", line)

    def press(self, *keys: str) -> None:
        """Press keys by their names in tmux: ``Enter``, ``Escape``, ``C-x``, ``M-x``."""
        self._tmux("send-keys", *keys)

    def screen(self) -> str:
        """What stands on the screen, or, once the program has ended, that it has."""
        try:
            return self._tmux("capture-pane", "-p")
        except AssertionError:
            return "(the program has ended)"

    def sees(self, words: str) -> None:
        """Wait until the words stand on the screen."""
        self.until(lambda: words in self.screen(), f"{words!r} on the screen")

    def until(self, holds: Callable[[], T], what: str) -> T:
        """Wait until something holds, and return it; the screen is shown if it never does."""
        deadline = time.monotonic() + PATIENCE
        while not (found := holds()):
            if time.monotonic() > deadline:
                pytest.fail(f"waited {PATIENCE} s in vain for {what}; the screen:\n{self.screen()}")
            time.sleep(0.05)
        return found

    def close(self, leave: Callable[[], None]) -> list[str]:
        """End the program by its own means; see that all that it had started has gone, and say what that was."""
        try:
            started = {process: " ".join(process.cmdline()) for process in self._server.children(recursive=True)}
            leave()
            _, alive = psutil.wait_procs([self._server, *started], timeout=PATIENCE)
            screen = self.screen() if alive else ""
            for process in alive:
                process.kill()
            assert alive == [], (
                f"still running: {[started.get(one, 'tmux') for one in alive]}; the screen:\n{screen}"
            )
            return list(started.values())
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)


def private_environment(home: Path) -> dict[str, str]:
    """An environment with the folders of editor and server below ``home``, and ``proactive`` on its PATH."""
    (home / "run").mkdir(mode=0o700, exist_ok=True)
    return {
        **os.environ,
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm-256color",
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "PROACTIVE_STATE_DIR": str(home / "state"),
        "XDG_RUNTIME_DIR": str(home / "run"),
        **{f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")},
    }
