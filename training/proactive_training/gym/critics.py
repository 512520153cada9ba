"""Who judges predictions in a simulated episode: the simulated user, a language model, or a trained judge."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Protocol

from attrs import frozen

from proactive_collectors.event_json import to_dict
from proactive_collectors.trace import Window
from proactive_inference.errors import AnswerError
from proactive_inference.judge.judge import Judge, Question, judgements
from proactive_inference.models.judge_answer import JUDGE_SCHEMA
from proactive_inference.models.judge_prompt import JUDGE_SYSTEM
from proactive_inference.models.quoting import MOST_EVENTS, observations
from proactive_training.gym.asker import Asker, Form
from proactive_training.gym.simulated_user import SimulatedUser, read_verdict
from proactive_training.gym.transcript import Transcript
from proactive_training.kept_lines import key_of

_FORM = Form(
    f'{JUDGE_SYSTEM} If you are told what was "Wrong" with an answer, give the whole answer anew.', JUDGE_SCHEMA
)


@frozen
class Judged:
    """A verdict and why, as the one who predicts is told it."""

    accepted: bool
    why: str


class Critic(Protocol):
    """Says whether a prediction is right at a moment."""

    judges_silence: bool  #: whether it can say so of silence

    def judge(self, window: Window, task: str | None) -> Judged:
        """Judge a task, or silence (``None``), at the window's last event.

        Raises:
            AnswerError: it has no valid verdict.
            ModelError: its model cannot be asked.
        """


class UserCritic:
    """The simulated user, who knows the goal, what they see, and when help is welcome; of offers only."""

    judges_silence = False

    def __init__(self, user: SimulatedUser) -> None:
        self._user = user

    def judge(self, window: Window, task: str | None) -> Judged:
        """As :meth:`Critic.judge` says."""
        assert task is not None
        thought, accepted = self._user.verdict(task)
        return Judged(accepted, thought)


class ModelCritic:
    """A language model in the paper's form: it sees the events, as the one who predicts does."""

    judges_silence = True

    def __init__(self, asker: Asker) -> None:
        self.asker = asker

    def judge(self, window: Window, task: str | None) -> Judged:
        """As :meth:`Critic.judge` says."""
        told: Mapping[str, Any] = {"Observations": observations(window, MOST_EVENTS), "Task": task}
        thought, accepted = self.asker.ask(_FORM, told, read_verdict)
        return Judged(accepted, thought)


class TrainedCritic:
    """A trained judge, which says a probability: from even chances on it accepts.

    Args:
        judge: who judges, here in this process.
        transcript: keeps what it says.
        lock: of all who share the judge.
    """

    judges_silence = True

    def __init__(self, judge: Judge, transcript: Transcript, lock: threading.Lock) -> None:
        self._judge = judge
        self._transcript = transcript
        self._lock = lock

    def judge(self, window: Window, task: str | None) -> Judged:
        """As :meth:`Critic.judge` says."""

        def ask() -> dict[str, Any]:
            with self._lock:
                (judged,) = judgements(self._judge, [Question(window, task)])
            if judged is None:
                raise AnswerError(f"{self._judge.name} gave no judgement")
            return {"probability": judged}

        key = key_of([self._judge.fingerprint, [to_dict(event) for event in window], task])
        probability = float(self._transcript.take(key, ask)["probability"])
        return Judged(probability >= 0.5, f"a person would accept it with a probability of {probability:.0%}")
