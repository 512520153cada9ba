"""What a misspelt name is offered as: every place of it put right at once, and how sure that is."""

from __future__ import annotations

from proactive_collectors.text import TextEdit
from proactive_collectors.workspace import Document
from proactive_inference.plays.failed_run.closeness import LONG, distance
from proactive_inference.plays.failed_run.offer import offer
from proactive_inference.plays.failed_run.source import Occurrence
from proactive_inference.plays.failed_run.spot import FailedRunEvent, Spot
from proactive_inference.proposal import Proposal

SORT = "misspelt"

HINTED = 0.85
"""The interpreter says what was meant."""

CLOSE = 0.7
"""One close name is there, and it is the only one."""

FAR = 0.5
"""The interpreter says what was meant, but it is spelt quite differently."""

DEFINITION = 0.6
"""Every use spells it one way and only the definition another."""


def is_close(wrong: str, right: str) -> bool:
    """Whether one is a slip of the keys away from the other."""
    return distance(wrong, right, 2) <= (2 if len(wrong) >= LONG else 1)


def confidence_in(spot: Spot, right: str) -> float:
    """How likely it is that ``right`` was meant."""
    if spot.complaint.hint is None:
        return CLOSE
    return HINTED if is_close(spot.complaint.symbol.rsplit(".", 1)[-1], right) else FAR


def respelling(
    spot: Spot, failed: FailedRunEvent, places: list[Occurrence], right: str, confidence: float
) -> Proposal:
    """The offer to write ``right`` in all places, of which there is at least one."""
    source = spot.source
    places = sorted(places, key=lambda place: place.start)
    edits = tuple(TextEdit(source.range(place.start, place.end), right) for place in places)
    wrong = places[0].name
    at = next((place for place in places if source.line_of(place.start) == spot.line), places[0])
    many = f" in {len(places)} places" if len(places) > 1 else ""
    said = (
        "the interpreter itself asks whether that was meant"
        if spot.complaint.hint
        else ("it is the only name so close to it there")
    )
    document: Document = spot.document
    return offer(
        SORT,
        spot,
        failed,
        symbol=f"{wrong}>{right}",
        title=f"Change '{wrong}' to '{right}'{many}",
        task=f"Put the misspelt '{wrong}' right: '{right}'{many}.",
        anchor=(at.start, at.end),
        edits={document: edits},
        confidence=confidence,
        reason=f"The run failed on '{spot.complaint.symbol}', which does not exist; {said}.",
    )
