"""The learned gate: from a window to the calibrated probability that help is wanted, and what speaks for it.

A linear model over the numbers of :mod:`proactive_inference.features`, with one head for live events and one for
sentences, mixed by what the window's last events are. It is small enough for plain Python: no numpy, no warm-up.
"""

from __future__ import annotations

import math
from pathlib import Path, PurePosixPath, PureWindowsPath

from proactive_collectors.events import Event, RunEvent, Where
from proactive_collectors.text import Range
from proactive_collectors.trace import WINDOW_EVENTS, Window
from proactive_collectors.uris import to_uri
from proactive_inference.feature_names import LABELS, NAMES, TOPIC_OF
from proactive_inference.features import features
from proactive_inference.gate_weights import GateWeights
from proactive_inference.need import Evidence, Need
from proactive_inference.signals import Signals, signals

MOST_EVIDENCE = 6
"""How many pieces of evidence a need names at most."""

_LEAST_WEIGHT = 0.05  # log-odds below which a piece of evidence is not worth a line
_REMEMBERED = 8 * WINDOW_EVENTS
_LIVE = NAMES.index("bias_live")
_WORDS = tuple(LABELS.values())


class LearnedGate:
    """A :class:`~proactive_inference.need.Gate` with learned weights. Deterministic; not thread-safe."""

    def __init__(self, weights: GateWeights) -> None:
        self.weights = weights
        # Windows overlap: each event is looked at once. Keyed by identity, since hashing a long edit costs more.
        self._seen: dict[int, tuple[Event, Signals]] = {}

    @classmethod
    def load(cls, path: Path | None = None) -> LearnedGate:
        """A gate with the weights at ``path``, by default those that ship with this package.

        Raises:
            GateError: the file is missing, broken, or made for other features.
        """
        return cls(GateWeights.load(path))

    def need(self, window: Window) -> Need:
        """The need at the window's last event."""
        events = window.events[-WINDOW_EVENTS:]
        if not events:
            return Need(0.0)
        skipped = len(window.events) - len(events)
        found = features(events, self._signals)
        live = found.values[_LIVE]
        heads = self.weights.live, self.weights.told
        log_odds = live * heads[0].bias + (1 - live) * heads[1].bias
        shares: dict[int, float] = {}
        for position, value in enumerate(found.values):
            if value:
                share = value * (live * heads[0].weights[position] + (1 - live) * heads[1].weights[position])
                log_odds += share
                topic = TOPIC_OF[position]
                shares[topic] = shares.get(topic, 0.0) + share
        origin = {
            TOPIC_OF[position]: index + skipped for position, index in sorted(found.origin.items(), reverse=True)
        }
        named = [
            (share, topic) for topic, share in shares.items() if _WORDS[topic] and abs(share) >= _LEAST_WEIGHT
        ]
        named.sort(key=lambda pair: (-abs(pair[0]), pair[1]))
        evidence = tuple(
            Evidence(_WORDS[topic], share, origin.get(topic)) for share, topic in named[:MOST_EVIDENCE]
        )
        speaking = sorted((e for e in evidence if e.weight > 0 and e.event is not None), key=lambda e: -e.weight)
        about = next((where for e in speaking if (where := _about(window.events[e.event or 0]))), None)
        return Need(_sigmoid(log_odds), evidence, about)

    def _signals(self, event: Event) -> Signals:
        held = self._seen.get(id(event))
        if held is not None and held[0] is event:
            return held[1]
        if len(self._seen) >= _REMEMBERED:
            self._seen.clear()
        found = signals(event)
        self._seen[id(event)] = (event, found)
        return found


def _sigmoid(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-min(max(log_odds, -30.0), 30.0)))


def _about(event: Event) -> Where | None:
    """What an event is about: of a failed run, the place of its first failure."""
    if isinstance(event.data, RunEvent):
        for failure in event.data.failures:
            path = _absolute(failure.path, event.data.cwd)
            if path is not None:
                line = failure.line or 0
                character = failure.column or 0
                spot = Range.of(line, character, line, character)
                return Where(
                    path, event.where.workspace, spot if failure.line is not None else None, failure.symbol
                )
    return event.where if event.where.uri else None


def _absolute(path: str | None, cwd: str | None) -> str | None:
    if not path:
        return None
    flavour = PureWindowsPath if cwd and "\\" in cwd else PurePosixPath
    whole = flavour(cwd or "") / path
    return to_uri(whole) if whole.is_absolute() else None
