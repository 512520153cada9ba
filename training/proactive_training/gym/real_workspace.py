"""A real workspace for a simulated user: real files, diagnostics and test runs; tasks are really carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import evolve

from proactive_collectors.event_json import from_dict, to_dict
from proactive_collectors.events import Event, TerminalRun
from proactive_collectors.trace import RollingWindow
from proactive_inference.models.chat import ChatModel
from proactive_inference.proposal import Suggestion
from proactive_inference.writing import (
    Unwritten,
    WritingTask,
    WrittenAnswer,
    WrittenCommand,
    WrittenEdit,
    write,
)
from proactive_training.errors import DataError
from proactive_training.gym.acts import Act, Close, Run, Save, Type
from proactive_training.gym.linters import Linter
from proactive_training.gym.real_folder import RealFolder
from proactive_training.gym.replay_environment import ReplayEnvironment
from proactive_training.gym.replay_workspace import ReplayWorkspace, path_of
from proactive_training.gym.told_act import observed


class RealWorkspace:
    """The environment of replay, with what a simulated user needs besides: tasks told in a sentence are done.

    Of such a task the edit is written by ``writer`` and checked as in the editor
    (:mod:`proactive_inference.writing`); a command that it writes is run only if it is the test command; an answer
    is told.

    Args:
        inner: the files and what runs on them.
        command: the test command; empty: no tests are run.
        writer: the model that carries out tasks; ``None``: those without edits come to nothing.
        folder: where the files stand, if in a folder, so that the workspace can be saved.
    """

    def __init__(
        self,
        inner: ReplayEnvironment,
        command: str = "",
        writer: ChatModel | None = None,
        folder: RealFolder | None = None,
    ) -> None:
        self.command = command
        self.last_run: Event | None = None  #: of the test command
        self.unsaved: set[str] = set()  #: documents that stand otherwise on disk, by path
        self.undone = 0  #: accepted tasks that came to nothing
        self._inner = inner
        self._writer = writer
        self._folder = folder
        self._window = RollingWindow()

    @classmethod
    def of_folder(
        cls, folder: RealFolder, linter: Linter | None = None, writer: ChatModel | None = None
    ) -> RealWorkspace:
        """On the files of a folder's copy.

        Raises:
            DataError: the folder cannot be used.
        """
        files = ReplayWorkspace()
        for path, text in folder.texts().items():
            files.put(path, text)
        return cls(ReplayEnvironment(files, linter, folder), folder.command, writer, folder)

    @property
    def workspace(self) -> ReplayWorkspace:
        """The files as they stand."""
        return self._inner.workspace

    @property
    def opened(self) -> set[str]:
        """The documents that the editor has open, by path."""
        return self._inner.opened

    @property
    def wake_at(self) -> datetime | None:
        """When diagnostics have something to say."""
        return self._inner.wake_at

    def happen(self, now: datetime) -> Sequence[Event]:
        """What diagnostics say by ``now``."""
        return self._noted(self._inner.happen(now))

    def do(self, act: Act, now: datetime) -> Sequence[Event]:
        """Carry out an act."""
        match act:
            case Type(path=path):
                self.unsaved.add(path)
            case Save(path=path) | Close(path=path):
                self.unsaved.discard(path)
            case _:
                pass
        return self._noted(self._inner.do(act, now))

    def apply(self, suggestion: Suggestion, now: datetime) -> Sequence[Event]:
        """Carry out an accepted task.

        Raises:
            ModelError: the writing model cannot be asked.
        """
        proposal = suggestion.proposal
        if proposal.edits:
            self.unsaved -= {path_of(file.uri) for file in proposal.edits}  # it writes them
            return self._noted(self._inner.apply(suggestion, now))
        if self._writer is None:
            self.undone += 1
            return []
        match write(WritingTask(proposal, self._window.view()), self._writer, self.workspace):
            case WrittenEdit(edits=edits):
                return self.apply(evolve(suggestion, proposal=evolve(proposal, edits=edits)), now)
            case WrittenCommand(command=command) if command == self.command:
                return self.do(Run(command=command), now)
            case WrittenCommand(command=command):
                return self._noted([observed(now, f"The assistant showed the command '{command}'.")])
            case WrittenAnswer(title=title):
                return self._noted([observed(now, f"The assistant explained: {title}")])
            case Unwritten():
                self.undone += 1
                return self._noted([observed(now, "The assistant could not carry out the task.")])

    def close(self) -> None:
        """Throw away what was written out."""
        self._inner.close()

    def state(self) -> dict[str, Any]:
        """All that must be known to go on, as plain JSON.

        Raises:
            DataError: the files stand in no folder, or there are diagnostics, whose ages are not kept.
        """
        if self._folder is None or self._inner.has_linter:
            raise DataError(
                "only an episode in a folder without diagnostics can be saved midway; run this one anew"
            )
        files, versions = self.workspace.standing()
        return {
            "files": files,
            "versions": versions,
            "disk": dict(self._folder.written),
            "unsaved": sorted(self.unsaved),
            "run": to_dict(self.last_run) if self.last_run is not None else None,
            "undone": self.undone,
            "window": [to_dict(event) for event in self._window.view()],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from there, in an environment on the same folder in which nothing was done yet."""
        if self._folder is None:
            raise DataError("only an episode in a folder can be gone on with")
        self.workspace.stand(state["files"], state["versions"])
        self._inner.opened.update(state["versions"])
        for path, text in state["disk"].items():
            self._folder.write(path, text)
        self.unsaved = set(state["unsaved"])
        self.last_run = from_dict(state["run"]) if state["run"] is not None else None
        self.undone = int(state["undone"])
        self._window = RollingWindow()
        for event in state["window"]:
            self._window.append(from_dict(event))

    def _noted(self, events: Sequence[Event]) -> Sequence[Event]:
        for event in events:
            self._window.append(event)
            if isinstance(event.data, TerminalRun):
                self.last_run = event
        return events
