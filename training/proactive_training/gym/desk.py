"""What a simulated user sees where they work, and which acts they may choose: a desk for each environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

from proactive_training.gym.acts import Act, Do, Rest, Say
from proactive_training.gym.asker import get, seconds, text
from proactive_training.gym.simulated_environment import SimulatedEnvironment
from proactive_training.gym.world import World

LONGEST_ACT = 3600.0
"""In seconds."""

LONGEST_WHAT = 160
"""In characters, of what somebody does or says, where a model is held to it; more is read."""

STOP = "stop"
"""The choice of somebody who has done all that they wanted."""


class Desk(Protocol):
    """Stands between a simulated user and an environment."""

    @property
    def rules(self) -> str:
        """What may be chosen, for the instructions."""

    @property
    def choices(self) -> Mapping[str, Any]:
        """The properties of the JSON schema of a choice now; ``Act`` among them, with :data:`STOP`."""

    def seen(self) -> dict[str, Any]:
        """What the person sees now, as JSON."""

    def acts(self, found: Mapping[str, Any]) -> tuple[Act, ...]:
        """The acts of a choice, one after the other.

        Raises:
            ValueError: it cannot be done; the message says why.
        """


_SUBJECT = re.compile(r"\A(?:the (?:user|person)|i|he|she|they)\b[\s:,]*", re.IGNORECASE)
"""Whoever a small model takes for the subject of what the user does."""


def told_of_user(said: str) -> str:
    """What somebody says is done, as a sentence of the user: models often leave the subject out, or say "I".

    Raises:
        ValueError: nothing is left of it.
    """
    done = _SUBJECT.sub("", said)
    if not done.strip(" .!"):
        raise ValueError("'What' must say what the user does")
    return f"The user {done[0].lower()}{done[1:]}"


def _pairs(world: World) -> dict[str, tuple[str, str]]:
    """What can be done, as it is chosen: the names of an entity and of one of its operations."""
    return {
        f"{entity.name}: {operation.name}": (entity.name, operation.name)
        for entity in world.entities
        for operation in entity.operations
    }


SECONDS = {"type": "integer", "minimum": 0, "maximum": int(LONGEST_ACT)}


class WorldDesk:
    """In a simulated environment: whatever the scene's entities allow."""

    rules = (
        '"Act": "do" for something done with one of the entities, "answer" to answer the "Question", "rest" to '
        'pause, "stop" once the goal is reached or given up; '
        '"Operation": for "do", an entity and one of its operations by their exact names, as in "door: open"; '
        "of no account for other acts; "
        '"What": for "do", one sentence in the third person in English that begins with "The user"; for "answer", '
        'what the person says; else ""; '
        '"Seconds": how long it takes.'
    )

    def __init__(self, environment: SimulatedEnvironment) -> None:
        self._environment = environment

    @property
    def choices(self) -> Mapping[str, Any]:
        """By the operations that there are now: a model that is held to them names nothing else."""
        world = self._environment.world
        pairs, answer = list(_pairs(world)), ["answer"] if world.question else []
        return {
            "Act": {"enum": [*(["do"] if pairs else []), *answer, "rest", STOP]},
            "Operation": {"enum": pairs or [""]},
            "What": {"type": "string", "maxLength": LONGEST_WHAT},
            "Seconds": SECONDS,
        }

    def seen(self) -> dict[str, Any]:
        """The scene as it stands, what is asked, and why the last act was not allowed."""
        world = self._environment.world
        question = {"Question": world.question} if world.question else {}
        return {**world.told(), **question, **({"Refused": world.refusal} if world.refusal else {})}

    def acts(self, found: Mapping[str, Any]) -> tuple[Act, ...]:
        """One act."""
        lasts = seconds(found, "Seconds", 30.0, LONGEST_ACT)
        match get(found, "Act"):
            case "do":
                said = text(found, "Operation", longest=200)
                pairs = _pairs(self._environment.world)
                folded = {name.casefold(): pair for name, pair in pairs.items()}
                chosen = folded.get(said.casefold()) or folded.get(said.casefold().partition(" (")[0])
                if chosen is None:
                    raise ValueError(f"'Operation' {said!r} is none of {', '.join(map(repr, pairs))}")
                entity, operation = chosen
                what = told_of_user(text(found, "What"))
                return (Do(what=what, entity=entity, operation=operation, lasts=lasts),)
            case "answer":
                if self._environment.world.question is None:
                    raise ValueError("nothing was asked")
                return (Say(answer=text(found, "What"), lasts=lasts),)
            case "rest":
                return (Rest(lasts=lasts),)
            case other:
                raise ValueError(f"'Act' {other!r} is none of 'do', 'answer', 'rest', 'stop'")
