"""Asks a model one small question, to say what works with it and what does not."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

from attrs import frozen

from proactive_collectors.events import DocumentSaved, Event, Source, TerminalRun, Where
from proactive_collectors.trace import Window
from proactive_inference.errors import AnswerError
from proactive_inference.models.agent_answer import AT_ONCE_SCHEMA, TASK_KEY, read_agent_answer
from proactive_inference.models.agent_prompt import agent_messages
from proactive_inference.models.asking import Asking
from proactive_inference.models.chat import ChatModel


@frozen
class Checked:
    """What came of it."""

    name: str
    seconds: float  #: until the answer was whole
    first_seconds: float | None  #: until its first words; ``None`` if it came at once
    schema: bool  #: whether the answer keeps to the JSON schema by itself
    probability: float | None  #: of speaking, if the model tells
    problem: str = ""  #: why the answer is of no use, and what to do

    @property
    def sentence(self) -> str:
        """All of it in a sentence or two."""
        first = "" if self.first_seconds is None else f", its first words after {self.first_seconds:.1f} s"
        parts = [
            "it does not stream" if self.first_seconds is None else "it streams",
            "keeps to the schema"
            if self.schema
            else "is not held to the schema (its answers are read tolerantly)",
            "tells no probabilities (its word alone decides)"
            if self.probability is None
            else f"tells probabilities (of speaking here: {self.probability:.2f})",
        ]
        found = f"{self.name} answered in {self.seconds:.1f} s{first}: {parts[0]}, {parts[1]}, and {parts[2]}."
        return f"{found} But {self.problem}." if self.problem else found


def check_model(model: ChatModel, *, seconds: float) -> Checked:
    """Ask, for so many seconds at most.

    Raises:
        ModelError: it cannot be asked, or does not answer in that time.
    """
    began = time.monotonic()
    told: list[float] = []
    asking = Asking(seconds, told=lambda piece: told.append(time.monotonic()), again=told.clear)
    (found,) = model.complete(agent_messages(_window()), schema=AT_ONCE_SCHEMA, asking=asking)
    took = time.monotonic() - began
    problem = ""
    try:
        read_agent_answer(found.text)
    except AnswerError as error:
        problem = str(error)
    return Checked(
        model.name,
        took,
        told[0] - began if len(told) > 1 else None,
        _keeps_to_schema(found.text) and "json_schema" not in getattr(model, "left_out", ()),
        found.probability_of_speaking,
        problem,
    )


def _window() -> Window:
    """A test fails after a change."""
    where, time_ = (
        Where(uri="file:///project/api.py", workspace="file:///project"),
        datetime(2026, 1, 5, 9, 30, tzinfo=UTC),
    )
    run = TerminalRun(command="pytest -q", exit_code=1)
    return Window((Event(time_, Source.LSP, DocumentSaved(), where), Event(time_, Source.EXEC, run, where)))


def _keeps_to_schema(text: str) -> bool:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and list(value) == [TASK_KEY] and isinstance(value[TASK_KEY], str | None)
