"""Scenes as plain values, as they stand in files and as a language model is asked for them, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from attrs import Factory, define

from proactive_inference.models.answer_schema import object_schema
from proactive_training.gym.scene import Domain, Entity, Level, Operation, Persona, Scene

Place = tuple[str | int, ...]
"""Where something stands in a plain scene: ``("entities", 2, "state")``."""

LONGEST_LINE = 200
"""Characters of a title, a goal, an entity's state, a mishap, a moment."""

LONGEST_SITUATION = 900
"""Characters of a situation."""

LONGEST_ID = 80
"""Characters of an id."""

LEAST = {"tools": 1, "entities": 3, "mishaps": 2, "wanted": 1, "unwanted": 2}
"""How many of each a scene has at least."""

_MOST = 12
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_OPERATION = re.compile(r"([^()]+?)\s*(?:\(([^()]+)\))?")
_YOUNGEST, _OLDEST = 8, 100

_WORD = TypeVar("_WORD", bound=StrEnum)


def _line(longest: int = LONGEST_LINE) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": longest}


def _lines(least: int, most: int = _MOST, longest: int = LONGEST_LINE) -> dict[str, Any]:
    return {"type": "array", "items": _line(longest), "minItems": least, "maxItems": most}


SCENE_SCHEMA: dict[str, Any] = object_schema(
    {
        "title": _line(90),
        "persona": object_schema(
            {
                "trade": _line(90),
                "country": _line(40),
                "age": {"type": "integer", "minimum": _YOUNGEST, "maximum": _OLDEST},
                "language": _line(40),
                "level": {"enum": [level.value for level in Level]},
                "habits": _lines(1, 4),
            }
        ),
        "situation": _line(LONGEST_SITUATION),
        "clock": {"type": "string", "pattern": r"^20\d\d-\d\d-\d\d \d\d:\d\d$"},
        "goal": _line(),
        "tools": _lines(LEAST["tools"], 8, 40),
        "programming": _lines(0, 4, 40),
        "entities": {
            "type": "array",
            "items": object_schema({"name": _line(60), "state": _line(), "operations": _lines(1, 8, 120)}),
            "minItems": LEAST["entities"],
            "maxItems": 8,
        },
        "mishaps": _lines(LEAST["mishaps"], 4),
        "wanted": _lines(LEAST["wanted"], 3),
        "unwanted": _lines(LEAST["unwanted"], 4),
    }
)
"""What a language model is asked for: a scene without its ``id`` and ``domain``. In files all keys but these and
``programming`` are needed as well."""


def schema_of(domain: Domain) -> dict[str, Any]:
    """The schema for a scene of one domain: coding names a programming language, other work none."""
    languages = _lines(1, 4, 40) if domain is Domain.CODING else _lines(0, 0, 40)
    return {**SCENE_SCHEMA, "properties": {**SCENE_SCHEMA["properties"], "programming": languages}}


class FormError(ValueError):
    """A plain scene that is none.

    ``place`` is where; the message says what is wrong there.
    """

    def __init__(self, place: Place, reason: str) -> None:
        super().__init__(f"{named(place)}: {reason}" if place else reason)
        self.place = place


