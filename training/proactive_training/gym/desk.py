"""What a simulated user sees where they work, and which acts they may choose: a desk for each environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

from proactive_training.gym.acts import Act, Do, Rest, Say
from proactive_training.gym.asker import get, seconds, text
from proactive_training.gym.simulated_environment import SimulatedEnvironment

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


_SUBJECT = re.compile(r"(?:the (?:user|person)|i|he|she|they)\b[\s:,]*", re.IGNORECASE)
"""Whoever a small model takes for the subject of what the user does."""


def told_of_user(said: str) -> str:
    """What somebody says is done, as a sentence of the user: models often leave the subject out, or say "I".

    Raises:
        ValueError: nothing is left of it.
    """
    done = _SUBJECT.sub("", said, count=1) if _SUBJECT.match(said) else said
    if not done.strip(" .!"):
        raise ValueError("'What' must say what the user does")
    return f"The user {done[0].lower()}{done[1:]}"


SECONDS = {"type": "integer", "minimum": 0, "maximum": int(LONGEST_ACT)}


class WorldDesk:
    """In a simulated environment: whatever the scene's entities allow."""

    rules = (
        '"Act": "do" for something done with one of the entities, "answer" to answer the "Question", "rest" to '
        'pause, "stop" once the goal is reached or given up; '
        '"Entity" and "Operation": for "do", by their exact names, else ""; '
        '"What": for "do", one sentence in the third person in English that begins with "The user"; for "answer", '
        'what the person says; else ""; '
        '"Seconds": how long it takes.'
    )

    def __init__(self, environment: SimulatedEnvironment) -> None:
        self._environment = environment

    @property
    def choices(self) -> Mapping[str, Any]:
        """By the names that the scene has now: a model that is held to them names nothing else."""
        world = self._environment.world
        operations = dict.fromkeys(one.name for entity in world.entities for one in entity.operations)
        return {
            "Act": {"enum": ["do", *(["answer"] if world.question else []), "rest", STOP]},
            "Entity": {"enum": [*(entity.name for entity in world.entities), ""]},
            "Operation": {"enum": [*operations, ""]},
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
                name, operation = text(found, "Entity", longest=80), text(found, "Operation", longest=120)
                entity = self._environment.world.entity(name)
                if entity is None:
                    names = ", ".join(repr(one.name) for one in self._environment.world.entities)
                    raise ValueError(f"'Entity' {name!r} is none of {names}")
                known = entity.operation(operation.partition(" (")[0])
                if known is None:
                    names = ", ".join(repr(one.name) for one in entity.operations)
                    raise ValueError(f"'Operation' {operation!r} is none of {entity.name!r}: {names}")
                what = told_of_user(text(found, "What"))
                return (Do(what=what, entity=entity.name, operation=known.name, lasts=lasts),)
            case "answer":
                if self._environment.world.question is None:
                    raise ValueError("nothing was asked")
                return (Say(answer=text(found, "What"), lasts=lasts),)
            case "rest":
                return (Rest(lasts=lasts),)
            case other:
                raise ValueError(f"'Act' {other!r} is none of 'do', 'answer', 'rest', 'stop'")
