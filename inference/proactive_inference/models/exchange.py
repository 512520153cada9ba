"""One request to a server over HTTP that ends when taken back, and at its deadline, whatever the server does.

httpx's own limits hold for one step at a time: a server that sends a byte now and then outlives them. So a request
runs in an event loop of its own, in the thread that asks, where it can be stopped at any point: while a name is
looked up, while connecting, waiting or reading. Stopping closes the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

import httpx
from attrs import frozen

from proactive_inference.errors import UnwantedError
from proactive_inference.models.asking import Asking

MOST_BYTES = 64_000_000
"""How much of an answer is read at most."""

AFTERWARDS_SECONDS = 0.5
"""How long a server may go on after its answer is whole: it may still tell what it took."""

_Result = TypeVar("_Result")


class TooMuchError(Exception):
    """A server sends more than any answer can be."""


class Reader(Protocol):
    """Reads an answer as it comes."""

    @property
    def whole(self) -> bool:
        """Whether all that is needed was there; what still comes is worth a moment, not more."""

    def read(self, piece: bytes) -> bool:
        """Take the next bytes; whether the reading can end here."""


@frozen
class Reply:
    """What a server answered."""

    status: int
    headers: httpx.Headers
    body: bytes  #: whole; empty if it was a stream of events that the reader took
    streamed: bool = False  #: whether the reader took it


def exchange(
    client: Callable[[], httpx.AsyncClient],
    request: Callable[[httpx.AsyncClient], httpx.Request],
    *,
    asking: Asking | None = None,
    reader: Reader | None = None,
) -> Reply:
    """Send a request and read the answer.

    Args:
        client: makes a client; it is closed afterwards.
        request: makes the request with it.
        asking: its deadline holds over everything; taken back, the connection is closed at once.
        reader: reads the answer if it comes as a stream of events, in the thread that asks.

    Raises:
        UnwantedError: it was taken back.
        UnavailableError: the time is up.
        TooMuchError: the answer does not end.
        httpx.HTTPError: the server cannot be reached, or breaks off.
    """

    def work() -> Coroutine[Any, Any, Reply]:
        return _exchange(client, request, asking, reader)

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _run(work, asking)
    found: list[Reply | BaseException] = []  # this thread has a loop already, as a notebook's has

    def elsewhere() -> None:
        try:
            found.append(_run(work, asking))
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=elsewhere, name="exchange")
    thread.start()
    thread.join()
    if isinstance(found[0], BaseException):
        raise found[0]
    return found[0]


def _run(work: Callable[[], Coroutine[Any, Any, _Result]], asking: Asking | None) -> _Result:
    """As ``asyncio.run``, but it does not wait for threads that look up names."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(work())

    def end() -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(task.cancel)

    try:
        if asking is not None:
            asking.when_taken_back(end)
        return loop.run_until_complete(task)
    except asyncio.CancelledError:
        raise UnwantedError("the question was taken back") from None
    finally:
        if asking is not None:
            asking.forget(end)
        if not task.done():  # Ctrl-C
            task.cancel()
            loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _exchange(
    client: Callable[[], httpx.AsyncClient],
    request: Callable[[httpx.AsyncClient], httpx.Request],
    asking: Asking | None,
    reader: Reader | None,
) -> Reply:
    reply: Reply | None = None
    try:
        async with asyncio.timeout(None if asking is None else asking.seconds_left) as limit, client() as opened:
            response = await opened.send(request(opened), stream=True)
            async with contextlib.aclosing(response):
                streamed = reader is not None and response.status_code == 200 and _is_stream(response)
                reply = Reply(response.status_code, response.headers, b"", streamed)
                body, size = bytearray(), 0
                async for piece in response.aiter_bytes():
                    size += len(piece)
                    if size > MOST_BYTES:
                        raise TooMuchError
                    if reader is None or not streamed:
                        body += piece
                        continue
                    was_whole = reader.whole
                    if reader.read(piece):
                        break
                    if reader.whole and not was_whole:
                        limit.reschedule(_sooner(limit.when(), AFTERWARDS_SECONDS))
                return reply if streamed else Reply(reply.status, reply.headers, bytes(body))
    except TimeoutError as error:
        if reply is not None and reply.streamed and reader is not None and reader.whole:
            return reply
        assert asking is not None
        raise asking.late() from error


def _is_stream(response: httpx.Response) -> bool:
    return "event-stream" in response.headers.get("Content-Type", "")


def _sooner(when: float | None, seconds: float) -> float:
    then = asyncio.get_running_loop().time() + seconds
    return then if when is None else min(when, then)
