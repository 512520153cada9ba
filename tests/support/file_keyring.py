"""A keyring for tests: keeps what it is given in the file that ``TEST_KEYRING_FILE`` names, and can be locked."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked


class FileKeyring(KeyringBackend):
    """``TEST_KEYRING_STATE`` is empty, ``locked`` (it refuses), or ``asking`` (it waits for somebody)."""

    priority = 1.0  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        return self._read().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._write({**self._read(), f"{service} {username}": password})

    def delete_password(self, service: str, username: str) -> None:
        kept = self._read()
        del kept[f"{service} {username}"]
        self._write(kept)

    @property
    def _path(self) -> Path:
        return Path(os.environ["TEST_KEYRING_FILE"])

    def _read(self) -> dict[str, str]:
        state = os.environ.get("TEST_KEYRING_STATE")
        if state == "locked":
            raise KeyringLocked("locked")
        while os.environ.get("TEST_KEYRING_STATE") == "asking":
            time.sleep(0.02)
        return dict(json.loads(self._path.read_text())) if self._path.exists() else {}

    def _write(self, kept: dict[str, str]) -> None:
        self._path.write_text(json.dumps(kept))
