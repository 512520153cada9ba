"""Keeps the two ends of a long output, in bounded memory."""

from __future__ import annotations

KEEP_HEAD = 64 * 1024
KEEP_TAIL = 256 * 1024
"""Bytes of output that are kept: the first failure is often at the top, the summary at the end."""


class Recorder:
    """Keeps the first and the last bytes of a stream, in bounded memory."""

    def __init__(self, head: int = KEEP_HEAD, tail: int = KEEP_TAIL) -> None:
        self._room, self._keep = head, tail
        self._head, self._tail = bytearray(), bytearray()
        self._cut = False

    def add(self, data: bytes) -> None:
        """Take the next bytes."""
        if self._room:
            self._head += data[: self._room]
            data, self._room = data[self._room :], max(0, self._room - len(data))
        if len(data) >= self._keep:
            self._cut = self._cut or bool(self._tail) or len(data) > self._keep
            self._tail[:] = data[-self._keep :]
        elif data:
            self._tail += data
            if len(self._tail) > 2 * self._keep:
                del self._tail[: -self._keep]
                self._cut = True

    def value(self) -> bytes:
        """What was kept; where something was left out, a line ends."""
        return bytes(self._head) + (b"\n" if self._cut else b"") + bytes(self._tail)
