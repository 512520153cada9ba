"""What a language model answers at an event: a task to offer, or silence; and the JSON in which it says so."""

from __future__ import annotations

import json
from typing import Any

from attrs import frozen

from proactive_inference.errors import AnswerError
from proactive_inference.models.answer_schema import object_schema
from proactive_inference.models.answer_text import objects

TASK_KEY = "Proactive Task"
"""The key whose value decides: a string is an offer, null is silence."""

AGENT_SCHEMA = object_schema(
    {
        "Purpose": {"type": "string", "maxLength": 160},
        "Thoughts": {"type": "string", "maxLength": 240},
        TASK_KEY: {"anyOf": [{"type": "string", "minLength": 1, "maxLength": 200}, {"type": "null"}]},
        "Response": {"type": "string", "maxLength": 240},
    }
)
"""ProactiveBench's keys (arXiv 2410.12361) in their order: the model thinks first and decides then."""

DECISION_SCHEMA = object_schema(
    {key: value for key, value in AGENT_SCHEMA["properties"].items() if key != "Response"}
)
"""The same up to the decision: what is said to the user comes after it and changes nothing about it."""

AT_ONCE_SCHEMA = object_schema({TASK_KEY: AGENT_SCHEMA["properties"][TASK_KEY]})
"""The decision alone, without a thought before it: one step instead of a hundred."""

_SPELLINGS = {
    "purpose": ("purpose", "userpurpose", "goal"),
    "thoughts": ("thoughts", "thought", "reasoning", "reason"),
    "task": ("proactivetask", "proactivetasks", "task", "proposedtask", "candidatetask", "proposal"),
    "response": ("response", "reply", "message"),
}
_SILENT_WORDS = {"", "null", "none", "n/a", "no task", "nothing"}


@frozen
class AgentAnswer:
    """One answer, whoever gave it."""

    purpose: str = ""  #: what the user is trying to do
    thoughts: str = ""  #: whether help is wanted, and why
    task: str | None = None  #: what is offered; ``None`` is silence
    response: str = ""  #: what is said to the user with it

    def to_json(self) -> str:
        """The answer in the form that models are taught, keys in order, on one line."""
        value = {
            "Purpose": self.purpose,
            "Thoughts": self.thoughts,
            TASK_KEY: self.task,
            "Response": self.response,
        }
        return json.dumps(value, ensure_ascii=False)


def read_agent_answer(text: str) -> AgentAnswer:
    """Read an answer from what a model wrote, however it is wrapped, spelt or cut off.

    An answer that was cut off counts if it had come to the task.

    Raises:
        AnswerError: there is no object in it that says whether to offer something.
    """
    for found in objects(text):
        for key in _SPELLINGS["task"]:
            if key in found:
                return AgentAnswer(
                    _text(found, "purpose"), _text(found, "thoughts"), _task(found[key]), _text(found, "response")
                )
    raise AnswerError(
        f"the model's answer has no {TASK_KEY!r} in JSON: {shown(text)}; "
        "use a model that follows instructions, or one that is held to the schema"
    )


def shown(text: str, limit: int = 80) -> str:
    """The beginning of a model's text, quoted, for a message."""
    plain = " ".join(text[: 4 * limit].split())
    return repr(plain if len(plain) <= limit else plain[:limit] + "…")


def _text(found: dict[str, Any], field: str) -> str:
    for key in _SPELLINGS[field]:
        value = found.get(key)
        if value is not None:
            return value.strip() if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return ""


def _task(value: Any) -> str | None:
    """A task, as far as it can be understood as one; lists are published as well, their first task counts."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        value = next((task for task in value if isinstance(task, str)), None)
    if value is None or value is False:
        return None
    if isinstance(value, str):
        task = value.strip()
        return None if task.rstrip(".").lower() in _SILENT_WORDS else task
    raise AnswerError(f"the model's {TASK_KEY!r} is neither a sentence nor null: {shown(str(value))}")
