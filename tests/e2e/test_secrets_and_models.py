"""No secret reaches a model: the record of the server at the other end is searched for every one that was planted.

Planted are those of every kind that the redaction knows, wherever text gets in: terminals, messages, titles,
commits, environment lines, what is typed and pasted, and the files that are shown when an edit is wanted.
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

from lsp_editor import Editor, editor_for
from misbehaving_server import SILENT, Asked, MisbehavingServer, answers
from proactive_inference.models.agent_answer import AgentAnswer
from secret_samples import ALNUM, POSITIVE, of

SUFFIXES = {
    "python": ".py", "json": ".json", "javascript": ".js", "typescript": ".ts", "go": ".go", "rust": ".rs",
    "c": ".c", "ruby": ".rb", "php": ".php", "java": ".java",
    "yaml": ".yaml", "toml": ".toml", "ini": ".ini", "xml": ".xml", "sql": ".sql",
}  # fmt: skip
IN_TEXT = [(secret, text) for _, secret, text, context in POSITIVE if context is None]
IN_TERMINALS = [(secret, text) for _, secret, text, context in POSITIVE if context == "terminal"]
LANGUAGES = sorted({context for *_, context in POSITIVE if context in SUFFIXES})
GROUPS = [LANGUAGES[start : start + 4] for start in range(0, len(LANGUAGES), 4)]
"""Of languages that are tried in one sitting: after some suggestions that were taken the gate finds less need."""
NAMES = ("GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "DB_PASSWORD", "API_KEY", "NPM_TOKEN")
ENVIRONMENT = [(of(ALNUM, 24), name) for name in NAMES]
BATCH = 14
"""Of the 16 events that are told, those before the run that asks."""


@pytest.fixture
def server() -> Iterator[MisbehavingServer]:
    with MisbehavingServer(answers(SILENT)) as server:
        yield server


@pytest_asyncio.fixture
async def editor(tmp_path: Path) -> AsyncIterator[Editor]:
    async with editor_for(tmp_path, "1 failed in 0.1s") as editor:
        yield editor


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "main.py").write_text("print(1)\n")
    return folder


def options(server: MisbehavingServer) -> dict[str, Any]:
    return {
        "quietSeconds": 0.2, "minimumPauseSeconds": 0, "interruptionCost": 0.01,
        "model": {
            "name": server.url, "secondThought": False, "callsPerHour": 100_000, "tokensPerHour": 100_000_000,
        },
    }  # fmt: skip


def record(server: MisbehavingServer) -> str:
    """All that the server was sent: bytes as they are, and what its JSON says."""
    said: list[str] = []
    for asked in server.every:
        said += [asked.raw.decode("utf-8", "replace"), asked.text, json.dumps(asked.headers)]
        for message in asked.body.get("messages", ()):
            try:
                said.append(json.dumps(json.loads(message["content"]), ensure_ascii=False))
            except ValueError:
                continue
    return "\n".join(said)


def pieces(secret: str) -> list[str]:
    """A secret of several lines is found by any of them."""
    return [line for line in secret.replace("\\n", "\n").split("\n") if line]


def found(server: MisbehavingServer, secrets: list[str]) -> list[str]:
    told = record(server)
    return [piece for secret in secrets for piece in pieces(secret) if piece in told]


async def ask(editor: Editor, server: MisbehavingServer, folder: Path) -> None:
    """Let a run fail, and wait until the model was asked about it."""
    before = len(server.asked)
    failures = [{"message": f"AssertionError: assert {before} == 0", "path": "main.py", "line": 0}]
    data = {"command": f"pytest -k t{before}", "cwd": str(folder), "exit_code": 1, "failures": failures}
    editor.notify({"kind": "terminal.run", "data": data})
    assert await asyncio.to_thread(server.wait_for, lambda: len(server.asked) > before)

    async def idle() -> bool:
        return bool((await editor.ask("proactive/status")).model.state == "ready")

    await editor.until(idle)


async def tell(editor: Editor, server: MisbehavingServer, folder: Path, events: list[dict[str, Any]]) -> None:
    """Report events, and have the model asked before any of them is too old to be told."""
    for start in range(0, len(events), BATCH):
        for event in events[start : start + BATCH]:
            editor.notify(event)
        await ask(editor, server, folder)


def reports(text: str) -> list[dict[str, Any]]:
    """A text without a language, in each place where such a one may stand."""
    return [
        {"kind": "web.visited", "data": {"url": "https://docs.example/a", "title": text}},
        {"kind": "web.searched", "data": {"query": text, "engine": "search.example"}},
        {"kind": "window.focused", "data": {"app": "Mail", "title": text}},
        {"kind": "git.committed", "data": {"commit": "1" * 40, "subject": text, "branch": "main"}},
        {"kind": "debug.stopped", "data": {"reason": "exception", "message": text}},
    ]


def runs(text: str, exit_code: int = 0) -> list[dict[str, Any]]:
    """What a terminal shows: as a command, as output, as a failure's message."""
    data = {"exit_code": exit_code, "output": text}
    failures = [{"message": text, "path": "main.py", "line": 0}]
    return [
        {"kind": "terminal.run", "data": {"command": text, **data}},
        {"kind": "terminal.run", "data": {"command": "app", "failures": failures, **data}},
        {"kind": "task.run", "data": {"name": "deploy", **data}},
    ]


