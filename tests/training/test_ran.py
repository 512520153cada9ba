from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from proactive_training.commands import bench as bench_command
from proactive_training.commands import evaluate, train
from proactive_training.commands.ran import command_line, to_paste

APPS = (bench_command.app, evaluate.app, train.app)


def test_a_command_is_kept_without_places_and_logins() -> None:
    given = [
        "evaluate",
        "agent",
        "--data",
        "/home/me/bench",
        "--model",
        "https://me:secret@host:8/v1#org/m",
        "--json",
    ]
    assert command_line(given) == (
        "proactive evaluate agent --data bench --model 'https://host:8/v1#org/m' --json"
    )
    assert command_line(["--data=/home/x", "a@b", "http://h/v1?x=@"]) == "proactive --data=x a@b 'http://h/v1?x=@'"


def test_a_command_is_kept_as_utf_8() -> None:
    assert command_line(["--data", "/x/d\udcff"]) == r"proactive --data 'd\xff'"


def _drawing(command: Any, *names: str) -> Iterator[list[str]]:
    """All commands that draw by a seed, with something for each option that they cannot do without."""
    for name, inner in getattr(command, "commands", {}).items():
        yield from _drawing(inner, *names, name)
    if any("--seed" in one.opts for one in command.params):
        needed = (part for one in command.params if one.required for part in (one.opts[0], "1"))
        yield [*names, *needed]


@pytest.mark.parametrize(
    ("app", "given"), [(app, given) for app in APPS for given in _drawing(typer.main.get_command(app))]
)
def test_a_seed_that_is_none_is_refused_before_the_work(app: typer.Typer, given: list[str]) -> None:
    told = CliRunner().invoke(app, [*given, "--seed", "-1"], env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert told.exit_code == 2 and "Invalid value for '--seed'" in told.stderr


def test_a_command_can_be_pasted_whatever_the_names_in_it(bench: Path, tmp_path: Path) -> None:
    assert to_paste("report", Path("plain/x.json")) == "proactive report plain/x.json"
    out = tmp_path / "out é dir" / "it's $HOME.json"
    told = CliRunner().invoke(evaluate.app, ["need", "--data", str(bench), "--out", str(out)]).stderr
    _, _, pasted = told.splitlines()[-1].partition("One page of it: ")
    assert shlex.split(pasted) == ["proactive", "report", str(out), "--out", "report"]


@pytest.mark.parametrize("command", ["agent", "preference", "reward"])
@pytest.mark.parametrize("value", ["nan", "-1", "0", "inf"])
def test_a_learning_rate_that_is_none_is_refused_before_the_work(command: str, value: str) -> None:
    given = [command, "--data", "here", "--out", "there", "--learning-rate", value]
    told = CliRunner().invoke(train.app, given, env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert told.exit_code == 2 and "is no number above zero" in told.stderr
