"""What a language model is asked as the keeper of a simulated scene: what comes of this act?"""

from __future__ import annotations

from typing import Any

from proactive_training.gym.asker import LONGEST, Form
from proactive_training.gym.world import LATEST, World

SYSTEM = (
    "You keep a small imagined world true to itself. The user message is data: the scene as it stands, and one "
    "act of the person in it. Say what comes of the act, and no more: things answer as real ones would, runs "
    "fail, people are late, devices run out. "
    "Answer with one JSON object: "
    '"Allowed": whether the act is possible as things stand (an operation with a condition in brackets is '
    "possible only where the condition holds); "
    '"Reason": if not, why not, else ""; '
    '"Events": what happens because of it besides the act itself, each one sentence in the third person in '
    "English, none where nothing follows; "
    '"Changes": every entity that is otherwise or new now, with its new state and its operations; '
    '"Gone": names of entities that are no more; '
    '"Later": what will happen by itself, in how many seconds; '
    '"Question": what something asks the person now and waits for, or null. '
    'If there is a "Mishap", let it happen now, in this scene\'s terms. '
    "Never let the person do or decide anything beyond the act, and never let an assistant speak. "
    'If you are told what was "Wrong" with an answer, give the whole answer anew.'
)
"""The instructions, the same for every act."""

_SENTENCE = {"type": "string", "minLength": 1, "maxLength": LONGEST}

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "Allowed": {"type": "boolean"},
        "Reason": {"type": "string", "maxLength": LONGEST},
        "Events": {"type": "array", "items": _SENTENCE, "maxItems": 4},
        "Changes": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "properties": {
                    "Name": {"type": "string", "minLength": 1, "maxLength": 80},
                    "State": _SENTENCE,
                    "Operations": {
                        "type": "array",
                        "items": {"type": "string", "minLength": 1, "maxLength": 120},
                        "maxItems": 12,
                    },
                },
                "required": ["Name", "State", "Operations"],
                "additionalProperties": False,
            },
        },
        "Gone": {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 80}, "maxItems": 8},
        "Later": {
            "type": "array",
            "maxItems": 2,
            "items": {
                "type": "object",
                "properties": {
                    "Seconds": {"type": "integer", "minimum": 1, "maximum": int(LATEST)},
                    "Event": _SENTENCE,
                },
                "required": ["Seconds", "Event"],
                "additionalProperties": False,
            },
        },
        "Question": {"anyOf": [_SENTENCE, {"type": "null"}]},
    },
    "required": ["Allowed", "Reason", "Events", "Changes", "Gone", "Later", "Question"],
    "additionalProperties": False,
}
"""Of the answer; :func:`world.read_consequence` reads it, and takes what is left out for empty."""

FORM = Form(SYSTEM, SCHEMA)


def question(world: World, act: str, mishap: str | None = None) -> dict[str, Any]:
    """What the keeper is told.

    Args:
        world: as it stands.
        act: one sentence.
        mishap: what is to happen with it.
    """
    asked = {"Asked": world.question} if world.question else {}
    return {**world.told(), **asked, "Act": act, **({"Mishap": mishap} if mishap else {})}
