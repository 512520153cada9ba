"""The journal: every event and decision of this user, append-only, in one SQLite file.

Writing only queues; the thread of :mod:`proactive_collectors.journal_writer` commits. The file is in WAL mode with
``synchronous=NORMAL``: a killed process loses what it had not committed, never the file. Several processes may
write the same journal.

Nothing here is opened before the first event is written or read. A journal that cannot be written never stops the
work it describes: what is lost is counted (`Journal.lost`) and said once in the log.

Tables: ``events(id, time, kind, workspace, json)`` and ``decisions(id, time, workspace, json)``; times are
microseconds since 1970 in UTC, ``json`` is the form of :mod:`proactive_collectors.event_json`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from attrs import field, frozen

from proactive_collectors.errors import BadEventError, JournalError
from proactive_collectors.event_json import from_json
from proactive_collectors.events import Event
from proactive_collectors.journal_file import (
    STATE_FOLDER,
    connect,
    is_corrupt,
    is_full,
    micros,
    move_aside,
    time_of,
)
from proactive_collectors.journal_writer import JournalWriter, Row
from proactive_collectors.trace import WINDOW_EVENTS, WINDOW_SPAN, Window

FILE_NAME = "journal.sqlite3"
STATE_VARIABLE = "PROACTIVE_STATE_DIR"
"""The environment variable that names another state folder."""

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


# --- the journal -------------------------------------------------------------------------------------------


class Journal:
    """One journal file, for writing from any thread and reading; see the module's head."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer = JournalWriter(path)

    @classmethod
    def open(cls, path: Path | None = None) -> Journal:
        """The journal at ``path`` (`default_path` without one); touches nothing until it is written or read."""
        return cls(path or default_path())

    # -- writing

    @property
    def lost(self) -> int:
        """How many events and decisions could not be written."""
        return self._writer.lost

    def append(self, event: Event) -> None:
        """Queue an event; never blocks, never raises."""
        self._writer.put(event)

    def append_decision(self, time: datetime, workspace: str | None, plain: Mapping[str, Any]) -> None:
        """Queue a decision as plain JSON-ready values; never blocks, never raises."""
        self._writer.put(Row(time, workspace, plain))

    def flush(self, timeout: float | None = 10.0) -> bool:
        """Wait until everything appended so far is written or given up; ``False`` if that takes longer.

        Blocks: not for an event loop.
        """
        return self._writer.flush(timeout)

    def close(self, timeout: float = 10.0) -> None:
        """Write what waits, then end the thread. Later appends are lost and counted."""
        self._writer.close(timeout)

    # -- reading

    @contextlib.contextmanager
    def _opened(self, own: bool = True, to: str = "read") -> Iterator[sqlite3.Connection | None]:
        if own:
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
                step = "; if the disk is full, free some space first" if to == "written" and is_full(error) else ""
                raise JournalError(f"the journal {self.path} cannot be {to}: {error}{step}") from error
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
        own: bool = True,
    ) -> Iterator[Event]:
        """Stream the events of a stretch of time, both ends included, oldest first.

        With ``limit`` the newest that many. Events of a kind that this version does not know are passed over.
        Without ``own`` it does not wait until what this process has appended is written.

        Raises:
            JournalError: the file cannot be read.
        """
        for text in self._select("events", since, until, kinds, workspace, limit, own):
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
        own: bool = True,
    ) -> Iterator[str]:
        where, values = _where(table, since, until, workspace)
        if kinds is not None:
            where.append(f"kind IN ({', '.join('?' * len(kinds))})")
            values += kinds
        query = f"SELECT json, time, id FROM {table}"
        if where:
            query += " WHERE " + " AND ".join(where)
        if limit is not None:
            query = f"SELECT * FROM ({query} ORDER BY time DESC, id DESC LIMIT ?)"
            values.append(max(limit, 0))
        with self._opened(own) as connection:
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
        with self._opened() as connection:
            if connection is None:
                return JournalStats(self.path)
            count, first, last = connection.execute("SELECT count(*), min(time), max(time) FROM events").fetchone()
            (decisions,) = connection.execute("SELECT count(*) FROM decisions").fetchone()
            grouped = "SELECT {0}, count(*) FROM events GROUP BY 1 ORDER BY 2 DESC, 1"
            return JournalStats(
                path=self.path,
                events=count,
                decisions=decisions,
                first=time_of(first),
                last=time_of(last),
                bytes=sum(file.stat().st_size for file in self._files() if file.exists()),
                kinds=dict(connection.execute(grouped.format("kind"))),
                workspaces=dict(connection.execute(grouped.format("coalesce(workspace, '')"))),
            )

    def _files(self) -> list[Path]:
        return [self.path.with_name(self.path.name + suffix) for suffix in ("", "-wal", "-shm")]

    # -- forgetting

    def purge(self, before: datetime | None = None, workspace: str | None = None, everything: bool = False) -> int:
        """Delete events and decisions, overwrite where they stood and give the space back; returns how many.

        ``before`` and ``workspace`` narrow it (both given: both must hold). Of a workspace is also what names none
        but is about a file in it, and every decision to offer something there. ``everything`` also removes the
        damaged journals that were moved aside; on a full disk the files themselves go. Blocks while it works.

        Raises:
            JournalError: the file cannot be written.
            ValueError: nothing says what to delete.
        """
        if before is None and workspace is None and not everything:
            raise ValueError("say what to purge: before, workspace or everything")
        try:
            deleted = self._delete(before, workspace, everything)
        except JournalError as error:
            if not everything or not is_full(error.__cause__):
                raise
            deleted = self._unlink()
        if everything:
            for aside in self.path.parent.glob(f"{self.path.name}.corrupt-*"):
                aside.unlink(missing_ok=True)
        return deleted

    def _delete(self, before: datetime | None, workspace: str | None, everything: bool) -> int:
        deleted = 0
        with self._opened(to="written") as connection:
            if connection is not None:
                connection.execute("BEGIN IMMEDIATE")
                for table in ("events", "decisions"):
                    where, values = ([], []) if everything else _where(table, None, None, workspace)
                    if before is not None and not everything:
                        where.append("time < ?")
                        values.append(micros(before))
                    condition = " WHERE " + " AND ".join(where) if where else ""
                    deleted += connection.execute(f"DELETE FROM {table}{condition}", values).rowcount
                connection.execute("COMMIT")
                if deleted:
                    _give_back(connection)
        return deleted

    def _unlink(self) -> int:
        """Delete everything where there is no room for a transaction; how many, the files if it cannot be told."""
        try:
            stats = self.stats()
            count = stats.events + stats.decisions
        except JournalError:
            count = 0
        files = [file for file in self._files() if file.exists()]
        try:
            for file in files:
                file.unlink(missing_ok=True)
        except OSError as error:
            raise JournalError(f"the journal {self.path} cannot be deleted: {error.strerror}") from error
        return count or len(files)

    def retain(self, days: float, workspace: str | None = None, now: datetime | None = None) -> int:
        """Delete what is older than ``days``, of one workspace or of all; returns how many.

        Blocks: call it off the event loop.

        Raises:
            JournalError: the file cannot be written.
        """
        return self.purge(before=(now or datetime.now(UTC)) - timedelta(days=days), workspace=workspace)


