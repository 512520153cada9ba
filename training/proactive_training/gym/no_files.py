"""A workspace without a file: where a simulated scene is nobody's folder."""

from __future__ import annotations

from collections.abc import Iterator

from proactive_collectors.workspace import Document


class NoFiles:
    """A :class:`~proactive_collectors.workspace.WorkspaceView` of nothing."""

    def folders(self) -> tuple[str, ...]:
        """None."""
        return ()

    def document(self, uri: str) -> Document | None:
        """None."""
        return None

    def resolve(self, path: str, *, cwd: str | None = None) -> str | None:
        """None."""
        return None

    def documents(self, *suffixes: str) -> Iterator[Document]:
        """None."""
        return iter(())
