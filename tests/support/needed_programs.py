"""What a test in a real editor needs on the machine: lacking, it is skipped, or fails where it must run."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest


def need(packages: str, *commands: list[str]) -> None:
    """Skip the test, or fail it, unless each command runs with exit status zero.

    Args:
        packages: the apt packages that bring them, by their names with a space between.
        commands: programs with arguments that make them do nothing: ``["tmux", "-V"]``.
    """
    absent = [command[0] for command in commands if not _runs(command)]
    if not absent:
        return
    remedy = f"apt-get install {packages}, or scripts/setup_editors.sh"
    message = f"{', '.join(absent)} is not here or not as needed: {remedy}"
    if os.environ.get("CI") or os.environ.get("PROACTIVE_ALL_EDITORS"):
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def _runs(command: list[str]) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0
