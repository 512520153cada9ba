"""What models answered in one simulated episode, in order, on disk: whoever plays it again asks nothing twice.

An episode follows from its scene, its seed and what was answered. So a run that was killed at any moment plays its
episodes anew from what is kept here, and asks from there on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import orjson
from attrs import define, field, frozen

from proactive_collectors.errors import ProactiveError
from proactive_inference.errors import MidwayError
from proactive_inference.models.asking import Asking
from proactive_inference.models.chat import MOST_TOKENS, ChatModel, Completion
from proactive_inference.models.messages import Message
from proactive_training.errors import DataError
from proactive_training.kept_lines import key_of

ANSWER_SECONDS = 600.0
"""How long one answer may take in all, with the waits and new tries that a server needs."""

MILLION = 1_000_000

MIDWAY = 6
"""A server that fails so often in a row in the middle of an answer is taken for broken: two questions' tries."""


class StoppedError(ProactiveError):
    """The run ends before its end: what may be spent is spent, or another episode could not go on."""


@frozen
class Spent:
    """What answers took."""

    prompt_tokens: int = 0
    tokens: int = 0  #: generated

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.prompt_tokens + other.prompt_tokens, self.tokens + other.tokens)


@frozen
class Terms:
    """What a run may take, and what it costs."""

    most_tokens: int | None = None  #: read and generated
    most_cost: float | None = None  #: in the currency of the prices
    price_in: float = 0.0  #: of a million tokens that are read
    price_out: float = 0.0  #: of a million tokens that are generated

    def cost(self, spent: Spent) -> float:
        """What that costs."""
        return (spent.prompt_tokens * self.price_in + spent.tokens * self.price_out) / MILLION

    def over(self, spent: Spent) -> bool:
        """Whether nothing more may be asked."""
        tokens = spent.prompt_tokens + spent.tokens
        return (self.most_tokens is not None and tokens >= self.most_tokens) or (
            self.most_cost is not None and self.cost(spent) >= self.most_cost
        )


@define
class Purse:
    """Counts what a run spends, in all its threads, with what it spent before it was broken off."""

    terms: Terms = field(factory=Terms)
    spent: Spent = field(factory=Spent)
    _stopped: threading.Event = field(factory=threading.Event)
    _lock: threading.Lock = field(factory=threading.Lock)

    @property
    def stopped(self) -> bool:
        """Whether nobody may ask any more."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Let nobody ask any more."""
        self._stopped.set()

    @property
    def empty(self) -> bool:
        """Whether nothing more may be spent."""
        with self._lock:
            return self.terms.over(self.spent)

    def check(self) -> None:
        """Look before asking. Answers under way in other threads may still go over the limit.

        Raises:
            StoppedError: nothing more may be asked.
        """
        if self.empty or self.stopped:
            raise StoppedError("nothing more may be asked in this run")

    def add(self, spent: Spent) -> None:
        """Count an answer."""
        with self._lock:
            self.spent += spent


class Spending(Protocol):
    """What an episode has to do with a purse."""

    def check(self) -> None:
        """See :meth:`Purse.check`."""

    def add(self, spent: Spent) -> None:
        """See :meth:`Purse.add`."""


