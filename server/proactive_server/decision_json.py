"""The JSON form of a decision."""

from __future__ import annotations

from typing import Any

from proactive_inference.decision import Decision
from proactive_inference.proposal import Suggestion


def decision_to_dict(decision: Decision, milliseconds: float) -> dict[str, Any]:
    """A decision as plain JSON-ready values, for the journal and for ``proactive/timeline``."""
    plain: dict[str, Any] = {
        "time": decision.time.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "boundary": decision.boundary.value,
        "ms": round(milliseconds, 3),
    }
    if decision.need is not None:
        plain["need"] = round(decision.need.probability, 4)
        plain["evidence"] = [
            {"label": one.label, "weight": round(one.weight, 3)} for one in decision.need.evidence[:5]
        ]
    if decision.threshold is not None:
        plain["threshold"] = decision.threshold
    if decision.proposals:
        plain["proposals"] = decision.proposals
    outcome = decision.outcome
    if isinstance(outcome, Suggestion):
        proposal = outcome.proposal
        plain["suggestion"] = {
            "id": outcome.id,
            "play": proposal.play,
            "title": proposal.title,
            "task": proposal.task,
            "uri": proposal.anchor.uri,
            "line": proposal.anchor.range.start.line,
            "because": list(outcome.because),
        }
    else:
        plain["reason"] = outcome.reason.value
        if outcome.detail:
            plain["detail"] = outcome.detail
    return plain
