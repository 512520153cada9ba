"""A model's server over real sockets that behaves as a test tells it, well or badly, and keeps what it was asked.

::

    with MisbehavingServer() as server:          # answers well: streams, tells probabilities, counts tokens
        ask(server.url)                          # http://127.0.0.1:PORT/v1
        server.behaviour = hangs()               # from the next question on
        server.behaviour = in_turn(busy(429), dies(after=3), answers("{}"))  # one each; the last stays
        server.behaviour = answers(lambda asked: "…" + asked.text)           # by a function of what is asked
        server.refuse()                          # nobody there any more; server.accept() comes back on its port
        server.asked[-1].body["messages"]        # every question so far: headers, body, whether it was broken off

A behaviour is a function of an :class:`Exchange`, which says how to send; a test may bring its own. By hand::

    python tests/support/misbehaving_server.py --port 8099 --behaviour drips
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import select
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from attrs import define

SILENT = '{"Purpose": "", "Thoughts": "", "Proactive Task": null, "Response": ""}'
OFFER = (
    '{"Purpose": "The user sorts", "Thoughts": "It fails", "Proactive Task": "Sort it", "Response": "Shall I?"}'
)
MODEL = "small"


@define
class Asked:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]  #: names in lower case
    raw: bytes
    body: dict[str, Any]
    broken_off: bool = False  #: whether the asker closed the connection before the answer's end

    @property
    def text(self) -> str:
        """All messages as one text."""
        return "\n".join(str(message["content"]) for message in self.body.get("messages", ()))


class BrokenOffError(Exception):
    """The asker closed the connection, or the server ends."""


@define
class Exchange:
    """One question and the way to answer it."""

    asked: Asked
    server: MisbehavingServer
    handler: BaseHTTPRequestHandler
    closing: threading.Event  #: set when the server goes

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        if self.closing.is_set():
            raise BrokenOffError
        try:
            self.handler.wfile.write(data)
            self.handler.wfile.flush()
        except OSError as error:
            self._broken(error)

    def begin(self, status: int = 200, **headers: str) -> None:
        """Send status and headers (``content_type="text/plain"``)."""
        lines = [f"HTTP/1.1 {status} {self.handler.responses.get(status, ('',))[0]}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join([*lines, "", ""]).encode())

    def json(self, value: Any, status: int = 200, **headers: str) -> None:
        """Send a whole answer."""
        data = json.dumps(value).encode()
        self.begin(status, content_type="application/json", content_length=str(len(data)), **headers)
        self.send(data)

    def begin_stream(self) -> None:
        """Send the headers of a stream of events, in chunks, so that its end is told from its breaking off."""
        self.begin(content_type="text/event-stream", transfer_encoding="chunked")

    def chunk(self, data: bytes) -> None:
        """Send bytes of the stream."""
        self.send(b"%x\r\n%s\r\n" % (len(data), data))

    def event(self, value: Any) -> None:
        """Send one event of the stream."""
        self.chunk(b"data: " + json.dumps(value).encode() + b"\n\n")

    def end_stream(self) -> None:
        """End the stream in good order."""
        self.chunk(b"data: [DONE]\n\n")
        self.send(b"0\r\n\r\n")

    def wait(self, seconds: float | None = None) -> None:
        """Wait, until the asker goes away or the server ends if nothing else is said."""
        connection = self.handler.connection
        while seconds is None or seconds > 0:
            step = 0.05 if seconds is None else min(0.05, seconds)
            readable, _, _ = select.select([connection], [], [], step)
            with contextlib.suppress(OSError):
                if readable and not connection.recv(1, socket.MSG_PEEK):
                    self._broken(None)
                if readable:
                    self.closing.wait(step)
            if self.closing.is_set():
                raise BrokenOffError
            seconds = None if seconds is None else seconds - step

    def _broken(self, error: OSError | None) -> None:
        self.asked.broken_off = True
        self.server.changed()
        raise BrokenOffError from error


Behaviour = Callable[[Exchange], None]
Text = str | Callable[[Asked], str]


class MisbehavingServer:
    """The server; a context. Questions are answered side by side."""

    def __init__(self, behaviour: Behaviour | None = None, *, models: tuple[str, ...] = (MODEL,)) -> None:
        """``models`` are those that it names at ``/v1/models``; it answers whichever is asked."""
        self.behaviour = behaviour or answers()
        self.models = models
        self.every: list[Asked] = []
        self._closing = threading.Event()
        self._changed = threading.Condition()
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None
        self.port = 0
        self.accept()

    def __enter__(self) -> MisbehavingServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.refuse()

    @property
    def url(self) -> str:
        """Its address, without a model."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def asked(self) -> list[Asked]:
        """The questions so far (``POST``), without requests for the list of models."""
        return [one for one in self.every if one.method == "POST"]

    def accept(self, port: int | None = None) -> None:
        """Listen, on the same port as before if there was one."""
        owner, self._closing = self, threading.Event()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                owner._handle(self)

            def do_POST(self) -> None:
                owner._handle(self)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            allow_reuse_address = True
            daemon_threads = False

            def handle_error(self, *_: object) -> None:
                pass  # the asker went away

        self._server = Server(("127.0.0.1", self.port if port is None else port), Handler)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="misbehaving server")
        self._thread.start()

    def refuse(self) -> None:
        """Listen no more, and drop what is under way: whoever connects is refused."""
        self._closing.set()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()  # waits for the answers that are under way
            self._server = None

    def wait_for(self, ready: Callable[[], bool], seconds: float = 20.0) -> bool:
        """Wait until something is so, looked at whenever something happens here; whether it came to be."""
        with self._changed:
            return self._changed.wait_for(ready, seconds)

    def changed(self) -> None:
        """Tell those who wait."""
        with self._changed:
            self._changed.notify_all()

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        raw = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        asked = Asked(handler.command, handler.path, headers, raw, json.loads(raw) if raw else {})
        self.every.append(asked)
        self.changed()
        handler.close_connection = True
        exchange = Exchange(asked, self, handler, self._closing)
        with contextlib.suppress(BrokenOffError):
            if handler.command == "GET" and handler.path.endswith("/models"):
                exchange.json({"object": "list", "data": [{"id": name} for name in self.models]})
            else:
                self.behaviour(exchange)