def _give_back(connection: sqlite3.Connection) -> None:
    # Another process may be reading or writing: the rows are overwritten already, only the space waits then.
    for statement in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
        with contextlib.suppress(sqlite3.OperationalError):
            connection.execute(statement).fetchall()


_LIES_IN = "CASE WHEN json_valid(json) THEN substr(json_extract(json, '{}') || '/', 1, ?) = ? END"
_OF_WORKSPACE = {
    "events": f"(workspace = ? OR workspace IS NULL AND {_LIES_IN.format('$.where.uri')})",
    "decisions": f"(workspace = ? OR {_LIES_IN.format('$.suggestion.uri')})",
}
"""Which rows are about a workspace: those that say so, and those about a file in it."""


def _where(
    table: str, since: datetime | None, until: datetime | None, workspace: str | None
) -> tuple[list[str], list[Any]]:
    where: list[str] = []
    values: list[Any] = []
    for condition, time in (("time >= ?", since), ("time <= ?", until)):
        if time is not None:
            where.append(condition)
            values.append(micros(time))
    if workspace is not None:
        below = workspace.rstrip("/") + "/"
        where.append(_OF_WORKSPACE[table])
        values += [workspace, len(below), below]
    return where, values


def _parse(text: str) -> Event | None:
    try:
        return from_json(text)
    except BadEventError as error:
        _log.debug("journal: passed over an event: %s", error)
        return None
