"""The workspace as this play reads it: bounded, filtered, and with what was read out of texts kept for later."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from proactive_collectors.workspace import Document, WorkspaceView
from proactive_inference.plays.repeated_edit.files import untouchable, untouchable_name
from proactive_inference.plays.repeated_edit.roles import Source

MAX_FILES = 2_000
"""How many files are looked through at most."""

MAX_PARSED = 24
"""How many files with the old spelling are parsed at most; beyond, a replacement is too wide to offer anyway."""

MAX_PARSED_CHARACTERS = 600_000
"""Nor are they longer than this together (code points): to parse so much takes a tenth of a second."""

_KEPT = 64


class Cache:
    """Sources by address and content, least recently used dropped first."""

    def __init__(self) -> None:
        self._sources: OrderedDict[tuple[str, str], Source] = OrderedDict()

    def source(self, document: Document) -> Source:
        """The document with whatever was already read out of it."""
        key = document.uri, document.text
        source = self._sources.pop(key, None)
        if source is None or source.document.language != document.language:
            source = Source(document)
        elif source.document.version != document.version:
            source = source.at_version(document)
        self._sources[key] = source
        while len(self._sources) > _KEPT:
            self._sources.popitem(last=False)
        return source

    def knows(self, document: Document) -> bool:
        """Whether this very text was asked for before, and so may be touched as far as the text says."""
        return (document.uri, document.text) in self._sources

    def rest(self) -> None:
        """Let go of what only the moment itself needs."""
        for source in self._sources.values():
            source.forget_tree()


class Library:
    """The files that may be edited, for one moment."""

    def __init__(self, workspace: WorkspaceView, cache: Cache) -> None:
        self._workspace = workspace
        self._cache = cache
        self._folders = workspace.folders()
        self._all: list[Document] | None = None
        self._allowed: dict[str, bool] = {}
        self._sources: dict[str, Source | None] = {}

    def source(self, uri: str) -> Source | None:
        """One file, ``None`` where it cannot be read or is left alone."""
        if uri not in self._sources:
            document = self._workspace.document(uri)
            readable = document is not None and self._may_touch(document)
            self._sources[uri] = self._cache.source(document) if document is not None and readable else None
        return self._sources[uri]

    def containing(self, spelling: str) -> list[Source] | None:
        """The files in which ``spelling`` stands; ``None`` if they are too many."""
        found = []
        left = MAX_PARSED_CHARACTERS
        for document in self._documents():
            if spelling in document.text and self._may_touch(document):
                source = self.source(document.uri)
                if source is None:
                    continue
                found.append(source)
                left -= len(source.text) if source.parsed else 0
                if len(found) > MAX_PARSED or left < 0:
                    return None
        return found

    def has_file(self, path: str) -> bool:
        """Whether a file of the workspace ends in these whole parts of a path."""
        tail = "/" + path.lstrip("./")
        return any(document.uri.endswith(tail) for document in self._documents())

    def _documents(self) -> Iterator[Document]:
        if self._all is None:
            self._all = []
            for document in self._workspace.documents():
                self._all.append(document)
                if len(self._all) >= MAX_FILES:
                    break
        yield from self._all

    def _may_touch(self, document: Document) -> bool:
        allowed = self._allowed.get(document.uri)
        if allowed is None:
            named = untouchable_name(document.uri, self._folders)
            allowed = not named and (self._cache.knows(document) or not untouchable(document, self._folders))
            self._allowed[document.uri] = allowed
        return allowed
