"""Training commands as processes of their own: started, waited for, killed in the midst of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import proactive_training
from proactive_training.run_directory import RunDirectory

_CONFIG = Path(proactive_training.__file__).parent / "accelerate" / "cpu.yaml"
TWO_PROCESSES = [
    *(sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(_CONFIG)),
    *("-m", "proactive_server"),
]
"""Starts a command twice, as the configuration that ships says."""


def environment() -> dict[str, str]:
    """For processes that run beside tests: a thread that waits must not spin."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive", "TOKENIZERS_PARALLELISM": "false"}


def spawned(arguments: list[str], launcher: list[str] | None = None) -> subprocess.CompletedProcess[str]:
    """A command that ran to its end, however it ended."""
    start = launcher or [sys.executable, "-m", "proactive_server"]
    return subprocess.run(
        [*start, *arguments], capture_output=True, text=True, timeout=300, env=environment(), check=False
    )


def losses(out: Path) -> list[float]:
    """Of each step that a run has logged."""
    return [row["loss"] for row in RunDirectory(out).metrics() if "loss" in row]


def ranks(out: Path) -> set[str]:
    """The files of the processes that trained a run together: each keeps the state of its own random numbers."""
    checkpoint = RunDirectory(out).latest_checkpoint()
    assert checkpoint is not None
    return {path.name for path in checkpoint.glob("rng_state*")}


def killed_at(arguments: list[str], words: str) -> None:
    """Begin a run that is killed the moment it says so much, such as ``Step 10/``: that step is logged then."""
    done = spawned(arguments, _dies(signal.SIGKILL, words))
    assert done.returncode == -signal.SIGKILL, (done.stdout, done.stderr)


def interrupted_at(arguments: list[str], words: str) -> str:
    """Begin a run in which Ctrl-C is pressed the moment it says so much; what it says."""
    done = spawned(arguments, _dies(signal.SIGINT, words))
    assert done.returncode == 128 + signal.SIGINT and "Traceback" not in done.stderr, (done.stdout, done.stderr)
    return done.stdout


def _dies(by: signal.Signals, words: str) -> list[str]:
    return [sys.executable, str(Path(__file__).with_name("dies_at.py")), by.name, words]
