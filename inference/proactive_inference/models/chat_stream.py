"""Reads a chat completion that comes piece by piece, as server-sent events.

::

    data: {"choices": [{"index": 0, "delta": {"content": "{\\"Purpose"}, "finish_reason": null}]}

    data: [DONE]

Servers differ: some leave out ``[DONE]``, some tell what the answer took, some go on after the answer is whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field

from proactive_inference.models.answer_text import has_object
from proactive_inference.models.endpoint_protocol import text_of

LONGEST_LINE = 1_000_000
"""How many bytes one event has at most; a token with its alternatives has a few thousand."""


LONGEST_ERROR = 2_000
"""How many bytes of an error are kept."""


class BadStreamError(Exception):
    """What a server sends is no chat completion."""


class StreamedError(Exception):
    """A server says in the middle of its answer that something went wrong."""

    def __init__(self, value: Any) -> None:
        super().__init__("an error in the stream")  # what it says may hold secrets, and a log shows this
        self.value = value  #: what it says


@define
class _Answer:
    text: str = ""
    steps: list[Any] = field(factory=list)  # tokens with their alternatives
    finish_reason: str | None = None
    whole: bool = False  # the object that was asked for is there


class ChatStream:
    """The answers to one question, as far as they have come."""

    def __init__(
        self,
        *,
        keys: frozenset[str] | None = None,
        count: int = 1,
        most_characters: int = 1_000_000,
        told: Callable[[str], None] = lambda piece: None,
    ) -> None:
        """``keys`` are of the object that an answer is, if it is one: once they are there, it is whole.

        An answer is cut after ``most_characters``. ``told`` hears the text of the first answer.
        """
        self._keys = keys
        self._count = count
        self._most_characters = most_characters
        self._told = told
        self._answers: dict[int, _Answer] = {}
        self._untold = ""
        self._usage: Any = None
        self._line = bytearray()
        self._rubbish = False
        self._done = False

    @property
    def whole(self) -> bool:
        """Whether every answer is there, even if the server says nothing of an end."""
        answers = self._answers.values()
        ended = all(answer.whole or answer.finish_reason is not None for answer in answers)
        return self._done or (len(answers) >= self._count and ended)

    @property
    def begun(self) -> bool:
        """Whether anything of a chat completion came, or nothing at all; not if what came was something else."""
        return bool(self._answers) or not self._rubbish

    def read(self, piece: bytes) -> bool:
        """Take the next bytes; whether the reading can end here.

        Raises:
            BadStreamError: it is no chat completion.
            StreamedError: the server says that it failed.
        """
        self._line += piece
        *lines, rest = self._line.replace(b"\r", b"\n").split(b"\n")
        self._line = bytearray(rest)
        enough = any(self._event(bytes(line)) for line in lines)
        if self._untold:
            untold, self._untold = self._untold, ""
            self._told(untold)
        if enough:
            return True
        if len(self._line) > LONGEST_LINE:
            raise BadStreamError("a line without an end")
        return False

    def value(self) -> dict[str, Any]:
        """All of it, in the form of an answer that comes at once."""
        choices = [
            {
                "message": {"content": answer.text},
                "logprobs": {"content": answer.steps},
                "finish_reason": answer.finish_reason,
            }
            for _, answer in sorted(self._answers.items())
        ]
        return {"choices": choices, "usage": self._usage}

    def _event(self, line: bytes) -> bool:
        if not line.startswith(b"data:"):
            self._rubbish |= not line.startswith((b":", b"event:", b"id:", b"retry:")) and bool(line.strip())
            return False
        data = line[5:].strip()
        if data == b"[DONE]":
            self._done = True
            return True
        try:
            value = json.loads(data)
        except (ValueError, RecursionError) as error:
            if data.startswith(b'{"error"'):  # some servers put what went wrong there without quoting it
                raise StreamedError(data[:LONGEST_ERROR].decode(errors="replace")) from error
            raise BadStreamError(str(error)) from error
        try:
            if value.get("error"):
                raise StreamedError(value["error"])
            self._usage = value.get("usage") or self._usage
            enough = [self._choice(choice) for choice in value.get("choices") or []]
            return any(enough)
        except (ValueError, TypeError, AttributeError, OverflowError) as error:
            raise BadStreamError(str(error)) from error

    def _choice(self, choice: Mapping[str, Any]) -> bool:
        index = int(choice.get("index") or 0)
        if not 0 <= index < self._count:
            return False
        answer = self._answers.setdefault(index, _Answer())
        piece = text_of((choice.get("delta") or {}).get("content"))
        if answer.whole or answer.finish_reason is not None:
            return bool(piece.strip()) and self.whole  # it chatters on
        answer.steps += (choice.get("logprobs") or {}).get("content") or []
        answer.finish_reason = choice.get("finish_reason")
        room = self._most_characters - len(answer.text)
        if len(piece) > room:
            piece, answer.finish_reason = piece[:room], "length"
        answer.text += piece
        if index == 0:
            self._untold += piece
        answer.whole = self._keys is not None and "}" in piece and has_object(answer.text, self._keys)
        return len(piece) == room and self.whole
