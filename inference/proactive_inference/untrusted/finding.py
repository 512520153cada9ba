"""Finds text that wants to be obeyed: whether, of what sort, and in which lines."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache

from proactive_inference.untrusted.forms import FORMS, SHELL, SHELL_WORDS
from proactive_inference.untrusted.phrases import BEGINNING, BEGINS, SQUEEZED, Phrase, compiled, phrases
from proactive_inference.untrusted.sorts import Sort
from proactive_inference.untrusted.unmasking import decoded, squeezed, unmasked, variants, vocabulary, words

__all__ = ["Sort", "readings", "suspicious", "suspicious_lines"]

DEEPEST = 2
"""How many codes inside one another are opened."""

FOLLOWING = 3
"""How many lines after one that gives itself away go with it, up to a blank one: an order seldom ends at once."""

JOINED = 6
"""Over how many lines one order may be spread."""

MOST_LINES = 2000
"""Of how many lines a text is searched for the ones that have to go."""

MOST_CHARACTERS = 200_000
"""How much of one text is looked at; what is told of an event is far shorter."""

NATURAL_WORDS = 4
"""From how many words on what was hidden in a code is a message, whatever it says."""


@lru_cache(1024)
def suspicious(text: str, *, command: bool = False) -> Sort | None:
    """What gives a text away, or ``None``. Linear in its length.

    Args:
        text: of one field of an event, a file, an answer.
        command: whether it is one that the person ran: what it does is their own affair.
    """
    return _sort(text[:MOST_CHARACTERS], 0, command)


def readings(text: str) -> tuple[str, ...]:
    """An unmasked text and what its codes say: where words are looked for that a task has in common with it."""
    found = [unmasked(text[:MOST_CHARACTERS])]
    for depth in range(DEEPEST):
        found += [hidden for piece in found[depth:] for hidden in decoded(piece) if hidden not in found]
    for piece in tuple(found):
        found += [other for other in variants(piece) if other not in found]
    return tuple(found)


def suspicious_lines(lines: list[str]) -> set[int]:
    """Which of the lines of a suspicious text have to go; never none, and all of a text of very many lines."""
    if len(lines) > MOST_LINES:
        return set(range(len(lines)))
    found = _narrowed(lines, 0, len(lines))
    for n in sorted(found):
        for following in range(n + 1, min(n + 1 + FOLLOWING, len(lines))):
            if not lines[following].strip():
                break
            found.add(following)
    return found or set(range(len(lines)))


def _narrowed(lines: list[str], start: int, end: int) -> set[int]:
    """The lines from ``start`` to ``end`` that give themselves away, alone or with those around them."""
    if suspicious("\n".join(lines[start:end])) is None:
        return set()
    if end - start > 2 * JOINED:
        middle = (start + end) // 2
        found = _narrowed(lines, start, middle + JOINED) | _narrowed(lines, middle, end)
        return found or set(range(start, end))
    found = {n for n in range(start, end) if suspicious(lines[n])}
    for size in range(2, JOINED + 1):
        for first in range(start, end - size + 1):
            piece = range(first, first + size)
            if found.isdisjoint(piece) and suspicious("\n".join(lines[first : first + size])):
                found.update(piece)
    return found or set(range(start, end))


def _sort(text: str, depth: int, command: bool) -> Sort | None:
    if len(text) < 8:
        return None
    seen = unmasked(text)
    for variant in variants(seen):
        known = vocabulary(variant)
        if sort := _spoken(variant, known):
            return sort
        if SQUEEZED.search(squeezed(variant)):
            return Sort.OVERRIDE
        if _has(FORMS, variant):
            return Sort.FORM
        if not command and not SHELL_WORDS.isdisjoint(known) and _has(SHELL, variant):
            return Sort.SHELL
    if depth < DEEPEST:
        for hidden in decoded(seen):
            if _is_message(hidden) or _sort(hidden, depth + 1, False):
                return Sort.HIDDEN
    return None


def _spoken(text: str, vocabulary: set[str]) -> Sort | None:
    """By its words."""
    keys = {word[:BEGINNING] for word in vocabulary}
    separated = ""
    for phrase, needles, also in _phrases():
        if needles:
            if keys.isdisjoint(needles) or (also and keys.isdisjoint(also)):
                continue
        elif text.isascii():
            continue
        separated = separated or words(text)
        pattern = compiled(phrase.pattern)
        if pattern.search(separated) or (
            "\n" in text
            and BEGINS in phrase.pattern
            and any(pattern.search(words(line)) for line in text.split("\n"))
        ):
            return phrase.sort
    return None


def _has(patterns: Iterable[tuple[tuple[str, ...], str]], text: str) -> bool:
    return any(
        compiled(pattern).search(text)
        for needles, pattern in patterns
        if any(needle in text for needle in needles)
    )


def _is_message(text: str) -> bool:
    """Whether what a code said is a sentence rather than data."""
    plain = [word for word in text.split() if word.strip(".,:;!?'\"()").isalpha()]
    return len(plain) >= NATURAL_WORDS and sum(map(len, plain)) >= 0.6 * len(text)


@cache
def _phrases() -> tuple[tuple[Phrase, frozenset[str], frozenset[str]], ...]:
    return tuple((p, frozenset(p.needles.split()), frozenset(p.also.split())) for p in phrases())
