"""What the episodes of a simulation came to."""

from __future__ import annotations

from collections import Counter

from attrs import asdict, define, field

from proactive_training.gym.asker import Tally
from proactive_training.gym.simulated_sitting import Played


@define
class Figures:
    """What the episodes of a dataset came to."""

    episodes: int = 0
    events: int = 0
    silent_episodes: int = 0  #: without an event; they are not in the dataset
    labels: Counter[str] = field(factory=Counter)  #: offers and silences by verdict
    refusals: int = 0
    tallies: dict[str, Tally] = field(factory=dict)  #: by who was asked

    def add(self, played: Played) -> None:
        """Count an episode."""
        self.episodes += 1
        self.events += len(played.record.sitting.trace.events)
        self.silent_episodes += not played.record.sitting.trace.events
        self.refusals += played.refusals
        for example in played.record.examples:
            what = "silence" if example.offer is None else "offer"
            self.labels[f"{what} {'accepted' if example.label.accepted else 'rejected'}"] += 1
        self.labels["unjudged"] += len(played.record.answers)
        for who, tally in played.tallies.items():
            known = asdict(self.tallies.get(who, Tally()))
            self.tallies[who] = Tally(**{key: known[key] + value for key, value in asdict(tally).items()})
