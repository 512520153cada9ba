"""Marks that something is still to be written: ``TODO``, ``TBD``, lorem ipsum, ``<your name here>``, ``???``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen

from proactive_inference.plays.prose.markup import HIDDEN

_MARKER = re.compile(r"(?<![\w\-/.#@'’\"“`])(?:TODO|TBD|TBC|FIXME|XXX)(?![\w\-/'’\"”`]|\.\w)")
_LOREM = re.compile(r"\blorem ipsum\b(?:[ \n]dolor sit amet)?", re.I)
_BLANK = re.compile(
    r"<(?:your|insert|enter|fill in|add)[ _-][^<>\n`]{1,40}>"
    r"|\[(?:insert|your|fill in|to be)[ _][^\]\n`]{1,40}\](?![(\[:])",
    re.I,
)
_QUESTION = re.compile(r"(?<![?\w\"'“‘(])\?\?\?(?!\?|\w)|(?<=[ \t(])\?\?\?(?=[\s.,;:)]|$)", re.M)
_FOLDED = re.compile(r"^[ \t]*\?\?\?\+?[ \t]+[a-z]")
"""``??? note "A title"``: a box that can be folded, in Markdown as several site generators read it."""
_NOUN_BEFORE = re.compile(
    r"\b(?:an?|the|this|that|each|every|any|no|of|all|my|our|your|with|as|grep|for|and|or)[ \t]+$", re.I
)
_NOUN_AFTER = re.compile(
    r"[ \t]+(?:lists?|items?|comments?|apps?|files?|tags?|markers?|entry|entries|keywords?|notes?)\b", re.I
)
_LEAD = re.compile(r"^[ \t>]*(?:(?:[-*+]|\d+[.)]|#+)[ \t]+)?(?:\[[ xX]\][ \t]+)?[\[(*_{]*$")
_ALONE = re.compile(r"[\[(*_{]*(?:TODO|TBD|TBC|FIXME|XXX)[\])*_}]*[:.…!]*")


@frozen
class Placeholder:
    """A place still to be filled in.

    ``alone`` if nothing else but a bullet stands on its line; ``note`` if it may be a note to oneself (``TODO``),
    which can stay on purpose, rather than text that nobody means to publish (lorem ipsum, ``[insert address]``).
    """

    text: str
    start: int
    end: int
    alone: bool = False
    note: bool = False


def placeholders(text: str, prose: str) -> Iterator[Placeholder]:
    """The placeholders in a text; ``prose`` is the same text with all else blanked."""
    for pattern, source in ((_MARKER, prose), (_LOREM, prose), (_BLANK, text), (_QUESTION, prose)):
        for match in pattern.finditer(source):
            if source is text and not _shown(prose, match):
                continue
            low = source.rfind("\n", 0, match.start()) + 1
            high = source.find("\n", match.end())
            line = source[low : high if high >= 0 else len(source)]
            before, after = line[: match.start() - low], line[match.end() - low :]
            if pattern is _MARKER and not _stands_open(before, after):
                continue
            if pattern is _QUESTION and _FOLDED.match(line):
                continue
            alone = pattern is _MARKER and _ALONE.fullmatch(
                re.sub(r"^[ \t>]*(?:[-*+]|\d+[.)])?[ \t]*", "", line.rstrip())
            )
            yield Placeholder(
                match[0], match.start(), match.end(), alone=bool(alone), note=pattern in (_MARKER, _QUESTION)
            )


def _shown(prose: str, match: re.Match[str]) -> bool:
    """Whether what is around a mark that looks like a tag is prose: then the mark itself was taken for a tag."""
    low = prose.rfind("\n", 0, match.start()) + 1
    high = prose.find("\n", match.end())
    line = prose[low : match.start()] + prose[match.end() : high if high >= 0 else len(prose)]
    return HIDDEN not in line


def _stands_open(before: str, after: str) -> bool:
    """Whether a marker marks, rather than being spoken of: it leads its line or clause, or ends it."""
    if _NOUN_AFTER.match(after):
        return False
    if before.lstrip().startswith("#") and not after.startswith((":", "(")):
        return False  # a heading called TODO is a list of what is to come
    if _LEAD.match(before):
        return True
    if _NOUN_BEFORE.search(before):
        return False
    return (
        after.startswith((":", "("))
        or (before.endswith(("[", "(")) and after[:1] in ("]", ")", ":", ","))
        or (before.rstrip().endswith((":", "–", "—", "|", "=")) and not after.strip(" \t.|"))
    )
