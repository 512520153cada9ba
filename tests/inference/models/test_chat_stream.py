"""A stream of events says the same however its bytes are cut, and nothing in it does harm."""

from __future__ import annotations

import itertools
import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from misbehaving_server import OFFER, deltas
from proactive_inference.errors import ModelError
from proactive_inference.models.agent_answer import AGENT_SCHEMA
from proactive_inference.models.chat_stream import BadStreamError, ChatStream, StreamedError
from proactive_inference.models.endpoint import EndpointModel
from proactive_inference.models.endpoint_protocol import Address
from proactive_inference.models.messages import Message

TEXT = "Grüße, 用户! 👍 " + OFFER
EVENTS = [json.dumps(delta, ensure_ascii=False) for delta in deltas(TEXT, 0.5)]
STREAM = "".join(f": a comment\r\nevent: x\r\ndata: {event}\r\n\r\n" for event in EVENTS).encode()


def read(pieces: list[bytes], **settings: Any) -> tuple[ChatStream, list[str]]:
    told: list[str] = []
    stream = ChatStream(told=told.append, **settings)
    for piece in pieces:
        if stream.read(piece):
            break
    return stream, told


def text(stream: ChatStream) -> str:
    return str(stream.value()["choices"][0]["message"]["content"])


@given(st.lists(st.integers(0, len(STREAM)), max_size=30))
@settings(deadline=None)
def test_bytes_may_be_cut_anywhere(places: list[int]) -> None:
    cuts = [0, *sorted(places), len(STREAM)]
    stream, told = read([STREAM[a:b] for a, b in itertools.pairwise(cuts)])
    assert text(stream) == "".join(told) == TEXT
    assert len(stream.value()["choices"][0]["logprobs"]["content"]) == len(EVENTS) - 1


def test_byte_by_byte_it_is_whole_when_its_object_is() -> None:
    stream, _ = read([STREAM[n : n + 1] for n in range(len(STREAM))], keys=frozenset({"proactivetask"}))
    assert text(stream) == TEXT and stream.whole
    half, _ = read([STREAM[:-400]], keys=frozenset({"proactivetask"}))
    assert not half.whole and half.begun


@pytest.mark.parametrize(
    "line",
    [
        b"[]", b"1", b'"x"', b"null", b"{", b"\xff\xfe", b'{"choices": 1}', b'{"choices": [1]}',
        b'{"choices": [{"delta": "x"}]}', b'{"choices": [{"index": "x"}]}', b"[" * 100_000,
        b'{"choices": [{"index": 1e999}]}', b'{"choices": [{"delta": {"content": "x"}, "logprobs": "x"}]}',
    ],
)  # fmt: skip
def test_what_is_no_completion_is_said(line: bytes) -> None:
    with pytest.raises(BadStreamError):
        read([b"data: " + line + b"\n\n"])


@pytest.mark.parametrize(
    "line", [b'{"error": "it is full"}', b'{"error": {"message": "full"}}', b'{"error": "a "quote" in it"}']
)
def test_an_error_in_the_stream_is_one(line: bytes) -> None:
    with pytest.raises(StreamedError) as caught:
        read([b"data: " + line + b"\n\n"])
    assert any(word in str(caught.value.value) for word in ("full", "quote"))


def test_answers_that_were_not_asked_for_are_not_kept() -> None:
    line = b'data: {"choices": [{"index": %d, "delta": {"content": "x"}}]}\n'
    stream, told = read([line % 7, line % 0, line % 99_999])
    assert (text(stream), told, len(stream.value()["choices"])) == ("x", ["x"], 1)


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_no_bytes_do_harm(data: bytes) -> None:
    try:
        stream, _ = read([b"data: " + data, b"\n", data, b"\ndata:"])
        assert isinstance(stream.value(), dict)
    except (BadStreamError, StreamedError):
        pass


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "choices",
                    "message",
                    "content",
                    "logprobs",
                    "usage",
                    "token",
                    "top_logprobs",
                    "logprob",
                    "completion_tokens",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
@settings(deadline=None, max_examples=50)
def test_no_answer_at_once_does_harm(value: Any) -> None:
    for whole in (value, {"choices": [{"message": {"content": "{}"}, "logprobs": value}], "usage": value}):
        data = json.dumps(whole).encode()
        transport = httpx.MockTransport(lambda request, data=data: httpx.Response(200, content=data))  # type: ignore[misc]
        model = EndpointModel(Address.parse("http://localhost:9/v1#m"), transport=transport)
        try:
            (found,) = model.complete([Message("user", "x")], schema=AGENT_SCHEMA)
            assert isinstance(found.text, str) and found.tokens >= 0
        except ModelError as error:
            assert "is no chat completion" in str(error)
