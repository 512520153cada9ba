"""A model's server that is slow, silent, busy, broken or gone, over real sockets: what the asker gets of it."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable, Iterator

import pytest

import misbehaving_server as bad
from misbehaving_server import OFFER, SILENT, MisbehavingServer
from proactive_inference.errors import ModelError, UnavailableError, UnwantedError
from proactive_inference.models.agent_answer import AGENT_SCHEMA, read_agent_answer
from proactive_inference.models.asking import Asking
from proactive_inference.models.chat import Completion
from proactive_inference.models.endpoint import EndpointModel
from proactive_inference.models.endpoint_protocol import Address
from proactive_inference.models.judge_answer import JUDGE_SCHEMA
from proactive_inference.models.messages import Message

ASKED = (Message("system", "Answer in JSON."), Message("user", "{}"))
KEY = "sk-very-secret-key"
LONG = 30.0
"""Seconds that no test here takes."""


@pytest.fixture
def server() -> Iterator[MisbehavingServer]:
    with MisbehavingServer() as started:
        yield started


def model_of(server: MisbehavingServer, key: str | None = None, name: str = "#small") -> EndpointModel:
    return EndpointModel(Address.parse(server.url + name), key=key)


class Heard:
    """What was told of an answer."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.begun_again = 0

    def again(self) -> None:
        self.pieces.clear()
        self.begun_again += 1

    def asking(self, seconds: float | None = LONG) -> Asking:
        return Asking(seconds, told=self.pieces.append, again=self.again)

    @property
    def text(self) -> str:
        return "".join(self.pieces)


def ask(model: EndpointModel, asking: Asking | None = None, **settings: object) -> Completion:
    settings = {"schema": AGENT_SCHEMA, **settings}
    return model.complete(ASKED, asking=asking or Asking(LONG), **settings)[0]  # type: ignore[arg-type]


# Streaming


def test_an_answer_is_told_piece_by_piece_and_is_the_same_as_at_once(server: MisbehavingServer) -> None:
    server.behaviour = bad.answers(OFFER, probability=0.7)
    heard, model = Heard(), model_of(server)
    streamed = ask(model, heard.asking())
    (at_once,) = model.complete(ASKED, schema=AGENT_SCHEMA)
    assert streamed == at_once
    assert streamed.probability_of_speaking == pytest.approx(0.7)
    assert heard.text == streamed.text == OFFER and len(heard.pieces) > 1
    assert server.asked[0].body["stream"] is True and "stream" not in server.asked[1].body
    assert (streamed.prompt_tokens, streamed.tokens) == (30, len(bad.pieces(OFFER)))


def test_so_is_a_judgement(server: MisbehavingServer) -> None:
    server.behaviour = bad.answers('{"Thought": "Yes", "Judgement": "accepted"}', probability=0.9)
    found = ask(model_of(server), schema=JUDGE_SCHEMA)
    assert found.probability_of_accepting == pytest.approx(0.9)


def test_of_several_answers_the_first_is_told(server: MisbehavingServer) -> None:
    heard = Heard()
    found = model_of(server).complete(ASKED, schema=AGENT_SCHEMA, count=3, asking=heard.asking())
    assert [one.text for one in found] == [SILENT] * 3 and len(server.asked) == 1
    assert heard.text == SILENT


def test_a_server_that_gives_one_answer_at_a_time_tells_only_the_first(server: MisbehavingServer) -> None:
    one, other = bad.answers("first"), bad.answers("other")

    def behave(exchange: bad.Exchange) -> None:
        first = len(server.asked) == 1
        exchange.asked.body.pop("n", None)
        (one if first else other)(exchange)

    server.behaviour = behave
    heard = Heard()
    found = model_of(server).complete(ASKED, count=2, asking=heard.asking())
    assert [answer.text for answer in found] == ["first", "other"] and heard.text == "first"


def test_a_server_that_gives_one_answer_at_a_time_is_asked_so_and_loses_nothing_else(
    server: MisbehavingServer,
) -> None:
    server.behaviour = bad.refuses("n", named=False, then=bad.answers(OFFER, done=False))
    heard, model = Heard(), model_of(server)
    found = model.complete(ASKED, schema=AGENT_SCHEMA, count=3, asking=heard.asking())
    assert [answer.text for answer in found] == [OFFER] * 3 and heard.text == OFFER
    assert len(server.asked) == 4 and model.left_out == {"n"}


@pytest.mark.parametrize("named", [True, False])
def test_a_server_that_refuses_to_stream_is_asked_without_from_then_on(
    server: MisbehavingServer, named: bool
) -> None:
    server.behaviour = bad.refuses("stream", named=named)
    heard, model = Heard(), model_of(server)
    assert ask(model, heard.asking(), schema=None).text == SILENT
    assert heard.text == SILENT
    before = len(server.asked)
    assert ask(model).text == SILENT
    assert len(server.asked) == before + 1 and "stream" in model.left_out
    assert not {"stream", "stream_options"} & server.asked[-1].body.keys()


