"""The agent that needs nothing but this installation: the learned gate and the embedded plays."""

from __future__ import annotations

from proactive_inference.agent import Agent
from proactive_inference.plays import Play
from proactive_inference.policy import PolicySettings


def embedded_plays() -> tuple[Play, ...]:
    """The plays that ship."""
    from proactive_inference.plays.failed_run import FailedRun
    from proactive_inference.plays.prose import Prose
    from proactive_inference.plays.repeated_edit import RepeatedEdit

    return (FailedRun(), RepeatedEdit(), Prose())


def embedded_agent(settings: PolicySettings | None = None) -> Agent:
    """The agent that the server runs unless it is told otherwise."""
    from proactive_inference.gate import LearnedGate

    return Agent(LearnedGate.load(), embedded_plays(), settings)
