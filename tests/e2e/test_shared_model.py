"""Two editors and a model on this machine, over real LSP: one worker, which may be killed, and typing goes on."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from pytest_lsp import client_capabilities

from lsp_editor import Editor, editor_for
from model_workers import gone, own_state, workers_in
from proactive_inference.models.shared.running import running_workers
from tiny_models import tiny_llama

FAILED = """\
FAILED test_sums.py::test_total - assert -3 == 3
1 failed in 0.01s
"""


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The state folder of both editors."""
    with own_state(tmp_path / "state", monkeypatch) as folder:
        yield folder


async def begin(editor: Editor, project: Path, model: Path) -> str:
    project.mkdir()
    (project / "sums.py").write_text("def total(numbers):\n    return -sum(numbers)\n")
    options = {
        "quietSeconds": 0.1,
        "minimumPauseSeconds": 0,
        "interruptionCost": 0.01,
        "model": {"name": str(model), "patienceSeconds": 100, "idleMinutes": 5},
    }
    await editor.start([project], client_capabilities("neovim"), options)
    return editor.open(project / "sums.py")


def facts() -> dict[str, Any]:
    """What the only worker says of itself, if there is one."""
    found = running_workers()
    assert len(found) <= 1
    return dict(found[0].status or {}) if found else {}


async def asked_again(editor: Editor, project: Path, enough: Any) -> None:
    """Have tests fail again and again until the worker says what is waited for."""

    async def there() -> bool:
        editor.fail(project)
        await asyncio.sleep(1)
        return bool(enough(await asyncio.to_thread(facts)))

    await editor.until(there, 180)


async def test_two_editors_one_model_and_a_killed_worker(tmp_path: Path, state: Path) -> None:
    model = tiny_llama(tmp_path / "model")
    async with editor_for(tmp_path, FAILED) as one, editor_for(tmp_path, FAILED) as other:
        uri = await begin(one, tmp_path / "one", model)
        await begin(other, tmp_path / "other", model)
        assert not workers_in(state)  # nothing runs before it is needed
        await asked_again(one, tmp_path / "one", lambda said: said.get("answered", 0) >= 1)
        answered = facts()["answered"]
        await asked_again(other, tmp_path / "other", lambda said: said.get("answered", 0) > answered)
        (worker,) = workers_in(state)
        servers = [process for process in psutil.Process().children() if process.pid != worker.pid]
        assert len(servers) == 2
        assert all("libtorch" not in mapped.path for process in servers for mapped in process.memory_maps())
        os.kill(worker.pid, signal.SIGKILL)
        await asyncio.wait_for(one.actions(uri, 0), 60)
        await asked_again(one, tmp_path / "one", lambda said: said.get("answered", 0) >= 1)
        assert gone(worker.pid) and len(workers_in(state)) == 1
        assert not one.asked and not one.client.messages  # no box, no message
    assert len(workers_in(state)) == 1  # it outlives both, until nobody has asked for a while
