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
from proactive_training.gym.runs import Chosen, TestRunner
from proactive_training.gym.work import SittingWork


@frozen
class Stage:
    """A sitting set up to be replayed once."""

    work: SittingWork
    environment: ReplayEnvironment
    user: ReplayingUser
    tests: str = ""  #: ``run``, or why tests are not; empty: it was not asked for

    @classmethod
    def of(
        cls, git: Git, work: SittingWork, linter: Linter | None, seed: int = 0, runner: TestRunner | None = None
    ) -> Stage:
        """Set a sitting up; the same seed gives the same sitting.

        Args:
            git: the repository, entered.
            work: what is done.
            linter: real diagnostics; ``None``: there are none.
            seed: of what is drawn.
            runner: real test runs; ``None``: there are none.
        """
        if linter is not None:
            linter.forget()
        chosen = runner.choose(git, work) if runner is not None else Chosen("")
        environment = ReplayEnvironment(ReplayWorkspace(git, work.commits[0].parent), linter, chosen.checkout)
        rng = random.Random(f"{seed} {work.name}")
        return cls(work, environment, ReplayingUser(work, environment, rng, chosen.command), chosen.why)

    def run(self, assistant: Assistant, witness: Witness | None = None) -> Episode:
        """Replay it; once only."""
        try:
            return Loop(self.environment, self.user, assistant, self.work.commits[0].time, witness).run()
        finally:
            self.environment.close()


def labels_of(stage: Stage, licence: str = "") -> Record:
    """Replay a sitting for its labels, one at each boundary."""
    labeller = Labeller(stage.environment, stage.user, embedded_plays())
    episode = stage.run(Agent(SilentGate(), ()), labeller)
    sitting = sitting_of(stage.work, episode, licence)
    return Record(sitting, tuple(labeller.examples(stage.work.name, episode.events)))
