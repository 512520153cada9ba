"""Models on servers: what is sent and read, what is said when it fails, and that the key goes nowhere else."""

from __future__ import annotations

import json
import logging
import math
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from proactive_inference.errors import ModelError, UnavailableError
from proactive_inference.models.agent_answer import AGENT_SCHEMA, read_agent_answer
from proactive_inference.models.asking import Asking
from proactive_inference.models.chat import ChatModel
from proactive_inference.models.endpoint import EndpointModel
from proactive_inference.models.endpoint_client import FIRST_REST_SECONDS
from proactive_inference.models.endpoint_protocol import Address
from proactive_inference.models.judge_answer import JUDGE_SCHEMA
from proactive_inference.models.local import LocalModel
from proactive_inference.models.messages import Message
from proactive_inference.models.resolve import open_model

ASKED = (Message("system", "Answer in JSON."), Message("user", "{}"))
SILENT = '{"Purpose": "", "Thoughts": "", "Proactive Task": null, "Response": ""}'
KEY = "sk-very-secret-key"


def answer(text: str, *, count: int = 1, reason: str = "stop", **choice: Any) -> httpx.Response:
    one = {"message": {"role": "assistant", "content": text}, "finish_reason": reason, **choice}
    usage = {"prompt_tokens": 30, "completion_tokens": 12 * count}
    return httpx.Response(200, json={"choices": [one] * count, "usage": usage})


class Server:
    """Answers by a function and keeps what it was asked."""

    def __init__(self, respond: Callable[[dict[str, Any]], httpx.Response]) -> None:
        self._respond = respond
        self.bodies: list[dict[str, Any]] = []
        self.requests: list[httpx.Request] = []
        self.slept: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.bodies.append(json.loads(request.content) if request.content else {})
        return self._respond(self.bodies[-1])

    def model(self, address: str = "http://localhost:9/v1#small", key: str | None = None) -> EndpointModel:
        transport = httpx.MockTransport(self)
        return EndpointModel(Address.parse(address), key=key, transport=transport, sleep=self.slept.append)


def test_a_question_is_sent_and_its_answer_read() -> None:
    server = Server(lambda _: answer(SILENT))
    model: ChatModel = server.model()
    assert model.name == "small@localhost"
    (found,) = model.complete(ASKED, schema=AGENT_SCHEMA, max_tokens=99, temperature=0.5, seed=4)
    assert read_agent_answer(found.text).task is None
    assert (found.prompt_tokens, found.tokens, found.finished) == (30, 12, True)
    assert found.probability_of_speaking is None
    (request,), (body,) = server.requests, server.bodies
    assert str(request.url) == "http://localhost:9/v1/chat/completions"
    assert "authorization" not in request.headers
    assert body["response_format"]["json_schema"]["schema"] == AGENT_SCHEMA
    assert body["messages"] == [m.as_dict() for m in ASKED]
    assert {k: body[k] for k in ("model", "max_tokens", "temperature", "seed", "logprobs", "top_logprobs")} == {
        "model": "small", "max_tokens": 99, "temperature": 0.5, "seed": 4, "logprobs": True, "top_logprobs": 20,
    }  # fmt: skip


def test_several_answers_come_from_servers_that_give_one_at_a_time() -> None:
    server = Server(lambda body: answer("x", count=body.get("n", 1), reason="length"))
    found = server.model().complete(ASKED, count=3, seed=7)
    assert len(found) == 3 and not found[0].finished and found[0].tokens == 12
    assert len(server.bodies) == 1 and "response_format" not in server.bodies[0]
    single = Server(lambda _: answer("x"))
    assert len(single.model().complete(ASKED, count=3, seed=7)) == 3
    assert [body["seed"] for body in single.bodies] == [7, 8, 9]


def picky(*refused: str) -> Callable[[dict[str, Any]], httpx.Response]:
    """A server that refuses parts of the protocol and says which, or just that something is wrong."""

    def respond(body: dict[str, Any]) -> httpx.Response:
        form = body.get("response_format", {}).get("type")
        for part in refused:
            if part in body or part == form:
                message = {"max_tokens": "use max_completion_tokens instead", "json_schema": "bad request"}
                return httpx.Response(400, json={"error": {"message": message.get(part, f"{part} not supported")}})
        return answer(SILENT)

    return respond


