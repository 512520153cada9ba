"""Answers held to a schema: always whole, whatever the model is and however soon it is stopped."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import torch
from transformers import AutoTokenizer

from proactive_inference.errors import ModelError
from proactive_inference.models.agent_answer import (
    AGENT_SCHEMA,
    DECISION_SCHEMA,
    TASK_KEY,
    AgentAnswer,
    read_agent_answer,
)
from proactive_inference.models.constrained import SchemaAnswer, Vocabulary
from proactive_inference.models.forks import AGENT_FORK, JUDGE_FORK, Fork, fork_of
from proactive_inference.models.judge_answer import JUDGE_SCHEMA, JudgeAnswer, read_judge_answer
from tiny_models import tiny_llama


@pytest.fixture(scope="module")
def tokenizer(tiny_model: Path) -> Any:
    return AutoTokenizer.from_pretrained(tiny_model)


@pytest.fixture(scope="module")
def vocabulary(tokenizer: Any) -> Vocabulary:
    return Vocabulary(tokenizer)


def written(
    vocabulary: Vocabulary, tokenizer: Any, text: str, schema: Any = AGENT_SCHEMA, **more: Any
) -> SchemaAnswer:
    """An answer that begins with ``text``, token by token as the tokenizer writes it."""
    answer = vocabulary.answer(schema, **more)
    tokens, done = tokenizer.encode(text, add_special_tokens=False), answer.begin()
    assert tokens[: len(done)] == done
    at = len(done)
    while at < len(tokens):
        allowed = answer.allowed(torch.zeros(len(tokenizer)))
        assert not math.isinf(allowed[tokens[at]]), (answer.text, tokenizer.decode([tokens[at]]))
        took = answer.write(tokens[at])
        assert tokens[at : at + len(took)] == took[: len(tokens) - at]
        at += len(took)
    return answer


@pytest.mark.parametrize("schema", [AGENT_SCHEMA, DECISION_SCHEMA, JUDGE_SCHEMA])
def test_random_tokens_make_valid_answers_however_soon_they_are_stopped(
    vocabulary: Vocabulary, tokenizer: Any, schema: dict[str, Any]
) -> None:
    """The hardest model there is: any allowed token is as likely as another."""
    draws = torch.Generator().manual_seed(1)
    lengths = set()
    for trial in range(60):
        answer = vocabulary.answer(schema, fork=fork_of(schema))
        answer.begin()
        for _ in range(trial * 6):
            if answer.done:
                break
            probabilities = torch.softmax(answer.allowed(torch.zeros(len(tokenizer))), 0)
            answer.write(int(torch.multinomial(probabilities, 1, generator=draws)))
        text = answer.closing()
        value = json.loads(text)
        jsonschema.validate(value, schema)
        assert list(value) == schema["required"]
        json.dumps(value, ensure_ascii=False).encode()  # and no half characters
        if schema is JUDGE_SCHEMA:
            read_judge_answer(text)
        else:
            read_agent_answer(text)
        lengths.add(len(text))
    assert len(lengths) > 20


def test_an_answer_ends_by_itself(vocabulary: Vocabulary, tokenizer: Any) -> None:
    text = '{"Purpose": "p", "Thoughts": "é \\n", "Proactive Task": "Sort it", "Response": "Shall I?"}'
    answer = written(vocabulary, tokenizer, text)
    assert answer.done and answer.text == answer.closing() == text


def test_what_is_cut_off_before_the_decision_is_silence(vocabulary: Vocabulary, tokenizer: Any) -> None:
    whole = '{"Purpose": "The user", "Thoughts": "x", "Proactive'
    for end in (12, 20, 40, len(whole)):
        answer = written(vocabulary, tokenizer, whole[:end], fork=AGENT_FORK)
        assert json.loads(answer.closing())[TASK_KEY] is None
    judged = written(vocabulary, tokenizer, '{"Thought": "They', JUDGE_SCHEMA, fork=JUDGE_FORK).closing()
    assert not read_judge_answer(judged).accepted


def test_what_is_cut_off_in_the_task_keeps_it(vocabulary: Vocabulary, tokenizer: Any) -> None:
    text = '{"Purpose": "p", "Thoughts": "x", "Proactive Task": "Sort th'
    assert read_agent_answer(written(vocabulary, tokenizer, text, fork=AGENT_FORK).closing()).task == "Sort th"


def test_strings_end_at_their_greatest_length(vocabulary: Vocabulary, tokenizer: Any) -> None:
    most = AGENT_SCHEMA["properties"]["Purpose"]["maxLength"]
    answer = written(vocabulary, tokenizer, '{"Purpose": "' + most * "x")
    assert answer.text.endswith('x", "Thoughts":')  # nothing else could follow
    assert json.loads(answer.closing())["Purpose"] == most * "x"


def test_a_fork_is_at_one_character_of_an_answer() -> None:
    quoting = 'They said "Judgement": "rejected".'
    for fork, answer, rest in (
        (AGENT_FORK, AgentAnswer(task="Sort it"), ' "Sort it"'),
        (AGENT_FORK, AgentAnswer(thoughts=quoting), " null"),
        (JUDGE_FORK, JudgeAnswer(quoting, True), 'accepted"'),
        (JUDGE_FORK, JudgeAnswer("So.", False), 'rejected"'),
    ):
        text = answer.to_json()
        assert text[fork.place(text) :].startswith(rest)
    with pytest.raises(ValueError, match="no 'Judgement' in"):
        JUDGE_FORK.place(AgentAnswer().to_json())


def at_the_fork(vocabulary: Vocabulary, tokenizer: Any, threshold: float | None = None) -> SchemaAnswer:
    begin = '{"Purpose": "p", "Thoughts": "x", "Proactive Task":'
    return written(vocabulary, tokenizer, begin, fork=AGENT_FORK, threshold=threshold)


def allowed_texts(tokenizer: Any, logits: torch.Tensor) -> set[str]:
    return {tokenizer.decode([n]) for n in (~torch.isinf(logits)).nonzero().flatten().tolist()}


def test_the_probability_is_that_of_a_quote_against_null(vocabulary: Vocabulary, tokenizer: Any) -> None:
    answer = at_the_fork(vocabulary, tokenizer)
    assert answer.probability is None
    logits = torch.full((len(tokenizer),), 9.0)  # everything else is likelier
    (quote,) = tokenizer.encode(' "', add_special_tokens=False)
    null = tokenizer.encode(" null", add_special_tokens=False)[0]
    logits[quote], logits[null] = 1.0, 2.0
    allowed = answer.allowed(logits)
    assert allowed_texts(tokenizer, allowed) == {' "', tokenizer.decode([null])}
    assert answer.probability == pytest.approx(1 / (1 + math.e))


@pytest.mark.parametrize(("threshold", "speaks"), [(0.2, True), (0.3, False), (1 / (1 + math.e) - 1e-6, True)])
def test_a_threshold_decides_instead_of_the_likelier_token(
    vocabulary: Vocabulary, tokenizer: Any, threshold: float, speaks: bool
) -> None:
    answer = at_the_fork(vocabulary, tokenizer, threshold)
    logits = torch.zeros(len(tokenizer))
    (quote,) = tokenizer.encode(' "', add_special_tokens=False)
    logits[quote] = -1.0
    allowed = answer.allowed(logits)
    answer.write(int(allowed.argmax()))
    assert (read_agent_answer(answer.closing().replace('": " ",', '": "x",')).task is not None) is speaks


def test_the_judges_decision_is_between_its_two_words(vocabulary: Vocabulary, tokenizer: Any) -> None:
    answer = written(vocabulary, tokenizer, '{"Thought": "x", "Judgement": "', JUDGE_SCHEMA, fork=JUDGE_FORK)
    answer.allowed(torch.zeros(len(tokenizer)))
    assert answer.probability is not None and 0 < answer.probability < 1


def test_no_token_runs_over_the_place_of_the_decision(tokenizer: Any) -> None:
    """Some tokenizers have one token for what ends a key and begins a string."""
    from tokenizers import AddedToken

    copied = AutoTokenizer.from_pretrained(tokenizer.name_or_path)
    copied.add_tokens([AddedToken('": "', normalized=False), AddedToken('": n', normalized=False)])
    answer = Vocabulary(copied).answer(AGENT_SCHEMA, fork=AGENT_FORK)
    answer.begin()
    generator, size = torch.Generator().manual_seed(0), len(copied)
    while answer.probability is None:
        probabilities = torch.softmax(answer.allowed(torch.randn(size, generator=generator)), 0)
        answer.write(int(torch.multinomial(probabilities, 1, generator=generator)))
    assert answer.text.count('"Proactive Task":') == 1


def test_logits_may_be_more_or_fewer_than_tokens(vocabulary: Vocabulary, tokenizer: Any) -> None:
    answer = vocabulary.answer(AGENT_SCHEMA)
    answer.begin()
    assert torch.isinf(answer.allowed(torch.zeros(len(tokenizer) + 50))[-50:]).all()
    assert len(answer.allowed(torch.zeros(len(tokenizer) - 5))) == len(tokenizer) - 5


def test_other_schemas_are_followed_too(vocabulary: Vocabulary, tokenizer: Any) -> None:
    schema = {
        "type": "object",
        "properties": {
            "n": {"type": "integer", "minimum": 3},
            "list": {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 2, "maxItems": 3},
            "ok": {"type": "boolean"},
        },
        "required": ["n", "list", "ok"],
        "additionalProperties": False,
    }
    assert fork_of(schema) is None
    for steps in range(12):
        answer, draws = vocabulary.answer(schema), torch.Generator().manual_seed(steps)
        answer.begin()
        for _ in range(steps):
            if not answer.done:
                probabilities = torch.softmax(answer.allowed(torch.zeros(len(tokenizer))), 0)
                answer.write(int(torch.multinomial(probabilities, 1, generator=draws)))
        jsonschema.validate(json.loads(answer.closing()), schema)


def test_what_cannot_be_followed_is_said(vocabulary: Vocabulary, tokenizer: Any) -> None:
    with pytest.raises(ModelError, match="JSON schema cannot be followed"):
        vocabulary.answer({"type": "strin"})
    answer = vocabulary.answer(AGENT_SCHEMA)
    with pytest.raises(ModelError, match="left its JSON schema"):
        answer.write(tokenizer.encode("x", add_special_tokens=False)[0])
    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        Vocabulary(object())


def test_a_fork_is_found_by_its_key() -> None:
    assert fork_of(AGENT_SCHEMA) == fork_of(DECISION_SCHEMA) == AGENT_FORK
    assert fork_of(JUDGE_SCHEMA) == JUDGE_FORK
    assert Fork("x", b"1", b"2").mark == b'"x":'


@pytest.mark.parametrize(("likelier", "offers"), [(' "', True), (" ", False)])
@pytest.mark.parametrize("threshold", [None, 0.5])
def test_a_blank_alone_begins_the_value_that_has_no_token_with_a_blank(
    tmp_path: Path, likelier: str, offers: bool, threshold: float | None
) -> None:
    """Where `"` has a token with its blank and `null` has none, a blank by itself is how null would be written."""
    texts = ['{"Purpose": "", "Thoughts": "", "Proactive Task": "Fix it", "Response": ""}'] * 3
    own = AutoTokenizer.from_pretrained(tiny_llama(tmp_path / "m", vocabulary=300, texts=texts))
    tokens = {text: n for n in range(len(own)) if (text := own.decode([n])) in (' "', " ", " n", " null")}
    assert tokens.keys() == {' "', " "}
    answer = at_the_fork(Vocabulary(own), own, threshold)
    logits = torch.zeros(len(own))
    logits[tokens[likelier]] = 5.0
    answer.write(int(answer.allowed(logits).argmax()))
    assert answer.probability is not None
    assert (answer.probability > 0.9) == offers
    while not answer.done and len(answer.text) < 400:
        answer.write(int(answer.allowed(torch.zeros(len(own))).argmax()))
    assert (json.loads(answer.closing())[TASK_KEY] is not None) == offers