# Behaviours


def answers(
    text: Text = SILENT, *, probability: float = 0.25, usage: bool = True, done: bool = True, every: float = 0.0
) -> Behaviour:
    """Answer well: as a stream where that is asked, with probabilities where those are.

    Args:
        text: the answer, or a function of what was asked.
        probability: of a string against null, or of accepted against rejected.
        usage: whether it tells how many tokens it took.
        done: whether a stream ends as it should, with a reason and a last word.
        every: seconds between two pieces of a stream.
    """

    def behave(exchange: Exchange) -> None:
        body, said = exchange.asked.body, _text(text, exchange.asked)
        count, took = (
            body.get("n", 1),
            {"prompt_tokens": 30, "completion_tokens": len(pieces(said)) * body.get("n", 1)},
        )
        if not body.get("stream"):
            choices = [
                {
                    "index": index,
                    "message": {"role": "assistant", "content": said},
                    "finish_reason": "stop",
                    "logprobs": {"content": steps(said, probability)} if body.get("logprobs") else None,
                }
                for index in range(count)
            ]
            exchange.json({"choices": choices, **({"usage": took} if usage else {})})
            return
        exchange.begin_stream()
        for delta in deltas(said, probability if body.get("logprobs") else None, count):
            exchange.event(delta)
            if every:
                exchange.wait(every)
        if done:
            exchange.event({"choices": [{"index": n, "delta": {}, "finish_reason": "stop"} for n in range(count)]})
            if usage and body.get("stream_options", {}).get("include_usage"):
                exchange.event({"choices": [], "usage": took})
            exchange.end_stream()
        else:
            exchange.send(b"0\r\n\r\n")

    return behave


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """One behaviour for each question; the last one stays."""
    left = list(behaviours)
    lock = threading.Lock()

    def behave(exchange: Exchange) -> None:
        with lock:
            chosen = left.pop(0) if len(left) > 1 else left[0]
        chosen(exchange)

    return behave


def hangs() -> Behaviour:
    """Say nothing at all."""
    return lambda exchange: exchange.wait()


def hangs_midway(text: Text = OFFER, after: int = 3) -> Behaviour:
    """Stream some pieces, and then say nothing more."""

    def behave(exchange: Exchange) -> None:
        _some(exchange, text, after)
        exchange.wait()

    return behave


def drips(every: float = 0.2, data: bytes = b" ") -> Behaviour:
    """Send a byte now and then, for ever, without coming to anything."""

    def behave(exchange: Exchange) -> None:
        exchange.begin_stream()
        while True:
            exchange.chunk(data)
            exchange.wait(every)

    return behave


