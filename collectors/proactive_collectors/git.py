"""Commits, branch switches and merge conflicts, by watching a repository's own files.

`events_between` compares two states (`proactive_collectors.git_files`) and is pure;
`GitWatcher` reads and watches.

What people do many times at once is told once: a rebase of twenty commits is one commit event, for the last of
them, when it ends. What comes from elsewhere is not told: fetches, fast-forwards, resets. Without a reflog
(``core.logAllRefUpdates=false``, or the reftable format) there are no commit events; with reftable, no switches
either.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from proactive_collectors.errors import SourceError
from proactive_collectors.events import Event, GitCommitted, GitConflicted, GitSwitched, Payload, Source, Where
from proactive_collectors.git_files import (
    GitState,
    LogEntry,
    Repository,
    find_repository,
    read_state,
    unmerged_paths,
)
from proactive_collectors.uris import to_uri

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

SETTLE_SECONDS = 0.2
"""How long after the first sign of a change the files are read: one command writes several of them."""

_JOIN_SECONDS = 5.0
_COMMITTING = re.compile(r"commit(?: \(.*\))?|cherry-pick|revert|am")
_WATCHED = frozenset(
    [
        "HEAD",
        "MERGE_HEAD",
        "MERGE_MSG",
        "CHERRY_PICK_HEAD",
        "REVERT_HEAD",
        "REBASE_HEAD",
        "index",
        "logs",
        "rebase-merge",
        "rebase-apply",
    ]
)


def events_between(before: GitState, after: GitState) -> list[Payload]:
    """What happened between two states, oldest first: at most one commit, one switch and one conflict."""
    new = _new_entries(before, after)
    told: list[tuple[int, Payload]] = []
    committed = _committed(new, after) if after.operation != "rebase" else None
    switched = _switched(before, after, new)
    if switched:
        told.append(switched)
    if committed:
        place, commit, subject = committed
        branch = before.branch if switched and place < switched[0] else after.branch
        told.append((place, GitCommitted(commit=commit, subject=subject, branch=branch)))
    payloads = [payload for _, payload in sorted(told, key=lambda pair: pair[0])]
    stop = (before.operation, before.stopped_at) != (after.operation, after.stopped_at)
    if after.operation and after.conflicts and (stop or not set(after.conflicts) <= set(before.conflicts)):
        payloads.append(GitConflicted(operation=after.operation, paths=after.conflicts))
    return payloads


def _new_entries(before: GitState, after: GitState) -> Sequence[LogEntry]:
    if not before.log:
        return after.log
    for index in range(len(after.log) - 1, -1, -1):
        if after.log[index] == before.log[-1]:
            return after.log[index + 1 :]
    # The log was rewritten (``git gc``) or outran us: only its end can be trusted to be news.
    return after.log[-1:] if before.commit != after.commit else ()


def _committed(new: Sequence[LogEntry], after: GitState) -> tuple[int, str, str] | None:
    for index in range(len(new) - 1, -1, -1):
        entry = new[index]
        if _COMMITTING.fullmatch(entry.action):
            return index, entry.new, entry.text
        if entry.action.startswith("merge ") and entry.text.startswith("Merge made by"):
            return index, entry.new, f"Merge {entry.action[len('merge ') :]}"
        if entry.step == "finish" and (subject := _rebased(after.log, entry)) is not None:
            return index, entry.new, subject
        if entry.step == "abort":
            return None
    return None


def _rebased(log: Sequence[LogEntry], finish: LogEntry) -> str | None:
    """The subject of the last commit that a rebase made; ``None`` if it made none."""
    made = False
    for entry in reversed(log[: log.index(finish)]):
        if entry.step == "start" or (entry.step is None and not _COMMITTING.fullmatch(entry.action)):
            break
        made = True
        if not entry.text.startswith("#"):  # ``# This is a combination of 2 commits.``
            return entry.text
    return "" if made else None


def _switched(before: GitState, after: GitState, new: Sequence[LogEntry]) -> tuple[int, Payload] | None:
    checkouts = [index for index, entry in enumerate(new) if entry.action == "checkout"]
    renamed = any(entry.action == "Branch" and entry.text.startswith("renamed ") for entry in new)
    if before.branch == after.branch:
        detached = after.branch is None and checkouts and before.commit != after.commit
        return (checkouts[-1], GitSwitched()) if detached else None
    if renamed:
        return None
    return (checkouts[-1] if checkouts else len(new)), GitSwitched(branch=after.branch, previous=before.branch)


# --- watching ----------------------------------------------------------------------------------------------


def _now() -> datetime:
    return datetime.now(UTC)


class GitWatcher:
    """Reports what happens in the repository that a workspace folder is in. One task or thread at a time."""

    def __init__(self, root: Path, *, clock: Callable[[], datetime] = _now) -> None:
        self.root = root
        self._clock = clock
        self._repository: Repository | None = None
        self._state: GitState | None = None

    def poll(self) -> list[Event]:
        """What happened since the last call; the first only looks. Blocks for some file reads or one ``git``."""
        self._repository = self._repository or find_repository(self.root)
        state = read_state(self._repository) if self._repository else None
        if self._repository is None or state is None or state.unsettled:
            return []
        if state.operation:
            state = _with_conflicts(state, self._repository)
        before, self._state = self._state, state
        if before is None:
            return []
        time, where = self._clock(), Where(workspace=to_uri(self.root.absolute()))
        return [Event(time, Source.GIT, payload, where) for payload in events_between(before, state)]

    async def watch(self, on_event: Callable[[Event], None], stop: asyncio.Event) -> None:
        """Call ``on_event`` for all that happens from now on, until ``stop`` is set.

        Nothing runs between changes: the system wakes us. Only the repository's own folder and its ``logs`` are
        watched, not what is below them, and of the work tree only whether a ``.git`` comes or goes at its top, or
        at that of the workspace folder where there is no repository yet.

        Raises:
            SourceError: the system cannot watch any more files.
        """
        while not stop.is_set():
            self._repository = await asyncio.to_thread(find_repository, self.root)
            self._state = None
            await self._watch_one(on_event, stop)

    async def _watch_one(self, on_event: Callable[[Event], None], stop: asyncio.Event) -> None:
        """Watch the repository that there is, or none, until the end or until a ``.git`` has come or gone."""
        loop, changed, replaced = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        watch = await asyncio.to_thread(
            _Watch,
            lambda: loop.call_soon_threadsafe(changed.set),
            lambda: loop.call_soon_threadsafe(replaced.set),
        )
        ends = [asyncio.ensure_future(stop.wait()), asyncio.ensure_future(replaced.wait())]
        waits = list(ends)
        try:
            repository = self._repository
            if repository is not None:
                await asyncio.to_thread(watch.start, repository.root, repository.git_dir)
            else:
                await asyncio.to_thread(watch.start, self.root, self.root / ".git", begun=False)
            await asyncio.to_thread(self.poll)
            while repository is self._repository:
                waits = [*ends, asyncio.ensure_future(changed.wait())]
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                if stop.is_set():
                    break
                await asyncio.sleep(SETTLE_SECONDS)
                if replaced.is_set():
                    break
                changed.clear()
                watch.add_logs()
                for event in await asyncio.to_thread(self.poll):
                    on_event(event)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.to_thread(watch.stop)


def _with_conflicts(state: GitState, repository: Repository) -> GitState:
    paths = unmerged_paths(repository.root)
    return evolve(state, conflicts=paths) if paths else state


class _Watch:
    """The system's file notifications for a work tree's top and a git directory, as calls from another thread."""

    def __init__(self, on_change: Callable[[], object], on_replaced: Callable[[], object]) -> None:
        from watchdog.events import (
            DirCreatedEvent,
            DirDeletedEvent,
            DirMovedEvent,
            FileCreatedEvent,
            FileDeletedEvent,
            FileModifiedEvent,
            FileMovedEvent,
            FileSystemEvent,
            FileSystemEventHandler,
        )
        from watchdog.observers import Observer

        class Handler(FileSystemEventHandler):
            def on_any_event(self, event: FileSystemEvent) -> None:
                if _names(event) & _WATCHED:
                    on_change()

        class TopHandler(FileSystemEventHandler):
            def on_any_event(self, event: FileSystemEvent) -> None:
                if ".git" in _names(event):
                    on_replaced()

        def _names(event: FileSystemEvent) -> set[str]:
            return {Path(os.fsdecode(path)).name for path in (event.src_path, event.dest_path) if path}

        self._handler, self._top_handler = Handler(), TopHandler()
        # Without the filter our own reading would count as a change.
        self._top_kinds: list[type[FileSystemEvent]] = [
            DirCreatedEvent, DirDeletedEvent, DirMovedEvent,
            FileCreatedEvent, FileDeletedEvent, FileMovedEvent,
        ]  # fmt: skip
        self._kinds = [*self._top_kinds, FileModifiedEvent]
        self._observer: BaseObserver = Observer()
        self._git_dir: Path | None = None
        self._logs = False

    def start(self, top: Path, git_dir: Path, *, begun: bool = True) -> None:
        """Begin. Of a repository that is not ``begun`` the folder may be missing.

        Raises:
            SourceError: the system cannot watch any more files.
        """
        self._git_dir = git_dir
        try:
            self._observer.schedule(self._top_handler, str(top), recursive=False, event_filter=self._top_kinds)
            if begun or git_dir.is_dir():
                self._schedule(git_dir)
            self._observer.start()
        except OSError as error:
            raise SourceError(
                f"cannot watch {top} ({error.strerror or error}): commits go unseen; "
                "raise the system's limit on watched files (fs.inotify.max_user_instances and max_user_watches)"
            ) from error
        self.add_logs()

    def add_logs(self) -> None:
        """Watch the reflog too, which is not there before the first commit."""
        if self._git_dir is not None and not self._logs and (self._git_dir / "logs").exists():
            self._logs = True
            try:
                self._schedule(self._git_dir / "logs")
            except OSError:
                self._logs = False  # the index changes with nearly every commit, too

    def stop(self) -> None:
        """End, and wait for the threads."""
        self._observer.stop()
        if self._observer.is_alive():
            self._observer.join(_JOIN_SECONDS)

    def _schedule(self, path: Path) -> None:
        self._observer.schedule(self._handler, str(path), recursive=False, event_filter=self._kinds)
