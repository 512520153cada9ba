"""Takes disguises off a text: what a person would read there, in plain letters.

Nothing here is shown to anybody: the results are only searched.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote

from proactive_collectors.terminal_text import plain

SENTENCE_END = "\0"
"""Stands between sentences in what `words` gives; no gap of a pattern reaches over it."""

_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e"
    "\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_GONE = re.compile(f"[{_INVISIBLE}\ufe0f]")
_HIDDEN = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_INVISIBLE}]")
# Tags are an invisible copy of ASCII; whole messages have been hidden in them.
_TAGS = {0xE0000 + code: chr(code) for code in range(0x20, 0x7F)}

# Letters that look like a Latin one: Cyrillic, Greek, Armenian and a few more (after Unicode's confusables.txt).
_LIKE = {
    "a": "аα", "b": "ЬвВΒ", "c": "сϲС", "d": "ԁ", "e": "еεёЕΕ", "f": "ϝ", "g": "ɡց", "h": "һнНΗ", "i": "іιıІΙ",
    "j": "јЈ", "k": "кκКΚ", "l": "ӏǀ", "m": "мМΜ", "n": "пηոΝ", "o": "оοօОΟ", "p": "рρРΡ", "q": "ԛզ", "r": "гᴦ",
    "s": "ѕЅ", "t": "тτТΤ", "u": "υսц", "v": "ѵν", "w": "ԝωш", "x": "хχХΧ", "y": "уγүУΥ", "z": "ᴢΖ",
}  # fmt: skip
_LATIN = {ord(other): letter for letter, others in _LIKE.items() for other in others}
LOOKALIKES = frozenset("асԁеɡһіјӏորԛѕսѵԝхуАВСЕНІЈКМОРЅТХУαοινρυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ")
"""Letters that cannot be told from a Latin one by looking."""

_LEET = str.maketrans("013457@$!|", "oieastasil")
_ROT13 = str.maketrans({c: codecs.encode(c, "rot13") for c in map(chr, (*range(65, 91), *range(97, 123)))})
_BLANKS = {code: " " for code in range(128) if not chr(code).isalnum()}
_APART = _BLANKS | {code: f" {chr(code).lower()}" for code in range(65, 91)}
_NOT_LETTERS = {code: None for code in range(128) if not chr(code).isalpha()}

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_END = re.compile(r"[.!?;…。！？]+(?=[\s\"'`)\]*_]|$)|\n[ \t]*\n")
_OTHER = re.compile(r"[^\w\x00\u0900-\u0eff]+|_+")  # the vowels of Indian scripts and Thai count as signs
_SPACED = re.compile(r"(?<!\w)(?:\w[ .*_-]){3,}\w(?!\w)")
_COLOURS = re.compile(
    r"(?:\\x1b|\\033|\\e|\\u001b|\^\[|␛)?\[[0-9;]{1,12}m"
)  # whose escape is written out, or gone
_BACKSLASHED = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u\{?([0-9a-fA-F]{4,6})\}?|([0-3][0-7]{2})|([nrt]))")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{20,}={0,2}")
_HEX = re.compile(r"(?<![0-9a-zA-Z])(?:0x)?((?:[0-9a-fA-F]{2}[ :]?){10,})")
_NUMBERS = re.compile(r"(?<![\d,])\[?(?:1?\d{2}[ ,]{1,2}){9,}1?\d{2}\b")


@lru_cache(512)
def unmasked(text: str) -> str:
    """The text without escape sequences, invisible characters, accents and unusual forms of letters."""
    if text.isascii():
        return plain(text) if "\x1b" in text else text
    text = unicodedata.normalize("NFKC", plain(text).translate(_TAGS))
    text = "".join(c for c in unicodedata.normalize("NFD", _GONE.sub("", text)) if unicodedata.category(c) != "Mn")
    return unicodedata.normalize("NFC", text)


def hidden_characters(text: str) -> set[str]:
    """Characters that do not show, or that turn the direction of others; tab, line ends and emoji's own not."""
    return set() if text.isascii() and text.isprintable() else set(_HIDDEN.findall(text))


def mixed_words(text: str) -> set[str]:
    """Words of Latin letters with letters of another script among them that look Latin."""
    if text.isascii():
        return set()
    return {
        word
        for word in re.findall(r"\w+", text)
        if not word.isascii() and not LOOKALIKES.isdisjoint(word) and re.search("[A-Za-z]", word)
    }


def variants(text: str) -> Iterator[str]:
    """What an unmasked text may be read as, itself first."""
    yield text
    lowered = text.lower()
    if not text.isascii() and (latin := text.translate(_LATIN)) != text:
        yield latin
    if ("\\" in text and (other := _BACKSLASHED.sub(_character, text)) != text) or (
        "%" in text and (other := unquote(text)) != text
    ):
        yield other
    if "[" in text and (other := _COLOURS.sub("", text)) != text:
        yield other
    if (other := _SPACED.sub(lambda found: re.sub(r"[ .*_-]", "", found[0]), text)) != text:
        yield other
    if "&" in text and (other := html.unescape(text)) != text:
        yield unmasked(other)
    if (leet := lowered.translate(_LEET)) != lowered:
        yield leet
    if any(stem in lowered for stem in ("vafgehpg", "cebzcg", "nffvfgnag", "vtaber")):
        yield lowered.translate(_ROT13)
    if any(stem in lowered for stem in ("tcurtsni", "tpmorp", "tnatsissa", "erongi")):
        yield lowered[::-1]


def squeezed(text: str) -> str:
    """The letters alone, small: ``I g-n.o_r/e`` is ``ignore``."""
    return text.lower().translate(_NOT_LETTERS)


@lru_cache(512)
def words(text: str) -> str:
    """Small words with one blank between and around them, names taken apart; sentences end in `SENTENCE_END`."""
    text = _END.sub(f" {SENTENCE_END} ", _CAMEL.sub(" ", text))
    return f" {_OTHER.sub(' ', text).lower().strip()} "


def vocabulary(text: str) -> set[str]:
    """The words of a text, small, names taken apart; far cheaper than `words`."""
    if text.isascii():
        return {*text.lower().translate(_BLANKS).split(), *text.translate(_APART).split()}
    return {*re.split(r"[\W_]+", text.lower()), *re.split(r"[\W_]+", _CAMEL.sub(" ", text).lower())}


def decoded(text: str) -> Iterator[str]:
    """What base64, hexadecimal or decimal codes in a text say, where they say something readable."""
    if len(text) < 20:
        return
    long = max(map(len, text.split()), default=0) >= 20
    for match in _BASE64.finditer(text) if long else ():
        run = match[0].rstrip("=").replace("-", "+").replace("_", "/")
        try:
            yield from _readable(base64.b64decode(run[: len(run) - (len(run) % 4 == 1)] + "=" * (-len(run) % 4)))
        except (binascii.Error, ValueError):
            continue
    for match in _HEX.finditer(text):
        digits = re.sub("[ :]", "", match[1])
        yield from _readable(bytes.fromhex(digits[: len(digits) // 2 * 2]))
    for match in _NUMBERS.finditer(text):
        yield from _readable(bytes(int(number) for number in re.findall(r"\d+", match[0])))


def _readable(data: bytes) -> Iterator[str]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    if text.replace("\n", " ").replace("\t", " ").replace("\r", " ").isprintable():
        yield text


def _character(match: re.Match[str]) -> str:
    for group, base in ((1, 16), (2, 16), (3, 8)):
        if match[group]:
            code = int(match[group], base)
            return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else " "
    return " "
