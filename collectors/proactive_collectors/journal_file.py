"""The journal's file on disk: schema, times, permissions, and what is done when it is damaged."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sqlite3
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from proactive_collectors.errors import JournalError

STATE_FOLDER = "proactive-lsp"
"""The name of this program's own folder within the user's state folder."""

BUSY_TIMEOUT = 2.0
"""Seconds to wait for another process's transaction, for each attempt."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_log = logging.getLogger(__name__)


# --- schema ------------------------------------------------------------------------------------------------


def _first_schema(connection: sqlite3.Connection) -> None:
    for statement in (
        "CREATE TABLE events (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind TEXT NOT NULL,"
        " workspace TEXT, json TEXT NOT NULL)",
        "CREATE INDEX events_by_time ON events (time)",
        "CREATE TABLE decisions (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, workspace TEXT,"
        " json TEXT NOT NULL)",
        "CREATE INDEX decisions_by_time ON decisions (time)",
    ):
        connection.execute(statement)


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (_first_schema,)
"""The n-th takes a journal from schema version n to n + 1; ``PRAGMA user_version`` holds the version."""


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _refuse_newer(connection: sqlite3.Connection, path: Path) -> None:
    if _version(connection) > len(MIGRATIONS):
        raise JournalError(f"the journal {path} is of a newer proactive-lsp; update, or move the file away")


def _migrate(connection: sqlite3.Connection) -> None:
    if _version(connection) == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")  # another process may be at it: look again once the lock is ours
    try:
        for step in MIGRATIONS[_version(connection) :]:
            step(connection)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


# --- times -------------------------------------------------------------------------------------------------


def micros(time: datetime) -> int:
    """A time as the tables hold it: microseconds since 1970 in UTC.

    Raises:
        ValueError: ``time`` has no time zone.
    """
    if time.tzinfo is None:
        raise ValueError("a journal's times need a time zone; give UTC")
    return (time - _EPOCH) // _MICROSECOND


def time_of(micros: int | None) -> datetime | None:
    """The time that a table holds, in UTC; ``None`` for none."""
    return None if micros is None else _EPOCH + timedelta(microseconds=micros)


# --- opening -----------------------------------------------------------------------------------------------


def _private(path: Path) -> None:
    """Make the folder (0700) and the file (0600) if they are missing; SQLite's side files get the same mode."""
    folder = path.parent
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    elif os.name == "posix" and folder.name == STATE_FOLDER and folder.stat().st_mode & 0o077:
        folder.chmod(0o700)  # ours alone; a folder that the user named is left as it is
    # One that is there is not opened: to close it would take this process's locks from SQLite, which would let
    # another process remove the side files under it (https://sqlite.org/howtocorrupt.html, section 2.2).
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    if os.name == "posix" and path.stat().st_mode & 0o077:
        path.chmod(0o600)


def connect(path: Path) -> sqlite3.Connection:
    """Open the journal, made and migrated where needed; a file that is no journal is moved aside first.

    Raises:
        JournalError: the file is of a newer version.
        sqlite3.Error: it cannot be opened.
        OSError: neither can its folder be made.
    """
    _private(path)
    before = path.stat()
    try:
        return _attach(path)
    except sqlite3.DatabaseError as error:
        if not is_corrupt(error):
            raise
        move_aside(path, before, error)
    _private(path)
    return _attach(path)


def _attach(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False)
    try:
        _refuse_newer(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA secure_delete = ON")
        _migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def is_corrupt(error: Exception) -> bool:
    """Whether SQLite says that the file is damaged, or no database at all."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_full(error: BaseException | None) -> bool:
    """Whether nothing can be written for want of room, as far as SQLite can tell."""
    if isinstance(error, sqlite3.Error):
        codes = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in codes
    return no_room(error)


def no_room(error: BaseException | None) -> bool:
    """Whether the system says that a disk, or what the user may have of it, is full."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def is_same(path: Path, seen: os.stat_result | None) -> bool:
    """Whether the file that was ``seen`` still lies at ``path``."""
    try:
        now = path.stat()
    except FileNotFoundError:
        return False
    return seen is not None and (now.st_ino, now.st_dev) == (seen.st_ino, seen.st_dev)


def abandon(connection: sqlite3.Connection) -> None:
    """Close a connection to a journal that is gone, and leave the side files to the one in its place."""
    if sys.version_info >= (3, 12):
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)
    connection.close()


def move_aside(path: Path, seen: os.stat_result | None, error: Exception) -> None:
    """Give a damaged journal another name, unless what lies at ``path`` is not the file that was ``seen``."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    if not path.exists() or (seen is not None and not is_same(path, seen)):
        return  # another process was quicker: what lies there now is its new one
    aside = path.with_name(f"{path.name}.corrupt-{stamp}")
    for suffix in ("-wal", "-shm", ""):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    _log.warning("The journal %s is damaged (%s). It was moved to %s and a new one begun.", path, error, aside)