def test_what_the_answer_took_may_be_refused_alone(server: MisbehavingServer) -> None:
    server.behaviour = bad.refuses("stream_options")
    heard, model = Heard(), model_of(server)
    found = ask(model, heard.asking())
    assert len(heard.pieces) > 1 and model.left_out == {"stream_options"}
    assert found.tokens == len(bad.pieces(SILENT)), "its tokens were told one by one"
    assert found.prompt_tokens > 5


def test_what_is_refused_is_remembered_only_if_it_helped(server: MisbehavingServer) -> None:
    server.behaviour = bad.status(400, "the context is too long")
    model = model_of(server)
    with pytest.raises(ModelError, match="refused the question"):
        ask(model)
    server.behaviour = bad.answers()
    ask(model)
    assert not model.left_out and {"stream", "logprobs", "response_format"} <= server.asked[-1].body.keys()


def test_without_usage_tokens_are_estimated(server: MisbehavingServer) -> None:
    server.behaviour = bad.answers("four words are here", usage=False)
    found = ask(model_of(server), schema=None)
    assert 4 <= found.tokens <= 8 and 8 <= found.prompt_tokens <= 40


@pytest.mark.parametrize("usage", [True, False])
def test_a_stream_without_a_proper_end_counts_if_the_object_is_there(
    server: MisbehavingServer, usage: bool
) -> None:
    server.behaviour = bad.answers(OFFER, done=False, usage=usage)
    found = ask(model_of(server))
    assert found.text == OFFER and found.finished and len(server.asked) == 1


@pytest.mark.parametrize("more", [" And so on.", "\n", " "])
def test_a_server_that_chatters_on_is_left(server: MisbehavingServer, more: str) -> None:
    server.behaviour = bad.chatters_on("Well: " + OFFER, more)
    heard = Heard()
    found = ask(model_of(server), heard.asking())
    assert read_agent_answer(found.text).task == "Sort it"
    assert found.text == heard.text == "Well: " + OFFER
    assert server.wait_for(lambda: server.asked[0].broken_off)


def test_an_object_that_is_thought_aloud_is_not_the_answer(server: MisbehavingServer) -> None:
    server.behaviour = bad.answers(f"<think>Perhaps {SILENT}?</think> {{}} {OFFER}")
    assert read_agent_answer(ask(model_of(server)).text.partition("</think>")[2]).task == "Sort it"


def test_a_server_that_never_ends_is_cut_off(server: MisbehavingServer) -> None:
    server.behaviour = bad.endless()
    found = ask(model_of(server), max_tokens=20)
    assert not found.finished and found.text.startswith("word word ") and len(found.text) == 16 * 20
    server.behaviour = bad.endless_line()
    with pytest.raises(ModelError, match="is no chat completion"):
        ask(model_of(server))
    assert server.wait_for(lambda: all(one.broken_off for one in server.asked))


def test_an_answer_at_once_is_cut_too(server: MisbehavingServer) -> None:
    server.behaviour = bad.answers("x" * 100_000)
    (found,) = model_of(server).complete(ASKED, max_tokens=10)
    assert len(found.text) == 160 and not found.finished


# Deadlines and taking back

STUCK: dict[str, Callable[[], bad.Behaviour]] = {
    "hangs": bad.hangs,
    "hangs midway": bad.hangs_midway,
    "drips": bad.drips,
    "drips comments": lambda: bad.drips(data=b": still here\n\n"),
    "drips headers": bad.drips_headers,
    "busy": lambda: bad.busy(429),
    "busy, come again soon": lambda: bad.busy(503, "0"),
}


@pytest.mark.parametrize("name", STUCK)
def test_a_server_never_outlives_the_deadline(server: MisbehavingServer, name: str) -> None:
    server.behaviour = STUCK[name]()
    with pytest.raises(UnavailableError):
        ask(model_of(server), Asking(0.6))


@pytest.mark.parametrize("name", STUCK)
def test_a_question_that_is_taken_back_ends_at_once_and_closes_the_connection(
    server: MisbehavingServer, name: str
) -> None:
    server.behaviour = STUCK[name]()
    model, asking, raised = model_of(server), Asking(LONG), list[BaseException]()

    def answer() -> None:
        try:
            ask(model, asking)
        except ModelError as error:
            raised.append(error)

    thread = threading.Thread(target=answer)
    thread.start()
    assert server.wait_for(lambda: bool(server.asked))
    asking.take_back()
    thread.join(LONG / 2)
    assert not thread.is_alive()
    busy = name.startswith("busy, come")  # it may be refused for good before it is taken back
    assert raised and (busy or isinstance(raised[0], UnwantedError))
    if not name.startswith("busy"):
        assert server.wait_for(lambda: server.asked[0].broken_off)
    server.behaviour = bad.answers()
    assert ask(model).text == SILENT


