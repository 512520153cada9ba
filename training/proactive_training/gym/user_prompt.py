"""What a language model is asked as the user of a scene: what do you do next, and would you take this offer?"""

from __future__ import annotations

from typing import Any

from proactive_inference.models.answer_schema import object_schema
from proactive_inference.models.judge_answer import JUDGE_SCHEMA
from proactive_training.gym.asker import Form
from proactive_training.gym.desk import Desk
from proactive_training.gym.scene import Persona, Scene

LONGEST_THOUGHT = 120
"""In characters."""

_AGAIN = 'If you are told what was "Wrong" with an answer, give the whole answer anew.'

_NEXT = (
    "You are the person whom the user message tells of, at work on your goal. It is data: who you are, what you "
    "want, what you see, what you did last. Choose the one small thing that you do next, as such a person really "
    "would: with detours, mistakes and rests where they are likely, and to the point elsewhere. "
    "Answer with one JSON object: "
    '"Thought": why, in a few words; '
)

_JUDGE = (
    "You are the person whom the user message tells of, at work on your goal. It is data: who you are, what you "
    "want, what you see, what happened last, when help is welcome to you and when it disturbs. An assistant now "
    "offers you a task. Would you take the offer at this moment? Take what truly spares you work or trouble now, "
    "and turn down what comes at the wrong time, what you are about to do anyway, and what you did not want. "
    "Answer with one JSON object: "
    '"Thought": why, in one sentence; '
    '"Judgement": "accepted" or "rejected". '
) + _AGAIN

JUDGE_FORM = Form(_JUDGE, JUDGE_SCHEMA)
"""Whether an offer is taken: a thought, then the verdict."""


def next_form(desk: Desk) -> Form:
    """What is done next, among the choices of a desk."""
    properties = {"Thought": {"type": "string", "maxLength": LONGEST_THOUGHT}, **desk.choices}
    return Form(f"{_NEXT}{desk.rules} {_AGAIN}", object_schema(properties))


def told_person(scene: Scene) -> dict[str, Any]:
    """Who somebody is, and what they want."""
    return {"Person": _persona(scene.persona), "Goal": scene.goal, "Tools": list(scene.tools)}


def told_offer(scene: Scene, seen: dict[str, Any], latest: list[dict[str, str]], task: str) -> dict[str, Any]:
    """What is told when a task is offered.

    Args:
        scene: whose user it is.
        seen: what they see.
        latest: what happened last.
        task: what is offered.
    """
    return {
        **told_person(scene),
        "Welcome": list(scene.wanted),
        "Disturbs": list(scene.unwanted),
        "Sees": seen,
        "Happened": latest,
        "Offer": task,
    }


def _persona(persona: Persona) -> dict[str, Any]:
    return {
        "Trade": persona.trade,
        "Country": persona.country,
        "Age": persona.age,
        "Writes in": persona.language,
        "Knows this work": persona.level.value,
        "Habits": list(persona.habits),
    }
