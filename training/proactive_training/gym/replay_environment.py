"""The environment of a replayed sitting: acts become the events that the server would have seen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from proactive_collectors.diagnostics import LINGERING, DiagnosticTracker, Item
from proactive_collectors.events import (
    DocumentClosed,
    DocumentFocused,
    DocumentOpened,
    DocumentSaved,
    EditBurst,
    Event,
    GitCommitted,
    Manner,
    Payload,
    Source,
    TerminalRun,
    Where,
)
from proactive_collectors.languages import language_of
from proactive_collectors.text import Change, TextEdit, apply_edits
from proactive_inference.proposal import Suggestion
from proactive_training.gym.acts import Act, Close, Commit, Focus, Open, Put, Rest, Run, Save, Type
from proactive_training.gym.hindsight import text_between
from proactive_training.gym.linters import Linter
from proactive_training.gym.replay_workspace import FOLDER, ReplayWorkspace, path_of, uri_of
from proactive_training.gym.told_act import IDLE, idle
from proactive_training.throwaway import GAVE_UP, Outcome

LINT_DELAY = timedelta(seconds=0.4)
"""How long after the text the diagnostics come."""

CWD = FOLDER.removeprefix("file://")
"""The folder that commands run in, as they tell it."""

STOPPED = 130
"""The exit code of a run that took so long that a person would have stopped it."""

SETTLED = timedelta(seconds=3)
"""Text left alone for so long has settled: slow linters look at it."""


class Disk(Protocol):
    """Where the files really stand, so that commands can run on them."""

    def write(self, path: str, text: str | None) -> None:
        """Have a file stand so; ``None``: it is gone."""

    def run(self, command: str) -> Outcome:
        """Run what a person would type."""

    def close(self) -> None:
        """Throw it away."""


class ReplayEnvironment:
    """Carries out acts on the files of a :class:`ReplayWorkspace`.

    Args:
        workspace: the files.
        linter: real diagnostics; ``None``: there are none.
        checkout: where commands really run; ``None``: nothing is run.
    """

    def __init__(
        self, workspace: ReplayWorkspace, linter: Linter | None = None, checkout: Disk | None = None
    ) -> None:
        self._workspace = workspace
        self._linter = linter
        self._checkout = checkout
        self._tracker = DiagnosticTracker()
        self.opened: set[str] = set()  #: the documents that the editor has open, by path
        self._standing: dict[str, list[Item]] = {}
        self._unsettled: dict[str, datetime] = {}  # by path, when its text will have settled

    @property
    def workspace(self) -> ReplayWorkspace:
        """The files as they stand."""
        return self._workspace

    @property
    def has_linter(self) -> bool:
        """Whether there are real diagnostics."""
        return self._linter is not None

    @property
    def wake_at(self) -> datetime | None:
        """When a diagnostic will have stood for long, or a text has settled."""
        due = self._tracker.due()
        return min((due, *self._unsettled.values()) if due else self._unsettled.values(), default=None)

    @property
    def standing(self) -> dict[str, list[Item]]:
        """By path, the errors and warnings that stand now."""
        return {path: items for path, items in self._standing.items() if items}

    def happen(self, now: datetime) -> list[Event]:
        """The diagnostics that have stood for long by ``now``, and those of texts that have settled."""
        lingering = [self._reported(now, where, data) for where, data in self._tracker.lingering(now)]
        settled = [path for path, time in self._unsettled.items() if time <= now]
        return [*lingering, *(event for path in settled for event in self._lint(path, now, settled=True))]

    def do(self, act: Act, now: datetime) -> list[Event]:
        """Carry out an act."""
        match act:
            case Open(path=path):
                self.opened.add(path)
                self._workspace.open(path)
                lines = (self._workspace.text(path) or "").count("\n") + 1
                return [
                    self._event(now, DocumentOpened(lines), path),
                    *self._lint(path, now + LINT_DELAY, settled=True),
                ]
            case Focus(path=path):
                return [self._event(now, DocumentFocused(), path, Source.CLIENT)]
            case Type(path=path):
                return self._type(act, now)
            case Save(path=path):
                saved = self._event(now, DocumentSaved(), path)
                self._to_disk(path)
                return (
                    [saved, *self._lint(path, now + LINT_DELAY, settled=True)]
                    if path in self._unsettled
                    else [saved]
                )
            case Close(path=path):
                self.opened.discard(path)
                self._workspace.close(path)
                self._tracker.forget(uri_of(path))
                self._standing.pop(path, None)
                self._unsettled.pop(path, None)
                return [self._event(now, DocumentClosed(), path)]
            case Put(path=path, text=text):
                self._workspace.put(path, text)
                self._to_disk(path)
                return []
            case Commit():
                data = GitCommitted(act.commit, act.subject, act.branch)
                return [Event(now, Source.GIT, data, Where(workspace=FOLDER))]
            case Rest(lasts=lasts) if lasts >= IDLE.total_seconds():
                return idle(lasts, now)
            case Run():
                return self._run(act, now)
            case _:
                return []

    def apply(self, suggestion: Suggestion, now: datetime) -> list[Event]:
        """Apply a suggestion's edits, as an editor does: files that are not open are changed on disk."""
        events: list[Event] = []
        for file in suggestion.proposal.edits:
            path = path_of(file.uri)
            before = self._workspace.text(path)
            if before is None:
                continue
            self._workspace.put(path, apply_edits(before, file.edits))
            self._to_disk(path)  # also of an open document: who goes on from here saves only what they type
            if path in self.opened:
                burst = EditBurst(_sequential(before, file.edits), Manner.APPLIED, 1, 0.0)
                events += [self._event(now, burst, path), *self._lint(path, now + LINT_DELAY)]
        return events

    def close(self) -> None:
        """Throw away what was written out."""
        if self._checkout is not None:
            self._checkout.close()

    def _to_disk(self, path: str) -> None:
        if self._checkout is not None:
            self._checkout.write(path, self._workspace.text(path))

    def _run(self, act: Run, now: datetime) -> list[Event]:
        if self._checkout is None:
            return []
        outcome = self._checkout.run(act.command)
        exit_code = STOPPED if outcome.exit_code == GAVE_UP else outcome.exit_code
        # How long it took is imagined, as all time is: the clock of this machine must not decide.
        data = TerminalRun(act.command, CWD, exit_code, act.lasts, outcome.output, outcome.failures)
        return [Event(now, Source.EXEC, data, Where(workspace=FOLDER))]

    def _type(self, act: Type, now: datetime) -> list[Event]:
        text = self._workspace.text(act.path) or ""
        for change in act.changes:
            text = apply_edits(text, [TextEdit(change.range, change.new_text)])
        self._workspace.put(act.path, text)
        burst = EditBurst(act.changes, act.manner, act.keystrokes, act.lasts, act.in_comment)
        return [self._event(now, burst, act.path), *self._lint(act.path, now + LINT_DELAY)]

    def _lint(self, path: str, now: datetime, *, settled: bool = False) -> Iterable[Event]:
        """What diagnostics come at ``now``."""
        if self._linter is None:
            return []
        self._unsettled.pop(path, None)
        if not settled and self._linter.waits(path):
            self._unsettled[path] = now + SETTLED
        found = self._linter.check(path, self._workspace.text(path) or "", settled)
        if found is None:
            return []
        self._standing[path] = [item for item in found if item.severity in LINGERING]
        told = self._tracker.update(uri_of(path), found, now)
        return [self._reported(now, where, data) for where, data in told]

    def _event(self, now: datetime, data: Payload, path: str, source: Source = Source.LSP) -> Event:
        return Event(now, source, data, Where(uri=uri_of(path), workspace=FOLDER, language=language_of(path)))

    def _reported(self, now: datetime, where: Where, data: Payload) -> Event:
        full = Where(
            uri=where.uri,
            workspace=FOLDER,
            range=where.range,
            symbol=where.symbol,
            language=language_of(where.uri or ""),
        )
        return Event(now, Source.CLIENT, data, full)


def _sequential(text: str, edits: Iterable[TextEdit]) -> tuple[Change, ...]:
    """Edits of one text as changes one after the other, from the bottom up."""
    return tuple(
        Change(edit.range, text_between(text, edit.range), edit.new_text)
        for edit in sorted(edits, key=lambda edit: edit.range.start, reverse=True)
    )
