"""A project whose test fails with an assertion, and a model that offers to mend it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from misbehaving_server import Asked, answers

SUMS = '''"""Sums."""


def total(numbers):
    result = 0
    for number in numbers:
        result -= number
    return result
'''

TEST_SUMS = """from sums import total


def test_total():
    assert total([1, 2]) == 3
"""

TASK = "Add each number in sums.py instead of taking it away, so that test_total passes."
EDIT = {
    "kind": "edit",
    "summary": "Add the numbers",
    "edits": [{"file": "sums.py", "search": "result -= number", "replace": "result += number"}],
}
RUN = {"kind": "command", "command": "pytest -q test_sums.py", "why": "to see it pass"}
ANSWER = {"kind": "answer", "title": "Why the sum is wrong", "text": "It **subtracts** each number."}


def offer(task: str | None = TASK) -> str:
    return json.dumps(
        {"Purpose": "a sum", "Thoughts": "It fails.", "Proactive Task": task, "Response": "Shall I?"}
    )


def says(written: Any = EDIT, task: str | None = TASK) -> Any:
    """A model that offers a task, and writes that when it is asked to."""

    def text(asked: Asked) -> str:
        if "Judgement" in asked.text:
            return json.dumps({"Thought": "They want it.", "Judgement": "accepted"})
        proposes = "Proactive Task" in json.dumps(asked.body["messages"][0])
        return offer(task) if proposes else json.dumps(written)

    return answers(text)


def write_project(folder: Path) -> None:
    (folder / "sums.py").write_text(SUMS)
    (folder / "test_sums.py").write_text(TEST_SUMS)
