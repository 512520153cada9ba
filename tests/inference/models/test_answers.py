"""What models really write, read as answers."""

from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_inference.errors import AnswerError
from proactive_inference.models.agent_answer import AGENT_SCHEMA, TASK_KEY, AgentAnswer, read_agent_answer
from proactive_inference.models.judge_answer import JUDGE_SCHEMA, JudgeAnswer, read_judge_answer

SILENT = '{"Purpose": "reads", "Thoughts": "fine", "Proactive Task": null, "Response": ""}'
OFFERED = '{"Purpose": "p", "Thoughts": "t", "Proactive Task": "Sort it", "Response": "Shall I?"}'


def test_an_answer_is_written_in_the_papers_keys_and_order() -> None:
    answer = AgentAnswer("p", "t – 中", None, "r")
    assert answer.to_json() == '{"Purpose": "p", "Thoughts": "t – 中", "Proactive Task": null, "Response": "r"}'
    jsonschema.validate(json.loads(answer.to_json()), AGENT_SCHEMA)
    assert list(json.loads(answer.to_json())) == list(AGENT_SCHEMA["properties"]) == AGENT_SCHEMA["required"]


@given(
    st.builds(
        AgentAnswer,
        st.text().map(str.strip),
        st.text().map(str.strip),
        st.none() | st.just("Do it"),
        st.text().map(str.strip),
    )
)
def test_what_is_written_is_read(answer: AgentAnswer) -> None:
    assert read_agent_answer(answer.to_json()) == answer


@pytest.mark.parametrize(
    "text",
    [
        OFFERED,
        f"```json\n{OFFERED}\n```",
        f"Sure! Here is my answer {{as asked}}:\n{OFFERED}\nI hope that helps {{}}.",
        f'<think>Perhaps {{"Proactive Task": null}}?</think>{OFFERED}',
        f'{OFFERED}\nUser: {{"Observations": []}}\n{SILENT}',
        OFFERED.replace('"Proactive Task"', '"proactive_task"'),
        OFFERED.replace('"Proactive Task"', '"PROACTIVE TASK"'),
        '{"answer": ' + OFFERED + "}",
        OFFERED.replace('"', "'"),
        OFFERED.replace('"Sort it"', '["Sort it", "Cut it"]'),
        OFFERED.replace('"Sort it"', '{"task": "Sort it"}'),
        OFFERED.replace('"Shall I?"}', '"Shall I?",}'),
    ],
)  # fmt: skip
def test_offers_are_read_however_they_are_wrapped(text: str) -> None:
    assert read_agent_answer(text) == AgentAnswer("p", "t", "Sort it", "Shall I?")


@pytest.mark.parametrize("value", ["null", '""', '"null"', '"None."', "[]", "[null]", "false", '"N/A"'])
def test_silence_is_read_however_it_is_spelt(value: str) -> None:
    assert read_agent_answer(SILENT.replace("null", value)).task is None
    assert read_agent_answer(SILENT.replace("null", "None").replace('"', "'")).task is None


def test_pythons_spelling_is_read_without_complaint_about_its_escapes() -> None:
    assert read_agent_answer("{'Proactive Task': 'Match \\d', 'Response': None,}").task == "Match \\d"


def test_a_cut_off_answer_counts_once_it_has_come_to_the_task() -> None:
    start = OFFERED.index('"Sort')
    for end in range(len(OFFERED)):
        text = OFFERED[:end]
        if end <= start:
            with pytest.raises(AnswerError):
                read_agent_answer(text)
        elif end >= start + len('"Sort it"'):
            assert read_agent_answer(text).task == "Sort it"
    assert read_agent_answer('{"Proactive Task": "Open \\u00e').task == "Open"
    assert (
        read_agent_answer('{"Thoughts": ["a", {"b": 1}], "Proactive Task": null, "Response": "Wel').response
        == "Wel"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No.",
        "{}",
        '{"Purpose": "p"}',
        "[1, 2]",
        '{"Proactive Task": 7}',
        "{" * 100_000,
        '{"a":' * 100_000,
        "'" * 9999,
    ],
)
def test_what_says_nothing_is_an_error_that_shows_the_text(text: str) -> None:
    with pytest.raises(AnswerError) as caught:
        read_agent_answer(text)
    assert len(str(caught.value)) < 300


@given(st.text(alphabet="{}[]\":,\\ 'null01aProctiveTs\n"))
def test_no_text_breaks_the_reader(text: str) -> None:
    for wrapped in (text, '{"Proactive Task": ' + text, OFFERED[:40] + text):
        try:
            task = read_agent_answer(wrapped).task
        except AnswerError:
            continue
        assert task is None or task.strip()


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ('{"Thought": "x", "Judgement": "accepted"}', True),
        ('{"thought": "x", "judgment": "rejected"}', False),
        ('```json\n{"Thought": "x", "Judgement": "Accepted."}\n```', True),
        ('{"Thought": "x", "accepted": false}', False),
        ("{'Thought': 'x', 'accept': True}", True),
    ],
)
def test_judgements_are_read(text: str, accepted: bool) -> None:
    assert read_judge_answer(text) == JudgeAnswer("x", accepted)


def test_a_judgement_is_written_as_it_is_read() -> None:
    for accepted in (True, False):
        answer = JudgeAnswer("because", accepted)
        jsonschema.validate(json.loads(answer.to_json()), JUDGE_SCHEMA)
        assert read_judge_answer(answer.to_json()) == answer


@pytest.mark.parametrize("text", ["", "accepted", '{"Thought": "x"}', '{"Judgement": "perhaps"}', OFFERED])
def test_no_judgement_is_an_error(text: str) -> None:
    with pytest.raises(AnswerError, match="Judgement"):
        read_judge_answer(text)


def test_the_key_that_decides_is_in_the_schema() -> None:
    assert TASK_KEY in AGENT_SCHEMA["properties"]
