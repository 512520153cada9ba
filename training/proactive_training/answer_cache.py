"""Keeps what language models answered, so that no question is asked twice and a run that was killed goes on.

The key of an answer is all that it depends on: the model's fingerprint, the messages, the schema and the settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from attrs import asdict, fields

from proactive_inference.models.chat import ChatModel, Completion, answers_together, complete_many
from proactive_inference.models.messages import Message
from proactive_training.kept_lines import KeptLines, key_of

SIDE_BY_SIDE = 8
"""How many questions are asked at a time, where the model answers side by side."""

_FIELDS = {field.name for field in fields(Completion)}


class AnswerCache:
    """Answers by what was asked; kept in a file if one is given, else in memory."""

    def __init__(self, path: Path | None = None) -> None:
        """Open or make the file.

        Raises:
            DataError: it cannot be read or made.
        """
        self._kept = KeptLines(path)
        self.found = 0  #: how many questions were answered from what was kept

    def __len__(self) -> int:
        return len(self._kept)

    def complete(
        self,
        model: ChatModel,
        many: Iterable[Sequence[Message]],
        *,
        schema: Mapping[str, Any] | None,
        max_tokens: int,
        temperature: float = 0.0,
        seed: int | None = None,
        count: int = 1,
    ) -> Iterator[list[Completion]]:
        """What the model answered to each question before, or answers in its turn, which is kept at once.

        A model that answers side by side is asked some questions at a time, another one question by question.

        Raises:
            ModelError: it cannot be asked.
            DataError: an answer cannot be kept.
        """
        settings = {"max_tokens": max_tokens, "temperature": temperature, "seed": seed, "count": count}
        left = iter(many)
        while chosen := list(islice(left, SIDE_BY_SIDE if answers_together(model) else 1)):
            yield from self._complete(model, chosen, schema, settings)

    def _complete(
        self,
        model: ChatModel,
        many: Sequence[Sequence[Message]],
        schema: Mapping[str, Any] | None,
        settings: Mapping[str, Any],
    ) -> list[list[Completion]]:
        asked = [[message.as_dict() for message in messages] for messages in many]
        keys = [key_of([model.fingerprint, messages, schema, settings]) for messages in asked]
        new = {key: messages for key, messages in zip(keys, many, strict=True) if not self._has(key)}
        self.found += len(many) - len(new)
        if new:
            answers = complete_many(model, list(new.values()), schema=schema, **settings)
            self._kept.keep({key: [asdict(one) for one in found] for key, found in zip(new, answers, strict=True)})
        return [[Completion(**one) for one in self._kept[key]] for key in keys]

    def _has(self, key: str) -> bool:
        """Whether there is an answer, and not one that another version wrote."""
        if key not in self._kept:
            return False
        value = self._kept[key]
        return isinstance(value, list) and all(isinstance(one, dict) and one.keys() <= _FIELDS for one in value)
