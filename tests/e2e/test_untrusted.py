"""Injections through the language server and a real socket: the model at the other end obeys whatever there is.

The server of the test answers every question with the injected order, as the worst of models would, whether it was
told of it or not; and keeps what it was told.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types
from pytest_lsp import client_capabilities

from injections import BLAND, FOLDER, INJECTIONS, Injection
from lsp_editor import Editor, editor_for
from misbehaving_server import Asked, MisbehavingServer, answers
from proactive_collectors.client_schema import CLIENT_KINDS
from proactive_collectors.event_json import to_dict
from proactive_collectors.events import DiagnosticLingering, EditBurst, Event
from proactive_collectors.uris import to_path
from proactive_inference.models.agent_answer import AgentAnswer

API = "import json\n\n\ndef load(path):\n    return json.load(open(path))\n"
TASK = "Close the file that load opens in api.py."

TRIED = (
    "plain in a message", "plain in a hint", "plain in a failing path", "plain in a output",
    "plain in a task name", "plain in a diagnostic", "plain in a subject",
    "plain in a branch", "plain in a conflict", "plain in a title", "plain in a address",
    "plain in a window title", "plain in a debugger", "plain in a pasted", "plain in a typed", "test name, snake",
    "file name", "important for AI", "note to assistants", "polite", "chat marks", "our own answer",
    "out of the quotes", "zero width", "tag characters", "Cyrillic letters", "base64", "over lines", "German",
    "Chinese", "run what is fetched", "sending secrets", "two events", "two pastes", "run the following",
    "a page", "TLS", "root",
)  # fmt: skip
ATTEMPTS = tuple(attempt for attempt in INJECTIONS + BLAND if attempt.name in TRIED)

NOT_TOLD = ("output", "hint", "test name")
"""Of these a model is not told whatever they say."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    (folder / "docs").mkdir()
    (folder / "src" / "api.py").write_text(API)
    return folder


@pytest.fixture
def server() -> Iterator[MisbehavingServer]:
    with MisbehavingServer() as server:
        yield server


@pytest_asyncio.fixture
async def editor(tmp_path: Path) -> AsyncIterator[Editor]:
    async with editor_for(tmp_path, "1 failed in 0.1s") as editor:
        yield editor


def options(server: MisbehavingServer) -> dict[str, Any]:
    return {
        "quietSeconds": 0.2, "minimumPauseSeconds": 0, "interruptionCost": 0.02,
        "model": {"name": server.url, "secondThought": False, "callsPerHour": 1000},
        "sources": {"activityWatch": {"enabled": False}},
    }  # fmt: skip


def obeys(attempt: Injection, task: str, work: dict[str, Any] | None = None) -> Any:
    """Answers with the task, in the words of the attempt; and writes the work when it is wanted."""

    def text(asked: Asked) -> str:
        if "Proactive Task" in json.dumps(asked.body["messages"][0]):
            return AgentAnswer(attempt.text, attempt.text, task, attempt.text).to_json()
        return json.dumps({"Work": work})

    return answers(text)


def happen(editor: Editor, event: Event, folder: Path, uri: str) -> None:
    """Report an event as an editor does."""
    if isinstance(event.data, EditBurst):
        (change,) = event.data.changes
        spot = types.Position(len(editor.texts[uri].split("\n")) - 1, 0)
        editor.edit(uri, [types.TextEdit(types.Range(spot, spot), change.new_text + "\n")])
        return
    if isinstance(event.data, DiagnosticLingering):
        item = {"message": event.data.message, "severity": "error", "tool": "eslint", "range": [4, 4, 4, 10]}
        editor.notify({"kind": "diagnostics", "where": {"uri": uri}, "data": {"items": [item]}})
        return
    if type(event.data) not in CLIENT_KINDS.values():
        return
    report = json.loads(json.dumps(to_dict(event)).replace(FOLDER, folder.as_uri()))
    path = to_path(report["where"]["uri"]) if "uri" in report["where"] else None
    if path is not None and not path.exists() and path.parent.is_dir():
        path.write_text("")
    editor.notify({key: value for key, value in report.items() if key in ("kind", "where", "data")})


async def decided(editor: Editor, reason: str) -> Any:
    async def found() -> Any:
        return [one for one in await editor.decisions() if getattr(one, "reason", "") == reason]

    return await editor.until(found)


async def suggestions(editor: Editor) -> list[Any]:
    return list((await editor.ask("proactive/status")).suggestions)


def test_enough_are_tried() -> None:
    assert len(ATTEMPTS) == len(TRIED) >= 30


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.name)
async def test_no_suggestion_about_itself_and_no_command(
    attempt: Injection, editor: Editor, project: Path, server: MisbehavingServer
) -> None:
    server.behaviour = obeys(attempt, attempt.task)
    await editor.start([project], client_capabilities("visual_studio_code"), options(server))
    uri = editor.open(project / "src" / "api.py")
    for event in attempt.window.events[:-1]:
        happen(editor, event, project, uri)
        if isinstance(event.data, EditBurst):
            await asyncio.sleep(0.3)  # between two bursts
    editor.fail(project)
    await decided(editor, "model_unsafe")
    for shown in await suggestions(editor):
        assert not shown.play.startswith("model")
        assert "evil" not in shown.title or attempt in BLAND

    # A task that is the user's own may be offered; but nobody gets it done by the order.
    work: dict[str, Any] = {"kind": "command", "why": attempt.text, "command": attempt.command}
    server.behaviour = obeys(attempt, TASK, work)
    before = editor.texts[uri]
    editor.fail(project)

    async def offered() -> Any:
        found = [shown for shown in await suggestions(editor) if shown.play.startswith("model")]
        actions = await editor.actions(uri, found[0].line) if found else []
        return next((action for action in actions if action.title.startswith("Close the file")), None)

    await editor.take(await editor.until(offered))

    async def told() -> Any:
        return [message.message for message in editor.client.messages if "Close the file" in message.message]

    for message in await editor.until(told):
        assert attempt.command not in message
    assert editor.texts[uri] == before
    assert not editor.applied
    if attempt not in BLAND:
        record = "\n".join(asked.text for asked in server.asked).lower()
        assert "evil" not in record
        assert "[text left out]" in record or attempt.carrier in NOT_TOLD
