"""The learned gate: from a window to the calibrated probability that help is wanted, and what speaks for it.

Two linear models, mixed by what the window's last events are: one over the numbers of
:mod:`proactive_inference.features` for events whose structure is known, one over those of
:mod:`proactive_inference.told_features` and the words themselves for events that are known by a sentence alone.
Both are small enough for plain Python: no numpy, no warm-up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

from proactive_collectors.events import Event, Observed, RunEvent, Where
from proactive_collectors.text import Range
from proactive_collectors.trace import WINDOW_EVENTS, Window
from proactive_collectors.uris import to_uri
from proactive_inference.feature_names import LABELS, TOPIC_OF
from proactive_inference.features import features, live_share
from proactive_inference.gate_weights import GateWeights
from proactive_inference.need import Evidence, Need
from proactive_inference.sentence_scores import RECENT
from proactive_inference.signals import Signals, signals
from proactive_inference.told_acts import Telling, telling
from proactive_inference.told_features import TOLD_LABELS, told_features

MOST_EVIDENCE = 6
"""How many pieces of evidence a need names at most."""

_LEAST_WEIGHT = 0.05  # log-odds below which a piece of evidence is not worth a line
_REMEMBERED = 8 * WINDOW_EVENTS
_WORDS = tuple(LABELS.values())
_TOLD_WORDS = tuple(TOLD_LABELS.values())
_SAYS = "what the sentences say"


class LearnedGate:
    """A :class:`~proactive_inference.need.Gate` with learned weights. Deterministic; not thread-safe."""

    def __init__(self, weights: GateWeights) -> None:
        self.weights = weights
        # Windows overlap: each event is looked at once. Keyed by identity, since hashing a long edit costs more.
        self._seen: dict[int, tuple[Event, Signals]] = {}
        self._told: dict[str, tuple[Telling, tuple[float, float]]] = {}

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
        live = live_share(events)
        log_odds = 0.0
        shares: list[Evidence] = []
        if live > 0:
            part, evidence = self._live(events)
            log_odds += live * part
            shares += [Evidence(e.label, live * e.weight, e.event) for e in evidence]
        if live < 1:
            part, evidence = self._from_sentences(events)
            log_odds += (1 - live) * part
            shares += [Evidence(e.label, (1 - live) * e.weight, e.event) for e in evidence]
        named = sorted((e for e in shares if abs(e.weight) >= _LEAST_WEIGHT), key=lambda e: -abs(e.weight))
        evidence = [
            Evidence(e.label, e.weight, None if e.event is None else e.event + skipped)
            for e in named[:MOST_EVIDENCE]
        ]
        speaking = sorted((e for e in evidence if e.weight > 0 and e.event is not None), key=lambda e: -e.weight)
        about = next((where for e in speaking if (where := _about(window.events[e.event or 0]))), None)
        return Need(_sigmoid(log_odds), tuple(evidence), about)

    def _live(self, events: Sequence[Event]) -> tuple[float, list[Evidence]]:
        """Log-odds by structure, and each topic's share of them."""
        head = self.weights.live
        found = features(events, self._signals)
        log_odds = head.bias
        shares: dict[int, float] = {}
        for position, value in enumerate(found.values):
            if value:
                share = value * head.weights[position]
                log_odds += share
                topic = TOPIC_OF[position]
                shares[topic] = shares.get(topic, 0.0) + share
        origin = {TOPIC_OF[position]: index for position, index in sorted(found.origin.items(), reverse=True)}
        named = sorted((topic, share) for topic, share in shares.items() if _WORDS[topic])
        return log_odds, [Evidence(_WORDS[topic], share, origin.get(topic)) for topic, share in named]

    def _from_sentences(self, events: Sequence[Event]) -> tuple[float, list[Evidence]]:
        """Log-odds by what the told sentences say, and each piece of evidence's share of them."""
        head = self.weights.told
        told = [
            (index, *self._telling(event.data.sentence))
            for index, event in enumerate(events)
            if isinstance(event.data, Observed)
        ]
        values = told_features([telling for _, telling, _ in told])
        last = told[-1][0]
        shares: dict[str, float] = {}
        for position, value in enumerate(values):
            if value and (weight := head.weights[position]):
                label = _TOLD_WORDS[position]
                shares[label] = shares.get(label, 0.0) + value * weight
        recent = [scores[1] for *_, scores in told[-RECENT:]]
        shares[_SAYS] = told[-1][2][0] + sum(recent) / len(recent)
        log_odds = head.bias + sum(shares.values())
        return log_odds, [Evidence(label, share, last) for label, share in shares.items() if label]

    def _telling(self, sentence: str) -> tuple[Telling, tuple[float, float]]:
        held = self._told.get(sentence)
        if held is None:
            if len(self._told) >= _REMEMBERED:
                self._told.clear()
            head = self.weights.told
            scores = head.sentences.of(sentence) if head.sentences else (0.0, 0.0)
            held = self._told[sentence] = (telling(sentence, head.common), scores)
        return held

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
