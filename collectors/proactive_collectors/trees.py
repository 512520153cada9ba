"""The last syntax trees, kept, and brought up to date where a text differs little from one that was parsed before.

tree-sitter parses again only what an edit touches, if it is told where; that is read off the two texts. A text
typed a line further then costs a fifth of a whole parse or less.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Point, Tree

MAX_TREES = 24
"""Trees kept."""

MAX_BYTES = 1_000_000
"""Bytes of the texts whose trees are kept, all together; a tree takes some ten times its text's memory."""

_HEAD = 64  # a text that shares neither so many first nor last bytes with another is another file
_Key = tuple[str, str]


class Trees:
    """Trees by language and text, least recently used dropped first. Safe in threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, tuple[bytes, Tree]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def of(self, text: str, data: bytes, language: str, grammar: Language) -> Tree:
        """The tree of ``text``, whose bytes are ``data``; must not be edited."""
        from tree_sitter import Parser

        key = language, text
        with self._lock:
            known = self._kept.get(key)
            if known is not None:
                self._kept.move_to_end(key)
                return known[1]
            alike = self._alike(language, data)
        # A parser costs half a microsecond and must not be shared between threads; the grammar may.
        parser = Parser(grammar)
        tree = parser.parse(data) if alike is None else parser.parse(data, _edited(*alike, data))
        with self._lock:
            if key not in self._kept:
                self._size += len(data)
            self._kept[key] = data, tree
            while self._kept and (len(self._kept) > MAX_TREES or self._size > MAX_BYTES):
                self._size -= len(self._kept.popitem(last=False)[1][0])
        return tree

    def _alike(self, language: str, data: bytes) -> tuple[bytes, Tree] | None:
        """The newest kept text of which at least half is left in ``data``, with its tree."""
        head, tail = data[:_HEAD], data[-_HEAD:]
        for (other, _), kept in reversed(self._kept.items()):
            old = kept[0]
            if other == language and (old.startswith(head) or old.endswith(tail)):
                before, after = _shared(old, data)
                if 2 * (before + after) >= max(len(old), len(data)):
                    return kept
        return None


def _edited(old: bytes, tree: Tree, new: bytes) -> Tree:
    """A copy of ``tree`` that knows where ``new`` differs."""
    before, after = _shared(old, new)
    copy = tree.copy()
    copy.edit(
        start_byte=before,
        old_end_byte=len(old) - after,
        new_end_byte=len(new) - after,
        start_point=_point(old, before),
        old_end_point=_point(old, len(old) - after),
        new_end_point=_point(new, len(new) - after),
    )
    return copy


def _point(data: bytes, at: int) -> Point:
    from tree_sitter import Point

    return Point(data.count(b"\n", 0, at), at - data.rfind(b"\n", 0, at) - 1)


def _shared(old: bytes, new: bytes) -> tuple[int, int]:
    """How many bytes at the beginning, and of the rest how many at the end, are the same; halving finds them."""
    most = min(len(old), len(new))
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if old[low:middle] == new[low:middle] else (low, middle - 1)
    before = low
    low, high = 0, most - before
    while low < high:
        middle = (low + high + 1) // 2
        same = old[len(old) - middle : len(old) - low] == new[len(new) - middle : len(new) - low]
        low, high = (middle, high) if same else (low, middle - 1)
    return before, low
