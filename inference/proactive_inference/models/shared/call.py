"""One connection to a worker: greet it, ask it, hear its answer."""

from __future__ import annotations

import secrets
import socket
import time
from collections.abc import Callable
from typing import Any

from attrs import frozen

from proactive_inference.errors import ModelError, UnavailableError, UnwantedError
from proactive_inference.models.asking import Asking
from proactive_inference.models.chat import Completion
from proactive_inference.models.shared.pause import SetupError, WorkerError
from proactive_inference.models.shared.places import Announcement
from proactive_inference.models.shared.questions import Question, completions_of
from proactive_inference.models.shared.wire import Line, WireError, is_proof, proof

LOADING_SECONDS = 10.0
"""After which a model that was being loaded is worth another question."""


class AskAgainError(Exception):
    """The worker ended, and wants another one to be asked: what it has told is void."""


@frozen
class Greeting:
    """Who a worker says it is."""

    version: str  #: of its program
    protocol: int
    fingerprint: str  #: of the files of its model
    pid: int


class Call:
    """A connection to a worker that has proved who it is. For one request."""

    def __init__(self, line: Line, announced: Announcement, greeting: Greeting, own_proof: str) -> None:
        self.greeting = greeting
        self.most_tokens: int | None = None  #: that the model reads and writes together, once it answers
        self._line = line
        self._announced = announced
        self._proof = own_proof
        self._state = ""

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def request(self, seconds: float, **request: Any) -> dict[str, Any]:
        """Ask for something that takes no time.

        Raises:
            WireError: no answer came within the time.
        """
        self._send(request)
        return self._line.receive(_until(seconds))

    def ask(self, question: Question, client: str, asking: Asking) -> list[list[Completion]]:
        """The answers.

        Args:
            question: to the model.
            client: stands for the asking process; those of one wait for each other.
            asking: may take the question back, which closes the connection.

        Raises:
            AskAgainError: the worker makes room for another one.
            UnwantedError: the question was taken back.
            WorkerError: the worker died, or does not get the model loaded.
            SetupError: it cannot load the model.
            UnavailableError: the time is up.
            ModelError: the model gives no answer.
        """
        hang_up = self._line.hang_up
        asking.when_taken_back(hang_up)
        asking.put = True
        try:
            self._send({"ask": question.as_frame(), "client": client})
            while True:
                frame = self._line.receive(lambda: self._patience(asking))
                if "told" in frame:
                    asking.told(frame["told"])
                elif "state" in frame:
                    self._state = frame["state"]
                    self.most_tokens = frame.get("most_tokens")
                elif "completions" in frame:
                    return completions_of(frame)
                else:
                    raise _error_of(frame)
        except WireError as error:
            asking.check()
            if not self._state:
                raise AskAgainError from error
            raise WorkerError(
                f"the worker of {self._announced.model} ended in the middle of its work: it was killed, or the "
                "memory was used up; it starts again when it is asked again",
                died=True,
                seconds=0.0,
            ) from error
        finally:
            asking.forget(hang_up)

    def _send(self, request: dict[str, Any]) -> None:
        self._line.send({"proof": self._proof})
        self._line.send(request)

    def _patience(self, asking: Asking) -> float | None:
        if self._state == "loading" and asking.seconds_left == 0.0 and not asking.taken_back:
            raise UnavailableError(
                f"{self._announced.model} is still being loaded, and goes on being; ask again in a while",
                seconds=LOADING_SECONDS,
            )
        asking.check()
        left = asking.seconds_left
        return None if left is None else max(left, 0.001)


def _error_of(frame: dict[str, Any]) -> Exception:
    text = str(frame.get("error", "the worker gave no answer"))
    kinds: dict[object, type[Exception]] = {
        "again": AskAgainError,
        "unavailable": UnavailableError,
        "setup": SetupError,
        "unwanted": UnwantedError,
        "worker": WorkerError,
    }
    return kinds.get(frame.get("kind"), ModelError)(text)


def call_worker(announced: Announcement, seconds: float) -> Call:
    """Connect to a worker and greet it, within so many seconds. The call is to be closed.

    Raises:
        ConnectionRefusedError: there is no such worker any more, or another program has got its port.
        TimeoutError: it does not say a word.
    """
    wait = _until(seconds)
    try:
        peer = socket.create_connection(("127.0.0.1", announced.port), timeout=max(seconds, 0.01))
    except TimeoutError:
        raise
    except OSError as error:
        raise ConnectionRefusedError(str(error)) from error
    line = Line(peer)
    try:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        own = secrets.token_hex(16)
        line.send({"nonce": own})
        frame = line.receive(wait)
        theirs = str(frame.get("nonce", ""))
        if not is_proof(frame.get("proof"), announced.token, "worker", own, theirs):
            raise WireError("another program listens there")
        greeting = Greeting(
            str(frame["version"]), int(frame["protocol"]), str(frame["fingerprint"]), int(frame["pid"])
        )
    except BaseException as error:
        line.close()
        if isinstance(error, SilenceError):
            raise TimeoutError(str(error)) from error
        if isinstance(error, WireError | OSError | KeyError | TypeError | ValueError):
            raise ConnectionRefusedError(str(error)) from error
        raise
    return Call(line, announced, greeting, proof(announced.token, "client", theirs, own))


class SilenceError(WireError):
    """Nothing came in time."""


def _until(seconds: float) -> Callable[[], float]:
    end = time.monotonic() + seconds

    def wait() -> float:
        left = end - time.monotonic()
        if left <= 0:
            raise SilenceError("no answer")
        return left

    return wait
