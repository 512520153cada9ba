"""What a long run has found out so far, by key, a line of JSON each: a run that was killed goes on from it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from proactive_training.errors import DataError


class KeptLines:
    """Values by key; in a file if one is given, else in memory."""

    def __init__(self, path: Path | None = None) -> None:
        """Open or make the file. Lines that cannot be read, such as half of the last one, count as not there.

        Raises:
            DataError: the file cannot be read or made.
        """
        self._path = path
        self._values: dict[str, Any] = {}
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_bytes() if path.exists() else b""
            for line in text.splitlines():
                self._read(line)
            with path.open("ab") as stream:
                if text and not text.endswith(b"\n"):  # killed in the midst of a line
                    stream.write(b"\n")
        except OSError as error:
            raise DataError(
                f"{path} cannot be used to keep answers: {error.strerror}; give another file or folder"
            ) from error

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def keep(self, values: Mapping[str, Any]) -> None:
        """Add values, which must be plain JSON.

        Raises:
            DataError: the file cannot be written.
        """
        self._values |= values
        if self._path is None:
            return
        lines = [orjson.dumps({"key": key, "value": value}) + b"\n" for key, value in values.items()]
        try:
            with self._path.open("ab") as stream:
                stream.write(b"".join(lines))
        except OSError as error:
            raise DataError(f"{self._path} cannot be written: {error.strerror}; free some space") from error

    def _read(self, line: bytes) -> None:
        try:
            found = orjson.loads(line)
            self._values[str(found["key"])] = found["value"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return


def key_of(value: object) -> str:
    """A short key of all that something depends on: plain JSON values."""
    return hashlib.blake2b(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS), digest_size=16).hexdigest()
