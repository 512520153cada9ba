"""Binds the protocol: which message goes to which feature. The features themselves know nothing of pygls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from proactive_collectors.project_file import PROJECT_FILE
from proactive_server import actions

if TYPE_CHECKING:
    from proactive_server.server import Application

STATUS = "proactive/status"
TIMELINE = "proactive/timeline"


def bind(app: Application) -> None:
    """Tie the messages of the protocol to the features."""
    server = app.language_server
    feature = server.feature

    @feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        app.initialize(params)

    @feature(types.INITIALIZED)
    def initialized(params: types.InitializedParams) -> None:
        app.initialized()

    @feature(types.SHUTDOWN)
    async def shutdown(*_: Any) -> None:
        await app.settle()

    @feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        app.opening(item.uri)
        app.observer.opened(item.uri, str(item.language_id), item.version, item.text)
        app.hints.refresh()

    @feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        app.observer.closed(params.text_document.uri)
        app.hints.refresh()

    @feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        app.observer.saved(params.text_document.uri)
        if params.text_document.uri.endswith("/" + PROJECT_FILE):
            app.project_file_changed()

    @feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions([types.CodeActionKind.QuickFix], resolve_provider=True),
    )
    def code_action(params: types.CodeActionParams) -> list[types.CodeAction | types.Command]:
        only = [str(getattr(kind, "value", kind)) for kind in params.context.only or ()]
        range_ = params.range
        return app.actions.at(params.text_document.uri, range_.start.line, range_.end.line, only)

    @feature(types.CODE_ACTION_RESOLVE)
    async def resolve(action: types.CodeAction) -> types.CodeAction:
        return await app.actions.resolve(action)

    @feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def did_change_configuration(params: types.DidChangeConfigurationParams) -> None:
        app.push_configuration(params.settings)

    @feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_watched_files(params: types.DidChangeWatchedFilesParams) -> None:
        app.project_file_changed()

    @feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def did_change_folders(params: types.DidChangeWorkspaceFoldersParams) -> None:
        app.change_folders(params.event)

    @feature(STATUS)
    def status(params: Any) -> dict[str, Any]:
        return app.status()

    @feature(TIMELINE)
    def timeline(params: Any) -> dict[str, Any]:
        limit = getattr(params, "limit", 50)
        return app.timeline.timeline(limit if isinstance(limit, int) else 50)

    _bind_commands(app)


def _bind_commands(app: Application) -> None:
    command = app.language_server.command
    feedback = app.feedback

    @command(actions.ACCEPTED)
    def accepted(*arguments: Any) -> None:
        feedback.accepted(_identifier(arguments))

    @command(actions.APPLY)
    async def apply(*arguments: Any) -> dict[str, Any]:
        identifier = _identifier(arguments)
        refused = feedback.cannot_apply(identifier)
        # Not awaited: the client may wait for the answer to this before it takes a request.
        app.tasks.spawn(feedback.apply(identifier))
        return {"refused": refused}

    @command(actions.DISMISS)
    def dismiss(*arguments: Any) -> None:
        feedback.dismiss(_identifier(arguments))

    @command(actions.GOTO)
    def goto(*arguments: Any) -> None:
        feedback.goto(_identifier(arguments))

    @command(actions.SHOW)
    def show(*arguments: Any) -> None:
        feedback.show(_identifier(arguments))

    @command(actions.SNOOZE)
    def snooze(*arguments: Any) -> None:
        given = _first(arguments)
        scope, minutes, uri = given.get("scope", "all"), given.get("minutes", 60), given.get("uri")
        if scope not in ("file", "workspace", "all") or isinstance(minutes, bool):
            raise ValueError("scope must be file, workspace or all")
        if not isinstance(minutes, int | float):
            raise ValueError("minutes must be a number")
        feedback.snooze(scope, minutes, uri if isinstance(uri, str) else None)

    @command(actions.WHY)
    def why(*arguments: Any) -> None:
        feedback.why(_identifier(arguments) or None)

    @command(actions.STATUS)
    def status(*arguments: Any) -> dict[str, Any]:
        return app.status()


def _first(arguments: tuple[Any, ...]) -> dict[str, Any]:
    return arguments[0] if arguments and isinstance(arguments[0], dict) else {}


def _identifier(arguments: tuple[Any, ...]) -> str:
    given = _first(arguments).get("id")
    return given if isinstance(given, str) else ""