def test_every_kind_is_planted() -> None:
    assert {context for *_, context in POSITIVE} == {None, "terminal", *SUFFIXES}


async def test_of_what_is_observed_no_secret_is_told(
    editor: Editor, project: Path, server: MisbehavingServer
) -> None:
    await editor.start([project], client_capabilities("visual_studio_code"), options(server))
    editor.open(project / "main.py")
    await tell(editor, server, project, [event for _, text in IN_TEXT for event in reports(text)])
    await tell(editor, server, project, [event for _, text in IN_TERMINALS for event in runs(text)])
    lines = [event for value, name in ENVIRONMENT for event in runs(f"HOME=/home/me\n{name}={value}\nLANG=C")]
    await tell(editor, server, project, lines)
    told = record(server)
    assert told.count("[redacted]") > len(IN_TEXT)
    planted = [secret for secret, _ in IN_TEXT + IN_TERMINALS] + [value for value, _ in ENVIRONMENT]
    assert found(server, planted) == []


@pytest.mark.parametrize("languages", GROUPS, ids=", ".join)
async def test_of_what_is_typed_and_pasted_and_of_files_no_secret_is_told(
    languages: list[str], editor: Editor, project: Path, server: MisbehavingServer
) -> None:
    samples = {name: [(s, t) for _, s, t, context in POSITIVE if context == name] for name in languages}
    for name in languages:
        (project / f"conf{SUFFIXES[name]}").write_text("\n\n".join(text for _, text in samples[name]) + "\n\n")
    (project / ".env").write_text("".join(f"{name}={value}\n" for value, name in ENVIRONMENT))
    await editor.start([project], client_capabilities("visual_studio_code"), options(server))
    for name in languages:
        path = project / f"conf{SUFFIXES[name]}"
        uri = editor.open(path, name)
        for _, text in samples[name]:
            end = types.Position(editor.texts[uri].count("\n"), 0)
            editor.edit(uri, [types.TextEdit(types.Range(end, end), text + "\n\n")])
            await asyncio.sleep(0.01)
        server.behaviour = wants_to_write(path.name)
        await ask(editor, server, project)

        async def offered(uri: str = uri) -> Any:
            shown = [one for one in (await editor.ask("proactive/status")).suggestions if one.uri == uri]
            actions = await editor.actions(uri, shown[0].line) if shown else []
            return next((action for action in actions if action.title.startswith("Sort")), None)

        before = len(server.asked)
        await editor.take(await editor.until(offered))
        assert len(server.asked) > before
        assert path.name in server.asked[-1].text
        assert "[redacted]" in server.asked[-1].text
        editor.notify({"kind": "terminal.run", "data": {"command": "git status", "exit_code": 0}})
    planted = [secret for name in languages for secret, _ in samples[name]] + [value for value, _ in ENVIRONMENT]
    assert found(server, planted) == []


def wants_to_write(name: str) -> Any:
    """A model that offers to sort a file, and then does not know how."""

    def text(asked: Asked) -> str:
        if "Proactive Task" in json.dumps(asked.body["messages"][0]):
            return AgentAnswer(task=f"Sort the lines of {name}.").to_json()
        return json.dumps({"Work": {"kind": "answer", "title": "Sorted", "text": "They are sorted already."}})

    return answers(text)
