"""Plays one scene into a sitting with judged predictions: the same scene, seed and answers give the same one."""

from __future__ import annotations

import random
import threading
from pathlib import Path

from attrs import evolve, field, frozen

from proactive_collectors.trace import Trace
from proactive_inference.judge.judge import Judge
from proactive_inference.models.chat import ChatModel
from proactive_inference.proposal import Suggestion
from proactive_training.bench.dataset import Record
from proactive_training.bench.example import Sitting
from proactive_training.gym.asker import Asker, Tally
from proactive_training.gym.critics import Critic, ModelCritic, TrainedCritic, UserCritic
from proactive_training.gym.desk import WorldDesk
from proactive_training.gym.loop import Loop, Reply
from proactive_training.gym.predicting import TRIES, PredictingAssistant
from proactive_training.gym.scene import Domain, Scene
from proactive_training.gym.simulated_environment import SimulatedEnvironment
from proactive_training.gym.simulated_user import MOST_ACTS, SimulatedUser
from proactive_training.gym.transcript import KeptModel, Spending, Transcript
from proactive_training.gym.world import World

SOURCE = "simulated"
"""What a dataset says of where such a sitting comes from."""


@frozen
class Cast:
    """Who plays."""

    model: ChatModel  #: the user, the environment and whoever predicts
    judge: ChatModel | None = None  #: who judges predictions; without either, the simulated user
    trained: Judge | None = None  #: the same, in this process
    judge_lock: threading.Lock = field(factory=threading.Lock)

    @property
    def judged_by(self) -> str:
        """The judge's fingerprint; ``self`` where the simulated user judges."""
        judge = self.judge or self.trained
        return "self" if judge is None else judge.fingerprint


@frozen
class Job:
    """One episode of a run."""

    scene: Scene
    round: int = 0  #: how often the scene was played before
    seed: int = 0  #: of the run
    tries: int = TRIES
    most_acts: int = MOST_ACTS

    @property
    def name(self) -> str:
        """Of the sitting, and of the file of its answers."""
        return f"{self.scene.id}.{self.round + 1}" if self.round else self.scene.id


@frozen
class Invalid:
    """An answer that was set aside."""

    sitting: str
    who: str  #: was asked: ``user``, ``environment``, ``assistant``, ``judge``
    wrong: str
    text: str


@frozen
class Played:
    """What came of it."""

    record: Record
    tallies: dict[str, Tally]  #: by who was asked
    invalid: tuple[Invalid, ...]
    refusals: int  #: acts that were not allowed


class _AgreeingUser(SimulatedUser):
    """Takes every offer: only what the judge has accepted is offered."""

    def reply(self, suggestion: Suggestion) -> Reply:
        return self.answer(suggestion, "the judge accepted it", accepted=True)


def play(job: Job, cast: Cast, answers: Path, purse: Spending) -> Played:
    """Play an episode to its end, with the answers that are kept first.

    Args:
        job: which.
        cast: who plays.
        answers: the file of its answers.
        purse: what may still be spent.

    Raises:
        StoppedError: nothing more may be asked; the same call goes on from there another time.
        ModelError: a model cannot be asked; likewise.
        DataError: the answers cannot be kept.
    """
    transcript = Transcript(answers, purse)
    model = KeptModel(cast.model, transcript)
    seed = random.Random(f"{job.seed} {job.round} {job.scene.id}").getrandbits(31)
    invalid: list[Invalid] = []
    askers: dict[str, Asker] = {}

    def asker(who: str, of: ChatModel = model) -> Asker:
        def aside(text: str, wrong: str) -> None:
            invalid.append(Invalid(job.name, who, wrong, text))

        askers[who] = Asker(of, seed=seed, aside=aside)
        return askers[who]

    environment = SimulatedEnvironment(World.of(job.scene), asker("environment"))
    user = _AgreeingUser(job.scene, WorldDesk(environment), asker("user"), most_acts=job.most_acts)
    critic: Critic
    if cast.trained is not None:
        critic = TrainedCritic(cast.trained, transcript, cast.judge_lock)
    elif cast.judge is not None:
        critic = ModelCritic(asker("judge", KeptModel(cast.judge, transcript)))
    else:
        critic = UserCritic(user)
    assistant = PredictingAssistant(asker("assistant"), critic, job.name, job.tries)
    episode = Loop(environment, user, assistant, environment.world.clock).run()
    sitting = Sitting(
        Trace(job.name, tuple(episode.events)),
        domain="code" if job.scene.domain is Domain.CODING else job.scene.domain.value,
        source=SOURCE,
        group=job.scene.grown_from or job.scene.id,
    )
    record = Record(sitting, tuple(assistant.examples), tuple(assistant.answers))
    tallies = {who: evolve(one.tally) for who, one in askers.items()}
    return Played(record, tallies, tuple(invalid), environment.refusals)
