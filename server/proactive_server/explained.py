"""What the user is told of a suggestion: why it came, why it cannot be applied, why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from proactive_collectors.uris import name

if TYPE_CHECKING:
    from proactive_server.board import Posted
    from proactive_server.client import Client

GONE = "That suggestion is no longer known. Nothing was changed."
"""The answer to a client that asks for one that never was, or long ago."""

UNFIT = "That suggestion no longer fits the text. Nothing was changed."


def refusal(posted: Posted | None, *, waits: bool, applying: bool) -> str | None:
    """Why a suggestion cannot be applied now; ``None`` if it can.

    Args:
        posted: ``None`` if nobody knows it.
        waits: whether it still waits for an answer.
        applying: whether it is being applied.
    """
    if posted is None:
        return GONE
    title = posted.proposal.title
    if posted.snoozed:
        return (
            f"{title}: this was put away when you asked for quiet. Nothing was changed; "
            "end the snooze, and a new suggestion comes when it is time for one."
        )
    if posted.overtaken is not None:
        return (
            f"{title}: {name(posted.overtaken)} is no longer what it was when this was offered. "
            "Nothing was changed."
        )
    if not waits:
        return f"{title}: this is over, answered or expired. Nothing was changed."
    if applying:
        return f"{title}: this is being applied already."
    return UNFIT if posted.hidden else None


def unable(posted: Posted, client: Client) -> str | None:
    """Why the client takes no edit from the server, and what can be done there; ``None`` if it does."""
    proposal = posted.proposal
    if client.apply_edit or not proposal.edits:
        return None
    if client.literals:
        return "That suggestion can only be applied from the list of code actions."
    spot = f"{name(proposal.anchor.uri)}:{proposal.anchor.range.start.line + 1}"
    return f"{proposal.title}: this editor takes no edits from a server. Make the change by hand, at {spot}."


def because(posted: Posted) -> str:
    """Why it came: the evidence, the play's own reason, and how likely it seemed that help was wanted."""
    suggestion = posted.suggestion
    parts = [f"{posted.proposal.title}.", *suggestion.because]
    if posted.proposal.reason:
        parts.append(posted.proposal.reason)
    need = f"Help seemed wanted with a probability of {suggestion.need.probability:.0%}"
    if posted.threshold is not None:
        need += f"; it speaks above {posted.threshold:.0%} (interruptionCost)"
    return "\n".join([*parts, need + "."])


def why_none(last: Mapping[str, Any] | None) -> str:
    """Why there is no suggestion, by the timeline's last decision."""
    if last is None:
        return "There is no suggestion, and so far there was no moment to make one."
    if (offer := last.get("suggestion")) is not None:
        fate = str(offer["fate"]).replace("_", " ")
        return f"There is no suggestion now. The last one was: {offer['title']} ({fate})."
    return f"There is no suggestion. At the last moment for one: {last['text']}"
