"""From an event to a decision: exclusion, redaction, journal, agent. Lives in the worker's thread."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from proactive_collectors.diagnostics import DiagnosticTracker
from proactive_collectors.errors import BadEventError, JournalError
from proactive_collectors.events import (
    PAYLOADS,
    DocumentClosed,
    EditBurst,
    Event,
    GitCommitted,
    Manner,
    Payload,
    RunEvent,
    Snoozed,
    Source,
    SuggestionAccepted,
    SuggestionEvent,
    TaskRun,
    TerminalRun,
    Where,
)
from proactive_collectors.journal import Journal
from proactive_collectors.notification import DiagnosticsReport, parse
from proactive_collectors.redaction import Redactor
from proactive_collectors.text import Position, Range, split_lines
from proactive_collectors.trace import Window
from proactive_collectors.twice import Reports
from proactive_collectors.uris import to_path, to_uri
from proactive_inference.agent import Agent, Step
from proactive_inference.decision import Decision
from proactive_inference.embedded import embedded_agent
from proactive_inference.inquiry import Advice, Inquiry
from proactive_inference.proposal import Proposal, Suggestion
from proactive_server.decision_json import decision_to_dict
from proactive_server.documents import Documents
from proactive_server.elsewhere import Elsewhere
from proactive_server.positions import Units
from proactive_server.settings import Settings
from proactive_server.surfaces import SOURCE
from proactive_server.switches import heard
from proactive_server.views import parents_of, view_of_folders, view_of_open_files

log = logging.getLogger(__name__)

RECALL = timedelta(days=30)
"""How far back dismissals and snoozes are remembered from the journal at the start."""

RETAIN_EVERY = timedelta(days=1)
"""How often what is past its time to keep is removed while the server runs."""

MALFORMED_EVERY = 60.0
"""Seconds between two complaints about malformed notifications; a plug-in gone wrong must not fill the log."""

TAKEN = timedelta(seconds=5)
"""For how long after an acceptance a burst in its files may be the accepted edit."""

_LIVES = tuple(kind for kind, cls in PAYLOADS.items() if issubclass(cls, SuggestionEvent | Snoozed))


@frozen
class Outcome:
    """What came of one event or of a deadline; values only, handed to the event loop."""

    event: Event | None = None  #: as kept; ``None`` for a mere deadline
    decision: Decision | None = None
    milliseconds: float = 0.0  #: what the agent took for it
    ended: tuple[Event, ...] = ()  #: the ends of suggestions that the agent found
    wake_at: datetime | None = None  #: when `Pipeline.tick` wants to be called
    recalled: tuple[Event, ...] = ()  #: snoozes known from before, or asked for in another editor
    inquiry: Inquiry | None = None  #: to be put to a language model
    wanted: str | None = None  #: the identifier of the inquiry whose answer is still wanted


class Pipeline:
    """The chain, and what it keeps. Not thread-safe, but for the documents it reads.

    Args:
        documents: the editor's open documents.
        folders: the workspace folders; without any, only the open documents are read.
        settings: those in force.
        clock: the time, in UTC.
        agent: who decides; the embedded gate and plays if not given.
        retention: days that events are kept, by workspace URI, ``None`` for all of them; empty while that is not
            known yet. The settings' own for all if not given.
        tell: shows the user a sentence about a setting that is wrong; called in the worker's thread.
    """

    def __init__(
        self,
        documents: Documents,
        folders: Sequence[Path],
        settings: Settings,
        clock: Callable[[], datetime],
        agent: Agent | None = None,
        retention: Callable[[], Mapping[str | None, int]] | None = None,
        tell: Callable[[str], None] = log.error,
    ) -> None:
        self._documents = documents
        self._clock = clock
        self._tell = tell
        self._redactor = Redactor()
        self._tracker = DiagnosticTracker()
        self._reports = Reports()
        self._complained = -MALFORMED_EVERY
        self._taken: dict[str, int] = {}  # files an accepted suggestion edits, and in how many places
        self._taken_until = clock()
        self._agent = agent or embedded_agent()
        self._agent.configure(settings.policy())
        self._agent.inquire(settings.model.asks)
        if settings.gate:
            self._use_gate(settings)
        self._settings = settings
        self._retention = retention or (lambda: {None: self._settings.journal.retention_days})
        self._retained: tuple[Mapping[str | None, int], datetime] | None = None
        self._journal = _journal(settings)
        self._folders: tuple[Path, ...] = ()
        self._parents: tuple[Path, ...] | None = None  # where the open files lie, if there is no folder
        self._exclusion, self._view = view_of_folders(documents, (), ())
        self.take_folders(folders)
        self._recalled: list[Event] = []
        self._elsewhere = Elsewhere(clock())
        self._begin_journal()

    def begin(self) -> Outcome:
        """What is known from before."""
        return self._aside()

    def configure(self, settings: Settings) -> None:
        """Take new settings."""
        before, self._settings = self._settings, settings
        self._agent.configure(settings.policy())
        self._agent.inquire(settings.model.asks)
        if settings.gate != before.gate:
            self._use_gate(settings)
        if not settings.sources.diagnostics:
            self._tracker = DiagnosticTracker()  # what it has seen before is not to linger now
        if settings.exclude != before.exclude:
            self.take_folders(self._folders)
        if settings.journal != before.journal:
            if self._journal is not None:
                self._journal.close()
            self._journal = _journal(settings)
            self._begin_journal()

    def take_folders(self, folders: Sequence[Path]) -> None:
        """Take other workspace folders."""
        self._folders = tuple(folders)
        self._parents = None
        if folders:
            exclude = self._settings.exclude
            self._exclusion, self._view = view_of_folders(self._documents, self._folders, exclude)
        else:
            self._open_files_only()

    def _open_files_only(self) -> None:
        parents = parents_of(self._documents)
        if parents == self._parents:
            return  # asked before every event; the rules stand, and see to changed ignore files themselves
        self._parents = parents
        self._exclusion, self._view = view_of_open_files(self._documents, parents, self._settings.exclude)

    def flush(self) -> None:
        """Have on disk what was kept so far."""
        if self._journal is not None:
            self._journal.flush()

    def close(self) -> None:
        """Write what is not yet written."""
        if self._journal is not None:
            self._journal.close()

    # --- what happens -----------------------------------------------------------------------------------

    def observe(self, event: Event, lines_after: Sequence[str] | None = None) -> Outcome | None:
        """Take in an event; ``None`` if it is about something that is never looked at, or was told of before.

        ``lines_after`` are the document's lines after an edit burst.
        """
        if not self._folders and event.where.uri is not None:
            self._open_files_only()
        if self._left_out(event):
            return None
        event = self._by_whom(self._placed(event))
        if lines_after is not None and isinstance(event.data, EditBurst):
            event = self._redactor.burst(self._located(event, event.data, lines_after), lines_after)
        else:
            event = self._redactor.event(event)
        if isinstance(event.data, DocumentClosed) and event.where.uri:
            self._tracker.forget(event.where.uri)
        if self._reports.repeated(event):
            return None
        if isinstance(event.data, RunEvent | GitCommitted):  # what may be decided at once; the rest is by a tick
            self._hear_elsewhere(event.time)
        self._keep(event)
        began = time.perf_counter()
        step = self._agent.observe(event, self._view)
        return self._outcome(step, began, event)

    def tick(self) -> list[Outcome]:
        """Do what was due by now: diagnostics that have lingered, and what the agent waits for."""
        now = self._clock()
        outcomes = self._observe_all(self._tracker.lingering(now), now)
        self._hear_elsewhere(now)
        began = time.perf_counter()
        outcomes.append(self._outcome(self._agent.tick(now, self._view), began))
        return outcomes

    def advised(self, advice: Advice) -> Outcome:
        """Take what a language model answered to an inquiry."""
        now = self._clock()
        self._hear_elsewhere(now)
        began = time.perf_counter()
        return self._outcome(self._agent.advised(advice, now, self._view), began)

    @property
    def window(self) -> Window:
        """The last stretch of events."""
        return self._agent.window

    def written(self, identifier: str, proposal: Proposal) -> None:
        """Know the edit of a suggestion that was offered by its sentence alone."""
        self._agent.written(identifier, proposal, self._view)

    def notified(self, params: Any, received: datetime) -> list[Outcome]:
        """Take in a ``proactive/event`` as the client sent it; what makes no sense is passed over."""
        try:
            parsed = parse(params, received=received, to_code_points=_CodePoints(self._documents))
        except BadEventError as error:
            self._complain(error)
            return []
        if not heard(parsed, self._settings.sources):
            return []
        if isinstance(parsed, DiagnosticsReport):
            return self._diagnostics(parsed, received)
        outcome = self.observe(parsed)
        return [outcome] if outcome else []

    def _diagnostics(self, report: DiagnosticsReport, now: datetime) -> list[Outcome]:
        if not self._folders:
            self._open_files_only()
        document = self._documents.overlay(report.uri)
        if document is None or self._is_left_out(report.uri):
            return []  # nobody works on it, or it is not for us
        others = [item for item in report.items if item.tool != SOURCE]  # our own hints are no news to us
        outcomes = self._observe_all(self._tracker.update(report.uri, others, now), now)
        return [*outcomes, self._aside()]

    def _observe_all(self, reports: Sequence[tuple[Where, Payload]], now: datetime) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for where, data in reports:
            document = self._documents.overlay(where.uri) if where.uri else None
            if document is not None:
                where = evolve(where, language=document.language)
            if outcome := self.observe(Event(now, Source.CLIENT, data, where)):
                outcomes.append(outcome)
        return outcomes

    def _complain(self, error: BadEventError) -> None:
        now = time.monotonic()
        often = now - self._complained < MALFORMED_EVERY
        log.log(logging.DEBUG if often else logging.WARNING, "passed over a proactive/event: %s", error)
        if not often:
            self._complained = now

    # --- parts ------------------------------------------------------------------------------------------

    def _use_gate(self, settings: Settings) -> None:
        from proactive_inference.errors import GateError
        from proactive_inference.gate import LearnedGate

        try:
            gate = LearnedGate.load(Path(settings.gate).expanduser() if settings.gate else None)
        except GateError as error:
            self._tell(f"'gate' names no gate: {error}. The gate that ships decides instead.")
            gate = LearnedGate.load()
        self._agent.use(gate)

    def _by_whom(self, event: Event) -> Event:
        """The event, with an edit that an accepted suggestion made told from one that the person made by hand."""
        if isinstance(event.data, SuggestionAccepted):
            taken = [live.proposal for live in self._agent.live if live.id == event.data.suggestion]
            self._taken = {file.uri: len(file.edits) for proposal in taken for file in proposal.edits}
            self._taken_until = event.time + TAKEN
        elif isinstance(event.data, EditBurst) and event.where.uri is not None:
            burst, uri = event.data, event.where.uri
            soon = uri in self._taken and event.time <= self._taken_until
            if (soon and burst.keystrokes <= self._taken.pop(uri)) or self._is_offered(uri, burst):
                return evolve(event, data=evolve(burst, manner=Manner.APPLIED))
        return event

    def _is_offered(self, uri: str, burst: EditBurst) -> bool:
        """Whether a burst is, at one instant, just what the waiting suggestion would write into that file.

        In an edit of several files, an editor may go on to the next file before it tells of the acceptance.
        """
        if burst.seconds > 0:
            return False
        written = sorted(change.new_text for change in burst.changes)
        offered = [file.edits for live in self._agent.live for file in live.proposal.edits if file.uri == uri]
        return any(written == sorted(edit.new_text for edit in edits) for edits in offered)

    def _outcome(self, step: Step, began: float, event: Event | None = None) -> Outcome:
        milliseconds = (time.perf_counter() - began) * 1000
        for ended in step.ended:
            self._keep(ended)
        if step.decision is not None and self._journal is not None:
            self._journal.append_decision(
                step.decision.time, self._place_of(step.decision), decision_to_dict(step.decision, milliseconds)
            )
        return evolve(
            self._aside(),
            event=event,
            decision=step.decision,
            milliseconds=milliseconds,
            ended=step.ended,
            inquiry=step.inquiry,
        )

    def _place_of(self, decision: Decision) -> str | None:
        """The workspace that a decision is about: that of what it offers, else of the last event that has one."""
        if isinstance(decision.outcome, Suggestion):
            folder = folder_of(to_path(decision.outcome.proposal.anchor.uri), self._folders)
            if folder is not None:
                return to_uri(folder)
        workspaces = (event.where.workspace for event in reversed(self._agent.window.events))
        return next((workspace for workspace in workspaces if workspace), None)

    def _aside(self) -> Outcome:
        recalled, self._recalled = tuple(self._recalled), []
        inquiry = self._agent.inquiry
        return Outcome(wake_at=self._wake_at(), recalled=recalled, wanted=inquiry.id if inquiry else None)

    def _wake_at(self) -> datetime | None:
        times = (self._agent.wake_at, self._tracker.due())
        return min((moment for moment in times if moment is not None), default=None)

    def _keep(self, event: Event) -> None:
        self._elsewhere.known([event])
        if self._journal is not None:
            self._journal.append(event)
            self._retain()

    def _retain(self) -> None:
        """Remove what is past its time to keep: at the start, once a day, and when that time has changed."""
        now, days = self._clock(), self._retention()
        if self._journal is None or not days:
            return
        if self._retained and self._retained[0] == days and now - self._retained[1] < RETAIN_EVERY:
            return
        self._retained = days, now
        try:
            for workspace, count in days.items():
                self._journal.retain(count, workspace, now)
        except JournalError as error:
            log.warning("what is past its time to keep is still there: %s", error)

    def _hear_elsewhere(self, now: datetime) -> None:
        """Know of dismissals and snoozes in other editors before a decision."""
        if self._journal is None:
            return
        try:
            news = self._elsewhere.news(self._journal, now, self._folders)
        except JournalError as error:  # said already where the journal is written
            log.debug("%s", error)
            return
        self._take_known(news)

    def _take_known(self, events: Sequence[Event]) -> None:
        self._elsewhere.known(events)
        self._agent.recall(events)
        self._recalled += [event for event in events if isinstance(event.data, Snoozed)]

    def _begin_journal(self) -> None:
        if self._journal is None:
            return
        try:
            self._retain()
            since = self._clock() - RECALL
            self._take_known(list(self._journal.events(since=since, kinds=_LIVES)))
        except Exception as error:  # a broken journal must not stop the watching
            log.warning("the journal cannot be used: %s", error)

    def _left_out(self, event: Event) -> bool:
        return event.where.uri is not None and self._is_left_out(event.where.uri)

    def _is_left_out(self, uri: str) -> bool:
        path = to_path(uri)
        return path is None or self._exclusion.excluded(path)

    def _placed(self, event: Event) -> Event:
        """The event with its workspace folder, where the source did not say."""
        if event.where.workspace is not None or not self._folders:
            return event
        path: Path | None = None
        if event.where.uri is not None:
            path = to_path(event.where.uri)
        elif isinstance(event.data, TerminalRun | TaskRun) and event.data.cwd:
            path = Path(event.data.cwd)
        folder = folder_of(path, self._folders) or (self._folders[0] if len(self._folders) == 1 else None)
        return evolve(event, where=evolve(event.where, workspace=to_uri(folder))) if folder else event

    def _located(self, event: Event, burst: EditBurst, lines: Sequence[str]) -> Event:
        """The event with the symbol that was edited, whole words, and whether it was in a comment."""
        from proactive_collectors.changes import whole_words
        from proactive_collectors.symbols import in_comment, symbol_at

        if not burst.changes:
            return event
        if len(burst.changes) == 1:
            burst = evolve(burst, changes=(whole_words(burst.changes[0], lines),))
        text = "".join(lines)
        position = burst.changes[-1].new_end
        language = event.where.language or ""
        where: Where = evolve(event.where, symbol=symbol_at(text, language, position))
        return evolve(event, where=where, data=evolve(burst, in_comment=in_comment(text, language, position)))


def _journal(settings: Settings) -> Journal | None:
    if not settings.journal.enabled:
        return None
    try:
        return Journal.open()
    except JournalError as error:  # without a place for it, suggestions are made all the same
        log.warning("%s; nothing is kept", error)
        return None


class _CodePoints:
    """Turns ranges that a plug-in counted in UTF-16 into code points, by the text of the open document."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._uri: str | None = None
        self._lines: list[str] = []

    def __call__(self, uri: str, range_: Range) -> Range:
        if uri != self._uri:
            document = self._documents.overlay(uri)
            self._uri, self._lines = uri, split_lines(document.text) if document else []
        return Range(self._position(range_.start), self._position(range_.end))

    def _position(self, position: Position) -> Position:
        if position.line >= len(self._lines):
            return position
        return Position(position.line, _UTF_16.to_code_point(self._lines[position.line], position.character))


_UTF_16 = Units("utf-16")


def folder_of(path: Path | None, folders: Iterable[Path]) -> Path | None:
    """The innermost of the folders that a path lies in."""
    around = [folder for folder in folders if path is not None and path.is_relative_to(folder)]
    return max(around, key=lambda folder: len(folder.parts), default=None)