@pytest.mark.parametrize(
    ("refused", "form"),
    [
        ((), "json_schema"),
        (("logprobs",), "json_schema"),
        (("json_schema",), "json_object"),
        (("json_schema", "json_object"), None),
        (("json_schema", "json_object", "seed", "temperature", "logprobs", "max_tokens"), None),
    ],
)
def test_what_a_server_refuses_is_left_out_from_then_on(refused: tuple[str, ...], form: str | None) -> None:
    server = Server(picky(*refused))
    model = server.model()
    for _ in range(2):
        model.complete(ASKED, schema=AGENT_SCHEMA, seed=1)
    assert len(server.bodies) == len(refused) + 2
    last = server.bodies[-1]
    assert last.get("response_format", {}).get("type") == form
    assert not set(refused) & set(last)
    if "max_tokens" in refused:
        assert last["max_completion_tokens"] == 256


def test_a_question_that_is_refused_whatever_is_left_out_is_an_error() -> None:
    server = Server(lambda _: httpx.Response(400, json={"error": f"the context is too long {KEY}"}))
    with pytest.raises(ModelError, match=r"refused the question \(400\): the context is too long …"):
        server.model(key=KEY).complete(ASKED, schema=AGENT_SCHEMA, count=2)
    assert len(server.bodies) < 8


def step(token: str, **others: float) -> dict[str, Any]:
    return {"token": token, "top_logprobs": [{"token": t, "logprob": math.log(p)} for t, p in others.items()]}


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        (
            [
                step('{"'),
                step("Proactive Task"),
                step('":'),
                step(" null", **{' "': 0.2, " null": 0.6, " x": 0.2}),
            ],
            0.25,
        ),
        ([step('"Proactive Task": '), step('"', **{'"': 0.3, "null": 0.1, '"S': 0.3})], 6 / 7),
        ([step('"Proactive Task"'), step(": "), step("null", null=1.0)], 0.0),
        ([step('"Thoughts": "no \\"Proactive Task\\": '), step("null", null=1.0)], None),
        ([step('"Proactive Task": null')], None),
        ([], None),
    ],
)
def test_the_probability_of_speaking_comes_from_the_alternatives(
    tokens: list[dict[str, Any]], expected: float | None
) -> None:
    server = Server(lambda _: answer(SILENT, logprobs={"content": tokens}))
    (found,) = server.model().complete(ASKED, schema=AGENT_SCHEMA)
    assert found.probability_of_speaking == (None if expected is None else pytest.approx(expected))
    assert found.probability_of_accepting is None


def test_so_does_the_judges() -> None:
    tokens = [step('{"Judgement": "'), step("accepted", accepted=0.6, rejected=0.2, other=0.2)]
    server = Server(lambda _: answer("{}", logprobs={"content": tokens}))
    (found,) = server.model().complete(ASKED, schema=JUDGE_SCHEMA)
    assert found.probability_of_accepting == pytest.approx(0.75) and found.probability_of_speaking is None


def test_the_first_model_is_taken_where_none_is_named() -> None:
    def respond(body: dict[str, Any]) -> httpx.Response:
        return answer("x") if body else httpx.Response(200, json={"data": [{"id": "first"}, {"id": "second"}]})

    server = Server(respond)
    model = server.model("http://127.0.0.1:8080")
    assert model.name == "first@127.0.0.1"
    assert str(server.requests[0].url) == "http://127.0.0.1:8080/v1/models"
    with pytest.raises(ModelError, match="name one: http://localhost:9/v1#NAME"):
        Server(lambda _: httpx.Response(200, json={"data": []})).model("http://localhost:9")


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (
            httpx.Response(401, json={"error": f"wrong key {KEY}"}),
            "set the environment variable PROACTIVE_API_KEY",
        ),
        (httpx.Response(404, text="not found"), "knows no such address or model"),
        (httpx.Response(500, text=f"<html>\n{KEY} crash</html>"), r"refused the question \(500\): <html> … crash"),
        (httpx.Response(302, headers={"Location": "http://elsewhere/"}), "points elsewhere"),
        (httpx.Response(200, text="<html>hello</html>"), "is no chat completion"),
        (httpx.Response(200, json={"choices": []}), "is no chat completion"),
        (httpx.Response(200, json={"choices": [{"text": "old"}]}), "is no chat completion"),
        (httpx.Response(200, json=["x"]), "is no chat completion"),
    ],
)
def test_failures_are_one_sentence_without_the_key(response: httpx.Response, words: str) -> None:
    with pytest.raises(ModelError, match=words) as caught:
        Server(lambda _: response).model(key=KEY).complete(ASKED)
    assert KEY not in str(caught.value) and "\n" not in str(caught.value)


