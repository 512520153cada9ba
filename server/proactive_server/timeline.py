"""What happened lately and what was decided, for the editor's plug-ins and for the demo."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from proactive_collectors.events import Event
    from proactive_inference.decision import Decision
    from proactive_server.pipeline import Outcome

KEPT = 256
"""How many of the newest events, and how many decisions, are held ready."""

WAITING = "waiting"
"""The fate of a suggestion that is out."""

WITHHELD = "withheld"
"""The fate of a suggestion that was never shown: the typing overtook it, or it reached out of the workspace."""

SUPERSEDED = "superseded"
"""The fate of a suggestion whose place another took, or whose ground is gone."""


class Timeline:
    """Collects outcomes; renders them only when asked. For the event loop alone."""

    def __init__(self) -> None:
        self._order = 0  # over events and decisions alike: a decision comes after the event it was made at
        self._events: deque[tuple[int, Event]] = deque(maxlen=KEPT)
        self._decisions: deque[dict[str, Any]] = deque()
        self._offers: dict[str, dict[str, Any]] = {}  # by identifier: the suggestions of those decisions
        self._counts = {"events": 0, "decisions": 0, "suggestions": 0, "accepted": 0, "dismissed": 0}

    def add(self, outcome: Outcome) -> None:
        """Take up an outcome."""
        from proactive_collectors.events import SuggestionEvent, SuggestionShown

        events = [outcome.event] if outcome.event is not None else []
        for event in (*events, *outcome.ended):
            self._events.append((self._next(), event))
            self._counts["events"] += 1
            if isinstance(event.data, SuggestionEvent) and not isinstance(event.data, SuggestionShown):
                fate = event.kind.removeprefix("suggestion.")
                self._becomes(event.data.suggestion, fate)
                if fate in self._counts:
                    self._counts[fate] += 1
        if outcome.decision is not None:
            self._decided(outcome.decision, outcome.milliseconds)

    def withheld(self, identifier: str) -> None:
        """A suggestion was not shown after all."""
        self._becomes(identifier, WITHHELD)

    @property
    def counts(self) -> dict[str, int]:
        """How many there were of each since the start."""
        return dict(self._counts)

    @property
    def last_decision(self) -> dict[str, Any] | None:
        """The newest decision."""
        return self._decisions[-1] if self._decisions else None

    def timeline(self, limit: int = 50) -> dict[str, Any]:
        """The answer to ``proactive/timeline``: the newest events and decisions, oldest first."""
        limit = max(0, min(limit, KEPT))
        events = list(self._events)[-limit:] if limit else []
        return {
            "events": [_event(order, event) for order, event in events],
            "decisions": list(self._decisions)[-limit:] if limit else [],
            "counts": self.counts,
        }

    def _becomes(self, identifier: str, fate: str) -> None:
        offer = self._offers.get(identifier)
        if offer is not None and offer["fate"] != WITHHELD:  # what was never shown has no answer
            offer["fate"] = fate

    def _next(self) -> int:
        self._order += 1
        return self._order

    def _decided(self, decision: Decision, milliseconds: float) -> None:
        from proactive_inference.decision import Silence
        from proactive_inference.reasons import why_silent
        from proactive_server.decision_json import decision_to_dict

        plain = {"order": self._next(), **decision_to_dict(decision, milliseconds)}
        if isinstance(decision.outcome, Silence):
            plain["text"] = why_silent(decision.outcome)
        for identifier in decision.withdrawn:
            self._becomes(identifier, SUPERSEDED)
        if len(self._decisions) == KEPT:
            old = self._decisions.popleft().get("suggestion")
            if old is not None:
                self._offers.pop(old["id"], None)
        self._decisions.append(plain)
        self._counts["decisions"] += 1
        if (offer := plain.get("suggestion")) is not None:
            offer["fate"] = WAITING
            self._offers[offer["id"]] = offer
            self._counts["suggestions"] += 1


def _event(order: int, event: Event) -> dict[str, Any]:
    from proactive_collectors.sentences import sentence

    plain: dict[str, Any] = {
        "order": order,
        "time": event.time.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "kind": event.kind,
        "source": event.source.value,
        "sentence": sentence(event),
    }
    if event.where.uri is not None:
        plain["uri"] = event.where.uri
        if event.where.range is not None:
            plain["line"] = event.where.range.start.line
    return plain
