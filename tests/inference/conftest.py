"""Shared by the tests of inference: a workspace that lives in a dictionary."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from proactive_collectors.uris import to_path
from proactive_collectors.workspace import Document

ROOT = "file:///project"

LANGUAGES = {
    ".py": "python",
    ".md": "markdown",
    ".rst": "restructuredtext",
    ".go": "go",
    ".ts": "typescript",
    ".js": "javascript",
    ".rs": "rust",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".txt": "plaintext",
    ".tex": "latex",
}


class MemoryWorkspace:
    """A `WorkspaceView` over texts by relative path; assign to ``files`` to edit."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = dict(files)

    def uri(self, path: str) -> str:
        return f"{ROOT}/{path}"

    def folders(self) -> tuple[str, ...]:
        return (ROOT,)

    def document(self, uri: str) -> Document | None:
        path = uri.removeprefix(ROOT + "/")
        if path == uri or path not in self.files:
            return None
        suffix = "." + path.rsplit(".", 1)[-1]
        return Document(uri, self.files[path], version=1, language=LANGUAGES.get(suffix))

    def resolve(self, path: str, *, cwd: str | None = None) -> str | None:
        root = to_path(ROOT)
        assert root is not None
        relative = path.removeprefix(f"{root.as_posix()}/")
        return self.uri(relative) if relative in self.files else None

    def documents(self, *suffixes: str) -> Iterator[Document]:
        for path in sorted(self.files):
            if not suffixes or path.endswith(suffixes):
                document = self.document(self.uri(path))
                assert document is not None
                yield document


@pytest.fixture
def memory_workspace() -> Callable[[dict[str, str]], MemoryWorkspace]:
    """Make a workspace from texts by relative path."""
    return MemoryWorkspace
