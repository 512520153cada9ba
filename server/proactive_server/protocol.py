"""pygls' language server, but for what this one does otherwise: documents, and what it tells of itself."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter, lsp_method

from proactive_server.version import VERSION


class Protocol(LanguageServerProtocol):
    """pygls' protocol, but that documents are kept by us and the server tells of its own methods."""

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """Answer with the capabilities, and with what is beyond the standard."""
        result = yield from super().lsp_initialize(params)
        result.capabilities.experimental = {
            "proactive": {"event": True, "status": True, "timeline": True, "version": VERSION}
        }
        return result

    # The base class keeps documents of its own, joined anew with each change: its handlers do not run.

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> Any:
        """Pass on."""
        yield self.fm.features[types.TEXT_DOCUMENT_DID_OPEN], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> Any:
        """Pass on."""
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CLOSE], (params,), None


def new_language_server() -> LanguageServer:
    """One that has no features yet."""
    return LanguageServer("proactive", VERSION, protocol_cls=Protocol, converter_factory=default_converter)
