"""Starts and stops what is watched beside the documents, as the settings and the workspace folders want it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proactive_collectors.errors import ProactiveError
from proactive_server.settings import Settings
from proactive_server.switches import heard

if TYPE_CHECKING:
    from proactive_collectors.events import Event

log = logging.getLogger(__name__)

ASK_SECONDS = 15.0
"""How often ActivityWatch is asked."""

TROUBLE_SECONDS = 300.0
"""How long to wait before asking again where it cannot be reached."""


class Sources:
    """The watchers of one server, as tasks of the event loop.

    Args:
        on_event: takes what they report; called in the loop's thread.
    """

    def __init__(self, on_event: Callable[[Event], None]) -> None:
        self._on_event = on_event
        self._stop = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._wanted: tuple[Any, ...] | None = None
        self._changing = asyncio.Lock()

    async def arrange(self, settings: Settings, folders: Sequence[Path]) -> None:
        """Watch what these settings and folders want, and nothing else; starts anew only if that has changed."""
        async with self._changing:
            wanted = (settings.sources, tuple(folders))
            if wanted == self._wanted:
                return
            await self._end()
            self._wanted = wanted
            self._stop = asyncio.Event()
            if folders:  # also where runs are not wanted: one that finds no server is kept by the command line
                self._start("terminal runs", self._relay(folders, settings))
            if settings.sources.git:
                for folder in folders:
                    self._start(f"the repository of {folder}", self._git(folder))
            if settings.sources.activity_watch.enabled:
                self._start("ActivityWatch", self._activity_watch(settings.sources.activity_watch.url))

    async def close(self) -> None:
        """Stop all and wait for it."""
        async with self._changing:
            await self._end()

    async def _end(self) -> None:
        self._stop.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=3.0)
            for task in late:
                task.cancel()

    def _start(self, what: str, watching: Coroutine[Any, Any, None]) -> None:
        async def guarded() -> None:
            try:
                await watching
            except (ProactiveError, OSError, ImportError) as error:
                log.warning("%s cannot be watched: %s", what, error)
            except Exception:
                log.exception("the watching of %s ended", what)

        task = asyncio.ensure_future(guarded())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _relay(self, folders: Sequence[Path], settings: Settings) -> None:
        from proactive_collectors.relay import RelayServer

        def take(event: Event) -> None:
            if heard(event, settings.sources):
                self._on_event(event)

        relay = RelayServer(lambda: folders, take)
        await relay.start()
        try:
            await self._stop.wait()
        finally:
            await relay.close()

    async def _git(self, folder: Path) -> None:
        from proactive_collectors.git import GitWatcher

        await GitWatcher(folder).watch(self._on_event, self._stop)

    async def _activity_watch(self, url: str) -> None:
        from datetime import UTC, datetime

        from proactive_collectors.activitywatch import ActivityWatch

        watch, since, told = ActivityWatch(url), datetime.now(UTC), False
        try:
            while not self._stop.is_set():
                pause = ASK_SECONDS
                try:
                    events, since = await watch.poll(since)
                except ProactiveError as error:
                    pause = TROUBLE_SECONDS
                    if not told:
                        log.warning("%s", error)
                    told = True
                else:
                    told = False
                    for event in events:
                        self._on_event(event)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), pause)
        finally:
            await watch.aclose()
