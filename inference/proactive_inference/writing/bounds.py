"""How much of the workspace one task may change."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from proactive_collectors.text import split_lines
from proactive_inference.writing.line_edits import Hunk, hunks
from proactive_inference.writing.sources import Source
from proactive_inference.writing.task import WritingSettings
from proactive_inference.writing.written import RefusedError, UnwrittenReason, told


@frozen
class _Size:
    lines: int
    taken: int  # lines taken away, those that others stand for included
    added: int
    lost: int  # lines that none stand for

    @classmethod
    def of(cls, old: str, found: list[Hunk]) -> _Size:
        spans = [(hunk.end - hunk.first, len(hunk.lines)) for hunk in found]
        return cls(
            sum(1 for line in split_lines(old) if line),
            sum(taken for taken, _ in spans),
            sum(added for _, added in spans),
            sum(max(0, taken - added) for taken, added in spans),
        )


def check_bounds(changed: Mapping[Source, str], settings: WritingSettings) -> None:
    """Check the new texts of all changed files together.

    Raises:
        RefusedError: they are more than one task takes.
    """
    if len(changed) > settings.most_changed_files:
        raise RefusedError(
            UnwrittenReason.TOO_MUCH,
            f"The model's edit changes {len(changed)} files, more than {settings.most_changed_files}; "
            "ask for something smaller.",
        )
    total = 0
    for source, new in changed.items():
        old = source.document.text
        size = _Size.of(old, hunks(old, new))
        total += size.taken + size.added
        gone = not new.strip() and bool(old.strip())
        if gone or (size.lines > 3 and size.lost > settings.most_removed_share * size.lines):
            raise RefusedError(
                UnwrittenReason.DELETES,
                f"The model's edit deletes most of {told(source.name)}; make the change by hand.",
            )
        if size.lines > settings.short_file and size.taken > settings.most_replaced_share * size.lines:
            raise RefusedError(
                UnwrittenReason.TOO_MUCH,
                f"The model's edit replaces most of {told(source.name)}; ask for something smaller.",
            )
    if total > settings.most_changed_lines:
        raise RefusedError(
            UnwrittenReason.TOO_MUCH,
            f"The model's edit changes {total} lines, more than {settings.most_changed_lines}; "
            "ask for something smaller.",
        )
