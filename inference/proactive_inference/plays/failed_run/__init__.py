"""The play *failed run*, for Python and pytest: mends what the interpreter names, or points at the failing line.

At once after a run that failed it looks for a missing import and a misspelling, by the rules of the modules
here, and otherwise offers to go to the failure. At a quiet moment it repeats only what it can mend, and only while
that run is still the last one and nothing of this play was shown since: where a failure is, people know by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from proactive_collectors.events import TaskRun, TerminalRun
from proactive_inference.plays import Moment
from proactive_inference.proposal import Boundary, Proposal

if TYPE_CHECKING:
    from proactive_inference.plays.failed_run.rules import Rules

__all__ = ["FailedRun"]


class FailedRun:
    """Proposals for the last run, if it failed. Keeps what it has read of files between moments."""

    def __init__(self) -> None:
        self._rules: Rules | None = None

    @property
    def name(self) -> str:
        """``failed_run``."""
        return "failed_run"

    def propose(self, moment: Moment) -> Sequence[Proposal]:
        """The proposals for this moment: edits first, then places to go to."""
        if moment.boundary not in (Boundary.RUN_FAILED, Boundary.QUIET):
            return ()
        last = moment.window.latest(TerminalRun, TaskRun)
        if last is None or not isinstance(last.data, TerminalRun | TaskRun) or not last.data.failures:
            return ()
        if self._rules is None:
            # Loaded with the first failed run, not with the server: many sittings have none.
            from proactive_inference.plays.failed_run.rules import Rules

            self._rules = Rules()
        return self._rules.propose(moment)
