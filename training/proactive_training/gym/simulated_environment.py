"""An environment that a language model keeps: entities, their states and operations, clock and consequences."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from proactive_collectors.events import Event
from proactive_collectors.sentences import sentence
from proactive_inference.errors import AnswerError
from proactive_inference.proposal import Suggestion
from proactive_training.gym.acts import Act, Do, Rest, Say
from proactive_training.gym.asker import Asker
from proactive_training.gym.no_files import NoFiles
from proactive_training.gym.plain import plain, structured
from proactive_training.gym.told_act import events_of_act, observed
from proactive_training.gym.world import World, changed, happened, read_consequence, refused
from proactive_training.gym.world_prompt import form, question

TROUBLE = 0.15
"""How often one of the scene's mishaps comes with an act."""

UNANSWERED = "nothing came of it"
"""The refusal of an act for which the model had no valid answer."""


class SimulatedEnvironment:
    """Carries out acts in a :class:`~proactive_training.gym.world.World`.

    An operation that an entity does not have is refused without asking the model, and one without a condition is
    possible; whether a condition holds, the model says. What is refused changes nothing and makes no event: the
    user is told why. Where the model has no valid answer even in its last try, the act comes to nothing, and that
    is counted (``asker.tally.failed``).

    Args:
        world: as it stands.
        asker: asks the model that keeps it.
        trouble: how often a mishap comes with an act, 0 to 1; drawn by the asker's seed.
    """

    def __init__(self, world: World, asker: Asker, *, trouble: float = TROUBLE) -> None:
        self.world = world
        self.asker = asker
        self.refusals = 0  #: acts that were not allowed
        self._trouble = trouble
        self._files = NoFiles()

    @property
    def workspace(self) -> NoFiles:
        """There are no files."""
        return self._files

    @property
    def wake_at(self) -> datetime | None:
        """When something will happen by itself."""
        return self.world.due[0].time if self.world.due else None

    def happen(self, now: datetime) -> list[Event]:
        """What is due by ``now``."""
        self.world, came = happened(self.world, now)
        return [observed(now, one.sentence) for one in came]

    def do(self, act: Act, now: datetime) -> list[Event]:
        """Carry out an act.

        Raises:
            ModelError: the model cannot be asked.
        """
        own = events_of_act(act, now)
        if isinstance(act, Rest):
            return own
        reason = self._impossible(act)
        if reason is not None:
            return self._refuse(reason, now)
        told = " ".join(sentence(event) for event in own)
        return self._come(own, told, now, self._mishap(), possible=self._is_free(act))

    def apply(self, suggestion: Suggestion, now: datetime) -> list[Event]:
        """Have the assistant carry out a task that was accepted; the scene changes by it.

        Raises:
            ModelError: the model cannot be asked.
        """
        act = f"The assistant carries out the task that the user accepted: {suggestion.proposal.task}"
        return self._come([], act, now, None)

    def state(self) -> dict[str, Any]:
        """All that must be known to go on, as plain JSON."""
        return {"world": plain(self.world), "asker": self.asker.state(), "refusals": self.refusals}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from there.

        Raises:
            DataError: it is no such state.
        """
        self.world = structured(state["world"], World)
        self.asker.restore(state["asker"])
        self.refusals = int(state["refusals"])

    def _come(
        self, own: list[Event], act: str, now: datetime, mishap: str | None, *, possible: bool = False
    ) -> list[Event]:
        world = self.world
        try:
            came = self.asker.ask(
                form(world, possible=possible),
                question(world, act, mishap),
                lambda found: read_consequence(world, found, possible=possible),
            )
        except AnswerError:
            self.world = refused(world, UNANSWERED, now)
            return []
        if not came.allowed:
            return self._refuse(came.reason, now)
        self.world = changed(world, [sentence(event) for event in own] or [act], came, now, mishap)
        return [*own, *(observed(now, one) for one in came.events)]

    def _refuse(self, reason: str, now: datetime) -> list[Event]:
        self.refusals += 1
        self.world = refused(self.world, reason, now)
        return []

    def _impossible(self, act: Act) -> str | None:
        if isinstance(act, Say):
            return None if self.world.question else "nothing was asked"
        if not isinstance(act, Do) or act.entity is None:
            return None
        entity = self.world.entity(act.entity)
        if entity is None:
            return f"there is no '{act.entity}' here"
        if entity.operation(act.operation) is None:
            known = ", ".join(one.name for one in entity.operations) or "nothing"
            return f"'{act.operation}' cannot be done with '{entity.name}', only: {known}"
        return None

    def _is_free(self, act: Act) -> bool:
        """Whether it is an operation of an entity that has no condition."""
        if not isinstance(act, Do) or act.entity is None:
            return False
        entity = self.world.entity(act.entity)
        operation = entity.operation(act.operation) if entity else None
        return operation is not None and not operation.only

    def _mishap(self) -> str | None:
        draw = random.Random(f"{self.asker.seed} mishap {self.world.steps}")
        if not self.world.mishaps or draw.random() >= self._trouble:
            return None
        return draw.choice(self.world.mishaps)
