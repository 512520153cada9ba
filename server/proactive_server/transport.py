"""Messages in and out: the framing, a reading thread for standard input, a loopback socket, and the dispatch.

One thread blocks in the read and hands over whole chunks, so that a message costs one wake-up of the loop at
most, and an idle server none at all. The messages that come with every keystroke go to their handler as plain
JSON; everything else goes through pygls.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from pygls.exceptions import JsonRpcException, JsonRpcInvalidRequest
from pygls.lsp.server import LanguageServer

from proactive_collectors.errors import ProactiveError

log = logging.getLogger(__name__)

_CONTENT_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,12})[ \t]*$", re.IGNORECASE | re.MULTILINE)
_MAX_HEADER = 16 * 1024
_MAX_MESSAGE = 256 * 1024 * 1024
_CHUNK = 256 * 1024

RawHandler = Callable[[Any], None]


class FramingError(ProactiveError):
    """What arrives is not the base protocol of LSP."""


class Framing:
    """Cuts a stream of bytes into messages by their ``Content-Length`` (LSP 3.17, base protocol)."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._need = 0  # the length of the body that is awaited, if its header is through

    def feed(self, chunk: bytes) -> list[bytes]:
        """The bodies that are complete once ``chunk`` has come.

        Raises:
            FramingError: a header without length, or a length beyond reason.
        """
        buffer = self._buffer
        buffer += chunk
        bodies: list[bytes] = []
        at = 0
        while True:
            if not self._need:
                end = buffer.find(b"\r\n\r\n", at)
                if end < 0:
                    if len(buffer) - at > _MAX_HEADER:
                        raise FramingError("a message's header does not end; the peer does not speak LSP")
                    break
                match = _CONTENT_LENGTH.search(bytes(buffer[at:end]).replace(b"\r\n", b"\n"))
                if match is None or not 0 <= int(match[1]) <= _MAX_MESSAGE:
                    raise FramingError("a message without a usable Content-Length; the peer does not speak LSP")
                self._need = int(match[1])
                at = end + 4
                if not self._need:
                    continue
            if len(buffer) - at < self._need:
                break
            bodies.append(bytes(buffer[at : at + self._need]))
            at += self._need
            self._need = 0
        del buffer[:at]
        return bodies


class Connection:
    """Dispatches messages and knows when it is over.

    Args:
        server: takes what no raw handler is for.
        raw: handlers of notifications that take their params as plain JSON, by method.
    """

    def __init__(self, server: LanguageServer, raw: Mapping[str, RawHandler]) -> None:
        self._server = server
        self._raw = raw
        self._framing = Framing()
        self._shut_down = False
        self._over = asyncio.Event()
        self._code = 1
        self.answered = asyncio.Event()  #: not set while an answer is under way that the end must wait for
        self.answered.set()

    async def wait(self) -> int:
        """Wait for the end; the process's exit code, zero only after ``shutdown`` and ``exit``."""
        await self._over.wait()
        await self.answered.wait()
        return self._code

    def end(self, code: int | None = None) -> None:
        """End it; the first call counts."""
        if not self._over.is_set():
            self._code = (0 if self._shut_down else 1) if code is None else code
            self._over.set()

    def receive(self, chunk: bytes) -> None:
        """Handle the messages that are complete with ``chunk``; an empty one is the end of the stream."""
        if not chunk:
            self.end()
            return
        try:
            bodies = self._framing.feed(chunk)
        except FramingError as error:
            log.error("%s", error)
            self.end(1)
            return
        for body in bodies:
            if self._over.is_set():
                return
            try:
                self._dispatch(body)
            except BrokenPipeError:
                self.end()
            except Exception:  # one bad message must not end the session
                log.exception("a message could not be handled")

    def _dispatch(self, body: bytes) -> None:
        try:
            message = orjson.loads(body)
        except orjson.JSONDecodeError:
            message = json.loads(body)  # takes lone surrogates, which some editors send
        if not isinstance(message, dict):
            log.warning("passed over a message that is no object")
            return
        method = message.get("method")
        if method == "exit":
            self.end()
            return
        handler = self._raw.get(method) if isinstance(method, str) and "id" not in message else None
        if handler is not None:
            handler(message.get("params"))
            return
        protocol = self._server.protocol
        if self._shut_down and isinstance(method, str) and isinstance(message.get("id"), int | str):
            refusal = JsonRpcInvalidRequest("the server is shut down; nothing but `exit` may follow")
            protocol._send_response(message["id"], error=refusal.to_response_error())
            return
        if method == "shutdown":
            self._shut_down = True
        if isinstance(method, str) and protocol.get_message_type(method) is None:
            message.setdefault("params", None)  # may be left out, which pygls does not know of its own methods
        try:
            structured = protocol.structure_message(message)
        except JsonRpcException as error:
            if isinstance(method, str) and isinstance(message.get("id"), int | str):
                protocol._send_response(message["id"], error=error.to_response_error())
            raise
        protocol.handle_message(structured)


class _Stdout:
    """Writes to a file descriptor until all is written."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]

    def close(self) -> None:
        """Leave the descriptor to the process."""


async def serve_stdio(connection: Connection, server: LanguageServer) -> int:
    """Talk over standard input and output until the client is gone; the exit code."""
    loop = asyncio.get_running_loop()
    # What anything prints by mistake must not land in the protocol.
    output = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    source = sys.stdin.fileno()
    if os.name == "nt":  # where a descriptor would else turn line ends into others
        import msvcrt

        windows: Any = msvcrt
        for descriptor in (source, output):
            windows.setmode(descriptor, getattr(os, "O_BINARY", 0))
    server.protocol.set_writer(_Stdout(output))
    room = threading.Semaphore(16)

    def handle(chunk: bytes) -> None:
        room.release()
        connection.receive(chunk)

    def read() -> None:
        while True:
            try:
                chunk = os.read(source, _CHUNK)
            except OSError:
                chunk = b""
            room.acquire()
            try:
                loop.call_soon_threadsafe(handle, chunk)
            except RuntimeError:  # the loop is closed: the process is about to end
                return
            if not chunk:
                return

    # A daemon, and without a buffered reader: at the end nothing waits for a client that holds the pipe open.
    threading.Thread(target=read, name="stdin", daemon=True).start()
    return await connection.wait()


async def serve_tcp(connection: Connection, server: LanguageServer, host: str, port: int) -> int:
    """Wait for one client on a loopback address and talk to it until it is gone; the exit code."""
    taken = False

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken
        if taken:
            writer.close()
            return
        taken = True
        listener.close()
        server.protocol.set_writer(writer)
        try:
            while chunk := await reader.read(_CHUNK):
                connection.receive(chunk)
        except OSError as error:
            log.info("the client's connection broke: %s", error)
        finally:
            connection.end()
            writer.close()

    listener = await asyncio.start_server(talk, host, port)
    address = listener.sockets[0].getsockname()
    print(f"proactive: listening on {address[0]}:{address[1]}", file=sys.stderr, flush=True)  # noqa: T201
    try:
        return await connection.wait()
    finally:
        listener.close()
