"""A git directory, read object by object with plumbing commands; nothing is checked out, fetched or run."""

from __future__ import annotations

import os
import subprocess
import time
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from proactive_training.errors import DataError

MAX_BYTES = 500_000
"""Larger files are not read."""

_KEPT_CHARACTERS = 32_000_000
"""How much text of blobs that were read is held; what was read longest ago goes first."""


class Git:
    """Reads a repository; use it as a context manager.

    Args:
        folder: a git directory or a work tree.

    Attributes:
        reading: CPU seconds that this process spent on blobs.
        environment: the variables that git is run with.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.reading = 0.0
        self._command = ["git", "-c", "core.quotePath=false", "-C", str(folder)]
        # What lies in the repository's own configuration must not make git fetch or run anything.
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
        }
        self._held: OrderedDict[str, str | None] = OrderedDict()
        self._size = 0

    def __enter__(self) -> Git:
        self._cat = subprocess.Popen(
            [*self._command, "cat-file", "--batch"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self.environment,
        )  # fmt: skip
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._cat.communicate()

    def run(self, *arguments: str) -> str:
        """What a git command prints.

        Raises:
            DataError: git says no.
        """
        done = subprocess.run(
            [*self._command, *arguments],
            capture_output=True,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise DataError(f"{self.folder}: git {arguments[0]}: {said[-1] if said else done.returncode}")
        return done.stdout.decode("utf-8", "surrogateescape")

    def stream(self, *arguments: str, end: bytes) -> Iterator[bytes]:
        """What a git command prints, piece by piece as ``end`` cuts it; the command ends with the iterator."""
        process = subprocess.Popen(
            [*self._command, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=self.environment,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            rest = b""
            while chunk := process.stdout.read1(1 << 16):  # type: ignore[attr-defined]
                *pieces, rest = (rest + chunk).split(end)
                yield from pieces
            if rest:
                yield rest
        finally:
            process.kill()
            process.communicate()

    def tree(self, commit: str) -> dict[str, str]:
        """The regular files of a commit: path to blob. Paths that are not UTF-8 are left out."""
        found = {}
        for entry in self.run("ls-tree", "-r", "-z", commit).split("\0")[:-1]:
            mode, path = entry.split("\t", 1)
            if mode.startswith("100") and path.isprintable():
                found[path] = mode.split()[2]
        return found

    def text(self, blob: str) -> str | None:
        """A file's text, ``None`` if it is missing, too large, binary or not UTF-8."""
        if blob in self._held:
            self._held.move_to_end(blob)
            return self._held[blob]
        begun = time.process_time()
        text = self._held[blob] = self._blob(blob)
        self._size += len(text or "") + 100
        while self._size > _KEPT_CHARACTERS:
            _, gone = self._held.popitem(last=False)
            self._size -= len(gone or "") + 100
        self.reading += time.process_time() - begun
        return text

    def _blob(self, blob: str) -> str | None:
        assert self._cat.stdin and self._cat.stdout
        self._cat.stdin.write(blob.encode() + b"\n")
        self._cat.stdin.flush()
        header = self._cat.stdout.readline().split()
        if len(header) < 3:
            return None
        size = int(header[2])
        if size > MAX_BYTES:  # passed over in pieces: it may be larger than memory
            left = size + 1
            while left:
                left -= len(self._cat.stdout.read(min(left, 1 << 20)))
            return None
        data = self._cat.stdout.read(size + 1)[:-1]
        try:
            return data.decode("utf-8") if b"\0" not in data else None
        except UnicodeDecodeError:
            return None
