"""A minimal editor: a real LSP client that types, saves, runs commands and takes code actions."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Union

import cattrs
from lsprotocol import types
from pygls.lsp.client import LanguageClient
from pygls.protocol import default_converter

from proactive_collectors.errors import ProactiveError
from proactive_collectors.languages import language_of
from proactive_collectors.notification import to_plain
from proactive_collectors.text import Position, Range, TextEdit, apply_edits, end_of, position_at, split_lines
from proactive_collectors.uris import to_path, to_uri


class DemoError(ProactiveError):
    """The sitting could not be played to its end."""


class Editor:
    """Holds the texts of open files and keeps the server in step with them.

    The sample project is plain ASCII, so that code points and UTF-16 units are the same here.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], key_seconds: float) -> None:
        self.folder = folder
        self._environment = dict(environment)
        self._key_seconds = key_seconds
        self._texts: dict[str, str] = {}
        self._versions: dict[str, int] = {}
        self._client = LanguageClient("proactive-demo", "1", converter_factory=_converter)

        # Hints are seen as code actions; the notification only has to find someone at home.
        self._client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda params: None)
        self._client.feature(types.WORKSPACE_APPLY_EDIT)(lambda params: self._asked_to_apply(params))

    async def start(self, options: Mapping[str, Any]) -> None:
        """Start the server and open the folder."""
        # The child inherits this process's environment; pygls passes keyword arguments on to the subprocess.
        await self._client.start_io(
            sys.executable, "-m", "proactive_server", "serve", env={**os.environ, **self._environment}
        )
        await self._client.initialize_async(
            types.InitializeParams(
                process_id=os.getpid(),
                capabilities=types.ClientCapabilities(
                    workspace=types.WorkspaceClientCapabilities(
                        apply_edit=True,
                        workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
                    ),
                    text_document=types.TextDocumentClientCapabilities(
                        code_action=types.CodeActionClientCapabilities(
                            code_action_literal_support=types.ClientCodeActionLiteralOptions(
                                types.ClientCodeActionKindOptions([types.CodeActionKind.QuickFix])
                            ),
                        ),
                        publish_diagnostics=types.PublishDiagnosticsClientCapabilities(),
                    ),
                ),
                workspace_folders=[types.WorkspaceFolder(to_uri(self.folder), self.folder.name)],
                initialization_options=dict(options),
            )
        )
        self._client.initialized(types.InitializedParams())

    async def stop(self) -> None:
        """Take leave of the server and wait for its end."""
        await self._client.shutdown_async(None)
        self._client.exit(None)
        await self._client.stop()  # type: ignore[no-untyped-call]

    # --- documents --------------------------------------------------------------------------------------

    def open(self, name: str) -> None:
        """Open a file of the project."""
        uri = self._uri(name)
        text = (self.folder / name).read_text(encoding="utf-8")
        self._texts[uri], self._versions[uri] = text, 1
        item = types.TextDocumentItem(uri, language_of(name) or "plaintext", 1, text)
        self._client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    async def type(self, name: str, text: str, *, after: str | None = None, instead_of: str = "") -> None:
        """Type ``text`` key by key at the file's end, or after ``after``, or over ``instead_of``."""
        uri = self._uri(name)
        now = self._texts[uri]
        start = now.index(instead_of) if instead_of else now.index(after) + len(after) if after else len(now)
        lines = split_lines(now)
        at = position_at(lines, start)
        if instead_of:
            self._change(uri, Range(at, position_at(lines, start + len(instead_of))), "")
        for key in text:
            self._change(uri, Range(at, at), key)
            at = end_of(at, key)
            await asyncio.sleep(self._key_seconds)

    def save(self, name: str) -> None:
        """Write a file to disk."""
        uri = self._uri(name)
        (self.folder / name).write_text(self._texts[uri], encoding="utf-8", newline="\n")
        self._client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def _change(self, uri: str, range_: Range, text: str) -> None:
        self._texts[uri] = apply_edits(self._texts[uri], [TextEdit(range_, text)])
        self._versions[uri] += 1
        change = types.TextDocumentContentChangePartial(_to_lsp(range_), text)
        identifier = types.VersionedTextDocumentIdentifier(self._versions[uri], uri)
        self._client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))

    # --- what the person does beside editing ------------------------------------------------------------

    async def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the project's folder as a person would in a terminal: through ``proactive exec``."""
        wrapped = (sys.executable, "-m", "proactive_server", "exec", "--", *command)
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        environment = {**os.environ, **self._environment, "PATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        return await asyncio.to_thread(
            subprocess.run, wrapped, cwd=self.folder, env=environment, capture_output=True, text=True,
            check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    async def take(self, suggestion: Mapping[str, Any]) -> str:
        """Take a suggestion the way an editor does: ask for code actions at its line, apply the edit, say so.

        Returns the title of the action. Raises `DemoError` if the server does not offer it there.
        """
        line = int(suggestion["line"])
        spot = types.Range(types.Position(line, 0), types.Position(line, 0))
        uri = str(suggestion["uri"])
        offered = await self._client.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(uri),
                spot,
                types.CodeActionContext([], None, types.CodeActionTriggerKind.Invoked),
            )
        )
        for action in offered or ():
            if isinstance(action, types.CodeAction) and action.title == suggestion["title"] and action.edit:
                changed = self._apply(action.edit)
                if action.command:
                    await self._client.workspace_execute_command_async(
                        types.ExecuteCommandParams(action.command.command, action.command.arguments)
                    )
                for name in changed:
                    self.save(name)
                return action.title
        raise DemoError(f"no code action for {suggestion['title']!r} at line {line + 1} of {uri}")

    def _asked_to_apply(self, params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        self._apply(params.edit)
        return types.ApplyWorkspaceEditResult(applied=True)

    def _apply(self, edit: types.WorkspaceEdit) -> list[str]:
        changes: dict[str, list[TextEdit]] = {}
        for document in edit.document_changes or ():
            if isinstance(document, types.TextDocumentEdit):
                own = changes.setdefault(document.text_document.uri, [])
                own += [_from_lsp(one) for one in document.edits if not isinstance(one, types.SnippetTextEdit)]
        for uri, edits in (edit.changes or {}).items():
            changes.setdefault(uri, []).extend(_from_lsp(one) for one in edits)
        changed: list[str] = []
        for uri, own in changes.items():
            path = to_path(uri)
            if path is None:
                raise DemoError(f"an edit of {uri}, which is no file")
            name = path.relative_to(self.folder).as_posix()
            if uri not in self._texts:
                self.open(name)
            for one in sorted(own, key=lambda one: one.range.start, reverse=True):
                self._change(uri, one.range, one.new_text)
            changed.append(name)
        return changed

    async def ask(self, method: str) -> Any:
        """The answer to one of the server's own requests (``proactive/status``, ``proactive/timeline``)."""
        return to_plain(await self._client.protocol.send_request_async(method, {"limit": 256}))

    def _uri(self, name: str) -> str:
        return to_uri(self.folder / name)


def _converter() -> cattrs.Converter:
    """pygls' own, but for code actions: lsprotocol takes every one that has a command for a bare command."""
    converter: cattrs.Converter = default_converter()  # type: ignore[no-untyped-call]

    def structure(plain: dict[str, Any], _: Any) -> types.Command | types.CodeAction:
        if isinstance(plain.get("command"), str):
            return converter.structure(plain, types.Command)
        return converter.structure(plain, types.CodeAction)

    # Only the spelling with Union is the one lsprotocol has registered.
    converter.register_structure_hook(Union[types.Command, types.CodeAction], structure)  # noqa: UP007
    return converter


def _to_lsp(range_: Range) -> types.Range:
    return types.Range(
        types.Position(range_.start.line, range_.start.character),
        types.Position(range_.end.line, range_.end.character),
    )


def _from_lsp(edit: types.TextEdit | types.AnnotatedTextEdit) -> TextEdit:
    start, end = edit.range.start, edit.range.end
    return TextEdit(Range(Position(start.line, start.character), Position(end.line, end.character)), edit.new_text)
