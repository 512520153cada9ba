"""The worker's end of the connections, and when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import define, field

from proactive_inference.models.model_files import ModelFiles
from proactive_inference.models.shared.answering import Answering, State, Waiting
from proactive_inference.models.shared.limits import Limits
from proactive_inference.models.shared.log import keep_small
from proactive_inference.models.shared.memory import used_memory
from proactive_inference.models.shared.places import Announcement, program_version
from proactive_inference.models.shared.questions import Question
from proactive_inference.models.shared.watching import Ending, Seen, reason_to_end
from proactive_inference.models.shared.wire import (
    HEAD_BYTES,
    MOST_BYTES,
    MOST_GREETING,
    PROTOCOL,
    WireError,
    is_proof,
    length_of,
    packed,
    proof,
    unpacked,
)

GREETING_SECONDS = 10.0
"""How long somebody who has connected may take to say what they want."""

MOST_CONNECTIONS = 64
"""At once; further ones are closed unheard."""

LOOK_SECONDS = 1.0
"""How often the worker looks whether it is still wanted, and what it takes."""

FAREWELL_SECONDS = 2.0
"""How long those who wait are given to hear why it ends."""

REPLACED = Ending(
    "replaced", "the model's worker was replaced by one of a newer program or of changed files; ask again"
)
STOPPED = Ending(
    "as a person asked", "the model's worker was stopped; it starts again when it is asked", "unavailable"
)
SIGNALLED = Ending("told to by a signal", "the model's worker was ended; ask again")


@define(eq=False)
class _Open:
    """One connection with a question."""

    waiting: Waiting
    frames: asyncio.Queue[dict[str, Any]]
    done: bool = field(default=False)


class Service:
    """Hears questions, hands answers back, and watches over the worker; all of it in one event loop."""

    def __init__(self, files: ModelFiles, limits: Limits, folder: Path, answering: Answering) -> None:
        self._files = files
        self._limits = limits
        self._folder = folder
        self._answering = answering
        self._fingerprint = files.fingerprint  # before it is loaded: a change while it is loaded counts
        self._announced: Announcement | None = None
        self._started = time.time()
        self._idle_since = time.monotonic()
        self._open: set[_Open] = set()
        self._connections: set[asyncio.Task[None]] = set()
        self._ended = asyncio.Event()
        self._why = ""
        self._failure: Ending | None = None

    async def listen(self, token: str) -> tuple[asyncio.Server, Announcement]:
        """Take connections from this machine at a port that is free, and announce it.

        Raises:
            OSError: that cannot be.
        """
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        self._announced = Announcement(port, token, os.getpid(), self._files.name)
        self._announced.write(self._folder)
        return server, self._announced

    async def run(self, server: asyncio.Server) -> str:
        """Serve until the worker is to end; why it does. Whoever still waits has been told."""
        assert self._announced is not None
        look = max(0.05, min(LOOK_SECONDS, self._limits.idle_seconds / 4))
        while not self._ended.is_set():
            self._watch()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), look)
        server.close()
        self._announced.withdraw(self._folder)
        if self._connections:
            await asyncio.wait(set(self._connections), timeout=FAREWELL_SECONDS)
        return self._why

    def end(self, ending: Ending) -> None:
        """End the worker, and tell all who wait why."""
        if self._ended.is_set():
            return
        self._why = ending.why
        self._answering.turns.close()
        for one in self._open:
            one.waiting.asking.take_back()
            one.frames.put_nowait(dict(ending.frame))
        self._ended.set()

    def fail(self, why: str, text: str) -> None:
        """The model cannot be loaded: tell whoever waits, or the first who comes, and end."""
        self._failure = Ending(why, text, "setup")
        if self._open:
            self.end(self._failure)

    # --- connections ---------------------------------------------------------------------------------------

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            if len(self._connections) <= MOST_CONNECTIONS and not self._ended.is_set():
                await self._serve(reader, writer)
        except (OSError, EOFError, TimeoutError, WireError, asyncio.CancelledError):
            pass  # the other side's affair, or ours at the end
        finally:
            self._connections.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert self._announced is not None
        token, own = self._announced.token, secrets.token_hex(16)
        async with asyncio.timeout(GREETING_SECONDS):
            theirs = str((await _read(reader, MOST_GREETING)).get("nonce", ""))
            greeting = {
                "nonce": own,
                "proof": proof(token, "worker", theirs, own),
                "version": program_version(),
                "protocol": PROTOCOL,
                "fingerprint": self._fingerprint,
                "pid": os.getpid(),
            }
            await _write(writer, greeting)
            frame = await self._proved(reader, token, own, theirs)
        if "ask" in frame:
            await self._ask(frame, reader, writer)
        elif "status" in frame:
            await _write(writer, {"status": self.status()})
        elif "stop" in frame:
            await _write(writer, {})
            self.end(REPLACED if frame["stop"] == "replaced" else STOPPED)

    async def _proved(self, reader: asyncio.StreamReader, token: str, own: str, theirs: str) -> dict[str, Any]:
        """A request, which is read in full from those alone who know the token."""
        frame = await _read(reader, MOST_GREETING)
        if not is_proof(frame.get("proof"), token, "client", own, theirs):
            raise WireError("no proof")
        return await _read(reader, MOST_BYTES)

    async def _ask(
        self, frame: Mapping[str, Any], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        loop = asyncio.get_running_loop()
        frames: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

        def tell(one: dict[str, Any]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the worker ends
                loop.call_soon_threadsafe(frames.put_nowait, one)

        try:
            question = Question.from_frame(frame["ask"])
        except ValueError as error:
            await _write(writer, {"error": str(error), "kind": "model"})
            return
        if self._failure is not None:
            await _write(writer, self._failure.frame)
            self.end(self._failure)
            return
        waiting = self._answering.wait(question, tell)
        this = _Open(waiting, frames)
        if not self._answering.turns.add(str(frame.get("client", "")), waiting):
            return  # it ends, and whoever asks tries again
        self._open.add(this)
        gone = asyncio.ensure_future(reader.read(1))  # nothing more is said: it ends when they hang up
        try:
            await _write(writer, {"state": State.LOADING if self._answering.state is State.LOADING else "waiting"})
            while True:
                told = asyncio.ensure_future(frames.get())
                await asyncio.wait({told, gone}, return_when=asyncio.FIRST_COMPLETED)
                if not told.done():
                    told.cancel()
                    return
                await _write(writer, told.result())
                if "told" not in told.result() and "state" not in told.result():
                    return
        finally:
            gone.cancel()
            self._open.discard(this)
            self._answering.turns.remove(waiting)
            waiting.asking.take_back()
            self._idle_since = time.monotonic()

    # --- watching over itself ------------------------------------------------------------------------------

    def status(self) -> dict[str, Any]:
        """What ``proactive model status`` shows."""
        answering = self._answering
        idle = answering.state is State.IDLE and not self._open
        left = self._limits.idle_seconds - (time.monotonic() - self._idle_since)
        return {
            "model": self._files.name,
            "pid": os.getpid(),
            "version": program_version(),
            "state": answering.state,
            "started": self._started,
            "memory": _memory(),
            "memory_limit": self._limits.memory,
            "threads": self._limits.threads_used,
            "idle_seconds_left": round(max(0.0, left), 1) if idle else None,
            "waiting": len(answering.turns),
            "answered": answering.answered,
            "steps": answering.steps,
        }

    def _watch(self) -> None:
        """Look whether there is a reason to end."""
        keep_small(self._folder)
        now = time.monotonic()
        seen = Seen(
            self._files.name,
            Announcement.read(self._folder) == self._announced,
            self._answering.state,
            now - self._answering.since,
            _memory(),
            self._answering.weighed,
            bool(self._open),
            now - self._idle_since,
            self._failure,
        )
        if ending := reason_to_end(seen, self._limits):
            self.end(ending)


def _memory() -> int:
    """Bytes in use; 0 where it cannot be told, as without the packages of a model."""
    try:
        return used_memory()
    except ImportError:
        return 0


async def _read(reader: asyncio.StreamReader, most: int) -> dict[str, Any]:
    length = length_of(await reader.readexactly(HEAD_BYTES), most)
    return unpacked(await reader.readexactly(length))


async def _write(writer: asyncio.StreamWriter, frame: Mapping[str, Any]) -> None:
    writer.write(packed(frame))
    await writer.drain()
