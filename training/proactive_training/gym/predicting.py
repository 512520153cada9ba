"""An assistant that predicts a task at each event until a judge accepts one: the paper's way to training data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from proactive_collectors.events import Event
from proactive_collectors.workspace import WorkspaceView
from proactive_inference.agent import Step
from proactive_inference.decision import Reason, Silence
from proactive_inference.errors import AnswerError
from proactive_inference.models.agent_answer import DECISION_SCHEMA, AgentAnswer, read_agent_answer
from proactive_inference.models.agent_prompt import AGENT_SYSTEM
from proactive_inference.models.quoting import MOST_EVENTS, observations
from proactive_inference.proposal import Boundary, Suggestion
from proactive_training.bench.example import Example, Label, LabelSource, Offer
from proactive_training.gym.asker import Asker, Form
from proactive_training.gym.critics import Critic, Judged
from proactive_training.gym.telling_assistant import TellingAssistant, told_suggestion

TRIES = 3
"""How many predictions are made at an event at most."""

FORM = Form(
    f'{AGENT_SYSTEM} What was "Rejected" at this moment must not be offered again: offer something else, or null. '
    'If you are told what was "Wrong" with an answer, give the whole answer anew.',
    DECISION_SCHEMA,
)


class PredictingAssistant(TellingAssistant):
    """Offers only what the judge accepts; every prediction that was judged becomes an example.

    At an event it predicts a task or silence. What the judge rejects is told with the reason, and predicted anew.
    Silence ends it where the judge cannot judge it; then it stands among the answers, unjudged. Where all
    that was offered was rejected, silence was right. While an offer waits to be carried out, nothing is asked.

    Args:
        asker: asks the model that predicts.
        critic: judges.
        sitting: the name that the examples' sitting will have.
        tries: how many predictions are made at an event at most.
    """

    def __init__(self, asker: Asker, critic: Critic, sitting: str, tries: int = TRIES) -> None:
        super().__init__(asker.model)
        self.asker = asker
        self.examples: list[Example] = []
        self.answers: list[Example] = []  #: not judged
        self._critic = critic
        self._sitting = sitting
        self._tries = tries
        self._index = -1  # of the newest event

    def observe(self, event: Event, workspace: WorkspaceView) -> Step:
        """Take in an event, and decide.

        Raises:
            ModelError: a model cannot be asked.
        """
        self._index += 1
        return super().observe(event, workspace)

    def _outcome(self, now: datetime, workspace: WorkspaceView) -> Suggestion | Silence:
        judged: list[tuple[str | None, Judged]] = []
        chosen: Suggestion | None = None
        detail = ""
        for _ in range(self._tries):
            try:
                answer = self._predicted(judged)
            except AnswerError as error:
                self.unreadable += 1
                detail = str(error)
                break
            if any(task == answer.task for task, _ in judged):
                continue  # it was rejected just now
            if answer.task is None and not self._critic.judges_silence:
                if not judged:
                    self._unjudged(None)
                break
            try:
                verdict = self._critic.judge(self.window, answer.task)
            except AnswerError as error:
                self._unjudged(answer.task)
                detail = str(error)
                break
            judged.append((answer.task, verdict))
            if verdict.accepted:
                if answer.task is not None:
                    chosen = told_suggestion(answer.task, self.window, now, workspace, why=verdict.why)
                break
        self._learn(judged)
        if chosen is None:
            return Silence(Reason.MODEL_UNREADABLE if detail else Reason.MODEL_SILENT, detail)
        self._waiting = chosen.id
        return chosen

    def _predicted(self, judged: list[tuple[str | None, Judged]]) -> AgentAnswer:
        told: dict[str, Any] = {"Observations": observations(self.window, MOST_EVENTS)}
        if judged:
            told["Rejected"] = [{"Task": task, "Because": verdict.why} for task, verdict in judged]
        return self.asker.ask(FORM, told, _read)

    def _learn(self, judged: list[tuple[str | None, Judged]]) -> None:
        """Make examples. Help was wanted where an offer was accepted or silence rejected."""
        need = any(verdict.accepted == (task is not None) for task, verdict in judged)
        for task, verdict in judged:
            label = Label(LabelSource.JUDGE, need=need, accepted=verdict.accepted)
            self.examples.append(self._example(label, task))
        if judged and not need and all(task is not None for task, _ in judged):
            self.examples.append(self._example(Label(LabelSource.JUDGE, need=False, accepted=True), None))

    def _unjudged(self, task: str | None) -> None:
        self.answers.append(self._example(Label(LabelSource.JUDGE), task))

    def _example(self, label: Label, task: str | None) -> Example:
        offer = Offer(task, proposer=self.asker.model.name) if task is not None else None
        return Example(self._sitting, self._index, label, offer, Boundary.QUIET)


def _read(found: Mapping[str, Any]) -> AgentAnswer:
    try:
        return read_agent_answer(json.dumps(found))
    except AnswerError:
        raise ValueError("'Proactive Task' must be there: a task, or null") from None
