"""A real project in a temporary folder, run by the real Python or pytest, and the play looking at it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from proactive_collectors.events import EditBurst, Event, Source, TerminalRun, Where
from proactive_collectors.exclusion import Exclusion
from proactive_collectors.failures import parse_failures
from proactive_collectors.folder_workspace import FolderWorkspace
from proactive_collectors.text import Change, Range, apply_edits
from proactive_collectors.trace import Window
from proactive_collectors.uris import to_path, to_uri
from proactive_collectors.workspace import Document
from proactive_inference.ground import digest
from proactive_inference.plays import Moment
from proactive_inference.plays.failed_run import FailedRun
from proactive_inference.proposal import Boundary, Proposal

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Project:
    """Files in a folder, the events of a sitting there, and the play."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.buffers: dict[str, Document] = {}  # what an editor has open, unsaved
        self.events: list[Event] = []
        self.play = FailedRun()
        self.workspace = FolderWorkspace(
            [to_uri(folder)], Exclusion([folder]), self.buffers.get, lambda: tuple(self.buffers)
        )

    def uri(self, path: str) -> str:
        return to_uri(self.folder / path)

    def write(self, files: dict[str, str]) -> None:
        for path, text in files.items():
            target = self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode())

    def read(self, path: str) -> str:
        return (self.folder / path).read_bytes().decode()

    def open(self, path: str, text: str, version: int = 7) -> None:
        self.buffers[self.uri(path)] = Document(self.uri(path), text, version, "python")

    def edited(self, path: str, change: Change) -> None:
        where = Where(uri=self.uri(path))
        self.events.append(Event(self._now(), Source.LSP, EditBurst(changes=(change,)), where))

    def run(self, *command: str) -> TerminalRun:
        """Run ``python …`` or ``pytest …`` here and remember it as the shell integration would report it."""
        words = list(command)
        shown = " ".join(words)
        if words[0] == "pytest":
            words[:1] = ["python", "-m", "pytest", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [sys.executable, *words[1:]],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            env={
                **{key: os.environ[key] for key in ("PATH", "SYSTEMROOT", "HOME") if key in os.environ},
                "PYTHONDONTWRITEBYTECODE": "1",
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
                "COLUMNS": "100",
            },
        )
        output = done.stdout + done.stderr
        run = TerminalRun(
            command=shown,
            cwd=str(self.folder),
            exit_code=done.returncode,
            output=output,
            failures=parse_failures(output, shown) if done.returncode else (),
        )
        self.events.append(Event(self._now(), Source.EXEC, run))
        return run

    def propose(self, boundary: Boundary = Boundary.RUN_FAILED) -> list[Proposal]:
        moment = Moment(self._now(), boundary, Window(tuple(self.events)), self.workspace)
        proposals = list(self.play.propose(moment))
        for proposal in proposals:
            self._check(proposal)
        return proposals

    def _check(self, proposal: Proposal) -> None:
        assert proposal.play.startswith("failed_run.")
        assert proposal.title and len(proposal.title) < 80 and "\n" not in proposal.title
        assert proposal.task and proposal.reason and 0 < proposal.confidence < 1
        assert all(0 <= index < len(self.events) for index in proposal.evidence)
        for edit in proposal.edits:
            document = self.workspace.document(edit.uri)
            assert document is not None
            assert edit.digest == digest(document.text)
            assert edit.version == document.version

    def text(self, path: str) -> str:
        document = self.workspace.document(self.uri(path))
        assert document is not None
        return document.text

    def apply(self, proposal: Proposal) -> None:
        """Apply a proposal's edits to the files on disk, or to the buffers that are open."""
        for edit in proposal.edits:
            document = self.workspace.document(edit.uri)
            path = to_path(edit.uri)
            assert document is not None and path is not None
            after = apply_edits(document.text, edit.edits)
            if edit.uri in self.buffers:
                self.buffers[edit.uri] = Document(edit.uri, after, (document.version or 0) + 1, "python")
            else:
                path.write_bytes(after.encode())

    def only(self, proposals: Sequence[Proposal], sort: str) -> Proposal:
        mended = [proposal for proposal in proposals if proposal.edits]
        assert [proposal.play for proposal in mended] == [f"failed_run.{sort}"], proposals
        return mended[0]

    def _now(self) -> datetime:
        return NOON + timedelta(seconds=len(self.events))


def typed(line: int, text: str) -> Change:
    """A change that writes ``text`` at the beginning of a line."""
    return Change(Range.of(line, 0, line, 0), "", text)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project."""
    return Project(tmp_path)


@pytest.fixture
def writing() -> Callable[[int, str], Change]:
    """Makes the change of somebody writing at the beginning of a line."""
    return typed
