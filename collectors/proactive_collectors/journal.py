"""The journal: every event and decision of this user, append-only, in one SQLite file.

Writing only queues. One background thread serialises what has gathered and commits it in one transaction, at the
latest `WRITE_DELAY` seconds after it came; while nothing comes it sleeps in a blocking queue. The file is in WAL
mode with ``synchronous=NORMAL``: a killed process loses what it had not committed, never the file. Several
processes may write the same journal.

Nothing here is opened before the first event is written or read. A journal that cannot be written never stops the
work it describes: what is lost is counted (`Journal.lost`) and said once in the log.

Tables: ``events(id, time, kind, workspace, json)`` and ``decisions(id, time, workspace, json)``; times are
microseconds since 1970 in UTC, ``json`` is the form of :mod:`proactive_collectors.event_json`.
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
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from attrs import field, frozen

from proactive_collectors.errors import BadEventError, JournalError
from proactive_collectors.event_json import from_json, to_json
from proactive_collectors.events import Event
from proactive_collectors.journal_file import STATE_FOLDER, connect, is_corrupt, move_aside
from proactive_collectors.trace import WINDOW_EVENTS, WINDOW_SPAN, Window

FILE_NAME = "journal.sqlite3"
STATE_VARIABLE = "PROACTIVE_STATE_DIR"
"""The environment variable that names another state folder."""

WRITE_DELAY = 0.25
"""Seconds between an event's arrival and the transaction that it goes into, so that neighbours share one."""

BATCH_ROWS = 5_000
"""Rows in one transaction at most; other processes get their turn in between."""

QUEUE_LIMIT = 1_000_000
"""Events that may wait to be written; beyond it new ones are lost, so that a dead disk does not eat the memory."""

