"""A language model that answers from a script, for tests and trials of everything that asks one."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from proactive_inference.errors import ModelError
from proactive_inference.models.agent_answer import AgentAnswer
from proactive_inference.models.asking import Asking
from proactive_inference.models.chat import MOST_TOKENS, ChatModel, Completion
from proactive_inference.models.judge_answer import JudgeAnswer
from proactive_inference.models.messages import Message

Scripted = str | Completion | AgentAnswer | JudgeAnswer | Exception
"""What a script holds: a text, a completion, an answer that is written as JSON, or an error that is raised."""


@frozen
class Asked:
    """What a fake model was asked."""

    messages: tuple[Message, ...]
    schema: Mapping[str, Any] | None
    max_tokens: int
    temperature: float
    seed: int | None
    count: int


class FakeModel(ChatModel):
    """Answers one by one from a script, or by a function of the messages; keeps what it was asked in ``asked``."""

    def __init__(
        self, answers: Iterable[Scripted] | Callable[[Sequence[Message]], Scripted], *, name: str = "fake"
    ) -> None:
        self._name = name
        self._function = answers if callable(answers) else None
        self._script = iter(()) if callable(answers) else iter(answers)
        self.asked: list[Asked] = []

    @classmethod
    def read(cls, file: Path) -> FakeModel:
        """A model that answers line by line from a file, and from its beginning again after the last.

        A line is an answer's text, or a JSON string of one that has several lines.

        Raises:
            ModelError: the file cannot be read, or holds no answer.
        """
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ModelError(
                f"{file} cannot be read as a fake model's answers ({error}); check the path"
            ) from error
        answers = [json.loads(line) if line.startswith('"') else line for line in lines if line.strip()]
        if not answers:
            raise ModelError(f"{file} holds no answers; write one a line")
        return cls(itertools.cycle(answers), name=file.stem)

    @property
    def name(self) -> str:
        """As given."""
        return self._name

    @property
    def fingerprint(self) -> str:
        """The name: the script is nobody's to know."""
        return self._name

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
        """The next ``count`` answers of the script; nothing else has an influence.

        Raises:
            UnwantedError: the question was taken back before.
            ModelError: the script is at its end.
        """
        if asking is not None:
            asking.check()
        self.asked.append(Asked(tuple(messages), schema, max_tokens, temperature, seed, count))
        answers = [self._next(messages) for _ in range(count)]
        if asking is not None:
            asking.told(answers[0].text)
            asking.check()
        return answers

    def _next(self, messages: Sequence[Message]) -> Completion:
        if self._function is not None:
            answer = self._function(messages)
        else:
            try:
                answer = next(self._script)
            except StopIteration:
                raise ModelError(
                    f"the script of {self._name!r} has no more answers; give it as many as are asked for"
                ) from None
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, AgentAnswer | JudgeAnswer):
            answer = answer.to_json()
        if isinstance(answer, str):
            answer = Completion(answer)
        words = sum(len(message.content.split()) for message in messages)
        return evolve(
            answer,
            prompt_tokens=answer.prompt_tokens or words,
            tokens=answer.tokens or len(answer.text.split()),
        )
