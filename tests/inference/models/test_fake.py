from __future__ import annotations

import pytest

from proactive_inference.errors import ModelError
from proactive_inference.models.agent_answer import AGENT_SCHEMA, AgentAnswer, read_agent_answer
from proactive_inference.models.chat import ChatModel, Completion
from proactive_inference.models.fake import Asked, FakeModel
from proactive_inference.models.judge_answer import JudgeAnswer, read_judge_answer
from proactive_inference.models.messages import Message

HELLO = (Message("user", "Hello you there"),)


def test_a_script_is_answered_one_by_one_and_what_was_asked_is_kept() -> None:
    sure = Completion('{"Proactive Task": null}', probability_of_speaking=0.25, tokens=9)
    model = FakeModel(["plain", AgentAnswer(task="Sort it"), JudgeAnswer("no", False), sure], name="scripted")
    whole: ChatModel = model
    assert whole.name == "scripted"
    first, second = whole.complete(HELLO, schema=AGENT_SCHEMA, temperature=0.7, seed=3, count=2, max_tokens=5)
    assert (first.text, first.prompt_tokens, first.tokens) == ("plain", 3, 1)
    assert read_agent_answer(second.text).task == "Sort it"
    assert not read_judge_answer(whole.complete(HELLO)[0].text).accepted
    last = whole.complete(HELLO)[0]
    assert (last.probability_of_speaking, last.tokens) == (0.25, 9)
    assert model.asked[0] == Asked(HELLO, AGENT_SCHEMA, 5, 0.7, 3, 2)
    with pytest.raises(ModelError, match="no more answers"):
        whole.complete(HELLO)


def test_errors_of_the_script_are_raised_and_functions_are_asked() -> None:
    with pytest.raises(ModelError, match="gone"):
        FakeModel([ModelError("gone")]).complete(HELLO)
    model = FakeModel(lambda messages: messages[-1].content.upper())
    assert [one.text for one in model.complete(HELLO, count=2)] == ["HELLO YOU THERE"] * 2


def test_answers_come_from_a_file_line_by_line_and_again(tmp_path):
    file = tmp_path / "answers.txt"
    file.write_text('{"a": 1}\n\n"two\\nlines"\n')
    model = FakeModel.read(file)
    assert [model.complete([])[0].text for _ in range(3)] == ['{"a": 1}', "two\nlines", '{"a": 1}']
    assert model.name == "answers"


@pytest.mark.parametrize("text", [None, "\n"])
def test_a_file_without_answers_is_told(tmp_path, text):
    file = tmp_path / "answers.txt"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ModelError, match=r"answers\.txt"):
        FakeModel.read(file)
