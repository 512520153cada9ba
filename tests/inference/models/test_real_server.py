"""A real small model behind a real OpenAI-compatible server: an agent's question from one end to the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from jsonschema import validate

from proactive_collectors.events import DocumentSaved, Event, Source, TerminalRun, Where
from proactive_collectors.trace import Window
from proactive_inference.errors import ModelError, UnavailableError, UnwantedError
from proactive_inference.models.agent_answer import AGENT_SCHEMA, AT_ONCE_SCHEMA, read_agent_answer
from proactive_inference.models.agent_prompt import agent_messages
from proactive_inference.models.asking import Asking
from proactive_inference.models.check import check_model
from proactive_inference.models.endpoint import EndpointModel
from proactive_inference.models.endpoint_protocol import Address
from proactive_inference.models.judge_answer import JUDGE_SCHEMA, read_judge_answer
from proactive_inference.models.judge_prompt import judge_messages
from proactive_inference.models.messages import Message
from proactive_inference.models.token_estimate import estimated_prompt_tokens
from real_servers import RealServer, llama_cpp

PATIENCE = 120.0
WHERE = Where(uri="file:///project/api.py", workspace="file:///project")
NOW = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
WINDOW = Window(
    (
        Event(NOW, Source.LSP, DocumentSaved(), WHERE),
        Event(NOW, Source.EXEC, TerminalRun(command="pytest -q", exit_code=1), WHERE),
    )
)
ASKED = agent_messages(WINDOW)


@pytest.fixture(scope="module")
def llama() -> Iterator[RealServer]:
    with llama_cpp() as server:
        yield server


def test_an_agents_question_is_streamed_and_held_to_its_schema(llama: RealServer) -> None:
    model, told = EndpointModel.open(llama.url), list[str]()
    (found,) = model.complete(ASKED, schema=AGENT_SCHEMA, asking=Asking(PATIENCE, told=told.append))
    validate(json.loads(found.text), AGENT_SCHEMA)
    read_agent_answer(found.text)
    assert "".join(told) == found.text and len(told) > 10
    assert not model.left_out
    assert found.probability_of_speaking is not None and 0 < found.probability_of_speaking < 1
    assert 0.6 * estimated_prompt_tokens(ASKED) < found.prompt_tokens <= estimated_prompt_tokens(ASKED)
    assert 10 < found.tokens <= 256


def test_the_probability_is_the_same_streamed_or_not(llama: RealServer) -> None:
    model = EndpointModel.open(llama.url)
    (streamed,) = model.complete(ASKED, schema=AT_ONCE_SCHEMA, asking=Asking(PATIENCE))
    (at_once,) = model.complete(ASKED, schema=AT_ONCE_SCHEMA)
    assert streamed.probability_of_speaking == pytest.approx(at_once.probability_of_speaking, abs=0.05)


def test_a_judge_is_asked(llama: RealServer) -> None:
    model = EndpointModel.open(llama.url)
    (found,) = model.complete(
        judge_messages(WINDOW, "Run the failed test again"), schema=JUDGE_SCHEMA, asking=Asking(PATIENCE)
    )
    read_judge_answer(found.text)
    assert found.probability_of_accepting is not None and 0 < found.probability_of_accepting < 1


def test_several_answers_differ(llama: RealServer) -> None:
    found = EndpointModel.open(llama.url).complete(
        ASKED, schema=AT_ONCE_SCHEMA, temperature=1.5, seed=3, count=2, asking=Asking(PATIENCE)
    )
    assert len(found) == 2 and len({one.text for one in found}) > 1
    for one in found:
        validate(json.loads(one.text), AT_ONCE_SCHEMA)


def test_a_question_that_is_taken_back_leaves_the_server_free(llama: RealServer) -> None:
    model = EndpointModel.open(llama.url)
    asking = Asking(PATIENCE, told=lambda piece: asking.take_back())
    with pytest.raises(UnwantedError):
        model.complete([Message("user", "Write a very long story.")], max_tokens=3000, asking=asking)
    (found,) = model.complete([Message("user", "Say yes.")], max_tokens=5, asking=Asking(PATIENCE))
    assert found.text, "its only slot is free"


def test_what_works_is_said(llama: RealServer) -> None:
    checked = check_model(EndpointModel.open(llama.url), seconds=PATIENCE)
    assert checked.schema and checked.probability is not None and not checked.problem
    assert "keeps to the schema, and tells probabilities" in checked.sentence


def test_keys_deadlines_and_a_crash() -> None:
    with llama_cpp(keys=["sk-right"]) as server:
        address = Address.parse(server.url + "#any")
        with pytest.raises(ModelError, match="wants a key"):
            EndpointModel(address, key="sk-wrong").complete(ASKED, asking=Asking(PATIENCE))
        model = EndpointModel(address, key="sk-right")
        assert model.complete([Message("user", "Say yes.")], max_tokens=5, asking=Asking(PATIENCE))
        with pytest.raises(UnavailableError, match=r"did not answer within 0\.01 s"):
            model.complete(ASKED, asking=Asking(0.01))
        with pytest.raises(UnavailableError):
            model.complete(ASKED, max_tokens=2000, asking=Asking(PATIENCE, told=lambda piece: server.kill()))
