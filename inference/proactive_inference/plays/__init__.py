"""The embedded skills: each turns a moment into proposals with exact edits, without a language model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from attrs import frozen

from proactive_collectors.trace import Window
from proactive_collectors.workspace import WorkspaceView
from proactive_inference.proposal import Boundary, Proposal

__all__ = ["Moment", "Play"]


@frozen
class Moment:
    """All that a play may look at."""

    time: datetime
    boundary: Boundary
    window: Window
    workspace: WorkspaceView


class Play(Protocol):
    """One skill. It must be silent where it is not sure, and must never raise for any window or text."""

    @property
    def name(self) -> str:
        """The first part of its proposals' ``play``: ``failed_run``."""

    def propose(self, moment: Moment) -> Sequence[Proposal]:
        """The proposals for this moment, best first; most often none."""