def test_a_server_that_cannot_be_reached_or_takes_too_long_is_said() -> None:
    def raising(error: httpx.HTTPError) -> EndpointModel:
        def respond(_: dict[str, Any]) -> httpx.Response:
            raise error

        return Server(respond).model()

    with pytest.raises(ModelError, match=r"cannot be reached \(ConnectError\); start it"):
        raising(httpx.ConnectError("refused")).complete(ASKED)
    with pytest.raises(ModelError, match="did not answer within 120 s"):
        raising(httpx.ReadTimeout("slow")).complete(ASKED)
    for error, words in ((httpx.ConnectError("refused"), "cannot be reached"), (httpx.ReadError(""), "broke off")):
        with pytest.raises(UnavailableError, match=words):
            raising(error).complete(ASKED, asking=Asking(FIRST_REST_SECONDS))  # no time for another try
    untrusted = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")
    with pytest.raises(ModelError, match=r"certificate of .* is not trusted"):
        raising(untrusted).complete(ASKED, asking=Asking(30))


def test_a_busy_server_is_asked_again_after_a_while() -> None:
    waits = iter(["3", "nonsense", "99999"])
    busy = [httpx.Response(429, headers={"Retry-After": wait}) for wait in waits]
    server = Server(lambda _: busy.pop(0) if busy else answer("done"))
    assert server.model().complete(ASKED)[0].text == "done"
    assert server.slept == [3.0, 2.0, 30.0]
    always = Server(lambda _: httpx.Response(503))
    with pytest.raises(ModelError, match=r"is busy \(503\), after several tries"):
        always.model().complete(ASKED)


def test_contents_in_parts_and_none_are_read() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert Server(lambda _: answer(parts)).model().complete(ASKED)[0].text == "ab"  # type: ignore[arg-type]
    assert Server(lambda _: answer(None)).model().complete(ASKED)[0].text == ""  # type: ignore[arg-type]


def test_the_key_goes_into_one_header_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    server = Server(lambda _: answer("x"))
    monkeypatch.setenv("PROACTIVE_API_KEY", f" {KEY}\n")
    with caplog.at_level(logging.DEBUG):
        model = EndpointModel.open("https://example.org/v1#big", transport=httpx.MockTransport(server))
        model.complete(ASKED)
    (request,) = server.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in str(request.url) and KEY.encode() not in request.content
    assert KEY not in caplog.text and KEY not in repr(model) + model.name + model.fingerprint


def test_neither_key_nor_login_is_sent_in_the_clear_to_another_machine() -> None:
    with pytest.raises(ModelError, match="unencrypted; use https"):
        Server(lambda _: answer("x")).model("http://example.org/v1#m", key=KEY)
    with pytest.raises(ModelError, match="unencrypted") as caught:
        Server(lambda _: answer("x")).model("http://me:hidden@example.org/v1#m")
    assert "hidden" not in str(caught.value)
    server = Server(lambda _: answer("x"))
    model = server.model("https://me:hidden@example.org/v1#m")
    model.complete(ASKED)
    assert server.requests[0].headers["authorization"].startswith("Basic ")
    assert "hidden" not in model.name + model.fingerprint + str(server.requests[0].url)
    assert Server(lambda _: answer("x")).model("http://example.org/v1#m").complete(ASKED)


@pytest.mark.parametrize(
    ("text", "url", "model"),
    [
        ("http://localhost:8080", "http://localhost:8080/v1", ""),
        ("http://localhost:8080/", "http://localhost:8080/v1", ""),
        ("http://localhost:11434/v1#qwen3:0.6b", "http://localhost:11434/v1", "qwen3:0.6b"),
        ("https://h/api/v2/chat/completions?x=1#org/m", "https://h/api/v2", "org/m"),
    ],
)
def test_addresses(text: str, url: str, model: str) -> None:
    assert Address.parse(text) == Address(url, model)


@pytest.mark.parametrize("text", ["ftp://x/v1", "http://", "http://x:notaport/"])
def test_what_is_no_address_is_said(text: str) -> None:
    with pytest.raises(ModelError, match="no address of a server"):
        Address.parse(text)


@pytest.fixture
def served(tiny_model: Path) -> Iterator[str]:
    """A real server on this machine, with a real model behind it."""
    local = LocalModel.open(tiny_model)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            schema = body["response_format"]["json_schema"]["schema"]
            messages = [Message(m["role"], m["content"]) for m in body["messages"]]
            (found,) = local.complete(messages, schema=schema, max_tokens=body["max_tokens"])
            message = {"role": "assistant", "content": found.text}
            text = json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1#tiny"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_model_is_asked_over_a_real_connection(served: str, tiny_model: Path) -> None:
    model = open_model(served)
    assert isinstance(model, EndpointModel)
    (found,) = model.complete(ASKED, schema=AGENT_SCHEMA, max_tokens=40)
    (local,) = LocalModel.open(tiny_model).complete(ASKED, schema=AGENT_SCHEMA, max_tokens=40)
    assert found.text == local.text


def test_nobody_there_is_said() -> None:
    with pytest.raises(ModelError, match="cannot be reached"):
        open_model("http://127.0.0.1:9/v1#tiny").complete(ASKED)
