"""The ``proactive`` command as a whole: every subcommand explains itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from proactive_server.cli import subcommands

PROACTIVE = Path(sys.executable).parent / "proactive"


def ask(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROACTIVE, *words], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("name", sorted(subcommands()))
def test_each_subcommand_explains_itself(name: str) -> None:
    answer = ask(name, "--help")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert f"proactive {name}" in answer.stdout


def test_the_command_lists_its_subcommands() -> None:
    answer = ask("--help")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert all(name in answer.stdout for name in subcommands())


def test_an_unknown_subcommand_is_turned_down_with_the_next_step() -> None:
    answer = ask("sevre")
    assert answer.returncode == 2
    assert "proactive --help" in answer.stderr
