"""The play itself: looks only at what was typed in this window, and only once the sentence is done."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence

from attrs import frozen

from proactive_collectors.events import DocumentSaved, EditBurst, Manner
from proactive_collectors.languages import is_prose
from proactive_collectors.text import Range, TextEdit, position_at, split_lines
from proactive_collectors.uris import name as file_name
from proactive_collectors.workspace import Document
from proactive_inference.ground import digest
from proactive_inference.plays import Moment
from proactive_inference.plays.prose.doubled import Doubled, doubled_words
from proactive_inference.plays.prose.english import is_english
from proactive_inference.plays.prose.markup import prose_only
from proactive_inference.plays.prose.placeholders import Placeholder, placeholders
from proactive_inference.plays.rewind import Hunk, net, rewind
from proactive_inference.proposal import Anchor, Boundary, FileEdit, Proposal

MAX_TEXT = 300_000
"""Longer texts (code points) are not looked at."""

MAX_PASTE = 300
"""What was pasted in longer pieces than this (code points) was written elsewhere."""

SURE = 0.95
"""How likely the deletion of a doubled word is taken where no reading makes sense of both."""

UNSURE = 0.6
"""The same where both may be meant."""

LEFT_BEHIND = 0.85
"""How likely it is taken: text that nobody means to leave, or a marker under which the text now stands."""

NOTE = 0.6
"""The same for a note to oneself, which may stay on purpose: at the default cost of an interruption it is brought
up after a commit, not at each quiet moment."""

_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]*_]*(?=\s|$)")
_PARAGRAPH = re.compile(r"\n[ \t>]*(?:\n|(?=[-*+] |\d+[.)] |#))")
_KEPT = 8
_Masked = tuple[str, tuple[Placeholder, ...]]  # the text with all but prose blanked, and the placeholders in it
_NEAR = 120  # more than a word twice and the space between


@frozen
class _Written:
    """What was typed into a file in this window, as it stands now."""

    document: Document
    hunks: tuple[Hunk, ...]
    caret: int  #: where the last change ended
    saved: bool  #: whether the file was saved after it
    last_event: int


class Prose:
    """Offers to delete a doubled word, and points at placeholders that were left."""

    name = "prose"

    def __init__(self) -> None:
        self._masked: OrderedDict[tuple[str, str], _Masked] = OrderedDict()

    def propose(self, moment: Moment) -> Sequence[Proposal]:
        """The doubled words first, then a placeholder; at most three."""
        found: list[Proposal] = []
        for written in _written(moment):
            prose, left = self._prose(written.document)
            found += _doubled(written, prose)
            found += _placeholders(written, prose, left, moment.boundary)
        found.sort(key=lambda proposal: -proposal.confidence)
        return found[:3]

    def _prose(self, document: Document) -> _Masked:
        key = document.uri, document.text
        masked = self._masked.pop(key, None)
        if masked is None:
            prose = prose_only(document.text, document.language)
            masked = prose, tuple(placeholders(document.text, prose))
        self._masked[key] = masked
        while len(self._masked) > _KEPT:
            self._masked.popitem(last=False)
        return masked


def _written(moment: Moment) -> Iterator[_Written]:
    bursts: dict[str, list[tuple[int, EditBurst]]] = {}
    saves: dict[str, int] = {}
    for index, event in enumerate(moment.window.events):
        uri = event.where.uri
        if uri is not None and isinstance(event.data, EditBurst):
            bursts.setdefault(uri, []).append((index, event.data))
        elif uri is not None and isinstance(event.data, DocumentSaved):
            saves[uri] = index
    for uri, done in bursts.items():
        document = moment.workspace.document(uri)
        if document is None or not is_prose(document.language) or len(document.text) > MAX_TEXT:
            continue
        _, steps = rewind(document.text, [(index, burst.changes, _by_hand(burst)) for index, burst in done])
        hunks = tuple(hunk for hunk in net(steps) if hunk.by_hand)
        if steps and hunks:
            last = steps[-1]
            yield _Written(
                document, hunks, last.start + len(last.new_text), saves.get(uri, -1) > done[-1][0], done[-1][0]
            )


def _by_hand(burst: EditBurst) -> bool:
    if burst.manner is Manner.PASTED:
        return all(len(change.new_text) <= MAX_PASTE for change in burst.changes)
    return burst.manner is Manner.TYPED


def _hunk_at(written: _Written, start: int, end: int) -> Hunk | None:
    """The typed stretch that has part in ``[start, end)``; where something was deleted, if strictly inside it."""
    for hunk in written.hunks:
        if hunk.start < end and hunk.end > start and (hunk.end > hunk.start or start < hunk.start < end):
            return hunk
    return None


def _paragraph(text: str, start: int, end: int) -> tuple[int, int]:
    low = max((match.end() for match in _PARAGRAPH.finditer(text, max(0, start - 5_000), start)), default=0)
    after = _PARAGRAPH.search(text, end)
    return low, after.start() if after else len(text)


def _unfinished(written: _Written, start: int, end: int) -> bool:
    """Whether the person is still in the sentence around ``[start, end)``."""
    if written.saved:
        return False
    text = written.document.text
    low, high = _paragraph(text, start, end)
    if not low <= written.caret <= high:
        return False
    return _SENTENCE_END.search(text, end, high) is None


def _doubled(written: _Written, prose: str) -> Iterator[Proposal]:
    near = {
        found
        for hunk in written.hunks
        for found in doubled_words(
            prose, _word_start(prose, hunk.start - _NEAR), _word_start(prose, hunk.end + _NEAR)
        )
    }
    for found in sorted(near, key=lambda found: found.start):
        hunk = _hunk_at(written, found.start, found.end)
        if hunk is None or _unfinished(written, found.start, found.end) or not is_english(prose, found.start):
            continue
        yield _doubled_proposal(written, found, hunk)


def _word_start(prose: str, offset: int) -> int:
    """The next offset where no word is cut in two."""
    offset = max(offset, 0)
    while 0 < offset < len(prose) and not prose[offset - 1].isspace():
        offset += 1
    return offset


def _doubled_proposal(written: _Written, found: Doubled, hunk: Hunk) -> Proposal:
    document = written.document
    lines = split_lines(document.text)
    word = document.text[found.start : found.start + len(found.word)]
    delete = Range(position_at(lines, found.delete_start), position_at(lines, found.delete_end))
    context = " ".join(document.text[max(0, found.start - 30) : found.end + 20].split())
    return Proposal(
        play="prose.doubled_word",
        key=f"{file_name(document.uri)}: {context}",
        title=f"Delete the doubled '{word}'",
        task=f"Delete the second '{word}' in line {lines_of(delete)} of {file_name(document.uri)}.",
        anchor=Anchor(document.uri, Range(position_at(lines, found.start), position_at(lines, found.end))),
        edits=(FileEdit(document.uri, (TextEdit(delete, ""),), document.version, digest(document.text)),),
        confidence=SURE if found.sure else UNSURE,
        reason=f"'{word}' stands twice in a row in what you just wrote.",
        evidence=tuple(sorted(hunk.events)),
    )


def lines_of(range_: Range) -> int:
    """The line of a range as people count."""
    return range_.start.line + 1


def _placeholders(
    written: _Written, prose: str, left: Sequence[Placeholder], boundary: Boundary
) -> Iterator[Proposal]:
    """Only once the person has gone on: committed, or saved while at work in another paragraph."""
    text = written.document.text
    for found in left:
        hunk = _hunk_at(written, found.start, found.end)
        if hunk is None:
            continue
        low, high = _paragraph(text, found.start, found.end)
        elsewhere = not low <= written.caret <= high
        if boundary is Boundary.COMMITTED or (written.saved and elsewhere):
            yield _placeholder_proposal(written, prose, found, hunk)
            return  # one at a time; the others come up once this one is dealt with


def _placeholder_proposal(written: _Written, prose: str, found: Placeholder, hunk: Hunk) -> Proposal:
    document, text = written.document, written.document.text
    lines = split_lines(text)
    range_ = Range(position_at(lines, found.start), position_at(lines, found.end))
    mark = " ".join(text[found.start : found.end].split())
    low = text.rfind("\n", 0, found.start) + 1
    line = " ".join(text[low : found.end + 40].split("\n", 1)[0].split())
    leftover = found.alone and _written_below(written, prose, found.end)
    edits: tuple[FileEdit, ...] = ()
    if leftover:
        high = text.find("\n", found.end) + 1
        if text[low - 2 : low] == "\n\n" and text.startswith("\n", high):
            high += 1  # one blank line is enough
        delete = Range(position_at(lines, low), position_at(lines, high))
        edits = (FileEdit(document.uri, (TextEdit(delete, ""),), document.version, digest(text)),)
    where = f"in line {lines_of(range_)} of {file_name(document.uri)}"
    return Proposal(
        play="prose.placeholder",
        key=f"{file_name(document.uri)}: {line}",
        title=f"Delete the leftover '{mark}'" if leftover else f"Fill in '{mark}' {where}"[:79],
        task=f"Delete the leftover '{mark}' {where}."
        if leftover
        else f"Fill in the placeholder '{mark}' {where}.",
        anchor=Anchor(document.uri, range_),
        edits=edits,
        confidence=LEFT_BEHIND if leftover or not found.note else NOTE,
        reason="What it stood for is written below it." if leftover else "You wrote it a while ago and went on.",
        evidence=tuple(sorted(hunk.events)),
    )


def _written_below(written: _Written, prose: str, end: int) -> bool:
    """Whether the paragraph right below a marker that stands alone was typed in this window."""
    text = written.document.text
    below = re.compile(r"[^\n]*\n(?:[ \t]*\n)?(?=[^\s#])").match(text, end)
    if below is None:
        return False
    low, high = _paragraph(text, below.end(), below.end())
    start = below.end()
    words = re.findall(r"[^\W\d_]{2,}", prose[start:high])
    return len(words) >= 5 and _hunk_at(written, start, high) is not None and low <= start
