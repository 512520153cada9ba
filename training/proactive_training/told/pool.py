"""Sentences to learn a sentence model's view of words from: given ones, pieces of them, and mixtures."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

_QUOTED = re.compile(r"'[^']{3,}'")


def sentence_pool(sentences: Sequence[str], size: int, seed: int = 0) -> list[str]:
    """The sentences and up to ``size`` altogether, all different: spans, two halves joined, other quotations.

    What is made need not make sense: a teacher has a vector for any words, and the student is to agree on all.
    """
    rng = random.Random(seed)
    given = list(dict.fromkeys(sentences))
    quotations = [found.group(0) for sentence in given for found in _QUOTED.finditer(sentence)]
    pool = dict.fromkeys(given)
    for _ in range(4 * max(size - len(pool), 0)):
        if len(pool) >= size:
            break
        sentence, draw = rng.choice(given), rng.random()
        if draw < 0.3:
            made = _span(sentence, rng)
        elif draw < 0.7 or not quotations:
            made = _joined(sentence, rng.choice(given), rng)
        else:
            made = _QUOTED.sub(lambda _: rng.choice(quotations), sentence)
        pool[made] = None
    return list(pool)


def _span(sentence: str, rng: random.Random) -> str:
    words = sentence.split()
    if len(words) < 4:
        return sentence
    start = rng.randrange(len(words) - 2)
    return " ".join(words[start : rng.randrange(start + 2, len(words) + 1)])


def _joined(one: str, other: str, rng: random.Random) -> str:
    first, second = one.split(), other.split()
    return " ".join((*first[: rng.randrange(1, len(first) + 1)], *second[rng.randrange(len(second)) :]))
