"""Cuts text into the pieces of a WordPiece vocabulary, as BERT's uncased models do, without their library.

The rule (Devlin et al., 2019, and Wu et al., 2016): text is put in lower case, accents are dropped, punctuation
and Chinese characters stand alone; each word is then cut from the left into the longest pieces that the
vocabulary has, those after the first marked by ``##``. A word that cannot be cut so is one unknown piece.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Container

UNKNOWN = "[UNK]"
LONGEST_WORD = 100
"""A longer word is one unknown piece, as in BERT."""


def pieces(text: str, vocabulary: Container[str]) -> list[str]:
    """The pieces of a text, in order; none for white space alone."""
    return [piece for word in words(text) for piece in _cut(word, vocabulary)]


def words(text: str) -> list[str]:
    """What is cut by itself: words without accents in lower case, single punctuation marks, Chinese characters."""
    found: list[str] = []
    word: list[str] = []
    for letter in unicodedata.normalize("NFD", text):
        category = unicodedata.category(letter)
        if (
            category == "Mn"
            or (category in ("Cc", "Cf", "Co", "Cs") and letter not in "\t\n\r")
            or letter == "\ufffd"
        ):
            continue
        if letter.isspace() or _alone(letter, category):
            if word:
                found.append("".join(word))
                word.clear()
            if not letter.isspace():
                found.append(letter)
        else:
            word.append(letter.lower())  # letter by letter: a final sigma is a sigma
    if word:
        found.append("".join(word))
    return found


def _alone(letter: str, category: str) -> bool:
    """Punctuation (all of ASCII's symbols too), and the characters that Chinese is written with."""
    code = ord(letter)
    if code < 128:
        return not letter.isalnum() and not letter.isspace()
    return category.startswith("P") or any(first <= code <= last for first, last in _CHINESE)


_CHINESE = (
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
)  # fmt: skip


def _cut(word: str, vocabulary: Container[str]) -> list[str]:
    if len(word) > LONGEST_WORD:
        return [UNKNOWN]
    found: list[str] = []
    start = 0
    while start < len(word):
        end = len(word)
        while end > start:
            piece = word[start:end] if start == 0 else f"##{word[start:end]}"
            if piece in vocabulary:
                break
            end -= 1
        if end == start:
            return [UNKNOWN]
        found.append(piece)
        start = end
    return found
