"""What happened lately and what was decided, for the editor's plug-ins and for the demo."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from proactive_server.board import Board, Posted
from proactive_server.settings import Settings

if TYPE_CHECKING:
    from proactive_collectors.events import Event
    from proactive_server.pipeline import Outcome

KEPT = 256
"""How many of the newest events, and how many decisions, are held ready."""


class Timeline:
    """Collects outcomes; renders them only when asked."""

    def __init__(self, board: Board, settings: Callable[[], Settings], clock: Callable[[], datetime]) -> None:
        self._board = board
        self._settings = settings
        self._clock = clock
        self._events: deque[Event] = deque(maxlen=KEPT)
        self._decisions: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._snoozed_until: datetime | None = None
        self._counts = {"events": 0, "decisions": 0, "suggestions": 0, "accepted": 0, "dismissed": 0}
        self.thinking = False  #: whether events wait to be judged

    def add(self, outcome: Outcome) -> None:
        """Take up an outcome."""
        events = [outcome.event] if outcome.event is not None else []
        for event in (*events, *outcome.ended):
            self._events.append(event)
            self._counts["events"] += 1
            name = event.kind.removeprefix("suggestion.")
            if event.kind.startswith("suggestion.") and name in self._counts:
                self._counts[name] += 1
        if outcome.decision is not None:
            from proactive_server.decision_json import decision_to_dict

            plain = decision_to_dict(outcome.decision, outcome.milliseconds)
            self._decisions.append(plain)
            self._counts["decisions"] += 1
            self._counts["suggestions"] += "suggestion" in plain

    def snoozed(self, minutes: float) -> None:
        """Everything is snoozed for so long; zero ends it."""
        self._snoozed_until = self._clock() + timedelta(minutes=minutes) if minutes > 0 else None

    @property
    def last_decision(self) -> dict[str, Any] | None:
        """The newest decision."""
        return self._decisions[-1] if self._decisions else None

    def status(self) -> dict[str, Any]:
        """The answer to ``proactive/status``."""
        now = self._clock()
        until = self._snoozed_until if self._snoozed_until and self._snoozed_until > now else None
        suggestions = [_plain(posted) for posted in self._board]
        if not self._settings().enable:
            state = "off"
        elif until is not None:
            state = "snoozed"
        elif suggestions:
            state = "suggestion"
        else:
            state = "thinking" if self.thinking else "watching"
        status: dict[str, Any] = {"state": state, "suggestions": suggestions, "counts": dict(self._counts)}
        if until is not None:
            status["snoozedUntil"] = until.strftime("%Y-%m-%dT%H:%M:%SZ")
        if self.last_decision is not None:
            status["lastDecision"] = self.last_decision
        return status

    def timeline(self, limit: int = 50) -> dict[str, Any]:
        """The answer to ``proactive/timeline``: the newest events and decisions, oldest first."""
        from proactive_collectors.sentences import sentence

        limit = max(0, min(limit, KEPT))
        events = list(self._events)[-limit:] if limit else []
        return {
            "events": [
                {
                    "time": event.time.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                    "kind": event.kind,
                    "source": event.source.value,
                    "sentence": sentence(event),
                }
                for event in events
            ],
            "decisions": list(self._decisions)[-limit:] if limit else [],
            "counts": dict(self._counts),
        }


def _plain(posted: Posted) -> dict[str, Any]:
    suggestion, proposal = posted.suggestion, posted.proposal
    return {
        "id": suggestion.id,
        "title": proposal.title,
        "task": proposal.task,
        "play": proposal.play,
        "uri": proposal.anchor.uri,
        "line": proposal.anchor.range.start.line,
        "hasEdit": bool(proposal.edits),
        "command": proposal.command,
        "need": round(suggestion.need.probability, 4),
        "because": list(suggestion.because),
    }
