"""Finds the JSON object in what a language model wrote: fenced, amid chatter, cut off, or in Python's spelling."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator
from itertools import islice
from typing import Any

LONGEST_ANSWER = 20_000
"""How many characters of an answer are read at most."""

MOST_BEGINNINGS = 20
"""At how many braces a reading is tried at most."""

_THINKING = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_DECODER = json.JSONDecoder(strict=False)  # a model may write a line break inside a string
_SIGN = re.compile(r"\\.|[\"'{}\[\],]", re.DOTALL)
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")


def objects(text: str, *, longest: int = LONGEST_ANSWER, whole: bool = False) -> Iterator[dict[str, Any]]:
    """Every object that can be read from the text: those that are whole, what lies in them, one that was cut off.

    Keys are given as :func:`plain_key` spells them. A model's thinking aloud (``<think>…</think>``) is left out.
    ``longest`` is how many characters are read at most; ``whole`` leaves out what was cut off.
    """
    text = without_thinking(text[:longest])
    left, read_to = [], 0
    for found in islice(re.finditer(r"\{", text), MOST_BEGINNINGS):
        if (start := found.start()) < read_to:
            continue
        value, end = _whole(text, start)
        if value is None:
            left.append(start)
            continue
        read_to = end
        yield _plain(value)
        yield from (_plain(inner) for inner in value.values() if isinstance(inner, dict))
    for start in () if whole else left:
        if (value := _cut_off(text[start:])) is not None:
            yield _plain(value)
            return


def has_object(text: str, keys: frozenset[str]) -> bool:
    """Whether there is a whole object with all these keys (as :func:`plain_key` spells them) in the text."""
    return any(keys <= found.keys() for found in objects(text, whole=True))


def without_thinking(text: str) -> str:
    """The text without what a model thought aloud."""
    return _THINKING.sub("", text)


def plain_key(key: str) -> str:
    """A key without case, blanks and punctuation: ``Proactive_Task`` is ``proactivetask``."""
    return re.sub(r"[\W_]", "", key).lower()


def _plain(value: dict[Any, Any]) -> dict[str, Any]:
    return {plain_key(str(key)): item for key, item in value.items()}


def _signs(text: str, start: int) -> Iterator[tuple[int, str]]:
    """Quotes, brackets and commas, without escaped ones, and where they stand."""
    return ((at.start(), at[0]) for at in _SIGN.finditer(text, start) if len(at[0]) == 1)


def _whole(text: str, start: int) -> tuple[dict[Any, Any] | None, int]:
    try:
        value, end = _DECODER.raw_decode(text, start)
        return (value, end) if isinstance(value, dict) else (None, start)
    except (ValueError, RecursionError):
        pass
    closing = _closing(text, start)
    if closing is None:
        return None, start
    piece = text[start:closing]
    try:
        value = json.loads(_TRAILING_COMMA.sub("", piece), strict=False)
    except (ValueError, RecursionError):
        try:
            with warnings.catch_warnings():  # a model's escapes are not this program's
                warnings.simplefilter("ignore")
                value = ast.literal_eval(piece)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return None, start
    return (value, closing) if isinstance(value, dict) else (None, start)


def _closing(text: str, start: int) -> int | None:
    """Where the object that begins at ``start`` ends; quotes of either sort hide braces."""
    depth, quote = 0, ""
    for at, sign in _signs(text, start):
        if quote:
            quote = "" if sign == quote else quote
        elif sign == '"' or (sign == "'" and text[at - 1] in " {[,:"):
            quote = sign
        elif sign in "{[":
            depth += 1
        elif sign in "}]":
            depth -= 1
            if depth == 0:
                return at + 1
    return None


def _cut_off(text: str) -> dict[Any, Any] | None:
    """An object whose end is missing, with what was complete of it and the string it broke off in."""
    open_brackets, quoted, commas = [], False, []
    for at, sign in _signs(text, 0):
        if quoted:
            quoted = sign != '"'
        elif sign == '"':
            quoted = True
        elif sign in "{[":
            open_brackets.append("}" if sign == "{" else "]")
        elif sign in "}]" and open_brackets:
            open_brackets.pop()
        elif sign == "," and len(open_brackets) == 1:
            commas.append(at)
    if not open_brackets or len(open_brackets) > MOST_BEGINNINGS:
        return None
    closing = "".join(reversed(open_brackets))
    body = re.sub(r"\\(u[0-9a-fA-F]{0,3})?$", "", text) + '"' if quoted else text.rstrip().rstrip(",")
    for candidate in (body + closing, *(text[:at] + "}" for at in reversed(commas[-4:]))):
        try:
            value = json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            return value
    return None
