"""Asks a language model for one JSON object: it is told what is wrong with an answer, and asked again."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from attrs import asdict, define, field, frozen

from proactive_inference.errors import AnswerError
from proactive_inference.models.answer_text import objects, plain_key
from proactive_inference.models.chat import ChatModel
from proactive_inference.models.messages import Message
from proactive_inference.models.quoting import quoted

TRIES = 3
"""How often a question is put at most."""

MOST_TOKENS = 512
"""Of an answer."""

LONGEST = 300
"""In characters, of a sentence in an answer."""

_Value = TypeVar("_Value")


@define
class Tally:
    """What asking came to."""

    asked: int = 0  #: how often the model was asked, second tries included
    invalid: int = 0  #: answers that were set aside
    failed: int = 0  #: questions that were given up
    prompt_tokens: int = 0
    tokens: int = 0  #: generated


@frozen
class Form:
    """A form of question: the instructions, and the JSON schema of the answer."""

    system: str
    schema: Mapping[str, Any]


@define
class Asker:
    """Asks, and counts.

    Args:
        model: who is asked.
        seed: of what is drawn; the same seed gives the same answers where the model can do that.
        tries: how often a question is put at most.
        temperature: at which answers are drawn.
        aside: hears of each invalid answer, with what is wrong with it.
    """

    model: ChatModel
    seed: int = 0
    tries: int = TRIES
    temperature: float = 0.7
    most_tokens: int = MOST_TOKENS
    number: int = 0  #: of the next question
    tally: Tally = field(factory=Tally)
    aside: Callable[[str, str], object] = lambda text, wrong: None

    def ask(self, form: Form, told: Mapping[str, Any], read: Callable[[Mapping[str, Any]], _Value]) -> _Value:
        """Ask until an answer can be read.

        Args:
            form: the question's form.
            told: what the model is told, plain JSON.
            read: makes a value of an answer's object, whose keys are spelt as by ``plain_key``; raises
                :class:`ValueError` with what is wrong with it.

        Raises:
            AnswerError: no answer can be read; it is counted.
            ModelError: the model cannot be asked.
        """
        number, self.number = self.number, self.number + 1
        messages = [Message("system", form.system), Message("user", quoted(told))]
        wrong = ""
        for tried in range(self.tries):
            (completion,) = self.model.complete(
                messages,
                schema=form.schema,
                max_tokens=self.most_tokens,
                temperature=self.temperature,
                seed=random.Random(f"{self.seed} {number} {tried}").getrandbits(31),
            )
            self.tally.asked += 1
            self.tally.prompt_tokens += completion.prompt_tokens
            self.tally.tokens += completion.tokens
            try:
                return _read(completion.text, read)
            except ValueError as error:
                wrong = str(error)
            self.tally.invalid += 1
            self.aside(completion.text, wrong)
            messages += [Message("assistant", completion.text[:2000]), Message("user", quoted({"Wrong": wrong}))]
        self.tally.failed += 1
        raise AnswerError(f"{self.model.name} gave no valid answer in {self.tries} tries: {wrong}")

    def state(self) -> dict[str, Any]:
        """What must be known to ask on."""
        return {"number": self.number, "tally": asdict(self.tally)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Ask on from there."""
        self.number = int(state["number"])
        self.tally = Tally(**state["tally"])


def _read(text: str, read: Callable[[Mapping[str, Any]], _Value]) -> _Value:
    wrong: ValueError | None = None
    for found in objects(text, whole=True):
        try:
            return read(found)
        except ValueError as error:
            wrong = wrong or error
    raise wrong or ValueError("there is no JSON object in the answer, or it was cut off")


# --- reading fields ------------------------------------------------------------------------------------------


def get(found: Mapping[str, Any], key: str) -> Any:
    """A field, however its key is spelt."""
    return next((value for name, value in found.items() if plain_key(str(name)) == plain_key(key)), None)


def text(found: Mapping[str, Any], key: str, *, longest: int = LONGEST, empty: bool = False) -> str:
    """A text on one line.

    Raises:
        ValueError: it is missing, empty, too long, or no text.
    """
    value = get(found, key)
    if value is None and empty:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{key!r} must be a string")
    value = " ".join(value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").split())
    if not value and not empty:
        raise ValueError(f"{key!r} must not be empty")
    if len(value) > longest:
        raise ValueError(f"{key!r} must have at most {longest} characters")
    return value


def seconds(found: Mapping[str, Any], key: str, default: float, most: float) -> float:
    """A length of time.

    Raises:
        ValueError: it is no number, or not from 0 to ``most``.
    """
    value = get(found, key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{key!r} must be a number of seconds")
    if not 0 <= value <= most:
        raise ValueError(f"{key!r} must be from 0 to {most:.0f} seconds")
    return float(value)


def items(found: Mapping[str, Any], key: str, most: int) -> list[Any]:
    """A list; a missing one is empty.

    Raises:
        ValueError: it is no list, or too long.
    """
    value = get(found, key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"{key!r} must be a list")
    if len(value) > most:
        raise ValueError(f"{key!r} must have at most {most} items")
    return value
