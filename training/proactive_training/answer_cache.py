"""Keeps what language models answered, a line each, so that a run that was killed goes on where it was.

The key of an answer is all that it depends on: the model's fingerprint, the messages, the schema and the settings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from attrs import asdict

from proactive_inference.models.chat import ChatModel, Completion, complete_many
from proactive_inference.models.messages import Message
from proactive_training.errors import DataError


class AnswerCache:
    """Answers by what was asked; kept in a file if one is given, else in memory."""

    def __init__(self, path: Path | None = None) -> None:
        """Open or make the file.

        Raises:
            DataError: it cannot be read or made.
        """
        self._path = path
        self._answers: dict[str, list[Completion]] = {}
        self.found = 0  #: how many questions were answered from what was kept
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_bytes() if path.exists() else b""
            for line in text.splitlines():
                self._read(line)
            if text and not text.endswith(b"\n"):  # killed in the midst of a line
                with path.open("ab") as stream:
                    stream.write(b"\n")
        except OSError as error:
            raise DataError(
                f"{path} cannot be used to keep answers: {error.strerror}; give another --out"
            ) from error

    def __len__(self) -> int:
        return len(self._answers)

    def complete(
        self,
        model: ChatModel,
        many: Sequence[Sequence[Message]],
        *,
        schema: Mapping[str, Any] | None,
        max_tokens: int,
        temperature: float = 0.0,
        seed: int | None = None,
        count: int = 1,
    ) -> list[list[Completion]]:
        """What the model answered to each question before, or answers now: to all that are new side by side.

        Raises:
            ModelError: it cannot be asked.
            DataError: an answer cannot be kept.
        """
        settings = {"max_tokens": max_tokens, "temperature": temperature, "seed": seed, "count": count}
        keys = [
            _digest([model.fingerprint, [m.as_dict() for m in messages], schema, settings]) for messages in many
        ]
        new = {key: messages for key, messages in zip(keys, many, strict=True) if key not in self._answers}
        self.found += len(many) - len(new)
        if new:
            answers = complete_many(model, list(new.values()), schema=schema, **settings)
            self._keep(dict(zip(new, answers, strict=True)))
        return [self._answers[key] for key in keys]

    def _keep(self, answers: dict[str, list[Completion]]) -> None:
        self._answers |= answers
        if self._path is None:
            return
        lines = [
            orjson.dumps({"key": key, "answers": [asdict(one) for one in found]}) for key, found in answers.items()
        ]
        try:
            with self._path.open("ab") as stream:
                stream.write(b"".join(line + b"\n" for line in lines))
        except OSError as error:
            raise DataError(f"{self._path} cannot be written: {error.strerror}; free some space") from error

    def _read(self, line: bytes) -> None:
        try:
            value = orjson.loads(line)
            self._answers[str(value["key"])] = [Completion(**answer) for answer in value["answers"]]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return  # half a line, or one of another version: it is asked again


def _digest(value: object) -> str:
    return hashlib.blake2b(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS), digest_size=16).hexdigest()
