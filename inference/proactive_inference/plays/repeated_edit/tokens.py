"""Words, flags and paths in a text: where one begins and ends, how telling it is, and where else it stands.

Three widths of a spelling matter. Around ``dir`` in ``see docs/cache-dir.md`` they are the *word* ``dir``, the
*compound* ``cache-dir``, and the *path* ``docs/cache-dir.md``. Program code has words only, since there a hyphen
subtracts and a dot selects; in strings, comments, prose and configuration a word inside a compound is a part of a
longer word and never replaced on its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise


def words(text: str) -> frozenset[str]:
    """The words of a list that is written as text."""
    return frozenset(text.split())


class Width(StrEnum):
    """How far a spelling reaches."""

    WORD = "word"
    COMPOUND = "compound"
    PATH = "path"


WORD = re.compile(r"[\w$]+")
PIECE = re.compile(r"[\w$]+|\n|[^\S\n]+|[^\w\s$]")
"""What a text is cut into to compare two versions of it."""

_INNER = {Width.WORD: frozenset(), Width.COMPOUND: frozenset("-"), Width.PATH: frozenset("-./@:")}
_COMMON = words("""
    the and for with from that this not are was were has have had will would can could should may might
    must you your but all any some into onto over under when then than them they its our out use used
    using see also more most only one two new old get set add run let var val def end begin self cls true
    false none null nil undefined return int str bool float bytes list dict tuple object string number
    boolean symbol bigint unknown never any void byte rune error int8 int16 int32 int64 uint uint8 uint16
    uint32 uint64 float32 float64 uintptr u8 u16 u32 u64 i8 i16 i32 i64 f32 f64 usize isize char vec
    option result optional union array map print async await yield import export const static public
    private class function func type interface enum struct if else elif while break continue pass try
    except catch finally raise throw type value item data key name result index args kwargs http https
    www com org test tests it expect err ctx
    """)
_FUNCTION_WORDS = words("""
    a an i he she we me him us his her hers their theirs ours yours mine who whom whose which what why how
    there here where anything nothing something everything anyone nobody someone everyone each every both
    either neither few many much most least less other others another same such own very too just even ever
    never always often once again still yet already so thus hence because since until unless although though
    whether of off up down in out on at by to about above below between through during before after without
    within against do does did done doing don't doesn't didn't isn't aren't wasn't weren't can't cannot won't
    wouldn't haven't hasn't hadn't being am is be as or nor it's these those
    """)
_NUMBER = re.compile(r"v?\d[\w.]*$", re.I)


def is_word(character: str) -> bool:
    """Whether a character is part of words."""
    return character.isalnum() or character in "_$"


def widen(text: str, start: int, end: int, width: Width) -> tuple[int, int]:
    """The spelling around ``[start, end)`` of the given width; never beyond the line."""
    inner = _INNER[width]
    low, high = start, end
    while low and (is_word(text[low - 1]) or text[low - 1] in inner):
        low -= 1
    while high < len(text) and (is_word(text[high]) or text[high] in inner):
        high += 1
    while high > end and text[high - 1] in ".:-/@":
        high -= 1
    while low < start and text[low] in ".:/@":
        low += 1
    if width is Width.COMPOUND and text.startswith("---", low):  # a rule or a table, not a flag
        low = start
    return low, high


def widen_number(text: str, start: int, end: int) -> tuple[int, int]:
    """The number or version around ``[start, end)``: ``1.2.3``."""
    low, high = start, end
    while low and (is_word(text[low - 1]) or (text[low - 1] == "." and low > 1 and text[low - 2].isdigit())):
        low -= 1
    while high < len(text) and (
        is_word(text[high]) or (text[high] == "." and text[high + 1 : high + 2].isdigit())
    ):
        high += 1
    return low, high


def is_number(token: str) -> bool:
    """Whether the token is a number or a version."""
    return _NUMBER.match(token) is not None


def too_common(token: str) -> bool:
    """Whether a token says too little to be looked for: short, a keyword, a built-in type, a function word."""
    if is_number(token):
        return len(token) < 3
    return len(token) < 3 or token.lower() in _COMMON or not any(map(str.isalpha, token))


def grammatical(phrase: str) -> bool:
    """Whether a phrase has only words that hold sentences together, and says nothing by itself."""
    parts = phrase.lower().replace("’", "'").split()
    return all(part in _FUNCTION_WORDS or part in _COMMON for part in parts)


def distinctive(token: str) -> bool:
    """Whether the spelling alone tells what is meant: a flag, several words in one, a path; not plain ``port``."""
    if is_number(token):
        return token.count(".") >= 2
    body = token.strip("-_$./")
    if token.startswith("--") and len(body) >= 3:
        return True
    humps = sum(1 for a, b in pairwise(body) if a.islower() and b.isupper())
    parts = len([part for part in re.split(r"[-_./:@]+", body) if part])
    return len(body) >= 6 and (parts > 1 or humps > 0)


def occurrences(text: str, token: str) -> Iterator[int]:
    """Where ``token`` stands as a whole word: no letter, digit, underscore or ``$`` right before or after it."""
    at = text.find(token)
    while at >= 0:
        end = at + len(token)
        before, after = text[at - 1 : at], text[end : end + 1]
        if not (before and is_word(before) and is_word(token[0])) and not (
            after and is_word(after) and is_word(token[-1])
        ):
            yield at
            at = text.find(token, end)
        else:
            at = text.find(token, at + 1)


def in_compound(text: str, start: int, end: int) -> bool:
    """Whether ``[start, end)`` is only a part of a hyphenated word or flag."""
    low, high = widen(text, start, end, Width.COMPOUND)
    return (low, high) != (start, end)


@lru_cache(maxsize=256)
def variants(token: str) -> frozenset[str]:
    """The same words in the other usual cases: ``cacheDir``, ``CACHE_DIR``, ``cache-dir`` for ``cache_dir``."""
    dashes = token[: len(token) - len(token.lstrip("-"))]
    parts = [part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[^\W_]+", token)]
    if len(parts) < 2:
        return frozenset({token.lower(), token.upper(), token.capitalize()} - {token})
    capital = [part.capitalize() for part in parts]
    found = {
        "_".join(parts),
        "_".join(parts).upper(),
        "-".join(parts),
        "--" + "-".join(parts),
        "".join(capital),
        parts[0] + "".join(capital[1:]),
    }
    return frozenset(found - {token, dashes + token})
