"""What stands in a simulated scene, as a plain value; and what comes of an act, as a pure change of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import evolve, frozen

from proactive_training.gym.asker import get, items, seconds, text
from proactive_training.gym.scene import Entity, Operation, Scene

MOST_ENTITIES = 32
MOST_RECENT = 12
"""How many sentences of what happened last are remembered."""

LATEST = 6 * 3600.0
"""So many seconds ahead something may be told to happen."""

_OPERATION = re.compile(r"(?P<name>[^()]+?)\s*(?:\((?P<only>.+)\))?\s*")


@frozen
class Due:
    """Something that will happen by itself."""

    time: datetime
    sentence: str


@frozen
class World:
    """A scene as it stands."""

    clock: datetime
    situation: str
    entities: tuple[Entity, ...]
    mishaps: tuple[str, ...] = ()  #: that may still happen
    recent: tuple[str, ...] = ()  #: sentences, oldest first
    due: tuple[Due, ...] = ()  #: by time
    question: str | None = None  #: that the user has to answer
    refusal: str | None = None  #: why the last act was not allowed
    steps: int = 0  #: how many acts were tried

    @classmethod
    def of(cls, scene: Scene) -> World:
        """As it is at the beginning."""
        clock = scene.clock.replace(tzinfo=UTC)
        return cls(clock, scene.situation, scene.entities, scene.mishaps)

    def entity(self, name: str) -> Entity | None:
        """The entity of that name, whatever its case."""
        return next((one for one in self.entities if one.name.casefold() == name.casefold()), None)

    def told(self) -> dict[str, Any]:
        """What is to be seen, as JSON; what stays comes first, so that servers need not read it again."""
        return {
            "Situation": self.situation,
            "Entities": [
                {"Name": one.name, "State": one.state, "Operations": [str(known) for known in one.operations]}
                for one in self.entities
            ],
            "Latest": list(self.recent),
            "Clock": f"{self.clock:%A %H:%M}",
        }


@frozen
class Consequence:
    """What comes of an act."""

    allowed: bool = True
    reason: str = ""  #: why it is not allowed
    events: tuple[str, ...] = ()  #: what happens besides the act itself, sentences
    changes: tuple[Entity, ...] = ()  #: entities as they stand afterwards; unknown ones are new
    gone: tuple[str, ...] = ()  #: names
    later: tuple[tuple[float, str], ...] = ()  #: what will happen by itself: in how many seconds, a sentence
    question: str | None = None


def refused(world: World, reason: str, now: datetime) -> World:
    """An act was not allowed: nothing changes."""
    return evolve(world, clock=now, refusal=reason, steps=world.steps + 1)


def changed(
    world: World, sentences: Iterable[str], came: Consequence, now: datetime, mishap: str | None = None
) -> World:
    """The world after an act.

    Args:
        world: before it.
        sentences: of the act itself.
        came: of it.
        now: when it ended.
        mishap: which was worked in.
    """
    after = {one.name.casefold(): one for one in world.entities}
    after |= {one.name.casefold(): one for one in came.changes}
    for name in came.gone:
        after.pop(name.casefold(), None)
    fresh = [Due(now + timedelta(seconds=ahead), sentence) for ahead, sentence in came.later]
    return evolve(
        world,
        clock=now,
        entities=tuple(after.values()),
        mishaps=tuple(one for one in world.mishaps if one != mishap),
        recent=(*world.recent, *sentences, *came.events)[-MOST_RECENT:],
        due=tuple(sorted((*world.due, *fresh), key=lambda one: one.time)),
        question=came.question,
        refusal=None,
        steps=world.steps + 1,
    )


def happened(world: World, now: datetime) -> tuple[World, tuple[Due, ...]]:
    """The world once what is due by ``now`` has happened, and what that is."""
    came = tuple(one for one in world.due if one.time <= now)
    if not came:
        return world, ()
    recent = (*world.recent, *(one.sentence for one in came))[-MOST_RECENT:]
    return evolve(world, clock=now, recent=recent, due=world.due[len(came) :]), came


def read_consequence(world: World, found: Mapping[str, Any], *, possible: bool = False) -> Consequence:
    """What a model says comes of an act in this world; of a ``possible`` one it need not say whether it is.

    Raises:
        ValueError: it is not valid; the message says why.
    """
    allowed = get(found, "Allowed")
    if allowed is None and possible and get(found, "Events") is not None:
        allowed = True
    if not isinstance(allowed, bool):
        raise ValueError("'Allowed' must be true or false")
    if not allowed:
        return Consequence(False, text(found, "Reason"))
    gone = tuple(text({"Gone": one}, "Gone") for one in items(found, "Gone", 8))
    for name in gone:
        if world.entity(name) is None:
            raise ValueError(f"'Gone' names {name!r}, which is no entity")
    changes = tuple(_entity(world, one) for one in items(found, "Changes", 8))
    names = {one.name.casefold() for one in (*world.entities, *changes)} - {name.casefold() for name in gone}
    if len(names) > MOST_ENTITIES:
        raise ValueError(f"there may be {MOST_ENTITIES} entities at most; let some be gone")
    return Consequence(
        events=tuple(text({"Events": one}, "Events") for one in items(found, "Events", 4)),
        changes=changes,
        gone=gone,
        later=tuple(_later(one) for one in items(found, "Later", 2)),
        question=text(found, "Question", empty=True) or None,
    )


def _entity(world: World, found: Any) -> Entity:
    if not isinstance(found, dict):
        raise ValueError("'Changes' must hold objects with 'Name', 'State' and 'Operations'")
    name, state = text(found, "Name", longest=80), text(found, "State")
    known = world.entity(name)
    operations = tuple(
        _operation(text({"Operations": one}, "Operations", longest=120)) for one in items(found, "Operations", 12)
    )
    if known is not None:
        return evolve(known, state=state, operations=operations or known.operations)
    if not operations:
        raise ValueError(f"'Operations' of the new entity {name!r} must not be empty")
    return Entity(name, state, operations)


def _operation(said: str) -> Operation:
    found = _OPERATION.fullmatch(said)
    return Operation(found["name"], found["only"] or "") if found else Operation(said)


def _later(found: Any) -> tuple[float, str]:
    if not isinstance(found, dict):
        raise ValueError("'Later' must hold objects with 'Seconds' and 'Event'")
    ahead = seconds(found, "Seconds", -1.0, LATEST)
    if ahead < 0:
        raise ValueError("'Later' must say in how many 'Seconds'")
    return ahead, text(found, "Event")