def drips_headers(every: float = 0.2) -> Behaviour:
    """The same, before the headers are over."""

    def behave(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while True:
            exchange.send(b"x")
            exchange.wait(every)

    return behave


def status(code: int, message: str = "", **headers: str) -> Behaviour:
    """Refuse with a status; ``headers`` as ``retry_after="3"``."""
    return lambda exchange: exchange.json({"error": {"message": message}}, code, **headers)


def busy(code: int = 429, retry_after: str | None = None) -> Behaviour:
    """Be busy; say when to come again, or not."""
    return status(code, "too many requests", **({} if retry_after is None else {"retry_after": retry_after}))


def refuses(*parts: str, named: bool = True, then: Behaviour | None = None) -> Behaviour:
    """Refuse questions that have one of these: ``stream``, ``stream_options``, ``logprobs``, ``json_schema``, …

    ``named``: whether the server says which.
    """
    rest = then or answers()

    def behave(exchange: Exchange) -> None:
        body = exchange.asked.body
        form = body.get("response_format", {}).get("type")
        for part in parts:
            if part in body or part == form:
                message = f"'{part}' is not supported" if named else "bad request"
                exchange.json({"error": {"message": message}}, 400)
                return
        rest(exchange)

    return behave


def has_only(model: str, then: Behaviour | None = None) -> Behaviour:
    """Know one model alone; of others say that they are not there."""
    rest = then or answers()

    def behave(exchange: Exchange) -> None:
        if exchange.asked.body.get("model") == model:
            rest(exchange)
        else:
            exchange.json({"error": {"message": f"model '{exchange.asked.body.get('model')}' not found"}}, 404)

    return behave


def sends(data: bytes, content_type: str = "application/json") -> Behaviour:
    """Answer with these bytes, whole."""

    def behave(exchange: Exchange) -> None:
        exchange.begin(content_type=content_type, content_length=str(len(data)))
        exchange.send(data)

    return behave


def rubbish() -> Behaviour:
    """Send bytes that are not HTTP."""
    return lambda exchange: exchange.send(bytes(range(256)) * 4 + b"\r\n\r\n")


def half(text: Text = OFFER) -> Behaviour:
    """Send the half of an answer that comes at once, then close."""

    def behave(exchange: Exchange) -> None:
        data = json.dumps({"choices": [{"message": {"content": _text(text, exchange.asked)}}]}).encode()
        exchange.begin(content_type="application/json", content_length=str(len(data)))
        exchange.send(data[: len(data) // 2])

    return behave


def dies(text: Text = OFFER, after: int = 3) -> Behaviour:
    """Stream some pieces, then close without a word; ``after=0`` closes before anything."""

    def behave(exchange: Exchange) -> None:
        if after:
            _some(exchange, text, after)

    return behave


def chatters_on(text: Text = OFFER, more: str = " And so on.", every: float = 0.05) -> Behaviour:
    """Stream an answer, and then go on for ever."""

    def behave(exchange: Exchange) -> None:
        _some(exchange, text, None)
        while True:
            exchange.event(_delta(more))
            exchange.wait(every)

    return behave


def endless(piece: str = "word ") -> Behaviour:
    """Stream for ever, as fast as it can."""

    def behave(exchange: Exchange) -> None:
        exchange.begin_stream()
        while True:
            exchange.event(_delta(piece))

    return behave


def endless_line() -> Behaviour:
    """Stream one event that never ends, as fast as it can."""

    def behave(exchange: Exchange) -> None:
        exchange.begin_stream()
        exchange.chunk(b'data: {"choices": [{"delta": {"content": "')
        while True:
            exchange.chunk(b"x" * 65_536)

    return behave


def fails_midway(message: str = "out of memory", code: int = 500, after: int = 3) -> Behaviour:
    """Stream some pieces, and then an error."""

    def behave(exchange: Exchange) -> None:
        _some(exchange, OFFER, after)
        exchange.event({"error": {"message": message, "code": code}})
        exchange.end_stream()

    return behave


# The parts of an answer


def pieces(text: str) -> list[str]:
    """The text in pieces as tokens are; what stands before a decision ends with its colon."""
    found, piece = [], ""
    for sign in text:
        if piece and (sign in ' "' or piece[-1] == ":" or len(piece) > 5):
            found.append(piece)
            piece = ""
        piece += sign
    return [*found, piece] if piece else found


def steps(text: str, probability: float) -> list[dict[str, Any]]:
    """The pieces with their alternatives: where the answer decides, yes against no, else the piece alone."""
    found, written = [], ""
    for piece in pieces(text):
        others = {piece: 0.0}
        for key, yes, no in (("Proactive Task", ' "', " null"), ("Judgement", ' "accepted', ' "rejected')):
            if written.endswith(f'"{key}":'):
                others = {yes: math.log(probability), no: math.log(1 - probability)}
        top = [{"token": token, "logprob": value} for token, value in others.items()]
        found.append({"token": piece, "logprob": 0.0, "top_logprobs": top})
        written += piece
    return found


def deltas(text: str, probability: float | None, count: int = 1) -> Iterator[dict[str, Any]]:
    """The events of a stream, but for its end."""
    for n in range(count):
        yield {"choices": [{"index": n, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]}
    told = steps(text, 0.5 if probability is None else probability)
    for step in told:
        for n in range(count):
            yield _delta(step["token"], n, None if probability is None else {"content": [step]})


def _delta(piece: str, index: int = 0, logprobs: Any = None) -> dict[str, Any]:
    choice = {"index": index, "delta": {"content": piece}, "finish_reason": None, "logprobs": logprobs}
    return {"choices": [choice]}


def _some(exchange: Exchange, text: Text, count: int | None) -> None:
    exchange.begin_stream()
    for piece in pieces(_text(text, exchange.asked))[:count]:
        exchange.event(_delta(piece))


def _text(text: Text, asked: Asked) -> str:
    return text(asked) if callable(text) else text


BY_NAME: dict[str, Callable[[], Behaviour]] = {
    one.__name__: one
    for one in (
        answers, hangs, hangs_midway, drips, drips_headers, busy, rubbish, half, dies, chatters_on, endless,
        endless_line, fails_midway,
    )
}  # fmt: skip


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--behaviour", choices=sorted(BY_NAME), default="answers")
    chosen = parser.parse_args()
    with MisbehavingServer(BY_NAME[chosen.behaviour]()) as server:
        if chosen.port:
            server.refuse()
            server.accept(chosen.port)
        print(server.url, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