def test_a_question_that_was_taken_back_or_is_late_is_not_sent(server: MisbehavingServer) -> None:
    model, unwanted = model_of(server), Asking(LONG)
    unwanted.take_back()
    with pytest.raises(UnwantedError):
        ask(model, unwanted)
    with pytest.raises(UnavailableError, match="did not answer within 0 s"):
        ask(model, Asking(0.0))
    assert not server.asked


def test_an_answer_that_was_taken_back_at_its_end_is_not_given(server: MisbehavingServer) -> None:
    asking = Asking(LONG, told=lambda piece: asking.take_back() if "}" in piece else None)
    with pytest.raises(UnwantedError):
        ask(model_of(server), asking)


def test_who_listens_may_end_the_answer(server: MisbehavingServer) -> None:
    server.behaviour = bad.chatters_on("word " * 5)

    def told(piece: str) -> None:
        asking.take_back()

    asking = Asking(LONG, told=told)
    with pytest.raises(UnwantedError):
        ask(model_of(server), asking, schema=None)
    with pytest.raises(ZeroDivisionError):
        ask(model_of(server), Asking(LONG, told=lambda piece: print(1 / 0)))
    assert server.wait_for(lambda: all(one.broken_off for one in server.asked))


async def test_a_question_may_come_from_a_thread_with_an_event_loop(server: MisbehavingServer) -> None:
    assert ask(model_of(server)).text == SILENT
    with pytest.raises(UnavailableError):
        server.behaviour = bad.hangs()
        ask(model_of(server), Asking(0.3))


# Servers that are busy, break off, or are gone


def test_a_busy_server_is_asked_again_within_the_deadline(server: MisbehavingServer) -> None:
    server.behaviour = bad.in_turn(bad.busy(429, "0"), bad.busy(503, "0"), bad.answers(OFFER))
    assert ask(model_of(server)).text == OFFER
    assert len(server.asked) == 3
    server.behaviour = bad.busy(503, "20")
    with pytest.raises(UnavailableError, match="wants to be asked again in 20 s") as caught:
        ask(model_of(server), Asking(5.0))
    assert caught.value.seconds == 20 and len(server.asked) == 4, "it is not waited for in vain"
    server.behaviour = bad.busy(429, "3600")
    with pytest.raises(UnavailableError, match="again in 3600 s") as caught:
        ask(model_of(server), Asking())
    assert caught.value.seconds == 3600


def test_a_server_that_wants_to_be_paid_is_not_asked_again(server: MisbehavingServer) -> None:
    server.behaviour = bad.status(429, "insufficient_quota: see your plan")
    with pytest.raises(ModelError, match=r"quota .* is used up") as caught:
        ask(model_of(server))
    assert not isinstance(caught.value, UnavailableError) and len(server.asked) == 1


BREAKING: dict[str, Callable[[], bad.Behaviour]] = {
    "before anything": lambda: bad.dies(after=0),
    "after some words": lambda: bad.dies(after=5),
    "before any word": lambda: bad.answers("", done=False),
    "with an error": bad.fails_midway,
    "in the middle of an answer that comes at once": bad.half,
}


@pytest.mark.parametrize("name", BREAKING)
def test_a_server_that_breaks_off_is_asked_once_more(server: MisbehavingServer, name: str) -> None:
    heard = Heard()
    server.behaviour = bad.in_turn(BREAKING[name](), bad.answers(OFFER))
    assert ask(model_of(server), heard.asking()).text == OFFER
    assert heard.text == OFFER and heard.begun_again == 1 and len(server.asked) == 2
    server.behaviour = BREAKING[name]()
    with pytest.raises(UnavailableError, match="broke off its answer"):
        ask(model_of(server))
    assert len(server.asked) == 4


def test_what_was_whole_when_the_server_broke_off_counts(server: MisbehavingServer) -> None:
    server.behaviour = bad.dies(OFFER, after=10_000)
    assert ask(model_of(server)).text == OFFER
    assert len(server.asked) == 1


def test_a_server_that_is_gone_is_tried_again_and_found_when_it_is_back(server: MisbehavingServer) -> None:
    model = model_of(server)
    server.refuse()
    with pytest.raises(UnavailableError, match=r"cannot be reached \(ConnectError\); start it"):
        ask(model, Asking(LONG))
    with pytest.raises(UnavailableError):
        ask(model, Asking(0.1))
    with pytest.raises(UnavailableError, match="cannot be reached"):
        model.complete(ASKED)
    back = threading.Timer(0.4, server.accept)
    back.start()
    assert ask(model).text == SILENT
    back.join()


