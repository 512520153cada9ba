"""Fits a question to the tokens there are for it.

A question that fits stays as it is: so a model reads at work what it read when it learned. Of one that does not,
long sentences are shortened first, each in its middle; then the oldest events go. The newest is always told, if
need be in a few words.

::

    fitted_messages(partial(agent_messages, window), counter(model), most_tokens=1500, most_events=16)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from proactive_inference.models.chat import ChatModel, count_tokens
from proactive_inference.models.messages import Message
from proactive_inference.models.quoting import MOST_EVENTS

LONG_SENTENCE = 160
"""A sentence of more characters is shortened to so many before an older event goes."""

SHORTEST_SENTENCE = 24
"""The newest event is never told in fewer characters."""

Counter = Callable[[Sequence[Message]], int]
"""Says how many tokens a question has."""


class Question(Protocol):
    """Puts a question about a window's last events, as :func:`agent_prompt.agent_messages` does."""

    def __call__(self, *, most_events: int, longest: int | None) -> tuple[Message, ...]:
        """With so many events, in sentences of so many characters at most."""


def counter(model: ChatModel) -> Counter:
    """What counts tokens for a model."""
    return partial(count_tokens, model)


def fitted_messages(
    question: Question, count: Counter, *, most_tokens: int, most_events: int = MOST_EVENTS
) -> tuple[Message, ...]:
    """The question with as much of its events as fits into ``most_tokens``, of ``most_events`` at most.

    Where not even the newest event fits in its fewest words, it is told in those all the same.
    """

    def put(events: int, longest: int | None) -> tuple[Message, ...] | None:
        messages = question(most_events=events, longest=longest)
        return messages if count(messages) <= most_tokens else None

    whole = put(most_events, None)
    if whole is not None or most_events < 1:
        return whole if whole is not None else question(most_events=0, longest=None)
    found = _most(lambda events: put(events, LONG_SENTENCE), 1, most_events)
    if found is None:
        found = _most(lambda longest: put(1, longest), SHORTEST_SENTENCE, LONG_SENTENCE - 1)
    return found if found is not None else question(most_events=1, longest=SHORTEST_SENTENCE)


def _most(put: Callable[[int], tuple[Message, ...] | None], least: int, most: int) -> tuple[Message, ...] | None:
    """What is put with the largest number from ``least`` to ``most`` that fits."""
    best = None
    while least <= most:
        middle = (least + most + 1) // 2
        found = put(middle)
        if found is None:
            most = middle - 1
        else:
            best, least = found, middle + 1
    return best
