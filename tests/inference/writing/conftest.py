"""Shared by the tests of writing: a task in a workspace of texts, and a model that answers from a script."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import define, field

from proactive_collectors.events import Event, Payload, Source, Where
from proactive_collectors.text import Range, apply_edits
from proactive_collectors.trace import Window
from proactive_inference.ground import digest
from proactive_inference.models.fake import FakeModel, Scripted
from proactive_inference.proposal import Anchor, Proposal
from proactive_inference.writing import (
    Unwritten,
    WritingSettings,
    WritingTask,
    Written,
    WrittenEdit,
    write,
)


@define
class Desk:
    """A workspace of texts by relative path, a task in it, and what the model was asked."""

    workspace: Any
    anchor: str
    line: int = 0
    task: str = "Mend it."
    title: str = "Mend it"
    play: str = "model.fix"
    events: list[Event] = field(factory=list)
    model: FakeModel = field(factory=lambda: FakeModel([]))

    def happened(self, data: Payload, path: str | None = None, line: int | None = None) -> None:
        where = Where(
            uri=self.workspace.uri(path) if path else None,
            range=Range.of(line, 0, line, 0) if line is not None else None,
        )
        time = datetime(2026, 1, 5, 9, tzinfo=UTC) + timedelta(seconds=5 * len(self.events))
        self.events.append(Event(time, Source.LSP, data, where))

    def ask(
        self, *answers: Scripted | Callable[[Any], Scripted], settings: WritingSettings | None = None
    ) -> Written | Unwritten:
        """Write with these answers; without a second one the model is not asked again."""
        self.model = FakeModel(answers[0] if callable(answers[0]) else answers)  # type: ignore[arg-type]
        settings = settings or WritingSettings(retries=len(answers) - 1)
        return write(self.task_of(), self.model, self.workspace, settings=settings)

    def task_of(self) -> WritingTask:
        """The task, after all that happened."""
        place = Anchor(self.workspace.uri(self.anchor), Range.of(self.line, 0, self.line, 0))
        proposal = Proposal(self.play, "k", self.title, self.task, place, on_demand=True)
        return WritingTask(proposal, Window(tuple(self.events)))

    def after(self, written: object) -> dict[str, str]:
        """The files with an edit applied, as an editor does it."""
        assert isinstance(written, WrittenEdit), written
        files = dict(self.workspace.files)
        assert len({edit.uri for edit in written.edits}) == len(written.edits)
        for edit in written.edits:
            path = edit.uri.removeprefix(self.workspace.uri(""))
            assert edit.digest == digest(files[path])
            assert edit.version == 1
            assert edit.edits
            files[path] = apply_edits(files[path], edit.edits)
        return files

    @property
    def told(self) -> str:
        """All that the model was told."""
        return "\n".join(message.content for asked in self.model.asked for message in asked.messages)


@pytest.fixture
def desk(memory_workspace: Callable[[dict[str, str]], Any]) -> Callable[..., Desk]:
    """Make a desk from texts by relative path; the task is about the first of them."""

    def make(files: dict[str, str], anchor: str | None = None, **more: Any) -> Desk:
        return Desk(memory_workspace(files), anchor or next(iter(files)), **more)

    return make
