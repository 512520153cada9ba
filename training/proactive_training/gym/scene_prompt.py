"""The question on which a language model writes a new scene, and how its answer is read."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence

from attrs import frozen

from proactive_inference.models.answer_text import objects
from proactive_inference.models.messages import Message
from proactive_training.gym.scene import Domain, Level, Scene
from proactive_training.gym.scene_form import LONGEST_ID, FormError, plain_of, scene_of, schema_of

SYSTEM = (
    "You write starting situations for simulated sittings of work, in plain English. A situation is concrete: "
    "named things with a state, what can be done with each, what may go wrong. 'operations' are short verb "
    "phrases, with a condition in brackets where one is needed: 'send (once both have signed)'. 'mishaps' are "
    "interruptions and failures that may happen. 'wanted' are moments at which help would be welcome, 'unwanted' "
    "moments at which it would disturb. Nobody is a real person. Answer with one JSON object in the form of the "
    "example."
)

_ADVICE = {
    Domain.CODING: "Another programming language, another tool, another fault than in the example.",
    Domain.WRITING: "Another kind of text, another trade, another trouble than in the example.",
    Domain.DAILY_LIFE: "Another matter of daily life, other things, another trouble than in the example.",
}
_AGES = (16, 80)
_WORD = re.compile(r"[a-z0-9]+")


@frozen
class Draw:
    """What a new scene shall be about: drawn, so that a model does not write of the same few people."""

    seed: Scene
    country: str
    language: str
    age: int  #: years
    level: Level


def draw(seeds: Sequence[Scene], places: Sequence[tuple[str, str]], number: int, seed: int) -> Draw:
    """The draw of the scene of a number: the same for the same arguments, whatever was asked before.

    Args:
        seeds: taken in turn.
        places: countries, each with a language that is written there.
        number: counted from zero.
        seed: another gives other draws.
    """
    chance = random.Random(f"{seed}/{number}")
    country, language = chance.choice(places)
    age = chance.randint(*_AGES)
    return Draw(seeds[number % len(seeds)], country, language, age, chance.choice(list(Level)))


def question(drawn: Draw) -> list[Message]:
    """What a model is asked."""
    seed = drawn.seed
    example = plain_of(seed)
    shown = {key: example.get(key, []) for key in schema_of(seed.domain)["properties"]}
    return [
        Message("system", SYSTEM),
        Message(
            "user",
            f"An example of {seed.domain}:\n{json.dumps(shown, ensure_ascii=False)}\n\n"
            f"Write a new one of {seed.domain}: somebody of {drawn.age} in {drawn.country} who writes in "
            f"{drawn.language} and whose level is '{drawn.level}'. {_ADVICE[seed.domain]}",
        ),
    ]


def read_answer(text: str, drawn: Draw, number: int, model: str) -> Scene:
    """The scene that a model wrote.

    Raises:
        FormError: there is none in its answer.
    """
    plain = next(objects(text, whole=True), None)
    if plain is None:
        raise FormError((), "no JSON object in the answer")
    title = plain.get("title")
    words = "-".join(_WORD.findall(title.lower())[:6])[: LONGEST_ID - 30] if isinstance(title, str) else ""
    return scene_of(
        {
            **plain,
            "id": f"{words}-{number}".replace("--", "-").strip("-"),
            "domain": drawn.seed.domain.value,
            "grown_from": drawn.seed.id,
            "written_by": model,
        }
    )
