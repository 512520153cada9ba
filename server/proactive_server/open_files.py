"""What the plays see where no folder is open: the open documents, and nothing of what lies beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from proactive_collectors.exclusion import Exclusion
from proactive_collectors.uris import to_path, to_uri
from proactive_collectors.workspace import Document
from proactive_server.documents import Documents


class OpenFiles:
    """A workspace view of nothing but the open documents."""

    def __init__(self, documents: Documents, exclusion: Exclusion) -> None:
        self._documents = documents
        self._exclusion = exclusion

    def folders(self) -> tuple[str, ...]:
        """Where the open files lie; of what else lies there, nothing is shown."""
        paths = (to_path(document.uri) for document in self.documents())
        return tuple(dict.fromkeys(to_uri(path.parent) for path in paths if path is not None))

    def document(self, uri: str) -> Document | None:
        """An open document, unless it must not be read."""
        path = to_path(uri)
        if path is None or self._exclusion.excluded(path):
            return None
        return self._documents.overlay(uri)

    def resolve(self, path: str, *, cwd: str | None = None) -> str | None:
        """The open document that a printed path means."""
        if "\0" in path:
            return None
        printed = Path(path)
        if not printed.is_absolute():
            if cwd is None:
                return None
            printed = Path(cwd) / printed
        if self.document(uri := to_uri(printed)) is not None:
            return uri
        real = self._exclusion.real(printed)  # as most tools print it
        for document in self.documents():
            opened = to_path(document.uri)
            if opened is not None and self._exclusion.real(opened) == real:
                return document.uri
        return None

    def documents(self, *suffixes: str) -> Iterator[Document]:
        """The open documents with one of these endings; all without any."""
        for uri in self._documents.open_uris():
            if (not suffixes or uri.endswith(suffixes)) and (document := self.document(uri)) is not None:
                yield document
