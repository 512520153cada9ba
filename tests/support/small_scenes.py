"""A small scene, and models that play in it by rule: what they say depends on what they are told alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from misbehaving_server import Asked
from proactive_inference.models.fake import FakeModel
from proactive_inference.models.messages import Message
from proactive_training.gym.scene import Domain, Entity, Level, Operation, Persona, Scene

Told = dict[str, Any]
Rule = Callable[[Told], Any]


def scene(**changes: Any) -> Scene:
    """A stage manager who sends a programme to the printer."""
    values: dict[str, Any] = {
        "id": "programme",
        "domain": Domain.WRITING,
        "title": "A programme for the printer",
        "situation": "An hour before the printer closes, in a small theatre's office.",
        "clock": datetime(2026, 3, 3, 16, 0),
        "persona": Persona("stage manager", "Portugal", 44, "Portuguese", Level.PRACTISED, ("drinks tea",)),
        "goal": "The programme is with the printer before five.",
        "tools": ("LibreOffice Writer",),
        "entities": (
            Entity(
                "programme.odt",
                "two pages, the cast is missing",
                (Operation("open"), Operation("write"), Operation("send", "once the cast is in")),
            ),
            Entity("telephone", "on the desk", (Operation("call"),)),
        ),
        "mishaps": ("the office loses power",),
        "wanted": ("the cast is missing and must be looked up",),
        "unwanted": ("while on the telephone",),
    }
    return Scene(**(values | changes))


def by_rule(rule: Rule, name: str = "fake") -> FakeModel:
    """A model that answers what it is told, as JSON; ``rule`` may give a text that is none."""

    def answer(messages: Sequence[Message]) -> str:
        said = rule(json.loads(messages[1].content) | {"wrong": [one.content for one in messages[2:]]})
        return said if isinstance(said, str) else json.dumps(said)

    return FakeModel(answer, name=name)


def did(told: Told) -> int:
    """How many acts are remembered."""
    return len(told["Did"])


def do(entity: str, operation: str, what: str, seconds: int = 60) -> Told:
    """A choice in a simulated environment."""
    chosen = f"{entity}: {operation}"
    return {"Thought": "", "Act": "do", "Operation": chosen, "What": what, "Seconds": seconds}


STOP: Told = {"Thought": "it is done", "Act": "stop", "Operation": "", "What": "", "Seconds": 0}


def came(**what: Any) -> Told:
    """What an environment's keeper answers."""
    nothing: Told = {
        "Allowed": True, "Reason": "", "Events": [], "Changes": [], "Gone": [], "Later": [], "Question": None
    }  # fmt: skip
    return nothing | what


GOOD, BAD = "Look the cast up.", "Order a pizza."


def rule(told: Told) -> Any:
    """Plays every part: three calls; offers a pizza first, then what is of use; silent at the first event."""
    if "Observations" in told and "Task" in told:
        return {"Thought": "", "Judgement": "rejected" if told["Task"] == BAD else "accepted"}
    if "Observations" in told:
        happened = [one["Event"] for one in told["Observations"]]
        if len(happened) == 1:
            return {"Purpose": "", "Thoughts": "", "Proactive Task": None, "Response": ""}
        return {
            "Purpose": "", "Thoughts": "", "Proactive Task": GOOD if "Rejected" in told else BAD, "Response": "",
        }  # fmt: skip
    if "Offer" in told:
        good = told["Offer"] == GOOD
        return {"Thought": "A call less." if good else "No.", "Judgement": "accepted" if good else "rejected"}
    if "Act" in told:
        return came(Events=["It is done."]) if told["wrong"] else "Well, let me think."
    entity = told["Sees"]["Entities"][-1]
    operation = entity["Operations"][0].partition(" (")[0]
    return STOP if did(told) >= 3 else do(entity["Name"], operation, "The user does what there is to do.", 60)


def over_http(asked: Asked) -> str:
    """What a server answers that plays by the rule."""
    messages = asked.body["messages"]
    told = json.loads(messages[1]["content"]) | {"wrong": [one["content"] for one in messages[2:]]}
    said = rule(told)
    return said if isinstance(said, str) else json.dumps(said)
