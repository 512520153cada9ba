"""A question to a model and its answers, as they travel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import asdict, fields, frozen

from proactive_inference.models.chat import Completion
from proactive_inference.models.messages import Message


@frozen
class Question:
    """What :meth:`ChatModel.complete` takes, for several conversations at once."""

    many: tuple[tuple[Message, ...], ...]
    schema: Mapping[str, Any] | None
    max_tokens: int
    temperature: float
    seed: int | None
    count: int
    seconds: float | None = None  #: until its deadline, when it is sent

    def as_frame(self) -> dict[str, Any]:
        """As JSON."""
        many = [[message.as_dict() for message in messages] for messages in self.many]
        return asdict(self, recurse=False) | {"many": many}

    @classmethod
    def from_frame(cls, frame: Mapping[str, Any]) -> Question:
        """The same again.

        Raises:
            ValueError: it is no question.
        """
        try:
            many = tuple(tuple(Message(one["role"], one["content"]) for one in each) for each in frame["many"])
            return cls(
                many,
                frame["schema"],
                int(frame["max_tokens"]),
                float(frame["temperature"]),
                frame["seed"],
                int(frame["count"]),
                frame["seconds"],
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"no question ({error!r})") from error


def completions_frame(found: Sequence[Sequence[Completion]]) -> dict[str, Any]:
    """The answers to each of the conversations."""
    return {"completions": [[asdict(one) for one in answers] for answers in found]}


def completions_of(frame: Mapping[str, Any]) -> list[list[Completion]]:
    """The answers again; what a newer program says besides is left out."""
    known = {one.name for one in fields(Completion)}
    return [
        [Completion(**{name: value for name, value in one.items() if name in known}) for one in answers]
        for answers in frame["completions"]
    ]
