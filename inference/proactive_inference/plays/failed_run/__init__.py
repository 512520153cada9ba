"""The play *failed run*, for Python and pytest: mends what the interpreter names, or points at the failing line.

At once after a run that failed it looks for a missing import and a misspelling, by the rules of the modules
here, and otherwise offers to go to the failure. At a quiet moment it repeats only what it can mend, and only while
that run is still the last one and nothing of this play was shown since: where a failure is, people know by then.
"""

from __future__ import annotations

from collections.abc import Sequence

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

__all__ = ["FailedRun"]

MOST_MENDED = 4
"""Proposals with an edit for one run."""


class FailedRun:
    """Proposals for the last run, if it failed. Keeps what it has read of files between moments."""

    def __init__(self) -> None:
        self._index = Index()

    @property
    def name(self) -> str:
        """``failed_run``."""
        return NAME

    def propose(self, moment: Moment) -> Sequence[Proposal]:
        """The proposals for this moment: edits first, then places to go to."""
        if moment.boundary not in (Boundary.RUN_FAILED, Boundary.QUIET):
            return ()
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
