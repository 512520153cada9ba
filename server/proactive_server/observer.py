"""From the editor's messages to events: the part of the watching that runs with every keystroke.

A change is applied, joined to the burst under way, and carried into the suggestions that are out. Everything else
is left to the worker, to which finished bursts and all other events go in the order in which they happened.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from proactive_server.board import Board
from proactive_server.documents import Documents, OpenDocument
from proactive_server.settings import Settings

if TYPE_CHECKING:
    from proactive_collectors.bursts import BurstBuilder
    from proactive_collectors.events import EditBurst, Event, Payload
    from proactive_server.pipeline import Outcome, Pipeline

log = logging.getLogger(__name__)

LEAST_REST = 0.05
"""Seconds after which a burst may be over at the earliest, however short the user's quiet time is."""


class Deadline(Protocol):
    """What the observer needs of a timer."""

    def set(self, deadline: float | None) -> None:
        """Ring at that time, or not at all."""


class Observer:
    """Follows the documents and feeds the worker. For the event loop alone.

    Args:
        documents: the open documents.
        board: the suggestions that are out.
        settings: those in force.
        put: queues a job for the worker.
        deliver: takes outcomes; called in the worker's thread.
        clock: the time, in UTC.
        monotonic: seconds, for rests and deadlines.
    """

    def __init__(
        self,
        documents: Documents,
        board: Board,
        settings: Callable[[], Settings],
        put: Callable[[Callable[[Pipeline], object]], None],
        deliver: Callable[[Outcome], None],
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._documents = documents
        self._board = board
        self._settings = settings
        self._put = put
        self._deliver = deliver
        self._clock = clock
        self._monotonic = monotonic
        self._alarm: Deadline | None = None
        self._builders: dict[str, BurstBuilder] = {}
        self._rest_at: float | None = None  # while a burst is under way
        self._wake_at: float | None = None  # when the pipeline wants its tick
        self._rest = 1.5
        self.on_rest: Callable[[], None] = lambda: None  #: called when the typing has come to a rest

    def set_alarm(self, alarm: Deadline) -> None:
        """Take the timer; it calls `ring`."""
        self._alarm = alarm

    # --- documents --------------------------------------------------------------------------------------

    def opened(self, uri: str, language: str, version: int, text: str) -> None:
        """``textDocument/didOpen``."""
        document = self._documents.open(uri, language, version, text)
        if document is None:
            return
        from proactive_collectors.bursts import BurstBuilder
        from proactive_collectors.events import DocumentOpened

        self.settings_changed()
        self._builders[document.uri] = BurstBuilder()
        self._board.opened(document.uri)
        self._report(document, DocumentOpened(lines=len(document.lines)))

    def changed(self, params: Any) -> None:
        """``textDocument/didChange``, as plain JSON; a malformed one is passed over."""
        document = None
        try:
            identifier = params["textDocument"]
            document = self._documents.get(identifier["uri"])
            if document is None:
                return
            changes = document.apply(params["contentChanges"], identifier.get("version"), self._documents.units)
        except (KeyError, TypeError, AttributeError):
            log.warning("passed over a malformed textDocument/didChange")
            if document is not None:
                self._board.distrust(document.uri)
            return
        self._documents.latest = document
        now = self._monotonic()
        uri = document.uri
        builder = self._builders[uri]
        for change in changes:
            last = builder.last_time
            burst = builder.add(change, now)
            if burst is not None:
                self._finished(document, burst, now if last is None else last)
        if self._board.concerns(uri):
            self._board.rebase(uri, changes, document.lines)
        self._rest_at = now + self._rest
        if self._alarm is not None:
            self._alarm.set(self._rest_at)

    def closed(self, uri: str) -> None:
        """``textDocument/didClose``."""
        document = self._documents.get(uri)
        if document is None:
            return
        self.finish_bursts()
        from proactive_collectors.events import DocumentClosed

        if self._board.concerns(document.uri):
            self._board.settle(document.uri, document.snapshot().text)
        self._documents.close(uri)
        self._builders.pop(document.uri, None)
        self._report(document, DocumentClosed())

    def saved(self, uri: str) -> None:
        """``textDocument/didSave``."""
        if (document := self._documents.get(uri)) is not None:
            from proactive_collectors.events import DocumentSaved

            self._report(document, DocumentSaved())

    def settings_changed(self) -> None:
        """Rest no longer than the user has to be quiet; cheap, and needed once a document is open."""
        from proactive_collectors.bursts import BURST_REST

        self._rest = max(LEAST_REST, min(BURST_REST, self._settings().quiet_seconds))

    # --- everything else --------------------------------------------------------------------------------

    def report(self, event: Event) -> None:
        """Take an event from any source of this process; for the loop's thread."""
        self.finish_bursts()
        self._feed(event)

    def answered(self, event: Event) -> None:
        """Take the user's answer to a suggestion.

        An editor applies the edit first and tells of it then, so the burst that holds the edit waits behind.
        """
        self._feed(event)

    def notified(self, params: Any) -> None:
        """``proactive/event``, as plain JSON from the client; read in the worker, since it may carry much text."""
        self.finish_bursts()
        received = self._clock()

        def job(pipeline: Pipeline) -> None:
            for outcome in pipeline.notified(params, received):
                self._deliver(outcome)

        self._put(job)

    def finish_bursts(self) -> None:
        """End the bursts under way and feed them, so that what follows is told after them."""
        if self._rest_at is None:
            return
        self._rest_at = None
        for document in self._documents:
            builder = self._builders[document.uri]
            last = builder.last_time
            if (burst := builder.finish()) is not None and last is not None:
                self._finished(document, burst, last)
        self._arm()
        self.on_rest()

    # --- deadlines --------------------------------------------------------------------------------------

    def wake_at(self, time: datetime | None) -> None:
        """Call the pipeline's tick at that time."""
        if time is None:
            self._wake_at = None
        else:
            self._wake_at = self._monotonic() + max(0.0, (time - self._clock()).total_seconds())
        self._arm()

    def ring(self) -> None:
        """A deadline has come."""
        now = self._monotonic()
        if self._rest_at is not None:
            if now >= self._rest_at:
                self.finish_bursts()
            else:
                self._arm()
            return  # the pipeline names its next deadline anew, in view of the burst
        if self._wake_at is not None and now >= self._wake_at:
            self._wake_at = None

            def job(pipeline: Pipeline) -> None:
                for outcome in pipeline.tick():
                    self._deliver(outcome)

            self._put(job)
        self._arm()

    def _arm(self) -> None:
        if self._alarm is not None:
            # While a burst is under way nothing else is due: it must be told first.
            self._alarm.set(self._rest_at if self._rest_at is not None else self._wake_at)

    # --- parts ------------------------------------------------------------------------------------------

    def _report(self, document: OpenDocument, data: Payload) -> None:
        from proactive_collectors.events import Event, Source, Where

        where = Where(uri=document.uri, language=document.language or None)
        self.report(Event(time=self._clock(), source=Source.LSP, data=data, where=where))

    def _finished(self, document: OpenDocument, burst: EditBurst, last: float) -> None:
        from proactive_collectors.events import Event, Source, Where

        ended = self._clock() - timedelta(seconds=max(0.0, self._monotonic() - last))
        where = Where(uri=document.uri, language=document.language or None)
        event = Event(time=ended, source=Source.LSP, data=burst, where=where)
        lines = tuple(document.lines)
        self._feed(event, lines)

    def _feed(self, event: Event, lines: tuple[str, ...] | None = None) -> None:
        def job(pipeline: Pipeline) -> None:
            if (outcome := pipeline.observe(event, lines)) is not None:
                self._deliver(outcome)

        self._put(job)
