"""What a language model is asked as the keeper of a simulated scene: what comes of this act?"""

from __future__ import annotations

from typing import Any

from proactive_inference.models.answer_schema import object_schema
from proactive_training.gym.asker import Form
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

_SENTENCE = {"type": "string", "minLength": 1, "maxLength": 120}
_NAME = {"type": "string", "minLength": 1, "maxLength": 60}

_CHANGE = object_schema(
    {
        "Name": _NAME,
        "State": _SENTENCE,
        "Operations": {
            "type": "array",
            "items": _NAME,
            "minItems": 1,
            "maxItems": 5,
        },
    }
)

_LATER = object_schema({"Seconds": {"type": "integer", "minimum": 1, "maximum": int(LATEST)}, "Event": _SENTENCE})


def form(world: World, *, possible: bool = False) -> Form:
    """The form of the question in this world; :func:`world.read_consequence` reads the answer.

    What is held to the schema has an end before :data:`asker.MOST_TOKENS`, if it is words, and lets nothing be
    gone that is not there. The reader takes longer answers too, and what is left out for empty.

    Args:
        world: as it stands.
        possible: the scene itself says that the act is; a model that is held to the schema is not asked whether.
    """
    names = [one.name for one in world.entities]
    asked = {"Allowed": {"type": "boolean"}, "Reason": {"type": "string", "maxLength": 120}}
    properties: dict[str, Any] = {
        **({} if possible else asked),
        "Events": {"type": "array", "items": _SENTENCE, "maxItems": 3},
        "Changes": {"type": "array", "items": _CHANGE, "maxItems": 2},
        "Gone": {"type": "array", "items": {"enum": names} if names else _NAME, "maxItems": min(2, len(names))},
        "Later": {"type": "array", "items": _LATER, "maxItems": 1},
        "Question": {"anyOf": [_SENTENCE, {"type": "null"}]},
    }
    return Form(SYSTEM, object_schema(properties))


def question(world: World, act: str, mishap: str | None = None) -> dict[str, Any]:
    """What the keeper is told.

    Args:
        world: as it stands.
        act: one sentence.
        mishap: what is to happen with it.
    """
    asked = {"Asked": world.question} if world.question else {}
    return {**world.told(), **asked, "Act": act, **({"Mishap": mishap} if mishap else {})}
