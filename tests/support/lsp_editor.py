"""The client's half of a conversation over real LSP: keeps texts, applies edits as an editor does, and waits."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Union

import pytest
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient

SERVE = [sys.executable, "-m", "proactive_server", "serve"]


class Editor:
    """The client's half: keeps the texts, applies edits as an editor does, and tells the server."""

    def __init__(self, client: LanguageClient, output: str) -> None:
        self.client = client
        self.output = output
        self.encoding = "utf-16"
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.applied: list[types.ApplyWorkspaceEditParams] = []
        self.registered: list[types.Registration] = []
        self.asked: list[types.ShowMessageRequestParams] = []
        self.answer: str | None = None
        self.started = False

        @client.feature(types.WORKSPACE_APPLY_EDIT)
        def apply(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
            self.applied.append(params)
            self.apply(params.edit)
            return types.ApplyWorkspaceEditResult(applied=True)

        @client.feature(types.CLIENT_REGISTER_CAPABILITY)
        def register(params: types.RegistrationParams) -> None:
            self.registered.extend(params.registrations)

        @client.feature(types.WINDOW_SHOW_MESSAGE_REQUEST)
        def ask(params: types.ShowMessageRequestParams) -> types.MessageActionItem | None:
            self.asked.append(params)
            return types.MessageActionItem(self.answer) if self.answer else None

        @client.feature(types.WORKSPACE_CODE_LENS_REFRESH)
        def refresh(params: None) -> None:
            return None

    async def start(
        self,
        folders: list[Path],
        capabilities: types.ClientCapabilities,
        options: Any = None,
        settings: Any = None,
    ) -> types.InitializeResult:
        self.started = True
        self.client.set_configuration({"proactive": settings})
        result = await self.client.initialize_session(
            types.InitializeParams(
                capabilities=capabilities,
                root_uri=folders[0].as_uri() if folders else None,
                workspace_folders=[types.WorkspaceFolder(folder.as_uri(), folder.name) for folder in folders]
                or None,
                initialization_options=options,
            )
        )
        self.encoding = str(result.capabilities.position_encoding or "utf-16")
        return result

    def open(self, path: Path, language: str = "python") -> str:
        uri = path.as_uri()
        self.texts[uri], self.versions[uri] = path.read_text(), 1
        item = types.TextDocumentItem(uri, language, 1, self.texts[uri])
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def edit(self, uri: str, edits: list[types.TextEdit]) -> None:
        """Apply edits that are all in the present text, as one change each, from the end."""
        changes: list[types.TextDocumentContentChangeEvent] = []
        for edit in sorted(edits, key=lambda e: (e.range.start.line, e.range.start.character), reverse=True):
            text = self.texts[uri]
            start, end = (self._offset(text, position) for position in (edit.range.start, edit.range.end))
            self.texts[uri] = text[:start] + edit.new_text + text[end:]
            changes.append(types.TextDocumentContentChangePartial(range=edit.range, text=edit.new_text))
        self.versions[uri] += 1
        identifier = types.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, changes))

    def type(self, uri: str, line: int, character: int, text: str) -> None:
        for number, key in enumerate(text):
            spot = types.Position(line, character + number)
            self.edit(uri, [types.TextEdit(types.Range(spot, spot), key)])

    def _offset(self, text: str, position: types.Position) -> int:
        lines = text.split("\n")
        before = sum(len(line) + 1 for line in lines[: position.line])
        width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[self.encoding]
        codec = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[self.encoding]
        line = lines[position.line].encode(codec)
        assert position.character * width <= len(line)
        return before + len(line[: position.character * width].decode(codec))

    def apply(self, edit: types.WorkspaceEdit) -> None:
        if edit.document_changes is not None:
            for change in edit.document_changes:
                assert isinstance(change, types.TextDocumentEdit)
                uri, version = change.text_document.uri, change.text_document.version
                assert version in (None, self.versions.get(uri))
                self._apply(uri, list(change.edits))  # type: ignore[arg-type]
        for uri, edits in (edit.changes or {}).items():
            self._apply(uri, list(edits))

    def _apply(self, uri: str, edits: list[types.TextEdit]) -> None:
        if uri in self.texts:
            self.edit(uri, edits)
        else:
            raise AssertionError(f"an edit of {uri}, which is not open")

    def fail(self, folder: Path, exit_code: int = 1) -> None:
        """Report a run of the tests, as an editor's plug-in does."""
        data = {"command": "pytest -q", "cwd": str(folder), "exit_code": exit_code, "seconds": 0.5}
        data["output"] = self.output if exit_code else "1 passed in 0.01s\n"
        self.notify({"kind": "terminal.run", "data": data})

    def notify(self, event: Any) -> None:
        self.client.protocol.notify("proactive/event", event)

    async def actions(
        self, uri: str, line: int, only: list[str] | None = None
    ) -> list[types.CodeAction | types.Command]:
        spot = types.Position(line, 0)
        params = types.CodeActionParams(
            types.TextDocumentIdentifier(uri),
            types.Range(spot, spot),
            types.CodeActionContext(
                [], only=only, trigger_kind=types.CodeActionTriggerKind.Automatic  # type: ignore[arg-type]
            ),
        )  # fmt: skip
        return list(await self.client.text_document_code_action_async(params) or [])

    async def take(self, action: types.CodeAction | types.Command) -> None:
        """What an editor does when an action is chosen: resolve, apply, and only then run the command."""
        if isinstance(action, types.Command):
            await self.execute(action)
            return
        capabilities = self.client.capabilities
        assert capabilities is not None
        assert capabilities.text_document is not None
        assert capabilities.text_document.code_action is not None
        if action.edit is None and capabilities.text_document.code_action.resolve_support is not None:
            action = await self.client.code_action_resolve_async(action)
        if action.edit is not None:
            self.apply(action.edit)
        if action.command is not None:
            await self.execute(action.command)

    async def execute(self, command: types.Command) -> Any:
        params = types.ExecuteCommandParams(command.command, command.arguments)
        return await self.client.workspace_execute_command_async(params)

    async def ask(self, method: str, params: Any = None) -> Any:
        return await self.client.protocol.send_request_async(method, params)

    async def decisions(self) -> list[Any]:
        return list((await self.ask("proactive/timeline", {})).decisions)

    async def kinds(self) -> list[str]:
        return [event.kind for event in (await self.ask("proactive/timeline", {"limit": 200})).events]

    async def until(self, holds: Callable[[], Awaitable[Any]], seconds: float = 60.0) -> Any:
        deadline = time.monotonic() + seconds
        while not (found := await holds()):
            if time.monotonic() > deadline:
                timeline = await self.ask("proactive/timeline", {})
                pytest.fail(f"waited in vain; messages {self.client.messages}; {timeline}")
            await asyncio.sleep(0.02)
        return found

    async def offered(self, uri: str, line: int) -> list[types.CodeAction]:
        async def some() -> list[Any]:
            return await self.actions(uri, line)

        return list(await self.until(some))

    async def hints(self, uri: str, count: int) -> list[types.Diagnostic]:
        async def there() -> bool:
            return len(self.client.diagnostics.get(uri, ())) == count

        await self.until(there)
        return list(self.client.diagnostics.get(uri, ()))


@asynccontextmanager
async def editor_for(home: Path, output: str, command: list[str] | None = None) -> AsyncIterator[Editor]:
    (home / "run").mkdir(mode=0o700, exist_ok=True)
    env = {**os.environ, "PROACTIVE_STATE_DIR": str(home / "state"), "XDG_RUNTIME_DIR": str(home / "run")}
    client = await ClientServerConfig(server_command=command or SERVE, server_env=env).start()
    assert isinstance(client, LanguageClient)
    _tell_actions_from_commands(client)
    editor = Editor(client, output)
    yield editor
    if editor.started:
        await client.shutdown_session()
    else:  # a server waits for the beginning before anything else
        client.exit(None)
    assert client.error is None
    await client.stop()


def _tell_actions_from_commands(client: LanguageClient) -> None:
    """The client's library takes every action that carries a command for a bare command."""
    converter = client.protocol._converter

    def structure(plain: Any, _: Any) -> types.Command | types.CodeAction:
        bare = isinstance(plain.get("command"), str)
        return converter.structure(plain, types.Command if bare else types.CodeAction)

    converter.register_structure_hook(Union[types.Command, types.CodeAction], structure)  # noqa: UP007
