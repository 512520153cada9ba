"""Shared by the tests of inference: a workspace that lives in a dictionary, and a person who edits it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from proactive_collectors.events import EditBurst, Event, Manner, Payload, Source, Where
from proactive_collectors.text import Change, Range, apply_edits, position_at, split_lines
from proactive_collectors.trace import Window
from proactive_collectors.uris import to_path
from proactive_collectors.workspace import Document
from proactive_inference.ground import digest
from proactive_inference.plays import Moment
from proactive_inference.proposal import Boundary, Proposal

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
    ".toml": "toml",
    ".tsx": "typescriptreact",
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


class Sitting:
    """A person at work: edits really change the workspace and are kept as the events of a window."""

    def __init__(self, files: dict[str, str]) -> None:
        self.workspace = MemoryWorkspace(files)
        self.events: list[Event] = []
        self.time = datetime(2026, 1, 5, 9, tzinfo=UTC)

    def add(self, data: Payload, path: str | None = None, *, seconds: float = 5) -> None:
        """Let something happen, ``seconds`` after what was before."""
        self.time += timedelta(seconds=seconds)
        uri = self.workspace.uri(path) if path is not None else None
        self.events.append(Event(time=self.time, source=Source.LSP, where=Where(uri=uri), data=data))

    def edit(
        self, path: str, old: str, new: str, *, nth: int = 0, at: int | None = None, manner: Manner = Manner.TYPED
    ) -> None:
        """Put ``new`` where the ``nth`` ``old`` stands (or at offset ``at``), as one burst of one change."""
        text = self.workspace.files[path]
        start = at if at is not None else -1
        for _ in range(nth + 1 if at is None else 0):
            start = text.index(old, start + 1)
        assert text.startswith(old, start)
        lines = split_lines(text)
        range_ = Range(position_at(lines, start), position_at(lines, start + len(old)))
        self.workspace.files[path] = text[:start] + new + text[start + len(old) :]
        self.add(EditBurst(changes=(Change(range_, old, new),), manner=manner, keystrokes=len(new)), path)

    def type(self, path: str, old: str, new: str, *, nth: int = 0) -> None:
        """Replace as a keyboard does: delete the old character by character, then type the new one."""
        text, start = self.workspace.files[path], -1
        for _ in range(nth + 1):
            start = text.index(old, start + 1)
        changes = []
        for step in [(len(old) - i - 1, 1, "") for i in range(len(old))] + [(i, 0, c) for i, c in enumerate(new)]:
            offset, gone, put = start + step[0], step[1], step[2]
            lines = split_lines(text)
            range_ = Range(position_at(lines, offset), position_at(lines, offset + gone))
            changes.append(Change(range_, text[offset : offset + gone], put))
            text = text[:offset] + put + text[offset + gone :]
        self.workspace.files[path] = text
        self.add(EditBurst(changes=tuple(changes), keystrokes=len(changes)), path)

    def moment(self, boundary: Boundary = Boundary.QUIET, *, seconds: float = 6) -> Moment:
        """The moment ``seconds`` after the last event."""
        return Moment(
            self.time + timedelta(seconds=seconds), boundary, Window(tuple(self.events[-64:])), self.workspace
        )

    def accept(self, proposal: Proposal) -> dict[str, str]:
        """The files as they are once the proposal's edits are applied."""
        files = dict(self.workspace.files)
        for edit in proposal.edits:
            path = edit.uri.removeprefix(ROOT + "/")
            assert edit.digest == digest(files[path])
            files[path] = apply_edits(files[path], edit.edits)
        return files


@pytest.fixture
def sitting() -> Callable[[dict[str, str]], Sitting]:
    """Begin a sitting over texts by relative path."""
    return Sitting
