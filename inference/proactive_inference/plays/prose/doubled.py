"""Words written twice in a row by mistake, and those that English doubles on purpose."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen

_DOUBLED = re.compile(
    r"(?<![\w'’\-./@#$&+*=])([^\W\d_]++(?:['’][^\W\d_]++)?+)"
    r"(?P<again>(?:[ \t]+|[ \t]*\r?\n[ \t]*(?:>[ \t]*)*)\1)+"
    r"(?![\w'’\-/@#$&+*=]|\.\w)",
    re.I,
)
_SEPARATOR = re.compile(r"[ \t]*\r?\n[ \t]*(?:>[ \t]*)*|[ \t]+")

_FUNCTION = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "and",
        "or",
        "to",
        "for",
        "with",
        "at",
        "by",
        "from",
        "as",
        "be",
        "been",
        "are",
        "was",
        "were",
        "has",
        "have",
        "will",
        "would",
        "should",
        "could",
        "must",
        "may",
        "this",
        "these",
        "those",
        "it",
        "they",
        "we",
        "he",
        "but",
        "not",
        "if",
        "when",
        "where",
        "while",
        "because",
        "which",
        "who",
        "whose",
        "its",
        "their",
        "our",
        "your",
        "my",
        "his",
        "than",
        "then",
        "there",
        "into",
        "onto",
        "upon",
        "over",
        "under",
        "about",
        "after",
        "before",
        "between",
        "through",
        "during",
        "without",
        "within",
        "against",
        "on",
        "in",
        "is",
        "do",
        "does",
        "did",
        "can",
        "also",
        "only",
        "some",
        "any",
        "each",
        "every",
        "other",
        "such",
        "same",
        "both",
        "either",
        "neither",
        "one",
        "two",
        "all",
        "more",
    ]
)
_ON_PURPOSE = frozenset(
    [
        "had",
        "that",
        "very",
        "really",
        "so",
        "far",
        "long",
        "much",
        "many",
        "more",
        "no",
        "yes",
        "never",
        "ever",
        "bye",
        "ha",
        "ho",
        "hee",
        "la",
        "blah",
        "knock",
        "tut",
        "hush",
        "there",
        "now",
        "well",
        "again",
        "over",
        "by",
        "out",
        "up",
        "down",
        "wait",
        "please",
        "very",
        "too",
        "big",
        "little",
        "old",
        "new",
        "good",
        "bad",
        "round",
        "step",
        "side",
        "one",
        "two",
        "three",
        "so-so",
        "win",
        "chop",
        "chip",
        "ding",
        "dong",
        "tick",
        "ping",
        "choo",
        "quack",
        "woof",
        "meow",
        "beep",
        "boop",
        "yum",
        "bang",
        "boo",
        "pom",
        "cha",
        "pooh",
        "night",
        "goody",
        "fifty",
        "half",
        "even",
        "her",
        "you",
        "who",
        "is",
        "do",
        "did",
        "does",
        "can",
        "will",
        "may",
        "must",
    ]
)
_PHRASAL = re.compile(
    r"\b(?:log|logs|logged|logging|sign|signs|signed|signing|opt|opts|opted|zoom|zooms|zoomed|plug|plugged|check|checks|"
    r"checked|tune|tuned|built|come|comes|came|go|goes|gone|going|turn|turned|turns|switch|switched|carry|carried|hold|"
    r"move|moved|moving|live|lives|lived|depend|depends|based|work|works|build|builds|rely|relies)[ \t]+$",
    re.I,
)
_MENTIONED = re.compile(
    r"(?:\bwords?|\bterm|\bcalled|\bnamed|\bsay|\bsays|\bsaid|\bspelled|[\"'“‘«(])[ \t]*$", re.I
)


@frozen
class Doubled:
    """A word that stands twice: offsets of the whole, and of what to delete."""

    word: str
    start: int
    end: int
    delete_start: int
    delete_end: int
    sure: bool  #: a function word, which hardly ever stands twice on purpose


def doubled_words(prose: str, start: int = 0, end: int | None = None) -> Iterator[Doubled]:
    """The words doubled by mistake between two offsets of a text whose other parts are blanked (see `markup`)."""
    for match in _DOUBLED.finditer(prose, start, len(prose) if end is None else end):
        word, whole = match[1], match[0]
        parts = [part for part in re.split(r"[\s>]+", whole) if part]
        if not _mistaken(word, parts, prose, match.start(), match.end()):
            continue
        first = match.start() + len(word)
        low, high = first, match.end()
        separator = _SEPARATOR.match(prose, first)
        after = re.compile(r"[ \t]+").match(prose, high)
        if separator and "\n" in separator[0] and after and len(parts) == 2:
            low, high = separator.end(), after.end()  # the line break stays where it is
        elif after:
            high = after.end() - 1 if prose[after.end() : after.end() + 1] not in ("", "\r", "\n") else after.end()
        yield Doubled(word, match.start(), match.end(), low, high, word.lower() in _FUNCTION)


def _mistaken(word: str, parts: list[str], prose: str, start: int, end: int) -> bool:
    lower = word.lower()
    if lower in _ON_PURPOSE or len(parts) > 3 or (len(word) == 1 and lower != "a"):
        return False
    if any(part[:1].isupper() for part in parts[1:]):
        return False  # a name, a title, an abbreviation
    if word[:1].isupper() and lower not in _FUNCTION:
        return False
    if word != lower and word != word.capitalize():
        return False
    line = prose[max(0, prose.rfind("\n", 0, start) + 1, start - 40) : start]
    if _MENTIONED.search(line):
        return False
    if lower in ("in", "on") and _PHRASAL.search(line):
        return False  # "the page you logged in in"
    if lower in _FUNCTION:
        return True
    # Other words must be long enough, and within a sentence, not in an enumeration of tokens.
    return len(word) >= 4 and prose[end : end + 1] in (" ", "\n", ".", ",", ";", ":", "?", "!", ")", "\r", "")
