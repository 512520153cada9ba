"""A program that answers in messages with a ``Content-Length``, as language servers and ``tsserver`` do."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from proactive_training.errors import DataError

_BUFFER = 1 << 16


class Framed:
    """A running program; messages to it are handed over with the next :meth:`read`.

    Args:
        name: what to call it in errors.
        command: the program and its arguments.
        environment: its variables; this process's own if not given.
        by_hand: what to run to see why it ended.
    """

    def __init__(
        self, name: str, command: Sequence[str], by_hand: str, environment: Mapping[str, str] | None = None
    ) -> None:
        self._ended = f"{name} ended; run '{by_hand}' by hand to see why"
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env=environment, bufsize=_BUFFER,
            )  # fmt: skip
        except OSError as error:
            raise DataError(f"{command[0]} cannot be started: {error.strerror}") from error

    def write(self, message: Mapping[str, Any]) -> None:
        """Send a message with its length before it."""
        body = orjson.dumps(message)
        self.write_bytes(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def write_bytes(self, data: bytes) -> None:
        """Send what is framed otherwise.

        Raises:
            DataError: the program has ended.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(data)
        except OSError as error:
            raise DataError(self._ended) from error

    def read(self) -> dict[str, Any]:
        """The next message.

        Raises:
            DataError: the program has ended.
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        length = 0
        try:
            self._process.stdin.flush()
            while (line := self._process.stdout.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            body = self._process.stdout.read(length)
        except OSError as error:
            raise DataError(self._ended) from error
        if not length or len(body) < length:
            raise DataError(self._ended)
        message: dict[str, Any] = orjson.loads(body)
        return message

    def end(self) -> None:
        """End the program, whatever it is at."""
        self._process.kill()
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate()
