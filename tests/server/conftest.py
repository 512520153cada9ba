"""A suggestion to work with, and a state folder that is nobody's."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from proactive_collectors.text import Range, TextEdit
from proactive_collectors.uris import to_uri
from proactive_inference.ground import digest
from proactive_inference.need import Need
from proactive_inference.proposal import Anchor, Boundary, FileEdit, Proposal, Suggestion

NOW = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


class Suggestions:
    """Makes suggestions for files below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return to_uri(path)

    def file_edit(self, uri: str, text: str, *edits: tuple[int, int, int, int, str]) -> FileEdit:
        made = tuple(TextEdit(Range.of(*edit[:4]), edit[4]) for edit in edits)
        return FileEdit(uri, made, 1, digest(text))

    def of(
        self, uri: str, *files: FileEdit, identifier: str = "one", line: int = 1, command: str | None = None
    ) -> Suggestion:
        proposal = Proposal(
            play="test.play",
            key=identifier,
            title=f"Mend {identifier}",
            task="This wants mending.",
            anchor=Anchor(uri, Range.of(line, 0, line, 3)),
            edits=files,
            command=command,
        )
        return Suggestion(identifier, proposal, Need(0.6), Boundary.RUN_FAILED, NOW, ("The user ran 'pytest'.",))


@pytest.fixture
def suggestions(tmp_path: Path) -> Suggestions:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return Suggestions(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "state"
    monkeypatch.setenv("PROACTIVE_STATE_DIR", str(folder))
    return folder
