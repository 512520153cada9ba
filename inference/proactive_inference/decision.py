"""What the agent decided at a boundary: a suggestion, or silence for a named reason."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import frozen

from proactive_inference.need import Need
from proactive_inference.proposal import Boundary, Suggestion


class Reason(StrEnum):
    """Why the agent stayed silent."""

    DISABLED = "disabled"  #: switched off, for all or for this language
    SNOOZED = "snoozed"  #: the user asked for quiet
    TYPING = "typing"  #: the last keystroke is too fresh
    SELECTING = "selecting"  #: a selection is active
    IN_SNIPPET = "in_snippet"  #: a snippet's tab stops are active
    IN_COMMENT = "in_comment"  #: the person is writing a comment
    TOO_SOON = "too_soon"  #: the least time between two suggestions has not passed
    BACKING_OFF = "backing_off"  #: the pause that dismissals have lengthened has not passed
    NO_NEED = "no_need"  #: the gate's probability is below the threshold
    NO_PROPOSAL = "no_proposal"  #: nothing to offer
    NOT_WORTH_IT = "not_worth_it"  #: the best proposal is not likely enough to be taken
    DISMISSED_BEFORE = "dismissed_before"  #: the same offer, or its sort lately, was turned down
    MODEL_ASKED = "model_asked"  #: a language model is asked first; what it says is a decision of its own
    MODEL_SILENT = "model_silent"  #: the language model found that no help is wanted
    MODEL_UNSAFE = "model_unsafe"  #: what the language model proposed may have been put into its mouth
    MODEL_UNREADABLE = "model_unreadable"  #: what the language model answered cannot be read
    MODEL_UNAVAILABLE = "model_unavailable"  #: the language model could not be asked
    MODEL_SPENT = "model_spent"  #: what it may be asked in an hour is used up
    ALREADY_SHOWN = "already_shown"  #: the same offer is waiting or has expired unanswered


@frozen
class Silence:
    """A decision not to speak."""

    reason: Reason
    detail: str = ""  #: in words, with the numbers: ``p = 0.12 below 0.25``


@frozen
class Decision:
    """One boundary and what came of it."""

    time: datetime
    boundary: Boundary
    outcome: Suggestion | Silence
    need: Need | None = None  #: ``None`` where the policy was silent before the gate was asked
    threshold: float | None = None
    proposals: int = 0  #: how many the plays made
    withdrawn: tuple[str, ...] = ()  #: identifiers of suggestions that this decision replaces
