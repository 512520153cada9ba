"""Puts the model's blocks into a file's text; ends of lines and the last one's stay as they are in the file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from proactive_collectors.redaction import REDACTED
from proactive_collectors.text import Position, offset_at, split_lines
from proactive_inference.untrusted import LEFT_OUT
from proactive_inference.writing.blocks import Block, plain_lines
from proactive_inference.writing.hidden import hidden
from proactive_inference.writing.matching import Placement, find
from proactive_inference.writing.sources import Source
from proactive_inference.writing.written import RefusedError, UnwrittenReason, told

LEAST_KEPT = 0.5
"""The share of a file's lines that are still there where a model wrote it anew: less is an example, or a part."""

_MARK = r"(?:#|//|/\*|<!--|--|;|%)"
_LEFT = r"(?:code|file|functions?|class(?:es)?|methods?|implementation|lines|imports?|content|tests?|body)"
_ELISION = re.compile(
    rf"^\s*(?:{_MARK}\s*(?:\.{{3}}|…)"
    r"|(?:\.{3}|…)\s*\(?(?:the )?(?:existing|rest|remaining|remainder|unchanged|omitted)\b"
    rf"|{_MARK}\s*\(?(?:the )?(?:(?:rest|remainder) of (?:the |your )?{_LEFT}|(?:existing|remaining|other) {_LEFT}"
    rf"|unchanged|{_LEFT} (?:remains?|stays?|is) (?:the same|unchanged))\b.{{0,40}}$)",
    re.IGNORECASE,
)
"""A line that stands for code which the model did not write out."""


def rewritten(source: Source, blocks: Sequence[Block]) -> str:
    """The file's text with all blocks in it.

    Raises:
        RefusedError: one of them does not fit, or must not.
    """
    text = source.document.text
    for block in blocks:
        _check_words(source, block)
    if any(block.whole for block in blocks):
        new = _whole_file(source, blocks)
    else:
        new = _with_placements(text, [_placed(source, block) for block in dict.fromkeys(blocks)], source)
    if hidden(new) - hidden(text):
        raise RefusedError(
            UnwrittenReason.HIDDEN,
            f"The model's edit of {told(source.name)} has invisible characters; make the change by hand.",
        )
    secrets = Counter(text[start:end] for start, end in source.secrets)
    if any(new.count(secret) < count for secret, count in secrets.items()):
        raise _touches_secret(source)
    return new


def fits(source: Source, block: Block) -> bool:
    """Whether what a block searches for stands once in what was shown of the file."""
    return not block.whole and len(find([line.rstrip("\r\n") for line in source.lines], source.pieces, block)) == 1


def _check_words(source: Source, block: Block) -> None:
    if REDACTED in block.search or REDACTED in block.replace:
        raise _touches_secret(source)
    if LEFT_OUT in block.search or LEFT_OUT in block.replace:
        raise RefusedError(
            UnwrittenReason.NOT_FOUND,
            f"The model's edit touches text of {told(source.name)} that it was not shown; change it by hand.",
        )
    standing = {line.strip() for line in (*plain_lines(block.search), *plain_lines(source.document.text))}
    for line in plain_lines(block.replace):
        if _ELISION.match(line) and line.strip() not in standing:
            raise RefusedError(
                UnwrittenReason.ELIDED,
                f"The model left out code of {told(source.name)} ({told(line.strip())}); ask again.",
            )


def _touches_secret(source: Source) -> RefusedError:
    return RefusedError(
        UnwrittenReason.REDACTED,
        f"The model's edit of {told(source.name)} touches a secret that it was not shown; change it by hand.",
    )


def _whole_file(source: Source, blocks: Sequence[Block]) -> str:
    if len(blocks) > 1:
        raise RefusedError(
            UnwrittenReason.OVERLAPPING,
            f"The model wrote {told(source.name)} anew more than once; ask again.",
        )
    if not source.whole:
        raise RefusedError(
            UnwrittenReason.TOO_MUCH,
            f"The model wrote {told(source.name)} anew without having seen all of it; ask again.",
        )
    lines, new = split_lines(source.document.text), plain_lines(blocks[0].replace)
    here = Counter(line.strip() for line in lines if line.strip())
    kept = here & Counter(line.strip() for line in new)
    if kept.total() < LEAST_KEPT * here.total():
        raise RefusedError(
            UnwrittenReason.DELETES,
            f"What the model wrote in place of {told(source.name)} has little in common with it; ask again.",
        )
    end = line_end(lines)
    return _same_ending(source.document.text, end.join(new), end)


def _placed(source: Source, block: Block) -> Placement:
    lines = [line.rstrip("\r\n") for line in source.lines]
    if not block.search.strip():
        if not source.document.text.strip():
            first, last = Position(0, 0), Position(len(lines) - 1, len(lines[-1]))
            return Placement(0, len(lines), tuple(plain_lines(block.replace)), (first, last))
        raise RefusedError(
            UnwrittenReason.NOT_FOUND,
            f"The model did not say where in {told(source.name)} its text belongs; ask again.",
        )
    places = find(lines, source.pieces, block)
    if not places:
        first_line = next(line for line in plain_lines(block.search) if line.strip())
        raise RefusedError(
            UnwrittenReason.NOT_FOUND,
            f"The model's edit replaces text that does not stand in {told(source.name)} "
            f"({told(first_line.strip())}); ask again, or make the change by hand.",
        )
    if len(places) > 1:
        raise RefusedError(
            UnwrittenReason.AMBIGUOUS,
            f"What the model's edit replaces stands {len(places)} times in {told(source.name)}; ask again.",
        )
    return places[0]


def _with_placements(text: str, placements: Sequence[Placement], source: Source) -> str:
    lines = split_lines(text)
    usual = line_end(lines)
    new: list[str] = []
    at = 0
    for placed in sorted(placements, key=lambda one: (one.first, one.end)):
        if placed.first < at:
            raise RefusedError(
                UnwrittenReason.OVERLAPPING,
                f"The model's edit replaces one place of {told(source.name)} twice; ask again.",
            )
        low, high = (offset_at(lines, position) for position in placed.touched)
        if any(low < end and start < high for start, end in source.secrets):
            raise _touches_secret(source)
        new += lines[at : placed.first]
        old = lines[placed.first : placed.end]
        ends = [_end(line) for line in old]
        for number, line in enumerate(placed.lines):
            if number == len(placed.lines) - 1:
                new.append(line + ends[-1])
            elif number < len(ends) - 1:
                new.append(line + ends[number])
            else:
                new.append(line + (ends[0] or usual))
        at = placed.end
    new += lines[at:]
    return _same_ending(text, "".join(new), usual)


def _same_ending(old: str, new: str, usual: str) -> str:
    """``new`` with an end of its last line exactly if ``old`` has one."""
    if not new or not old:
        return new
    if old.endswith(("\n", "\r")):
        return new if new.endswith(("\n", "\r")) else new + usual
    return new.removesuffix("\n").removesuffix("\r") if new.endswith(("\n", "\r")) else new


def line_end(lines: Sequence[str]) -> str:
    """How most lines of a file end."""
    ends = Counter(end for line in lines if (end := _end(line)))
    return ends.most_common(1)[0][0] if ends else "\n"


def _end(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]