class Transcript:
    """The answers of one episode, which is played in one thread."""

    def __init__(self, path: Path, purse: Spending) -> None:
        """Read what is kept. Half a line, and all after it, counts as not there.

        Raises:
            DataError: the file cannot be read.
        """
        self._path = path
        self._purse = purse
        self._lines = kept_answers(path)
        self._next = 0

    def take(self, key: str, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The answer to the next question: the one that is kept, else what ``ask`` gets, which is kept then.

        Args:
            key: of all that the question consists of.
            ask: the answer as plain JSON, with ``prompt_tokens`` and ``tokens`` if there are any.

        Raises:
            StoppedError: nothing more may be asked.
            DataError: the answer cannot be kept.
        """
        if self._next < len(self._lines) and self._lines[self._next]["key"] == key:
            found = self._lines[self._next]
        else:
            self._purse.check()
            found = {"key": key, **ask()}
            self._keep(found)
            self._purse.add(spent_by(found))
        self._next += 1
        return found

    def _keep(self, line: dict[str, Any]) -> None:
        text = orjson.dumps(line) + b"\n"
        try:
            if (
                self._next < len(self._lines) or not self._path.exists()
            ):  # another question than then: anew from here
                self._lines = self._lines[: self._next]
                before = b"".join(orjson.dumps(one) + b"\n" for one in self._lines)
                temporary = self._path.with_suffix(".new")
                temporary.write_bytes(before + text)
                temporary.replace(self._path)
            else:
                with self._path.open("ab") as stream:
                    stream.write(text)
        except OSError as error:
            raise DataError(f"{self._path} cannot be written: {error.strerror}; free some space") from error
        self._lines.append(line)


def kept_answers(path: Path) -> list[dict[str, Any]]:
    """The whole lines of an episode's file; what was cut off in the midst of the last one is cut off the file too.

    Raises:
        DataError: it cannot be read or mended.
    """
    try:
        text = path.read_bytes() if path.exists() else b""
        lines: list[dict[str, Any]] = []
        read = 0
        for line in text.splitlines(keepends=True):
            try:
                value = orjson.loads(line)
            except orjson.JSONDecodeError:
                break
            if not line.endswith(b"\n") or not isinstance(value, dict) or "key" not in value:
                break
            lines.append(value)
            read += len(line)
        if read < len(text):
            with path.open("r+b") as stream:
                stream.truncate(read)
    except OSError as error:
        raise DataError(f"{path} cannot be used to keep answers: {error.strerror}; give another --out") from error
    return lines


def spent_by(line: Mapping[str, Any]) -> Spent:
    """What a kept answer took."""
    return Spent(int(line.get("prompt_tokens", 0)), int(line.get("tokens", 0)))


class KeptModel(ChatModel):
    """A model whose answers are kept in a transcript.

    An answer that its server fails at midway is kept as an empty one, which nobody can read: one more answer that
    is set aside, unless it goes on like that.
    """

    def __init__(self, model: ChatModel, transcript: Transcript) -> None:
        self._model = model
        self._transcript = transcript
        self._midway = 0  # answers in a row that failed so

    @property
    def name(self) -> str:
        """The model's."""
        return self._model.name

    @property
    def fingerprint(self) -> str:
        """The model's."""
        return self._model.fingerprint

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
        """As :meth:`ChatModel.complete` says; one answer after the other.

        Raises:
            StoppedError: nothing more may be asked.
            MidwayError: the server failed at :data:`MIDWAY` answers in a row.
        """
        told = [message.as_dict() for message in messages]
        found = []
        for number in range(count):
            own_seed = None if seed is None else seed + number

            def ask(own_seed: int | None = own_seed) -> dict[str, Any]:
                try:
                    (one,) = self._model.complete(
                        messages, schema=schema, max_tokens=max_tokens, temperature=temperature, seed=own_seed,
                        asking=asking or Asking(ANSWER_SECONDS),
                    )  # fmt: skip
                except MidwayError:
                    self._midway += 1
                    if self._midway >= MIDWAY:
                        raise
                    one = Completion("", finished=False)
                else:
                    self._midway = 0
                return {
                    "text": one.text, "prompt_tokens": one.prompt_tokens, "tokens": one.tokens,
                    "finished": one.finished,
                }  # fmt: skip

            key = key_of([self._model.fingerprint, told, schema, max_tokens, temperature, own_seed])
            line = self._transcript.take(key, ask)
            found.append(
                Completion(
                    line["text"], prompt_tokens=line["prompt_tokens"], tokens=line["tokens"],
                    finished=line["finished"],
                )
            )  # fmt: skip
        return found
