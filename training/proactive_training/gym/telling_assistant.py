"""An assistant that is a language model and nothing else: asked at every event, as in the paper's protocol."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from proactive_collectors.event_json import from_dict, to_dict
from proactive_collectors.events import (
    Event,
    SuggestionAccepted,
    SuggestionDismissed,
    SuggestionEvent,
)
from proactive_collectors.text import Range
from proactive_collectors.trace import RollingWindow, Window
from proactive_collectors.workspace import WorkspaceView
from proactive_inference.agent import Step
from proactive_inference.decision import Decision, Reason, Silence
from proactive_inference.errors import AnswerError
from proactive_inference.inquiry import AdvisedTask
from proactive_inference.models.agent_answer import AGENT_SCHEMA, read_agent_answer
from proactive_inference.models.agent_prompt import agent_messages
from proactive_inference.models.chat import ChatModel
from proactive_inference.models.resolve import most_events_of
from proactive_inference.need import Need
from proactive_inference.on_demand import on_demand
from proactive_inference.proposal import Anchor, Boundary, Suggestion
from proactive_inference.spots import spot

NOWHERE = Anchor("scene:/", Range.of(0, 0, 0, 0))
"""Where a task is shown that is about no file."""


def told_suggestion(
    task: str, window: Window, now: datetime, workspace: WorkspaceView, *, confidence: float = 0.5, why: str = ""
) -> Suggestion:
    """A task that is only a sentence, put before the user at ``now``."""
    need = Need(1.0)
    anchor = spot(task, window, need, workspace) or NOWHERE
    proposal = on_demand(AdvisedTask(task, confidence, why), anchor, max(0, len(window) - 1))
    name = hashlib.blake2b(f"{now.isoformat()} {task}".encode(), digest_size=6).hexdigest()
    return Suggestion(name, proposal, need, Boundary.QUIET, now)


class TellingAssistant:
    """Asks a model at each event; while an offer waits for its answer, it is silent.

    Args:
        model: who is asked.
    """

    def __init__(self, model: ChatModel) -> None:
        self.unreadable = 0  #: answers that could not be read
        self._model = model
        self._window = RollingWindow()
        self._waiting: str | None = None

    @property
    def window(self) -> Window:
        """The last stretch of events."""
        return self._window.view()

    @property
    def wake_at(self) -> datetime | None:
        """Never: it is asked at events."""
        return None

    def observe(self, event: Event, workspace: WorkspaceView) -> Step:
        """Take in an event, and decide.

        Raises:
            ModelError: the model cannot be asked.
        """
        self._window.append(event)
        if isinstance(event.data, SuggestionEvent):
            ended = isinstance(event.data, SuggestionAccepted | SuggestionDismissed)
            if ended and event.data.suggestion == self._waiting:
                self._waiting = None
            return Step()
        if self._waiting is not None:
            silence = Silence(Reason.ALREADY_SHOWN, "an offer waits for its answer")
            return Step(Decision(event.time, Boundary.QUIET, silence))
        return Step(Decision(event.time, Boundary.QUIET, self._outcome(event.time, workspace)))

    def tick(self, now: datetime, workspace: WorkspaceView) -> Step:
        """Nothing is ever due."""
        return Step()

    def state(self) -> dict[str, Any]:
        """All that must be known to go on, as plain JSON."""
        return {
            "window": [to_dict(event) for event in self._window.view()],
            "waiting": self._waiting,
            "unreadable": self.unreadable,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""
        self._window = RollingWindow()
        for event in state["window"]:
            self._window.append(from_dict(event))
        self._waiting = state["waiting"]
        self.unreadable = int(state["unreadable"])

    def _outcome(self, now: datetime, workspace: WorkspaceView) -> Suggestion | Silence:
        window = self._window.view()
        messages = agent_messages(window, most_events=most_events_of(self._model))
        (completion,) = self._model.complete(messages, schema=AGENT_SCHEMA)
        try:
            answer = read_agent_answer(completion.text)
        except AnswerError as error:
            self.unreadable += 1
            return Silence(Reason.MODEL_UNREADABLE, str(error))
        if answer.task is None:
            return Silence(Reason.MODEL_SILENT, answer.thoughts)
        suggestion = told_suggestion(answer.task, window, now, workspace, why=answer.thoughts)
        self._waiting = suggestion.id
        return suggestion
