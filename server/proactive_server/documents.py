"""The documents that the editor has open, changed in place, and read as snapshots from other threads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Any

from proactive_collectors.buffer import TextBuffer
from proactive_collectors.text import Change, Position, Range, shared_ends
from proactive_collectors.uris import canonical
from proactive_collectors.workspace import Document
from proactive_server.positions import Units


class OpenDocument:
    """One document. Changed by the event loop alone; `snapshot` may be called from any thread."""

    def __init__(self, client_uri: str, language: str, version: int, text: str) -> None:
        self.client_uri = client_uri  #: as the editor spells it
        self.uri = canonical(client_uri)
        self.language = language
        self.version = version
        self._buffer = TextBuffer(text)
        self._lock = Lock()
        self._snapshot: Document | None = None
        self.last_line = 0  #: where it was changed last

    @property
    def lines(self) -> Sequence[str]:
        """The lines with their ends. For the event loop; it is the live sequence, not a copy."""
        return self._buffer.lines

    def apply(self, content_changes: Sequence[Any], version: int, units: Units) -> list[Change]:
        """Apply what a ``textDocument/didChange`` carries, as JSON has it.

        Raises:
            KeyError, TypeError: a change is malformed; those before it have been applied.
        """
        made: list[Change] = []
        with self._lock:
            self._snapshot = None
            self.version = version
            for item in content_changes:
                plain = item.get("range")
                if plain is None:
                    change = self._replace_all(item["text"])
                else:
                    range_ = units.range_in(self._buffer.lines, plain)
                    change = self._buffer.replace(range_, item["text"])
                made.append(change)
        if made:
            self.last_line = made[-1].range.start.line
        return made

    def _replace_all(self, text: str) -> Change:
        """Take the whole text anew, as the smallest change of whole lines that leads there."""
        new = TextBuffer(text).lines
        old = self._buffer.lines
        head, tail = shared_ends(old, new)
        if tail:
            end = Position(len(old) - tail, 0)
        else:
            if head and head == min(
                len(old), len(new)
            ):  # one text is the beginning of the other: keep the last line in the change
                head -= 1
            end = Position(len(old) - 1, len(old[-1]))
        return self._buffer.replace(Range(Position(head, 0), end), "".join(new[head : len(new) - tail]))

    def snapshot(self) -> Document:
        """The document as it stands."""
        with self._lock:
            if self._snapshot is None:
                self._snapshot = Document(self.uri, self._buffer.text, self.version, self.language)
            return self._snapshot


class Documents:
    """All open documents with a ``file:`` URI, by either spelling of it; others are none of our business."""

    def __init__(self) -> None:
        self.units = Units()
        self.latest: OpenDocument | None = None  #: the one that was opened or changed last, if it is still open
        self._by_uri: dict[str, OpenDocument] = {}  # the canonical and the client's spelling, both

    def __iter__(self) -> Iterator[OpenDocument]:
        return iter({id(document): document for document in tuple(self._by_uri.values())}.values())

    def open(self, uri: str, language: str, version: int, text: str) -> OpenDocument | None:
        """Take up a document; ``None`` if it is not a file."""
        if not uri.startswith("file:"):
            return None
        document = OpenDocument(uri, language, version, text)
        self._by_uri[uri] = self._by_uri[document.uri] = self.latest = document
        return document

    def close(self, uri: str) -> OpenDocument | None:
        """Let go of a document."""
        document = self.get(uri)
        if document is not None:
            self._by_uri.pop(document.uri, None)
            self._by_uri.pop(document.client_uri, None)
            if self.latest is document:
                self.latest = next(iter(self), None)
        return document

    def get(self, uri: str) -> OpenDocument | None:
        """The open document with this URI."""
        return self._by_uri.get(uri) or self._by_uri.get(canonical(uri))

    def client_uri(self, uri: str) -> str:
        """The URI as the editor spells it, if it has it open."""
        document = self._by_uri.get(uri)
        return document.client_uri if document else uri

    # What the workspace view needs; called from the worker's thread.

    def overlay(self, uri: str) -> Document | None:
        """The open document with this URI as it stands; thread-safe."""
        document = self._by_uri.get(uri)
        return document.snapshot() if document else None

    def open_uris(self) -> tuple[str, ...]:
        """The canonical URIs of the open documents; thread-safe."""
        return tuple(dict.fromkeys(document.uri for document in tuple(self._by_uri.values())))