def named(place: Place) -> str:
    """A place as people write it: ``entities[2].state``, counted from zero."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return text.removeprefix(".")


def scene_of(plain: object) -> Scene:
    """Read a plain scene.

    Raises:
        FormError: it is none; the first fault is told.
    """
    top = _Reader(plain, ())
    found = Scene(
        id=top.id("id"),
        domain=top.word("domain", Domain),
        title=top.line("title"),
        situation=top.line("situation", LONGEST_SITUATION),
        clock=top.clock("clock"),
        persona=_persona(top.inner("persona")),
        goal=top.line("goal"),
        tools=top.lines("tools", LEAST["tools"]),
        entities=tuple(_entity(inner) for inner in top.items("entities", LEAST["entities"])),
        mishaps=top.lines("mishaps", LEAST["mishaps"]),
        wanted=top.lines("wanted", LEAST["wanted"]),
        unwanted=top.lines("unwanted", LEAST["unwanted"]),
        programming=top.lines("programming", 0),
        grown_from=top.line("grown_from", least=0),
        written_by=top.line("written_by", least=0),
    )
    top.refuse_others()
    names: set[str] = set()
    for number, entity in enumerate(found.entities):
        if entity.name.casefold() in names:
            raise FormError(("entities", number, "name"), f"there are two entities {entity.name!r}")
        names.add(entity.name.casefold())
    for number, moment in enumerate(found.unwanted):
        if moment in found.wanted:
            raise FormError(("unwanted", number), f"{moment!r} is among the wanted moments as well")
    if found.domain is Domain.CODING and not found.programming:
        raise FormError(("programming",), "a coding scene names its programming languages")
    return found


def plain_of(scene: Scene) -> dict[str, Any]:
    """The scene as :func:`scene_of` reads it, in the order of the file; what is empty and may be is left out."""
    persona = scene.persona
    plain = {
        "id": scene.id,
        "domain": scene.domain.value,
        "title": scene.title,
        "persona": {
            "trade": persona.trade,
            "country": persona.country,
            "age": persona.age,
            "language": persona.language,
            "level": persona.level.value,
            "habits": list(persona.habits),
        },
        "situation": scene.situation,
        "clock": f"{scene.clock:%Y-%m-%d %H:%M}",
        "goal": scene.goal,
        "tools": list(scene.tools),
        "programming": list(scene.programming),
        "entities": [
            {"name": e.name, "state": e.state, "operations": [str(operation) for operation in e.operations]}
            for e in scene.entities
        ],
        "mishaps": list(scene.mishaps),
        "wanted": list(scene.wanted),
        "unwanted": list(scene.unwanted),
        "grown_from": scene.grown_from,
        "written_by": scene.written_by,
    }
    return {key: value for key, value in plain.items() if value}


def _persona(reader: _Reader) -> Persona:
    found = Persona(
        trade=reader.line("trade"),
        country=reader.line("country"),
        age=reader.number("age", _YOUNGEST, _OLDEST),
        language=reader.line("language"),
        level=reader.word("level", Level),
        habits=reader.lines("habits", 1),
    )
    reader.refuse_others()
    return found


def _entity(reader: _Reader) -> Entity:
    name, state, told = reader.line("name"), reader.line("state"), reader.lines("operations", 1)
    reader.refuse_others()
    operations = []
    for number, text in enumerate(told):
        match = _OPERATION.fullmatch(text)
        if match is None:
            raise FormError(
                (*reader.place, "operations", number), f"{text!r} is not 'operation' or 'operation (condition)'"
            )
        operations.append(Operation(match[1], match[2] or ""))
    return Entity(name, state, tuple(operations))


@define
class _Reader:
    """Takes values out of one mapping, and knows where it stands."""

    plain: Any
    place: Place
    _taken: dict[str, None] = Factory(dict)  # in the order in which they were asked for

    def _take(self, key: str, *, needed: bool = True) -> Any:
        if not isinstance(self.plain, Mapping):
            raise FormError(self.place, "not a mapping of keys to values")
        self._taken[key] = None
        value = self.plain.get(key)
        if value is None and needed:
            raise FormError(self.place, f"{key!r} is missing")
        return value

    def line(self, key: str, longest: int = LONGEST_LINE, *, least: int = 1) -> str:
        return _text(self._take(key, needed=least > 0), (*self.place, key), longest, least)

    def lines(self, key: str, least: int) -> tuple[str, ...]:
        found = self._sequence(key, least)
        texts = tuple(_text(item, (*self.place, key, n)) for n, item in enumerate(found))
        for number, text in enumerate(texts):
            if text in texts[:number]:
                raise FormError((*self.place, key, number), f"{text!r} stands there twice")
        return texts

    def items(self, key: str, least: int) -> list[_Reader]:
        return [_Reader(item, (*self.place, key, n)) for n, item in enumerate(self._sequence(key, least))]

    def inner(self, key: str) -> _Reader:
        return _Reader(self._take(key), (*self.place, key))

    def word(self, key: str, words: type[_WORD]) -> _WORD:
        text = self.line(key)
        try:
            return words(text)
        except ValueError:
            raise FormError((*self.place, key), f"{text!r} is none of {', '.join(words)}") from None

    def number(self, key: str, least: int, most: int) -> int:
        value = self._take(key)
        try:
            number = int(value) if not isinstance(value, bool | float) else None
        except (TypeError, ValueError):
            number = None
        if number is None or not least <= number <= most:
            raise FormError((*self.place, key), f"{value!r} is not a whole number from {least} to {most}")
        return number

    def id(self, key: str) -> str:
        text = self.line(key, LONGEST_ID)
        if _ID.fullmatch(text) is None:
            raise FormError((*self.place, key), f"{text!r} is not made of small letters, digits and hyphens")
        return text

    def clock(self, key: str) -> datetime:
        text = self.line(key)
        try:
            return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
        except ValueError:
            raise FormError((*self.place, key), f"{text!r} is not a time such as 2026-03-02 09:10") from None

    def refuse_others(self) -> None:
        for key in self.plain:
            if key not in self._taken:
                raise FormError((*self.place, str(key)), f"no such key; there are {', '.join(self._taken)}")

    def _sequence(self, key: str, least: int) -> Sequence[Any]:
        value = self._take(key, needed=least > 0)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise FormError((*self.place, key), "not a list")
        if not least <= len(value) <= _MOST:
            raise FormError((*self.place, key), f"{len(value)} in it; give {least} to {_MOST}")
        return value


def _text(value: object, place: Place, longest: int = LONGEST_LINE, least: int = 1) -> str:
    if value is None and least == 0:
        return ""
    if not isinstance(value, str):
        raise FormError(place, "not a text")
    text = " ".join(value.split())
    if not least <= len(text) <= longest:
        raise FormError(place, f"{len(text)} characters; give {least} to {longest}")
    if not text.isprintable():
        raise FormError(place, "there are characters in it that cannot be shown")
    return text
