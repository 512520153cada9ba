"""Texts of files on disk, kept while the file stays what it was, in bounded memory."""

from __future__ import annotations

import os
import stat
import sys
from collections import OrderedDict

from attrs import define

from proactive_collectors.stamps import Stamp, settled, stamp_of
from proactive_collectors.uris import to_uri
from proactive_collectors.workspace import Document

MAX_BYTES = 1_000_000
"""A larger file is data, not something a person edits by hand."""

MAX_KEPT = 16_000_000
"""Bytes of memory that the texts kept may take, all together."""

_OVERHEAD = 800  # bytes of a kept file besides its text: path, URI, stamp, the document itself
_WALKS = 4
_SNIFF = 8192  # git looks for a zero byte in the first 8000, too


@define
class _Kept:
    stamp: Stamp
    settled: bool
    document: Document | None
    walk: int  # when it was last asked for

    @property
    def size(self) -> int:
        return _OVERHEAD + (sys.getsizeof(self.document.text) if self.document is not None else 0)


class FileTexts:
    """Reads files, and reads them again only when they have changed. Not thread-safe."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._size = 0
        self._walk = 0

    def begin_walk(self) -> None:
        """Note that all files are about to be read, one after the other."""
        self._walk += 1

    def read(self, path: str, *, link: bool = True, walking: bool = False) -> Document | None:
        """The file's text as it is now; ``None`` if it is not there, no text, or too long.

        ``link`` says whether a link is followed, ``walking`` that this is one step of a walk: it then drops
        nothing that the last walks have read, since a walk over more than can be kept would find nothing
        left of itself.
        """
        kept = self._kept.get(path)
        if kept is not None:
            try:
                stamp = stamp_of(os.lstat(path) if not link else os.stat(path))
            except (OSError, ValueError):
                self._drop(path)
                return None
            if kept.settled and kept.stamp == stamp:
                kept.walk = self._walk
                self._kept.move_to_end(path)
                return kept.document
        try:
            with open(path, "rb", opener=_following if link else _not_following) as file:
                status = os.fstat(file.fileno())
                stamp = stamp_of(status)
                still = settled(stamp)
                fits = stat.S_ISREG(status.st_mode) and status.st_size <= MAX_BYTES
                raw = file.read(MAX_BYTES + 1) if fits else b"\0"
        except (OSError, ValueError):
            self._drop(path)
            return None
        document = _document(path, raw)
        self._keep(path, _Kept(stamp, still, document, self._walk), walking=walking)
        return document

    def _keep(self, path: str, new: _Kept, *, walking: bool) -> None:
        self._drop(path)
        while self._kept and self._size + new.size > MAX_KEPT:
            oldest = next(iter(self._kept))
            if walking and self._kept[oldest].walk > self._walk - _WALKS:
                return
            self._drop(oldest)
        self._kept[path] = new
        self._size += new.size

    def _drop(self, path: str) -> None:
        if (kept := self._kept.pop(path, None)) is not None:
            self._size -= kept.size


def _document(path: str, raw: bytes) -> Document | None:
    if len(raw) > MAX_BYTES or b"\0" in raw[:_SNIFF]:
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None  # a guess at another encoding would damage the file once an edit is written back
    from proactive_collectors.languages import language_of

    return Document(uri=to_uri(path), text=text, language=language_of(path.rsplit(os.sep, 1)[-1]))


def _following(path: str, flags: int) -> int:
    # Opening a pipe without a writer would block for ever.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _not_following(path: str, flags: int) -> int:
    return _following(path, flags | getattr(os, "O_NOFOLLOW", 0))
