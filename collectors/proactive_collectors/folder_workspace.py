"""A `WorkspaceView` over real folders: what the editor has open wins over the disk, and neither over the rules."""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from proactive_collectors.exclusion import Exclusion
from proactive_collectors.uris import canonical, to_path, to_uri
from proactive_collectors.workspace import Document

MAX_BYTES = 1_000_000
"""A larger file is data, not something a person edits by hand."""

MAX_FILES = 20_000
"""Files looked at in one walk, those nearest to the folders first."""

MAX_DIRECTORIES = 5_000
"""Directories entered in one walk."""

HEAVY = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", ".tox", ".nox", ".mypy_cache"})
"""Directories that are generated whoever forgot to ignore them; never walked into, yet readable by name."""

_SNIFF = 8192  # git looks for a zero byte in the first 8000, too


class FolderWorkspace:
    """The readable files below ``folders`` (URIs); see :class:`proactive_collectors.workspace.WorkspaceView`.

    ``overlay`` gives the editor's buffer of a URI, ``open_uris`` those that have one. Nothing is kept between
    calls: every answer is of the moment.
    """

    def __init__(
        self,
        folders: Sequence[str],
        exclusion: Exclusion,
        overlay: Callable[[str], Document | None],
        open_uris: Callable[[], Sequence[str]],
    ) -> None:
        self._uris = tuple(dict.fromkeys(canonical(folder) for folder in folders))
        self._roots = tuple(Path(path) for uri in self._uris if (path := to_path(uri)) is not None)
        self._exclusion = exclusion
        self._overlay = overlay
        self._open_uris = open_uris

    def folders(self) -> tuple[str, ...]:
        """The URIs of the workspace folders."""
        return self._uris

    def document(self, uri: str) -> Document | None:
        """The file at ``uri``, as the editor shows it if open there, else as on disk; ``None`` if not readable."""
        path = to_path(uri)
        if path is None or self._exclusion.excluded(path):
            return None
        return self._buffer(uri) or self._read(path)

    def documents(self, *suffixes: str) -> Iterator[Document]:
        """Every readable file whose name ends so (all, without an argument): open ones first, then by path."""
        seen: set[str] = set()
        for uri in self._open_uris():
            path = to_path(uri)
            if path is None or (suffixes and not path.name.endswith(suffixes)):
                continue
            if (key := canonical(uri)) not in seen and (document := self.document(uri)) is not None:
                seen.add(key)
                yield document
        for path in self._walk(suffixes):
            if to_uri(path) not in seen and (document := self._read(path)) is not None:
                yield document

    def resolve(self, path: str, *, cwd: str | None = None) -> str | None:
        """The URI of the file that a tool printed as ``path``, looked for in ``cwd`` and the folders.

        Where neither has it, a file whose path ends so counts, if it is the only one.
        """
        printed = path.strip()
        if not printed or "\0" in printed or len(printed) > 4096:
            return None
        if printed.startswith("file:"):
            found = to_path(printed)
            return self._existing(found) if found is not None else None
        for base in ([Path(cwd)] if cwd else []) + list(self._roots):
            if base.is_absolute() and (uri := self._existing(base / printed)) is not None:
                return uri
        return None if Path(printed).is_absolute() else self._by_suffix(printed)

    # -- files

    def _existing(self, path: Path) -> str | None:
        path = Path(os.path.normpath(path))
        if not path.is_absolute() or self._exclusion.excluded(path):
            return None
        uri = to_uri(path)
        try:
            there = path.is_file()
        except OSError:
            there = False
        return uri if there or self._buffer(uri) is not None else None

    def _by_suffix(self, printed: str) -> str | None:
        parts = [part for part in printed.replace("\\", "/").split("/") if part != "."]
        if not parts or ".." in parts:
            return None
        found: str | None = None
        for path in self._walk((parts[-1],)):
            if list(path.parts[-len(parts) :]) == parts:
                if found is not None:
                    return None
                found = to_uri(path)
        return found

    def _buffer(self, uri: str) -> Document | None:
        document = self._overlay(uri)
        if document is None and (spelled := canonical(uri)) != uri:
            document = self._overlay(spelled)
        return document

    def _read(self, path: Path) -> Document | None:
        try:
            with open(path, "rb", opener=_without_waiting) as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
                    return None
                raw = file.read(MAX_BYTES + 1)
        except (OSError, ValueError):
            return None
        if len(raw) > MAX_BYTES or b"\0" in raw[:_SNIFF]:
            return None
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            return None  # a guess at another encoding would damage the file once an edit is written back
        from proactive_collectors.languages import language_of

        return Document(uri=to_uri(path), text=text, language=language_of(path.name))

    def _walk(self, suffixes: tuple[str, ...]) -> Iterator[Path]:
        """Paths breadth first, each level by name; links to directories are not followed, so no loops."""
        left = MAX_FILES
        entered = 0
        waiting = deque(self._roots)
        seen: set[str] = set()
        while waiting and entered < MAX_DIRECTORIES:
            directory = waiting.popleft()
            if (real := os.path.realpath(directory)) in seen:
                continue
            seen.add(real)
            entered += 1
            try:
                with os.scandir(directory) as entries:
                    listed = sorted(entries, key=lambda entry: entry.name)
            except OSError:
                continue
            for entry in listed:
                path = Path(entry.path)
                if _is_directory(entry):
                    if entry.name not in HEAVY and not self._exclusion.excluded(path):
                        waiting.append(path)
                    continue
                left -= 1
                if left < 0:
                    return
                if suffixes and not entry.name.endswith(suffixes):
                    continue
                if not self._exclusion.excluded(path):
                    yield path


def _is_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _without_waiting(path: str, flags: int) -> int:
    # Opening a pipe without a writer would block for ever.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
