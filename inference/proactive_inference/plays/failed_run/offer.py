"""Proposals of this play in their common form."""

from __future__ import annotations

from collections.abc import Mapping

from proactive_collectors.sentences import clean
from proactive_collectors.text import TextEdit
from proactive_collectors.workspace import Document
from proactive_inference.ground import digest
from proactive_inference.plays.failed_run.spot import FailedRunEvent, Spot
from proactive_inference.proposal import Anchor, FileEdit, Proposal

NAME = "failed_run"

LONGEST_TITLE = 79
"""Characters of a title; longer ones end in an ellipsis."""


def offer(
    sort: str,
    spot: Spot,
    failed: FailedRunEvent,
    *,
    symbol: str,
    title: str,
    task: str,
    anchor: tuple[int, int],
    edits: Mapping[Document, tuple[TextEdit, ...]],
    confidence: float,
    reason: str,
) -> Proposal:
    """A proposal at ``anchor`` (two offsets in the spot's file), known again by sort, file and symbol.

    Its evidence is the run; the play adds the edits before it.
    """
    return Proposal(
        play=f"{NAME}.{sort}",
        key=f"{sort}:{spot.source.uri}:{symbol}",
        title=shortened(title, LONGEST_TITLE),
        task=task,
        anchor=Anchor(spot.source.uri, spot.source.range(*anchor)),
        edits=tuple(
            FileEdit(document.uri, edit, document.version, digest(document.text))
            for document, edit in edits.items()
        ),
        confidence=confidence,
        reason=reason,
        evidence=(failed.index,),
    )


def shortened(text: str, length: int) -> str:
    """``text`` on one line of at most ``length`` characters."""
    line = clean(text, max(length, len(text), 1))  # what is printed may hide characters or turn their direction
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
