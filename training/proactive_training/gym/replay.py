"""One sitting replayed: for labels, with an agent that says nothing, or with the agent under test."""

from __future__ import annotations

import random

from attrs import frozen

from proactive_inference.agent import Agent
from proactive_inference.embedded import embedded_plays
from proactive_training.bench.dataset import Record
from proactive_training.gym.git_objects import Git
from proactive_training.gym.labelling import Labeller, SilentGate
from proactive_training.gym.linters import Linter
from proactive_training.gym.loop import Assistant, Episode, Loop, Witness
from proactive_training.gym.records import sitting_of
from proactive_training.gym.replay_environment import ReplayEnvironment
from proactive_training.gym.replay_workspace import ReplayWorkspace
from proactive_training.gym.replaying_user import ReplayingUser
from proactive_training.gym.work import SittingWork


@frozen
class Stage:
    """A sitting set up to be replayed once."""

    work: SittingWork
    environment: ReplayEnvironment
    user: ReplayingUser

    @classmethod
    def of(cls, git: Git, work: SittingWork, linter: Linter | None, seed: int = 0) -> Stage:
        """Set a sitting up; the same seed gives the same sitting."""
        if linter is not None:
            linter.forget()
        environment = ReplayEnvironment(ReplayWorkspace(git, work.commits[0].parent), linter)
        return cls(work, environment, ReplayingUser(work, environment, random.Random(f"{seed} {work.name}")))

    def run(self, assistant: Assistant, witness: Witness | None = None) -> Episode:
        """Replay it."""
        return Loop(self.environment, self.user, assistant, self.work.commits[0].time, witness).run()


def labelled(git: Git, work: SittingWork, linter: Linter | None, seed: int = 0, licence: str = "") -> Record:
    """A sitting with a label at each boundary."""
    stage = Stage.of(git, work, linter, seed)
    labeller = Labeller(stage.environment, stage.user, embedded_plays())
    episode = stage.run(Agent(SilentGate(), ()), labeller)
    sitting = sitting_of(work, episode, licence)
    return Record(sitting, tuple(labeller.examples(work.name, episode.events)))