ATTEMPTS = 3
"""How often a batch is tried before it is given up; after a loss, once, until writing works again."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_log = logging.getLogger(__name__)


def default_path() -> Path:
    """Where the journal lies: in ``$PROACTIVE_STATE_DIR``, else in the platform's per-user state folder.

    Raises:
        JournalError: this user has no home folder, as in a container that runs under a made-up number.
    """
    try:
        if folder := os.environ.get(STATE_VARIABLE):
            return Path(folder).expanduser() / FILE_NAME
        from platformdirs import user_state_path

        return user_state_path(STATE_FOLDER) / FILE_NAME
    except RuntimeError as error:
        raise JournalError(
            f"there is no place for the journal ({error}); set {STATE_VARIABLE} to a folder of yours"
        ) from error


# --- values ------------------------------------------------------------------------------------------------


@frozen
class JournalStats:
    """What a journal holds."""

    path: Path
    events: int = 0
    decisions: int = 0
    first: datetime | None = None  #: time of the oldest event, UTC
    last: datetime | None = None  #: time of the newest event, UTC
    bytes: int = 0  #: on disk, side files included
    kinds: Mapping[str, int] = field(factory=dict)  #: events by kind, the most frequent first
    workspaces: Mapping[str, int] = field(factory=dict)  #: events by workspace URI; ``""`` for none


def _micros(time: datetime) -> int:
    if time.tzinfo is None:
        raise ValueError("a journal's times need a time zone; give UTC")
    return (time - _EPOCH) // _MICROSECOND


@frozen
class _Row:
    """A decision that waits to be written."""

    time: datetime
    workspace: str | None
    plain: Mapping[str, Any]


class _Mark:
    """Travels through the queue: everything before it is written once ``done`` is set."""

    def __init__(self, *, stop: bool = False) -> None:
        self.stop = stop
        self.done = threading.Event()


# --- the journal -------------------------------------------------------------------------------------------


class Journal:
    """One journal file, for writing from any thread and reading; see the module's head."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lost = 0  #: events and decisions that could not be written
        self._queue: queue.SimpleQueue[Event | _Row | _Mark] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._lock = threading.Lock()
        self._queued = 0  #: events and decisions ever put into the queue
        self._settled = 0  #: those of them that are written or given up
        self._closed = False
        self._said = False
        self._opened: os.stat_result | None = None

    @classmethod
    def open(cls, path: Path | None = None) -> Journal:
        """The journal at ``path`` (`default_path` without one); touches nothing until it is written or read."""
        return cls(path or default_path())

    # -- writing

    def append(self, event: Event) -> None:
        """Queue an event; never blocks, never raises."""
        self._put(event)

    def append_decision(self, time: datetime, workspace: str | None, plain: Mapping[str, Any]) -> None:
        """Queue a decision as plain JSON-ready values; never blocks, never raises."""
        self._put(_Row(time, workspace, plain))

    def _put(self, item: Event | _Row) -> None:
        if self._closed or self._queue.qsize() >= QUEUE_LIMIT:
            self._lose(1, "it is closed" if self._closed else "the disk does not keep up")
            return
        with self._lock:
            self._queued += 1
            self._queue.put(item)
        if self._writer is None:
            self._start()

    def _start(self) -> None:
        with self._lock:
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_loop, name="proactive-journal", daemon=True)
                self._writer.start()
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
            writer = self._writer
        if closed or writer is None:
            return
        self._queue.put(_Mark(stop=True))
        writer.join(timeout)
        atexit.unregister(self.close)

    def _write_loop(self) -> None:
        connection: sqlite3.Connection | None = None
        stop = False
        while not stop:
            batch: list[Event | _Row] = []
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

    def _gather(self, batch: list[Event | _Row], marks: list[_Mark]) -> None:
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

    def _write(
        self, connection: sqlite3.Connection | None, batch: list[Event | _Row]
    ) -> sqlite3.Connection | None:
        events, decisions = _rows(batch)
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

    # -- reading

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        self.flush()
        connection: sqlite3.Connection | None = None
        opened: os.stat_result | None = None
        try:
            if self.path.exists():
                connection = connect(self.path)
                opened = self.path.stat()
            yield connection
        except (sqlite3.Error, OSError) as error:
            if not is_corrupt(error):
                raise JournalError(f"the journal {self.path} cannot be read: {error}") from error
            move_aside(self.path, opened, error)
            raise JournalError(
                f"the journal {self.path} is damaged ({error}); it was moved aside and a new one begins with the "
                "next event"
            ) from error
        finally:
            if connection is not None:
                connection.close()

    def events(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        kinds: Sequence[str] | None = None,
        workspace: str | None = None,
        limit: int | None = None,
    ) -> Iterator[Event]:
        """Stream the events of a stretch of time, both ends included, oldest first.

        With ``limit`` the newest that many. Events of a kind that this version does not know are passed over.

        Raises:
            JournalError: the file cannot be read.
        """
        for text in self._select("events", since, until, kinds, workspace, limit):
            if (event := _parse(text)) is not None:
                yield event

    def decisions(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        workspace: str | None = None,
        limit: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Stream the decisions of a stretch of time, oldest first; with ``limit`` the newest that many.

        Raises:
            JournalError: the file cannot be read.
        """
        for text in self._select("decisions", since, until, None, workspace, limit):
            with contextlib.suppress(orjson.JSONDecodeError):
                yield orjson.loads(text)

    def _select(
        self,
        table: str,
        since: datetime | None,
        until: datetime | None,
        kinds: Sequence[str] | None,
        workspace: str | None,
        limit: int | None,
    ) -> Iterator[str]:
        where, values = _where(since, until, workspace)
        if kinds is not None:
            where.append(f"kind IN ({', '.join('?' * len(kinds))})")
            values += kinds
        query = f"SELECT json, time, id FROM {table}"
        if where:
            query += " WHERE " + " AND ".join(where)
        if limit is not None:
            query = f"SELECT * FROM ({query} ORDER BY time DESC, id DESC LIMIT ?)"
            values.append(max(limit, 0))
        with self._reading() as connection:
            if connection is not None:
                for row in connection.execute(f"{query} ORDER BY time, id", values):
                    yield row[0]

    def window(self, until: datetime, size: int = WINDOW_EVENTS, workspace: str | None = None) -> Window:
        """The window as it stood at ``until``: its last ``size`` events, no further back than `WINDOW_SPAN`.

        Raises:
            JournalError: the file cannot be read.
        """
        events = tuple(self.events(until=until, workspace=workspace, limit=size))
        return Window(events).since(events[-1].time - WINDOW_SPAN) if events else Window()

    def stats(self) -> JournalStats:
        """What is kept; reads the whole index, so not for the typing path.

        Raises:
            JournalError: the file cannot be read.
        """
        with self._reading() as connection:
            if connection is None:
                return JournalStats(self.path)
            count, first, last = connection.execute("SELECT count(*), min(time), max(time) FROM events").fetchone()
            (decisions,) = connection.execute("SELECT count(*) FROM decisions").fetchone()
            grouped = "SELECT {0}, count(*) FROM events GROUP BY 1 ORDER BY 2 DESC, 1"
            return JournalStats(
                path=self.path,
                events=count,
                decisions=decisions,
                first=_time(first),
                last=_time(last),
                bytes=sum(file.stat().st_size for file in self._files() if file.exists()),
                kinds=dict(connection.execute(grouped.format("kind"))),
                workspaces=dict(connection.execute(grouped.format("coalesce(workspace, '')"))),
            )

    def _files(self) -> list[Path]:
        return [self.path.with_name(self.path.name + suffix) for suffix in ("", "-wal", "-shm")]

    # -- forgetting

    def purge(self, before: datetime | None = None, workspace: str | None = None, everything: bool = False) -> int:
        """Delete events and decisions, overwrite where they stood and give the space back; returns how many.

        ``before`` and ``workspace`` narrow it (both given: both must hold). ``everything`` also removes the
        damaged journals that were moved aside. Blocks while it works.

        Raises:
            JournalError: the file cannot be written.
            ValueError: nothing says what to delete.
        """
        where, values = _where(None, None, workspace)
        if before is not None:
            where.append("time < ?")
            values.append(_micros(before))
        if not where and not everything:
            raise ValueError("say what to purge: before, workspace or everything")
        condition = "" if everything else " WHERE " + " AND ".join(where)
        deleted = 0
        with self._reading() as connection:
            if connection is not None:
                connection.execute("BEGIN IMMEDIATE")
                for table in ("events", "decisions"):
                    deleted += connection.execute(
                        f"DELETE FROM {table}{condition}", () if everything else values
                    ).rowcount
                connection.execute("COMMIT")
                if deleted:
                    _give_back(connection)
        if everything:
            for aside in self.path.parent.glob(f"{self.path.name}.corrupt-*"):
                aside.unlink(missing_ok=True)
        return deleted

    def retain(self, days: float) -> int:
        """Delete what is older than ``days``; returns how many. Blocks: call it off the event loop.

        Raises:
            JournalError: the file cannot be written.
        """
        return self.purge(before=datetime.now(UTC) - timedelta(days=days))


def _rows(batch: list[Event | _Row]) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    events: list[tuple[Any, ...]] = []
    decisions: list[tuple[Any, ...]] = []
    for item in batch:
        try:
            if isinstance(item, _Row):
                decisions.append(
                    (_micros(item.time), item.workspace, orjson.dumps(item.plain, default=str).decode())
                )
            else:
                events.append((_micros(item.time), item.kind, item.where.workspace, to_json(item).decode()))
        except (TypeError, ValueError):  # one bad value must not take its batch with it
            _log.debug("journal: no JSON form", exc_info=True)
    return events, decisions


def _insert(
    connection: sqlite3.Connection, events: list[tuple[Any, ...]], decisions: list[tuple[Any, ...]]
) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.executemany("INSERT INTO events (time, kind, workspace, json) VALUES (?, ?, ?, ?)", events)
        connection.executemany("INSERT INTO decisions (time, workspace, json) VALUES (?, ?, ?)", decisions)
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _give_back(connection: sqlite3.Connection) -> None:
    # Another process may be reading or writing: the rows are overwritten already, only the space waits then.
    for statement in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
        with contextlib.suppress(sqlite3.OperationalError):
            connection.execute(statement).fetchall()


def _where(since: datetime | None, until: datetime | None, workspace: str | None) -> tuple[list[str], list[Any]]:
    where: list[str] = []
    values: list[Any] = []
    for condition, time in (("time >= ?", since), ("time <= ?", until)):
        if time is not None:
            where.append(condition)
            values.append(_micros(time))
    if workspace is not None:
        where.append("workspace = ?")
        values.append(workspace)
    return where, values


def _parse(text: str) -> Event | None:
    try:
        return from_json(text)
    except BadEventError as error:
        _log.debug("journal: passed over an event: %s", error)
        return None


def _time(micros: int | None) -> datetime | None:
    return None if micros is None else _EPOCH + timedelta(microseconds=micros)
