"""What a language model is asked at a moment for which the plays had nothing, and what comes back: plain values.

The agent makes an `Inquiry` and goes on; whoever runs it has it answered elsewhere
(:mod:`proactive_inference.advice`) and hands the `Advice` back. In between the ground may change, and the answer
is not wanted any more.
"""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from proactive_collectors.events import Event
from proactive_collectors.trace import Window
from proactive_inference.decision import Silence
from proactive_inference.need import Need
from proactive_inference.proposal import Boundary, Proposal

LONGEST_TASK = 300
"""A task's characters; what is longer is cut in its middle."""


@frozen
class Inquiry:
    """A question of the agent's to a language model."""

    id: str
    time: datetime
    boundary: Boundary
    window: Window  #: redacted, as the agent keeps it
    need: Need
    threshold: float  #: speaking pays above this
    held: tuple[Proposal, ...] = ()  #: what the plays would offer without an edit, if the model has nothing better
    dismissed: tuple[Event, ...] = ()  #: suggestions that were turned down lately, oldest first


@frozen
class AdvisedTask:
    """One task that a model proposes."""

    task: str  #: one sentence
    acceptance: float  #: the probability that the user takes it, given that help is wanted
    reason: str = ""  #: the model's own words on why, for whoever asks; one line


@frozen
class Advice:
    """What came of an inquiry."""

    inquiry: str  #: the inquiry's identifier
    model: str  #: what people call it
    tasks: tuple[AdvisedTask, ...] = ()  #: the likeliest to be taken first
    silence: Silence | None = None  #: why there is no task
    calls: int = 0  #: how often a model was asked for it
    tokens: int = 0  #: read and written
    seconds: float = 0.0
