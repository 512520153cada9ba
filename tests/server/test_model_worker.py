"""``proactive model status`` and ``stop``, with a worker that is at work."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from model_workers import gone, own_state, the_worker, until
from proactive_inference.models.messages import Message
from proactive_inference.models.shared.model import SharedModel
from proactive_server.commands.model import app
from tiny_models import tiny_llama


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with own_state(tmp_path / "state", monkeypatch) as folder:
        yield folder


def test_without_a_worker_it_says_so(state: Path) -> None:
    shown = run("status")
    assert shown.exit_code == 0 and shown.output.startswith("No model is in memory.")
    assert json.loads(run("status", "--json").output) == {"workers": []}
    assert run("stop").exit_code == 0
    missing = run("stop", "tiny")
    assert missing.exit_code == 1 and "No model tiny is in memory." in missing.output


def test_a_worker_is_shown_and_stopped(state: Path, tmp_path: Path) -> None:
    model = SharedModel(tiny_llama(tmp_path / "tiny"))
    model.complete([Message("user", "x")], max_tokens=3)
    pid = the_worker().announced.pid
    shown = run("status").output
    assert f"tiny (process {pid}): idle; started at " in shown and " if it is not asked; " in shown
    assert " of 4.00 GB memory, " in shown and "1 answered, 0 waiting." in shown
    (facts,) = json.loads(run("status", "--json").output)["workers"]
    assert (facts["pid"], facts["answers"], facts["state"]) == (pid, True, "idle")
    assert 0 < facts["memory"] < facts["memory_limit"] and 0 < facts["idle_seconds_left"] <= 600
    stopped = run("stop", "tiny")
    assert stopped.exit_code == 0 and stopped.output == f"Stopped tiny (process {pid}).\n"
    assert gone(pid) and not list(state.rglob("worker.json"))
    model.complete([Message("user", "x")], max_tokens=3)
    os.kill(pid := the_worker().announced.pid, signal.SIGSTOP)
    assert "does not answer; end it with 'proactive model stop'" in run("status").output
    assert json.loads(run("stop", "--json").output) == {"stopped": [pid], "left": []}
    until(lambda: gone(pid))
    assert run("status").output.startswith("No model is in memory.")
