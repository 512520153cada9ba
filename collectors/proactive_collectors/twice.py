"""One happening that several reporters tell of: a commit seen in git's files and by the editor, a wrapped run.

Whoever is first is believed; what another says of the same within some seconds is no news. A reporter that repeats
itself tells of a repetition: whoever goes there and back between two branches has gone twice.
"""

from __future__ import annotations

import os
import re
import shlex
from collections import deque
from datetime import timedelta

from attrs import define, evolve

from proactive_collectors.events import Event, GitCommitted, GitConflicted, GitSwitched, Payload, TerminalRun
from proactive_collectors.uris import to_path

APART = timedelta(seconds=15)
"""So far apart reporters may tell of one happening of git: an editor looks at its repositories now and then."""

RUNS_APART = timedelta(seconds=3)
"""So much later than a run's end its report may be made: ``proactive exec`` has left the prompt by then."""

COMMITS = timedelta(hours=1)
"""A commit's name is its own for ever; for so long it is looked for."""

_KEPT = 64
_LEAST_NAME = 7
_WRAPPED = re.compile(r"(?:^|[\s;&|({/])proactive\s+exec\s+(?:--\s+)?")


@define
class _Told:
    event: Event
    by: set[tuple[str, str | None]]


class Reports:
    """What was told of lately, and by whom. Bounded; knows time only from the events."""

    def __init__(self) -> None:
        self._told: deque[_Told] = deque(maxlen=_KEPT)

    def repeated(self, event: Event) -> bool:
        """Whether another reporter has told of this before; takes note of it either way."""
        data = event.data
        if not isinstance(data, GitCommitted | GitSwitched | GitConflicted | TerminalRun):
            return False
        # Two folders in one repository are watched by two watchers; of runs each source tells but once.
        by = (event.source.value, None if isinstance(data, TerminalRun) else event.where.workspace)
        for told in self._told:
            if not _same(told.event, event):
                continue
            named = isinstance(data, GitCommitted) and bool(data.commit)
            if by not in told.by or named:
                told.by.add(by)
                return True
        if isinstance(data, TerminalRun):
            event = evolve(event, data=evolve(data, output="", failures=()))  # not kept twice, long as they are
        self._told.append(_Told(event, {by}))
        return False


def _same(one: Event, other: Event) -> bool:
    apart = abs(one.time - other.time)
    a: Payload
    b: Payload
    a, b = one.data, other.data
    if isinstance(a, TerminalRun) and isinstance(b, TerminalRun):
        return _overlap(one, a, other, b) and _same_run(a, b)
    if isinstance(a, GitCommitted) and isinstance(b, GitCommitted) and a.commit and b.commit:
        return apart <= COMMITS and _same_name(a.commit, b.commit)
    if apart > APART or not _same_place(one.where.workspace, other.where.workspace):
        return False
    match a, b:
        case GitCommitted(), GitCommitted():
            return a.subject == b.subject
        case GitSwitched(), GitSwitched():
            return a.branch == b.branch and _agree(a.previous, b.previous)
        case GitConflicted(), GitConflicted():
            return a.operation == b.operation
    return False


def _same_name(one: str, other: str) -> bool:
    """Whether two names of a commit, perhaps cut short, are of the same."""
    short, long = sorted((one.lower(), other.lower()), key=len)
    return short == long or (len(short) >= _LEAST_NAME and long.startswith(short))


def _same_place(one: str | None, other: str | None) -> bool:
    """Whether two folders may be of one repository: the same, or one within the other."""
    if one is None or other is None:
        return True
    a, b = one.rstrip("/") + "/", other.rstrip("/") + "/"
    return a.startswith(b) or b.startswith(a)


def _agree(one: object, other: object) -> bool:
    return one is None or other is None or one == other


def _overlap(one: Event, a: TerminalRun, other: Event, b: TerminalRun) -> bool:
    begun = [event.time - timedelta(seconds=run.seconds or 0.0) for event, run in ((one, a), (other, b))]
    return begun[1] <= one.time + RUNS_APART and begun[0] <= other.time + RUNS_APART


def _same_run(a: TerminalRun, b: TerminalRun) -> bool:
    return (
        _agree(_as_shell(a.exit_code), _as_shell(b.exit_code))
        and _words(a.command) == _words(b.command)
        and _agree(_folder(a.cwd), _folder(b.cwd))
    )


def _as_shell(exit_code: int | None) -> int | None:
    """A signal as a shell tells of it: 130 for -2."""
    return 128 - exit_code if exit_code is not None and exit_code < 0 else exit_code


def _folder(cwd: str | None) -> str | None:
    if not cwd:
        return None
    path = to_path(cwd) if cwd.startswith("file:") else cwd
    return os.path.realpath(path) if path is not None else None


def _words(command: str) -> tuple[str, ...]:
    """A command line's words, without the wrapper before them and however they are quoted."""
    if wrapped := _WRAPPED.search(command):
        command = command[wrapped.end() :]
    try:
        return tuple(shlex.split(command))
    except ValueError:
        return tuple(command.split())
