"""The ``proactive`` command as a whole: every subcommand explains itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from proactive_server.cli import subcommands

PROACTIVE = Path(sys.executable).parent / "proactive"


def ask(*words: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROACTIVE, *words], env=env, capture_output=True, text=True, timeout=60, check=False)


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


def test_a_terminal_of_few_characters_still_gets_its_tables(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "PROACTIVE_STATE_DIR": str(tmp_path)}
    for words in (["doctor", str(tmp_path)], ["settings"], ["--help"]):
        answer = ask(*words, env=env)
        assert (answer.returncode, answer.stderr) == (0, ""), words


def test_without_a_home_the_next_step_is_named(tmp_path: Path) -> None:
    env = {**os.environ, "PROACTIVE_STATE_DIR": "~nobody-of-this-name/state"}
    answer = ask("events", "stats", env=env)
    assert answer.returncode == 1
    assert "set PROACTIVE_STATE_DIR" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert ask("doctor", str(tmp_path), env=env).returncode == 1


def test_the_doctor_shows_brackets_of_a_path_as_they_are(tmp_path: Path) -> None:
    state = tmp_path / "[bold]state[" / "x"
    state.parent.mkdir()
    answer = ask("doctor", str(tmp_path), env={**os.environ, "PROACTIVE_STATE_DIR": str(state), "COLUMNS": "200"})
    assert str(state) in answer.stdout, answer.stderr


def test_a_state_folder_below_a_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    answer = ask("doctor", str(tmp_path), env={**os.environ, "PROACTIVE_STATE_DIR": str(tmp_path / "file" / "x")})
    assert answer.returncode == 1
    assert "is not a folder" in " ".join(answer.stdout.split())


def test_the_demo_looks_for_the_pictures_folder_before_it_plays(tmp_path: Path) -> None:
    answer = ask("demo", "--svg", str(tmp_path / "none" / "demo.svg"))
    assert answer.returncode == 2
    assert "none" in answer.stderr
    assert answer.stdout == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", [("settings",), ("doctor", "--json"), ("--version",)])
def test_an_output_that_cannot_be_written_is_said_in_one_line(
    words: tuple[str, ...], unbuffered: str, tmp_path: Path
) -> None:
    with Path("/dev/full").open("w") as full:
        env = {**os.environ, "HOME": str(tmp_path), "PYTHONUNBUFFERED": unbuffered}
        told = subprocess.run(
            [PROACTIVE, *words], env=env, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    assert told.returncode == 1
    assert told.stderr.splitlines()[-1].startswith("proactive: what is printed cannot be written: No space left")
    assert "Traceback" not in told.stderr and "Exception ignored" not in told.stderr
