"""A scene: where a simulated sitting begins, who sits there, what they want and what may go wrong.

Scenes are read from YAML (:mod:`proactive_training.gym.scene_file`); docs/bench.md describes the file. The
simulated environment takes the situation, the entities and the mishaps from it, the simulated user the persona,
the goal and when help is wanted.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from attrs import frozen


class Domain(StrEnum):
    """What sort of work it is."""

    CODING = "coding"
    WRITING = "writing"
    DAILY_LIFE = "daily life"


class Level(StrEnum):
    """How well the persona knows the work that the goal asks for; their own trade may be another."""

    NEW = "new"
    PRACTISED = "practised"
    EXPERT = "expert"


@frozen
class Operation:
    """What can be done with an entity. In files ``send (once both have signed)``."""

    name: str
    only: str = ""  #: the condition on which it is allowed, as people say it; empty: always

    def __str__(self) -> str:
        return f"{self.name} ({self.only})" if self.only else self.name


@frozen
class Entity:
    """A thing of the scene: a file, a device, a document, a kitchen drawer."""

    name: str  #: unique in its scene
    state: str  #: at the beginning, in words
    operations: tuple[Operation, ...]

    def operation(self, name: str) -> Operation | None:
        """The operation of that name, whatever its case; ``None`` if the entity has none such."""
        return next((known for known in self.operations if known.name.casefold() == name.casefold()), None)


@frozen
class Persona:
    """Who sits there. Nobody real."""

    trade: str
    country: str  #: its English name
    age: int  #: years
    language: str  #: in which they write, by its English name
    level: Level
    habits: tuple[str, ...]


@frozen
class Scene:
    """A starting situation."""

    id: str  #: small letters, digits and hyphens; unique in a file
    domain: Domain
    title: str
    situation: str  #: where and how it begins
    clock: datetime  #: what the persona's clock says at the beginning, kept as if it were UTC
    persona: Persona
    goal: str
    tools: tuple[str, ...]
    entities: tuple[Entity, ...]
    mishaps: tuple[str, ...]  #: interruptions and failures that may happen
    wanted: tuple[str, ...]  #: moments at which help would be welcome
    unwanted: tuple[str, ...]  #: moments at which it would disturb
    programming: tuple[str, ...] = ()  #: programming languages; empty outside of coding
    grown_from: str = ""  #: of a widened scene, the id of its seed
    written_by: str = ""  #: of a widened scene, the language model's name; empty: by people

    def entity(self, name: str) -> Entity | None:
        """The entity of that name, whatever its case; ``None`` if there is none."""
        return next((known for known in self.entities if known.name.casefold() == name.casefold()), None)

    def texts(self) -> Iterator[str]:
        """Everything that is told in it, piece by piece; without identifiers, times and countries."""
        yield from (self.title, self.situation, self.goal, self.persona.trade, *self.persona.habits)
        for entity in self.entities:
            yield f"{entity.name} {entity.state}"
        yield from (*self.mishaps, *self.wanted, *self.unwanted)
