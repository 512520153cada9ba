"""How a worker and those who ask it talk: frames of JSON over a connection within this machine.

A frame is the length of its JSON in four bytes, the highest first, and the JSON in UTF-8. A connection carries one
request::

    client → {"nonce": C}
    worker → {"nonce": W, "proof": of C and W, "version": …, "protocol": …, "fingerprint": …, "pid": …}
    client → {"proof": of W and C}, {"ask" | "status" | "stop": …}
    worker → {"state": …} | {"told": PIECE} …, and at last {"completions": …} | {"error": …} | {"status": …} | {}

Each side proves to the other that it knows the token of the worker's file, which itself never travels: whoever has
got hold of a dead worker's port learns nothing. Closing the connection takes the question back.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import secrets
import socket
import struct
from collections.abc import Callable, Mapping
from typing import Any

PROTOCOL = 1
"""Changes when older and newer programs would misunderstand each other."""

MOST_BYTES = 32 << 20
"""Of a frame."""

MOST_GREETING = 1 << 12
"""Bytes of a frame from somebody who has proved nothing yet."""

_LENGTH = struct.Struct(">I")


class WireError(Exception):
    """The other side is gone, or does not speak as it should."""


def new_token() -> str:
    """A secret that nobody guesses."""
    return secrets.token_hex(32)


def proof(token: str, who: str, theirs: str, own: str) -> str:
    """Shows that ``who`` knows the token, for this connection alone."""
    text = "\0".join((who, theirs, own))
    return hmac.new(token.encode(), text.encode(), hashlib.sha256).hexdigest()


def is_proof(given: object, token: str, who: str, theirs: str, own: str) -> bool:
    """Whether ``given`` is what :func:`proof` says."""
    return isinstance(given, str) and hmac.compare_digest(given.encode(), proof(token, who, theirs, own).encode())


def packed(frame: Mapping[str, Any]) -> bytes:
    """A frame as bytes."""
    body = json.dumps(frame, separators=(",", ":")).encode()
    return _LENGTH.pack(len(body)) + body


def length_of(head: bytes, most: int = MOST_BYTES) -> int:
    """Bytes of the JSON that follows.

    Raises:
        WireError: more than allowed.
    """
    (length,) = _LENGTH.unpack(head)
    if length > most:
        raise WireError(f"a frame of {length} bytes")
    return int(length)


def unpacked(body: bytes) -> dict[str, Any]:
    """What a frame's JSON says.

    Raises:
        WireError: it is none.
    """
    try:
        frame = json.loads(body)
    except ValueError as error:
        raise WireError(f"no JSON ({type(error).__name__})") from error
    if not isinstance(frame, dict):
        raise WireError("no object")
    return frame


HEAD_BYTES = _LENGTH.size


class Line:
    """The asking side's end of a connection."""

    def __init__(self, peer: socket.socket) -> None:
        self._peer = peer
        self._unread = bytearray()

    def send(self, frame: Mapping[str, Any]) -> None:
        """Send a frame.

        Raises:
            WireError: the worker is gone.
        """
        try:
            self._peer.sendall(packed(frame))
        except OSError as error:
            raise WireError(str(error)) from error

    def receive(self, wait: Callable[[], float | None]) -> dict[str, Any]:
        """The next frame.

        Args:
            wait: asked again and again for how many seconds to wait; it ends the waiting by raising.

        Raises:
            WireError: the worker is gone, or speaks nonsense.
        """
        length = length_of(self._take(HEAD_BYTES, wait))
        return unpacked(self._take(length, wait))

    def hang_up(self) -> None:
        """Wake whoever waits for a frame; from any thread, and more than once."""
        with contextlib.suppress(OSError):  # gone already
            self._peer.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the connection back."""
        self._peer.close()

    def _take(self, count: int, wait: Callable[[], float | None]) -> bytes:
        while len(self._unread) < count:
            try:
                self._peer.settimeout(wait())
                got = self._peer.recv(1 << 16)
            except TimeoutError:
                continue
            except OSError as error:
                raise WireError(str(error)) from error
            if not got:
                raise WireError("the connection was closed")
            self._unread += got
        taken = bytes(self._unread[:count])
        del self._unread[:count]
        return taken
