"""The writing side of the journal: a queue, and one background thread that commits what has gathered in it.

The thread serialises what waits and commits it in one transaction, at the latest `WRITE_DELAY` seconds after it
came; while nothing comes it sleeps in a blocking queue. What cannot be written is counted (`JournalWriter.lost`)
and said once in the log.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import queue
import sqlite3
import threading
import time as clock
from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson
from attrs import frozen

from proactive_collectors.errors import JournalError
from proactive_collectors.event_json import to_json
from proactive_collectors.events import Event
from proactive_collectors.journal_file import abandon, connect, is_corrupt, is_same, micros, move_aside

WRITE_DELAY = 0.25
"""Seconds between an event's arrival and the transaction that it goes into, so that neighbours share one."""

BATCH_ROWS = 5_000
"""Rows in one transaction at most; other processes get their turn in between."""

QUEUE_LIMIT = 1_000_000
"""Events that may wait to be written; beyond it new ones are lost, so that a dead disk does not eat the memory."""

ATTEMPTS = 3
"""How often a batch is tried before it is given up; after a loss, once, until writing works again."""

SHARED = frozenset({"terminal.run"})
"""Kinds that reach every server of a workspace: two editors on one project must not keep the same run twice."""

_INSERT = "INSERT INTO events (time, kind, workspace, json) VALUES (?, ?, ?, ?)"
_UNLESS_KEPT = (
    "INSERT INTO events (time, kind, workspace, json) SELECT ?, ?, ?, ?"
    " WHERE NOT EXISTS (SELECT 1 FROM events WHERE time = ? AND json = ?)"
)

_log = logging.getLogger(__name__)


@frozen
class Row:
    """A decision that waits to be written."""

    time: datetime
    workspace: str | None
    plain: Mapping[str, Any]


class _Mark:
    """Travels through the queue: everything before it is written once ``done`` is set."""

    def __init__(self, *, stop: bool = False) -> None:
        self.stop = stop
        self.done = threading.Event()


class JournalWriter:
    """Writes events and decisions to one journal file, from any thread; touches nothing before the first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lost = 0  #: events and decisions that could not be written
        self._queue: queue.SimpleQueue[Event | Row | _Mark] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._queued = 0  #: events and decisions ever put into the queue
        self._settled = 0  #: those of them that are written or given up
        self._closed = False
        self._said = False
        self._opened: os.stat_result | None = None

    def put(self, item: Event | Row) -> None:
        """Queue an event or a decision; never blocks, never raises."""
        if self._closed or self._queue.qsize() >= QUEUE_LIMIT:
            self._lose(1, "it is closed" if self._closed else "the disk does not keep up")
            return
        with self._lock:
            self._queued += 1
            self._queue.put(item)
        if self._thread is None:
            self._start()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._write_loop, name="proactive-journal", daemon=True)
                self._thread.start()
                atexit.register(self.close)

    def flush(self, timeout: float | None = 10.0) -> bool:
        """Wait until everything appended so far is written or given up; ``False`` if that takes longer.

        Blocks: not for an event loop.
        """
        if self._settled == self._queued or self._closed:
            return True
        mark = _Mark()
        self._queue.put(mark)
        return mark.done.wait(timeout)

    def close(self, timeout: float = 10.0) -> None:
        """Write what waits, then end the thread. Later appends are lost and counted."""
        with self._lock:
            closed, self._closed = self._closed, True
            thread = self._thread
        if closed or thread is None:
            return
        self._queue.put(_Mark(stop=True))
        thread.join(timeout)
        atexit.unregister(self.close)

    def _write_loop(self) -> None:
        connection: sqlite3.Connection | None = None
        stop = False
        while not stop:
            batch: list[Event | Row] = []
            marks: list[_Mark] = []
            self._gather(batch, marks)
            stop = any(mark.stop for mark in marks)
            try:
                if batch:
                    connection = self._write(connection, batch)
            except Exception as error:  # the thread must outlive whatever a disk comes up with
                connection = None
                self._lose(len(batch), str(error))
                _log.debug("journal", exc_info=True)
            self._settled += len(batch)
            for mark in marks:
                mark.done.set()
        if connection is not None:
            connection.close()

    def _gather(self, batch: list[Event | Row], marks: list[_Mark]) -> None:
        """Block for the first item, then take what comes until the delay is over, the batch full or a mark met."""
        item = self._queue.get()
        deadline = clock.monotonic() + WRITE_DELAY
        while True:
            if isinstance(item, _Mark):
                marks.append(item)
                return
            batch.append(item)
            if len(batch) >= BATCH_ROWS:
                return
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                wait = deadline - clock.monotonic()
                if wait <= 0:
                    return
                # One sleep rather than one wakeup for each keystroke; a mark ends it early.
                try:
                    item = self._queue.get(timeout=wait)
                except queue.Empty:
                    return

    def _write(self, connection: sqlite3.Connection | None, batch: list[Event | Row]) -> sqlite3.Connection | None:
        events, decisions = _rows(batch)
        if connection is not None and not is_same(self.path, self._opened):
            abandon(connection)  # it was deleted: what is written into it nobody could see, or delete
            connection = None
        for left in reversed(range(1 if self._said else ATTEMPTS)):
            try:
                if connection is None:
                    connection = connect(self.path)
                    self._opened = self.path.stat()
                _insert(connection, events, decisions)
            except (sqlite3.Error, OSError, JournalError) as error:
                if connection is not None:
                    connection.close()
                    connection = None
                if is_corrupt(error):
                    move_aside(self.path, self._opened, error)
                if isinstance(error, JournalError) or not left:
                    self._lose(len(batch), str(error))
                    return None
            else:
                if lost := len(batch) - len(events) - len(decisions):
                    self._lose(lost, "they have no JSON form")
                else:
                    self._said = False
                return connection
        return connection

    def _lose(self, count: int, why: str) -> None:
        self.lost += count
        if not self._said:
            self._said = True
            said = "Events are not kept (%s: %s); work goes on without it. 'proactive doctor' says more."
            _log.warning(said, self.path, why)


def _rows(batch: list[Event | Row]) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    events: list[tuple[Any, ...]] = []
    decisions: list[tuple[Any, ...]] = []
    for item in batch:
        try:
            if isinstance(item, Row):
                decisions.append(
                    (micros(item.time), item.workspace, orjson.dumps(item.plain, default=str).decode())
                )
            else:
                events.append((micros(item.time), item.kind, item.where.workspace, to_json(item).decode()))
        except (TypeError, ValueError):  # one bad value must not take its batch with it
            _log.debug("journal: no JSON form", exc_info=True)
    return events, decisions


def _insert(
    connection: sqlite3.Connection, events: list[tuple[Any, ...]], decisions: list[tuple[Any, ...]]
) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        # One stretch after the other: events of one moment are told apart by the order in which they came.
        for shared, rows in groupby(events, key=lambda row: row[1] in SHARED):
            if shared:
                connection.executemany(_UNLESS_KEPT, [(*row, row[0], row[3]) for row in rows])
            else:
                connection.executemany(_INSERT, rows)
        connection.executemany("INSERT INTO decisions (time, workspace, json) VALUES (?, ?, ?)", decisions)
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
