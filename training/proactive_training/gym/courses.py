"""What an agent that learns goes through, moment by moment: an episode that is lived, or a sitting with labels."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

from attrs import define, field, frozen

from proactive_collectors.events import Event
from proactive_collectors.trace import RollingWindow, Window
from proactive_collectors.workspace import WorkspaceView
from proactive_inference.agent import Step
from proactive_inference.decision import Decision
from proactive_inference.judge.judge import Judge
from proactive_inference.proposal import Boundary
from proactive_training.bench.dataset import Record
from proactive_training.errors import DataError
from proactive_training.gym.loop import Loop
from proactive_training.gym.rewards import Rewards
from proactive_training.gym.telling_assistant import told_suggestion


@frozen
class Passed:
    """What came of a moment, and the one that follows."""

    window: Window  #: as it is now
    reward: float
    over: bool  #: whether there is no further moment
    info: dict[str, Any] = field(factory=dict)  #: plain values


class Course(Protocol):
    """Moments, one after the other, at each of which something may be offered."""

    def begin(self, seed: int, options: dict[str, Any]) -> Passed:
        """Come to a first moment.

        Raises:
            DataError: the options name none.
        """

    def go_on(self, task: str | None) -> Passed:
        """Offer a task (``None``: stay silent), and come to the next moment."""

    def close(self) -> None:
        """End what is under way."""


class Puppet:
    """An assistant that says what it is told to, at once."""

    def __init__(self) -> None:
        self.last: str | None = None  #: the identifier of what was offered last
        self._window = RollingWindow()
        self._task: str | None = None
        self._at: datetime | None = None

    @property
    def window(self) -> Window:
        """The last stretch of events."""
        return self._window.view()

    @property
    def wake_at(self) -> datetime | None:
        """When it was told to speak."""
        return self._at

    def say(self, task: str, now: datetime) -> None:
        """Offer this as soon as time goes on."""
        self._task, self._at, self.last = task, now, None

    def observe(self, event: Event, workspace: WorkspaceView) -> Step:
        """Take in an event."""
        self._window.append(event)
        return Step()

    def tick(self, now: datetime, workspace: WorkspaceView) -> Step:
        """Speak."""
        task, self._task, self._at = self._task, None, None
        if task is None:
            return Step()
        suggestion = told_suggestion(task, self.window, now, workspace)
        self.last = suggestion.id
        return Step(Decision(now, Boundary.QUIET, suggestion))


@define
class LivedCourse:
    """Episodes of the loop: a moment after each act of the user, before the next one.

    What an offer is worth the user says, or the judge where there is one; the user's answer takes its course
    either way.

    Args:
        make: sets up the loop of an episode by its seed, around the assistant it is handed.
        judge: says what offers are worth in the user's stead.
        rewards: how much that is.
    """

    make: Callable[[int, Puppet], Loop]
    judge: Judge | None = None
    rewards: Rewards = field(factory=Rewards)
    _puppet: Puppet = field(factory=Puppet)
    _loop: Loop | None = None

    def begin(self, seed: int, options: dict[str, Any]) -> Passed:
        """A new episode, after the user's first act."""
        self.close()
        self._puppet = Puppet()
        self._loop = self.make(seed, self._puppet)
        return self._passed(0.0, self._turn(), "")

    def go_on(self, task: str | None) -> Passed:
        """One more act of the user."""
        loop = self._loop
        if loop is None or loop.episode.ended is not None:
            raise DataError("the episode has not begun or is over; call reset first")
        before = self._puppet.window
        if task is not None:
            self._puppet.say(task, loop.now)
        over = self._turn()
        name = self._puppet.last if task is not None else None
        answer = loop.episode.replies.get(name) if name is not None else None
        if task is not None and self.judge is not None:
            reward = self.rewards.of_judge(self.judge, before, task)
        else:
            reward = self.rewards.of_answer(answer)
        return self._passed(reward, over, answer.value if answer is not None else "")

    def close(self) -> None:
        """Throw away what the environment made."""
        if self._loop is not None and (close := getattr(self._loop.environment, "close", None)) is not None:
            close()
        self._loop = None

    def _turn(self) -> bool:
        """Whether the episode is over now."""
        assert self._loop is not None
        if self._loop.turn():
            return False
        self._loop.finish()
        return True

    def _passed(self, reward: float, over: bool, reply: str) -> Passed:
        assert self._loop is not None
        return Passed(self._puppet.window, reward, over, {"reply": reply, "time": self._loop.now.isoformat()})


@define
class LabelledCourse:
    """Sittings of a dataset with their labels: a moment where one is labelled with whether help was wanted.

    The sitting goes its way whatever is offered. What an offer is worth the label says (hindsight's, or people's),
    or the judge where there is one. The options ``sitting`` (its name) and ``at`` (which of its moments, from
    zero) choose a moment, else the seed chooses a sitting, which is gone through from its first moment on.

    Args:
        records: the sittings; such without a moment are left out.
        judge: says what offers are worth in the label's stead.
        rewards: how much that is.
    """

    records: Sequence[Record]
    judge: Judge | None = None
    rewards: Rewards = field(factory=Rewards)
    _moments: dict[str, tuple[Record, list[tuple[int, bool]]]] = field(factory=dict)
    _name: str = ""
    _at: int = 0

    def __attrs_post_init__(self) -> None:
        for record in self.records:
            if moments := _moments(record):
                self._moments[record.sitting.name] = (record, moments)
        if not self._moments:
            raise DataError("no sitting has a moment of which is known whether help was wanted; label some first")

    def places(self) -> list[tuple[str, int]]:
        """Every moment as ``sitting`` and ``at``."""
        return [(name, at) for name, (_, moments) in self._moments.items() for at in range(len(moments))]

    def begin(self, seed: int, options: dict[str, Any]) -> Passed:
        """The chosen moment, or the first of a sitting."""
        name = options.get("sitting")
        if name is None:
            name = random.Random(seed).choice(sorted(self._moments))
        if name not in self._moments:
            raise DataError(f"there is no sitting {name!r} with labelled moments")
        at = options.get("at", 0)
        if not isinstance(at, int) or not 0 <= at < len(self._moments[name][1]):
            raise DataError(f"sitting {name!r} has moments 0 to {len(self._moments[name][1]) - 1}, and no {at!r}")
        self._name, self._at = name, at
        return self._passed(0.0)

    def go_on(self, task: str | None) -> Passed:
        """The next moment of the sitting."""
        if not self._name or self._at >= len(self._moments[self._name][1]):
            raise DataError("the episode has not begun or is over; call reset first")
        reward = 0.0
        if task is not None:
            _, need = self._moments[self._name][1][self._at]
            if self.judge is not None:
                reward = self.rewards.of_judge(self.judge, self._window(), task)
            else:
                reward = self.rewards.of_need(need)
        self._at += 1
        return self._passed(reward)

    def close(self) -> None:
        """Nothing is under way."""
        self._name = ""

    def _window(self) -> Window:
        record, moments = self._moments[self._name]
        return record.sitting.trace.window(moments[min(self._at, len(moments) - 1)][0])

    def _passed(self, reward: float) -> Passed:
        over = self._at >= len(self._moments[self._name][1])
        return Passed(self._window(), reward, over, {"sitting": self._name, "at": self._at})


def _moments(record: Record) -> list[tuple[int, bool]]:
    """The labelled moments of a sitting: the index of its last event, and whether help was wanted."""
    known = {one.index: one.label.need for one in record.examples if one.label.need is not None}
    return sorted(known.items())
