import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_server.commands.serve import loopback
from proactive_server.server import Application
from proactive_server.transport import Framing, FramingError


def framed(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=6), st.lists(st.integers(1, 30), max_size=30))
def test_messages_come_out_however_the_stream_is_cut(bodies: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(map(framed, bodies))
    framing = Framing()
    got: list[bytes] = []
    for cut in cuts:
        got += framing.feed(stream[:cut])
        stream = stream[cut:]
    got += framing.feed(stream)
    assert got == bodies


def test_other_headers_and_empty_bodies_are_fine() -> None:
    framing = Framing()
    head = b"Content-Type: application/vscode-jsonrpc\r\ncontent-length:2\r\n\r\n{}"
    assert framing.feed(head + b"Content-Length: 0\r\n\r\n" + framed(b"[]")) == [b"{}", b"[]"]


@pytest.mark.parametrize(
    "stream",
    [b"hello\r\n\r\n", b"Content-Length: 99999999999\r\n\r\n", b"x" * 20_000, b"Content-Length: -1\r\n\r\n"],
)
def test_what_is_not_the_protocol_is_refused(stream: bytes) -> None:
    with pytest.raises(FramingError):
        Framing().feed(stream)


class Sink:
    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data

    def close(self) -> None:
        pass

    def messages(self) -> list[Any]:
        return [json.loads(body) for body in Framing().feed(self.data)]


async def test_bad_messages_do_not_end_the_session() -> None:
    app = Application()
    connection = app.connect()
    sink = Sink()
    app.language_server.protocol.set_writer(sink)
    for body in (b"{", b"7", b"null", b'{"jsonrpc":"2.0"}', b'{"jsonrpc":"2.0","method":"$/nothing","params":{}}'):
        connection.receive(framed(body))
    connection.receive(framed(b'{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"x":"\\ud800"}}'))
    connection.receive(framed(b'{"jsonrpc":"2.0","id":5,"method":"nothing/known"}'))
    connection.receive(framed(b'{"jsonrpc":"2.0","id":6,"method":"textDocument/codeAction","params":{}}'))
    connection.receive(framed(b'{"jsonrpc":"2.0","id":7,"method":"proactive/status"}'))
    unknown, malformed, status = sink.messages()
    assert (unknown["id"], unknown["error"]["code"]) == (5, -32601)
    assert (malformed["id"], malformed["error"]["code"]) == (6, -32602)
    assert (status["id"], status["result"]["state"]) == (7, "watching")
    connection.receive(framed(b'{"jsonrpc":"2.0","method":"exit"}'))
    assert await asyncio.wait_for(connection.wait(), 1) == 1
    await app.close()


async def test_requests_after_the_shutdown_are_refused() -> None:
    app = Application()
    connection = app.connect()
    sink = Sink()
    app.language_server.protocol.set_writer(sink)
    connection.receive(framed(b'{"jsonrpc":"2.0","id":1,"method":"shutdown"}'))
    async with asyncio.timeout(5):
        while not sink.messages():
            await asyncio.sleep(0.01)
    for number, method in enumerate((b"proactive/status", b"shutdown", b"nothing/known"), 2):
        connection.receive(framed(b'{"jsonrpc":"2.0","id":%d,"method":"%s"}' % (number, method)))
    shutdown, *others = sink.messages()
    assert shutdown["result"] is None
    assert [(answer["id"], answer["error"]["code"]) for answer in others] == [
        (2, -32600),
        (3, -32600),
        (4, -32600),
    ]
    connection.receive(framed(b'{"jsonrpc":"2.0","method":"exit"}'))
    assert await asyncio.wait_for(connection.wait(), 1) == 0
    await app.close()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:7000", ("127.0.0.1", 7000)),
        ("localhost:0", ("127.0.0.1", 0)),
        ("[::1]:7000", ("::1", 7000)),
        (":7000", ("127.0.0.1", 7000)),
        ("7000", ("127.0.0.1", 7000)),
    ],
)
def test_loopback_addresses(text: str, address: tuple[str, int]) -> None:
    assert loopback(text) == address


@pytest.mark.parametrize(
    "text", ["0.0.0.0:1", "[::]:1", "example.org:80", "10.0.0.1:2", "localhost", "localhost:70000"]
)
def test_other_addresses_are_turned_down(text: str) -> None:
    with pytest.raises(ValueError, match=r"127\.0\.0\.1"):
        loopback(text)
