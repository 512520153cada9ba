"""Distils a sentence model into vectors of word pieces and pairs, whose mean over a sentence comes near its
vector.

The student is linear: a sentence's vector is the mean of its pieces' vectors (and of its neighbours', where a
pair is frequent). A piece's vector is, first, what the teacher says of the piece alone, turned by one matrix (as
in static embeddings made from a transformer, Minish's Model2Vec); second, for pieces and pairs seen often
enough, a correction. Both are ridge regressions on the teacher's vectors of a pool of sentences. Since the gate
is linear too, all of it comes down to two numbers a piece (:mod:`proactive_inference.sentence_scores`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from attrs import frozen

from proactive_inference.sentence_scores import MOST_PIECES
from proactive_inference.told_acts import TEXT_LIMIT
from proactive_inference.word_pieces import pieces

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from proactive_training.logistic import Floats

PAIR_COUNT = 40
"""In how many sentences of the pool a pair stands at least to get a vector of its own."""

_STATIC_RIDGE = 0.01  # in the mean variance of the static vectors
_RIDGE = 0.03


@frozen
class Student:
    """Vectors of pieces and of pairs."""

    index: dict[str, int]  #: piece → row
    vectors: Floats  #: (pieces, size)
    pairs: dict[tuple[str, str], int]  #: pair → row
    pair_vectors: Floats  #: (pairs, size)
    middle: Floats  #: (size,): added to every sentence's mean

    def sentence(self, text: str) -> Floats:
        """A sentence's vector: (size,)."""
        found = cut(text, self.index)
        if not found:
            return self.middle
        total = self.vectors[[self.index[piece] for piece in found if piece in self.index]].sum(axis=0)
        known = [self.pairs[pair] for pair in pairwise(found) if pair in self.pairs]
        if known:
            total = total + self.pair_vectors[known].sum(axis=0)
        mean: Floats = self.middle + total / len(found)
        return mean


def cut(text: str, index: dict[str, int]) -> list[str]:
    """A sentence's pieces, as many as count."""
    return pieces(text[:TEXT_LIMIT], index)[:MOST_PIECES]


def distil(
    vocabulary: Sequence[str], static: NDArray[np.float32], pool: Sequence[str], targets: NDArray[np.float32]
) -> Student:
    """The student nearest to the teacher's ``targets`` (pool, size); ``static`` (vocabulary, size) is where it
    begins."""
    import numpy as np

    index = {piece: row for row, piece in enumerate(vocabulary)}
    sentences = [cut(text, index) for text in pool]
    rows = [[index[piece] for piece in found if piece in index] for found in sentences]
    size = static.shape[1]
    means = np.array([static[row].mean(axis=0) if row else np.zeros(size) for row in rows], dtype=np.float64)
    middle = targets.mean(axis=0).astype(np.float64)
    wanted = targets - middle
    gram = means.T @ means
    turn = np.linalg.solve(gram + _STATIC_RIDGE * np.trace(gram) / size * np.eye(size), means.T @ wanted)

    seen = sorted({row for found in rows for row in found})
    column = {row: number for number, row in enumerate(seen)}
    counts = Counter(pair for found in sentences for pair in set(pairwise(found)))
    frequent = sorted(pair for pair, count in counts.items() if count >= PAIR_COUNT)
    pair_column = {pair: len(seen) + number for number, pair in enumerate(frequent)}
    corrections = _ridge(
        [
            Counter(
                [*(column[row] for row in numbers), *(pair_column[p] for p in pairwise(found) if p in pair_column)]
            )
            for found, numbers in zip(sentences, rows, strict=True)
        ],
        [max(len(found), 1) for found in sentences],
        wanted - means @ turn,
        len(seen) + len(frequent),
    )
    vectors = static.astype(np.float64) @ turn
    vectors[seen] += corrections[: len(seen)]
    pairs = {pair: number for number, pair in enumerate(frequent)}
    return Student(index, vectors, pairs, corrections[len(seen) :], middle)


def _ridge(counts: Sequence[Counter[int]], lengths: Sequence[int], wanted: Floats, columns: int) -> Floats:
    """Coefficients (columns, size) of the sentences' mean counts, with a quadratic penalty."""
    import numpy as np

    gram = np.zeros((columns, columns))
    moment = np.zeros((columns, wanted.shape[1]))
    for start in range(0, len(counts), 2048):
        block = np.zeros((min(2048, len(counts) - start), columns), dtype=np.float32)
        for offset, found in enumerate(counts[start : start + 2048]):
            for number, count in found.items():
                block[offset, number] = count / lengths[start + offset]
        gram += block.T @ block
        moment += block.T @ wanted[start : start + 2048]
    gram[np.diag_indices_from(gram)] += _RIDGE
    return np.asarray(np.linalg.solve(gram, moment), dtype=np.float64)


def agreement(student: Student, sentences: Sequence[str], targets: NDArray[np.float32]) -> float:
    """The share of the teacher's variance over sentences that the student has: 1 is all of it."""
    import numpy as np

    made = np.array([student.sentence(text) for text in sentences])
    missed = float(((made - targets) ** 2).sum())
    return 1 - missed / float(((targets - targets.mean(axis=0)) ** 2).sum())
