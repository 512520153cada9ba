"""A `WorkspaceView` over real folders: what the editor has open wins over the disk, and neither over the rules."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePath

from proactive_collectors.exclusion import Exclusion
from proactive_collectors.file_texts import FileTexts
from proactive_collectors.listings import Listings
from proactive_collectors.uris import canonical, to_path, to_uri
from proactive_collectors.workspace import Document

MAX_FILES = 10_000
"""Files looked at in one walk, those nearest to the folders first."""

MAX_DIRECTORIES = 3_000
"""Directories entered in one walk."""


class FolderWorkspace:
    """The readable files below ``folders`` (URIs); see :class:`proactive_collectors.workspace.WorkspaceView`.

    ``overlay`` gives the editor's buffer of a URI, ``open_uris`` those that have one. Every answer is of the
    moment: what was read before is used again only where the file system's own times say that it still stands.
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
        self._texts = FileTexts()
        self._listings = Listings(exclusion)

    def folders(self) -> tuple[str, ...]:
        """The URIs of the workspace folders."""
        return self._uris

    def document(self, uri: str) -> Document | None:
        """The file at ``uri``, as the editor shows it if open there, else as on disk; ``None`` if not readable."""
        path = to_path(uri)
        if path is None:
            return None
        buffer = self._buffer(uri, path)
        if buffer is None and not os.path.lexists(path):
            return None  # most questions after files that may be there end here, and cheaply
        if self._exclusion.excluded(path):
            return None
        return buffer or self._texts.read(os.fspath(path))

    def documents(self, *suffixes: str) -> Iterator[Document]:
        """Every readable file whose name ends so (all, without an argument): open ones first, then by path.

        Each file comes once, whatever links lead to it: by the name it is open under, or its own.
        """
        seen: set[str] = set()  # links followed
        for uri in self._open_uris():
            path = to_path(uri)
            if path is None or (suffixes and not path.name.endswith(suffixes)):
                continue
            if (document := self.document(uri)) is not None and (real := self._exclusion.real(path)) not in seen:
                seen.add(real)
                yield document
        self._texts.begin_walk()
        links: list[tuple[str, str]] = []
        for file, real, link in self._walk(suffixes):
            if link:
                links.append((file, real))
            elif real not in seen:
                seen.add(real)
                if (document := self._texts.read(file, link=False, walking=True)) is not None:
                    yield document
        for file, real in links:
            if real not in seen:
                seen.add(real)
                if (document := self._texts.read(file, walking=True)) is not None:
                    yield document

    def resolve(self, path: str, *, cwd: str | None = None) -> str | None:
        """The URI of the file that a tool printed as ``path``, looked for in ``cwd`` and the folders.

        Where neither has it, a file whose path ends so counts, if it is the only one. Tools print paths with links
        followed; the URI is that of the file as it is open, or as the folders are spelled.
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
        if self._buffer(uri, path) is not None:
            return uri
        try:
            there = path.is_file()
        except OSError:
            there = False
        return self._named(path) if there else None

    def _named(self, path: Path) -> str:
        """The URI of a file by the name it is open under, else by one below the folders as they are spelled."""
        real = self._exclusion.real(path)
        for uri in self._open_uris():
            opened = to_path(uri)
            if (
                opened is not None
                and self._exclusion.real(opened) == real
                and not self._exclusion.excluded(opened)
            ):
                return uri
        if not any(path.is_relative_to(root) for root in self._roots):
            for root in self._roots:
                if (below := Path(real)).is_relative_to(real_root := os.path.realpath(root)):
                    return to_uri(root / below.relative_to(real_root))
        return to_uri(path)

    def _by_suffix(self, printed: str) -> str | None:
        parts = [part for part in printed.replace("\\", "/").split("/") if part != "."]
        if not parts or ".." in parts:
            return None
        end = os.sep + str(PurePath(*parts))
        found: dict[str, str] = {}  # by its path with links followed
        for path, real, link in self._walk((parts[-1],)):
            if path.endswith(end) and (real not in found or not link):
                found[real] = path
                if len(found) > 1:
                    return None
        return self._named(Path(*found.values())) if found else None

    def _buffer(self, uri: str, path: Path) -> Document | None:
        document = self._overlay(uri)
        if document is None and (spelled := to_uri(path)) != uri:
            document = self._overlay(spelled)
        return document

    def _walk(self, suffixes: tuple[str, ...]) -> Iterator[tuple[str, str, bool]]:
        """Paths breadth first, each level by name; the same with links followed; and whether they are links.

        No link to a directory is followed, so there are no loops.
        """
        left = MAX_FILES
        entered = 0
        waiting = deque((os.fspath(root), os.path.realpath(root)) for root in self._roots)
        roots = len(waiting)
        seen: set[str] = set()
        while waiting and entered < MAX_DIRECTORIES:
            directory, real = waiting.popleft()
            roots -= 1
            if real in seen:
                continue
            seen.add(real)
            if roots >= 0 and self._exclusion.excluded(Path(real)):
                continue
            entered += 1
            listing = self._listings.of(real, left, folder=roots >= 0)
            waiting.extend((_below(directory, name), _below(real, name)) for name in listing.directories)
            for name, link in listing.files:
                if suffixes and not name.endswith(suffixes):
                    continue
                path = _below(directory, name)
                if not link:
                    yield path, _below(real, name), False
                elif not self._exclusion.excluded(Path(path)):
                    yield path, self._exclusion.real(Path(path)), True
            left -= listing.size
            if left <= 0:
                return


def _below(directory: str, name: str) -> str:
    return directory + name if directory.endswith(os.sep) else directory + os.sep + name
