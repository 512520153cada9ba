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

from proactive_inference.models.chat import ChatModel, Completion
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
        messages: Sequence[Message],
        *,
        schema: Mapping[str, Any] | None,
        max_tokens: int,
        temperature: float = 0.0,
        seed: int | None = None,
        count: int = 1,
    ) -> list[Completion]:
        """What the model answered before, or answers now.

        Raises:
            ModelError: it cannot be asked.
            DataError: the answer cannot be kept.
        """
        asked = [m.as_dict() for m in messages]
        key = _digest([model.fingerprint, asked, schema, max_tokens, temperature, seed, count])
        if key in self._answers:
            self.found += 1
            return self._answers[key]
        answers = model.complete(
            messages, schema=schema, max_tokens=max_tokens, temperature=temperature, seed=seed, count=count
        )
        self._answers[key] = answers
        if self._path is not None:
            line = orjson.dumps({"key": key, "answers": [asdict(answer) for answer in answers]})
            try:
                with self._path.open("ab") as stream:
                    stream.write(line + b"\n")
            except OSError as error:
                raise DataError(f"{self._path} cannot be written: {error.strerror}") from error
        return answers

    def _read(self, line: bytes) -> None:
        try:
            value = orjson.loads(line)
            self._answers[str(value["key"])] = [Completion(**answer) for answer in value["answers"]]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return  # half a line, or one of another version: it is asked again


def _digest(value: object) -> str:
    return hashlib.blake2b(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS), digest_size=16).hexdigest()