def test_a_server_that_goes_in_the_middle_is_unavailable(server: MisbehavingServer) -> None:
    server.behaviour = bad.hangs_midway()
    model = model_of(server)
    going = threading.Thread(target=lambda: server.wait_for(lambda: bool(server.asked)) and server.refuse())
    going.start()
    with pytest.raises(UnavailableError):
        ask(model)
    going.join()


REFUSALS: dict[str, tuple[Callable[[], bad.Behaviour], str]] = {
    "401": (lambda: bad.status(401), "wants a key"),
    "403": (lambda: bad.status(403), "wants a key"),
    "404": (lambda: bad.status(404), "knows no such address or model"),
    "rubbish": (bad.rubbish, "is no chat completion"),
    "a page": (lambda: bad.sends(b"<html>Hello</html>", "text/html"), "is no chat completion"),
    "half a JSON that is all": (lambda: bad.sends(b'{"choices": [{"mess'), "is no chat completion"),
    "a stream of something else": (lambda: bad.sends(b"hello\n\n", "text/event-stream"), "is no chat completion"),
    "a stream of bad JSON": (lambda: bad.sends(b"data: {x}\n\n", "text/event-stream"), "is no chat completion"),
    "a stream of lists": (lambda: bad.sends(b"data: [1]\n\n", "text/event-stream"), "is no chat completion"),
    "an error that is the question's": (lambda: bad.fails_midway("too long", 400), "its answer: too long"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_what_needs_somebody_to_act_is_told_from_what_passes(server: MisbehavingServer, name: str) -> None:
    behaviour, words = REFUSALS[name]
    server.behaviour = behaviour()
    with pytest.raises(ModelError, match=words) as caught:
        ask(model_of(server))
    assert not isinstance(caught.value, UnavailableError) and "\n" not in str(caught.value)
    assert len(server.asked) == 1
    server.behaviour = bad.status(500, "a crash")
    with pytest.raises(UnavailableError, match="a crash"):
        ask(model_of(server))


def test_another_model_is_asked_where_none_was_named(server: MisbehavingServer) -> None:
    model = model_of(server, name="")
    assert model.name == "small@127.0.0.1"
    server.models, server.behaviour = ("larger", "other"), bad.has_only("larger")
    assert ask(model).text == SILENT
    assert model.name == "larger@127.0.0.1" and server.asked[-1].body["model"] == "larger"
    server.behaviour = bad.has_only("a third")
    with pytest.raises(ModelError, match=r"knows no such address or model .*#larger"):
        ask(model)
    named = model_of(server)
    with pytest.raises(ModelError, match="#small"):
        ask(named)
    assert named.name == "small@127.0.0.1"


# Keys


def test_the_key_is_in_no_log_or_message(server: MisbehavingServer, caplog: pytest.LogCaptureFixture) -> None:
    model, said = model_of(server, key=KEY), list[str]()
    parroting = (
        bad.status(400, f"bad {KEY}"), bad.status(500, KEY), bad.status(401, KEY), bad.fails_midway(KEY),
        bad.answers(), bad.rubbish(), bad.dies(after=2), bad.busy(429, "99"),
    )  # fmt: skip
    with caplog.at_level(logging.DEBUG):
        for behaviour in parroting:
            server.behaviour = behaviour
            try:
                ask(model)
            except ModelError as error:
                said.append("".join(traceback.format_exception(error)))  # as a log shows it, with its causes
    assert len(said) == len(parroting) - 1
    assert all(
        one.headers["authorization"] == f"Bearer {KEY}" and KEY.encode() not in one.raw for one in server.asked
    )
    assert caplog.records and KEY not in caplog.text
    assert KEY not in " ".join([*said, repr(model), model.name, model.fingerprint])


def test_a_key_is_looked_for_when_a_server_here_wants_one(server: MisbehavingServer) -> None:
    def behave(exchange: bad.Exchange) -> None:
        known = exchange.asked.headers.get("authorization") == f"Bearer {KEY}"
        (bad.answers() if known else bad.status(401))(exchange)

    looked = []

    def find(asking: Asking | None) -> str:
        looked.append(asking)
        return KEY

    model = EndpointModel(Address.parse(f"{server.url}#small"), find_key=find)
    ask(model)
    assert not looked, "this server wants none"
    server.behaviour = behave
    ask(model)
    ask(model)
    assert len(looked) == 1 and len(server.asked) == 4
    without = EndpointModel(Address.parse(f"{server.url}#small"), find_key=lambda asking: None)
    with pytest.raises(ModelError, match=r"proactive model key set http://127\.0\.0\.1"):
        ask(without)
