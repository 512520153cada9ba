"""The client's window: sentences, questions, documents and edits that it is asked to show or to carry out."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from lsprotocol import types

from proactive_server.status import suggestion_to_dict

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

    from proactive_server.board import Posted
    from proactive_server.tasks import Tasks

OFFER_COMMAND = "proactive/offerCommand"


class ClientWindow:
    """Asks the client, over one server's connection."""

    def __init__(self, language_server: LanguageServer, tasks: Tasks) -> None:
        self._server = language_server
        self._tasks = tasks

    def tell(self, text: str) -> None:
        """Show a sentence."""
        self._server.window_show_message(types.ShowMessageParams(types.MessageType.Info, text))

    def warn(self, text: str) -> None:
        """Show a sentence about something that is wrong."""
        self._server.window_show_message(types.ShowMessageParams(types.MessageType.Warning, text))

    def ask(self, params: types.ShowMessageRequestParams) -> Awaitable[types.MessageActionItem | None]:
        """Show a sentence with buttons."""
        return self._server.window_show_message_request_async(params)

    def show(self, params: types.ShowDocumentParams) -> None:
        """Bring a document to the front."""
        self._tasks.spawn(self._server.window_show_document_async(params))

    def apply(self, params: types.ApplyWorkspaceEditParams) -> Awaitable[types.ApplyWorkspaceEditResult]:
        """Have the client apply an edit."""
        return self._server.workspace_apply_edit_async(params)

    def offer_command(self, posted: Posted) -> None:
        """Have our own client show a command with a way to put it into a terminal."""
        self._server.protocol.notify(OFFER_COMMAND, suggestion_to_dict(posted))
