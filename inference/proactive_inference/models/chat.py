"""The face of every language model here: messages in, completions out, wherever it runs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeGuard

from attrs import frozen

from proactive_inference.models.asking import Asking
from proactive_inference.models.messages import Message
from proactive_inference.models.token_estimate import estimated_prompt_tokens

MOST_TOKENS = 256
"""How many tokens an answer has at most, unless more or fewer are asked for."""


@frozen
class Completion:
    """One answer, and what it took."""

    text: str
    probability_of_speaking: float | None = None
    """At the point where the value of ``Proactive Task`` begins: the probability of a string against null, these
    two alone, 0 to 1. ``None`` where the model cannot say or was asked something else."""
    probability_of_accepting: float | None = None
    """The same of a judge's ``accepted`` against ``rejected``."""
    prompt_tokens: int = 0
    tokens: int = 0  #: generated
    finished: bool = True  #: false if it was stopped at ``max_tokens``


class ChatModel(Protocol):
    """A language model that can be asked."""

    @property
    def name(self) -> str:
        """What people call it; never a secret."""

    @property
    def fingerprint(self) -> str:
        """Changes where the same question may get another answer: with the model's files, say."""

    def complete(
        self,
        messages: Sequence[Message],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = MOST_TOKENS,
        temperature: float = 0.0,
        seed: int | None = None,
        count: int = 1,
        asking: Asking | None = None,
    ) -> list[Completion]:
        """Answer ``count`` times.

        ``schema`` is a JSON schema that the answer has to follow; a model that cannot be held to it answers as it
        can. ``temperature`` 0 takes the likeliest token each time. The same ``seed`` gives the same answers where
        the model runs in this process. ``asking`` sets a deadline, hears the text as it comes (that of the first
        answer, where the model can tell it), and may take the question back.

        Raises:
            UnwantedError: the question was taken back.
            ModelError: the model cannot be asked, or gives no answer.
        """


class SideBySide(ChatModel):
    """A model that answers several questions together; one question is the same with one."""

    @abstractmethod
    def complete_many(
        self,
        many: Sequence[Sequence[Message]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = MOST_TOKENS,
        temperature: float = 0.0,
        seed: int | None = None,
        count: int = 1,
        asking: Asking | None = None,
    ) -> list[list[Completion]]:
        """Answer several questions, ``count`` times each, as :meth:`complete` says of one."""

    def complete(
        self,
        messages: Sequence[Message],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = MOST_TOKENS,
        temperature: float = 0.0,
        seed: int | None = None,
        count: int = 1,
        asking: Asking | None = None,
    ) -> list[Completion]:
        """As :meth:`complete_many` answers it alone."""
        return self.complete_many(
            [messages],
            schema=schema,
            max_tokens=max_tokens,
            temperature=temperature,
            seed=seed,
            count=count,
            asking=asking,
        )[0]


def complete_many(model: ChatModel, many: Sequence[Sequence[Message]], **settings: Any) -> list[list[Completion]]:
    """Ask several questions with the settings of :meth:`ChatModel.complete`: side by side where the model can.

    Raises:
        ModelError: the model cannot be asked.
    """
    if answers_together(model):
        found: list[list[Completion]] = model.complete_many(many, **settings)
        return found
    return [model.complete(messages, **settings) for messages in many]


def answers_together(model: ChatModel) -> TypeGuard[SideBySide]:
    """Whether a model answers several questions side by side; another one answers them one after the other."""
    return hasattr(model, "complete_many")


def count_tokens(model: ChatModel, messages: Sequence[Message]) -> int:
    """How many tokens a question has: by the model's own ``count_tokens``, else estimated, rather too many."""
    count = getattr(model, "count_tokens", None)
    return int(count(messages)) if count is not None else estimated_prompt_tokens(messages)
