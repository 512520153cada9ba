"""The workspace as it stands at one moment: each file is looked at once, and every play sees the same text."""

from __future__ import annotations

from collections.abc import Iterator

from proactive_collectors.workspace import Document, WorkspaceView


class StillWorkspace:
    """A `WorkspaceView` that remembers its answers; for as long as one decision takes."""

    def __init__(self, workspace: WorkspaceView) -> None:
        self._workspace = workspace
        self._folders: tuple[str, ...] | None = None
        self._documents: dict[str, Document | None] = {}
        self._resolved: dict[tuple[str, str | None], str | None] = {}
        self._walks: dict[tuple[str, ...], tuple[list[Document], Iterator[Document]]] = {}

    def folders(self) -> tuple[str, ...]:
        """The URIs of the workspace folders."""
        if self._folders is None:
            self._folders = self._workspace.folders()
        return self._folders

    def document(self, uri: str) -> Document | None:
        """The file at ``uri``; ``None`` if not readable."""
        if uri not in self._documents:
            self._documents[uri] = self._workspace.document(uri)
        return self._documents[uri]

    def resolve(self, path: str, *, cwd: str | None = None) -> str | None:
        """The URI of the file that a tool printed as ``path``."""
        key = path, cwd
        if key not in self._resolved:
            self._resolved[key] = self._workspace.resolve(path, cwd=cwd)
        return self._resolved[key]

    def documents(self, *suffixes: str) -> Iterator[Document]:
        """Every readable file whose name ends so; the walk goes on where the one before left off."""
        if suffixes not in self._walks:
            self._walks[suffixes] = [], self._workspace.documents(*suffixes)
        found, more = self._walks[suffixes]
        at = 0
        while True:
            if at == len(found):
                document = next(more, None)
                if document is None:
                    return
                found.append(self._documents.setdefault(document.uri, document) or document)
            yield found[at]
            at += 1
