"""Sittings that tell nearly the same: MinHash and locality-sensitive hashing over word triples of their sentences.

A. Z. Broder, "On the resemblance and containment of documents", 1997; the library is ``datasketch``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from attrs import Factory, define, frozen

from proactive_training.bench.example import Sitting
from proactive_training.bench.needs import need

SIMILAR = 0.8
"""The Jaccard similarity of two sittings' word triples from which on they are near duplicates."""

PERMUTATIONS = 128
"""Hashes of each sitting; the estimate's standard error is at most 0.5 / √128 = 0.044."""

_WORD = re.compile(r"\w+")


@frozen
class Near:
    """Two sittings of different groups, and how alike they are."""

    one: str  #: a sitting's name
    other: str
    similarity: float  #: estimated


@define
class NearDuplicates:
    """Takes in sittings and tells which are near duplicates of those before: from this similarity on."""

    similar: float = SIMILAR
    _index: Any = None
    _empty: Any = None  # copied for each sitting: drawing the permutations takes longer than hashing
    _hashes: dict[str, Any] = Factory(dict)
    _group: dict[str, str] = Factory(dict)

    def add(self, sitting: Sitting, texts: Sequence[str]) -> Iterator[Near]:
        """Add a sitting; its near duplicates of other groups. One whose name is there already is passed over.

        Args:
            texts: the sitting's, event by event (:func:`proactive_training.bench.published_forms.texts_of`).
        """
        if sitting.name in self._hashes:
            return
        if self._index is None:
            datasketch = need("datasketch")
            self._empty = datasketch.MinHash(num_perm=PERMUTATIONS)
            self._index = datasketch.MinHashLSH(threshold=self.similar, num_perm=PERMUTATIONS)
        shingles = shingles_of(texts)
        found = self._empty.copy()
        if shingles:
            found.update_batch([shingle.encode(errors="replace") for shingle in shingles])
            for name in sorted(self._index.query(found)):
                similarity = float(found.jaccard(self._hashes[name]))
                if similarity >= self.similar and self._group[name] != sitting.together:
                    yield Near(name, sitting.name, similarity)
            self._index.insert(sitting.name, found, check_duplication=False)
        self._hashes[sitting.name] = found
        self._group[sitting.name] = sitting.together


def shingles_of(texts: Sequence[str]) -> set[str]:
    """All runs of three words in a sentence, in small letters; of a shorter sentence all its words as one."""
    found: set[str] = set()
    for text in texts:
        words = _WORD.findall(text.lower())
        found.update(" ".join(words[i : i + 3]) for i in range(max(1, len(words) - 2)) if words)
    return found


@define
class UnionFind:
    """Sets that grow together. Names are joined; each set has one name that stands for it."""

    _parent: dict[str, str] = Factory(dict)

    def find(self, name: str) -> str:
        """The name that stands for the set of ``name``."""
        root = name
        while (parent := self._parent.get(root, root)) != root:
            root = parent
        while name != root:
            self._parent[name], name = root, self._parent.get(name, root)
        return root

    def join(self, one: str, other: str) -> None:
        """Make one set of two."""
        self._parent[self.find(one)] = self.find(other)
