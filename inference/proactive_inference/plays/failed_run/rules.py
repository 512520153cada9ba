"""What the play offers for one failed run: the sorts in their order, each offer once, with its evidence."""

from __future__ import annotations

from attrs import evolve

from proactive_inference.plays import Moment
from proactive_inference.plays.failed_run.go_to import go_to
from proactive_inference.plays.failed_run.index import Index
from proactive_inference.plays.failed_run.messages import Kind
from proactive_inference.plays.failed_run.missing_import import missing_import
from proactive_inference.plays.failed_run.misspelt import misspelt
from proactive_inference.plays.failed_run.offer import NAME
from proactive_inference.plays.failed_run.spot import (
    FailedRunEvent,
    Spot,
    edits_before,
    last_failed_run,
    offered_since,
    spots,
)
from proactive_inference.proposal import Boundary, Proposal

MOST_MENDED = 4
"""Proposals with an edit for one run."""


class Rules:
    """The sorts of the play, and what they have read of the workspace's files."""

    def __init__(self) -> None:
        self._index = Index()

    def propose(self, moment: Moment) -> tuple[Proposal, ...]:
        """The proposals for this moment: edits first, then places to go to."""
        failed = last_failed_run(moment.window)
        if failed is None:
            return ()
        quiet = moment.boundary is Boundary.QUIET
        if quiet and offered_since(moment.window, failed.index, NAME):
            return ()
        mended: dict[tuple[str, str], Proposal] = {}
        left: list[Spot] = []
        seen: dict[tuple[str, int, str], bool] = {}
        for spot in spots(failed, moment.workspace):
            same = (spot.source.uri, spot.line, spot.failure.message)
            if same not in seen:
                found = self._mend(spot, failed, moment)
                for proposal in found:
                    mended.setdefault((proposal.play, proposal.key), proposal)
                seen[same] = bool(found)
            if not seen[same]:
                left.append(spot)
        proposals = sorted(mended.values(), key=lambda proposal: -proposal.confidence)[:MOST_MENDED]
        if not quiet:
            proposals += go_to(left, failed, moment.window)
        return tuple(self._with_edits_before(proposal, failed, moment) for proposal in proposals)

    def _mend(self, spot: Spot, failed: FailedRunEvent, moment: Moment) -> list[Proposal]:
        if spot.complaint.kind is Kind.OTHER:
            return []
        found = missing_import(spot, failed, moment.workspace, self._index)
        if not found or spot.complaint.hint:  # a name that can be imported as it is needs no guess at another
            found += misspelt(spot, failed, moment.workspace)
        return [
            proposal
            for proposal in found
            if all(spot.source.accepts(edit.edits) for edit in proposal.edits if edit.uri == spot.source.uri)
        ]

    @staticmethod
    def _with_edits_before(proposal: Proposal, failed: FailedRunEvent, moment: Moment) -> Proposal:
        edits = edits_before(moment.window, failed.index, proposal.anchor.uri)
        return evolve(proposal, evidence=(*edits, failed.index))
