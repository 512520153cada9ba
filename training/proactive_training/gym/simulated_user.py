"""A user whom a language model plays: what they do next, and whether they take what is offered."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from attrs import evolve, frozen

from proactive_inference.errors import AnswerError
from proactive_inference.models.answer_text import plain_key
from proactive_inference.models.judge_answer import JUDGEMENT_KEY
from proactive_inference.proposal import Suggestion
from proactive_training.gym.acts import Act, Do, Rest
from proactive_training.gym.asker import Asker, get, text
from proactive_training.gym.desk import STOP, Desk
from proactive_training.gym.loop import Answer, Reply
from proactive_training.gym.plain import AnyAct, plain, structured
from proactive_training.gym.scene import Scene
from proactive_training.gym.user_prompt import (
    JUDGE_FORM,
    LONGEST_THOUGHT,
    next_form,
    told_offer,
    told_person,
)

MOST_ACTS = 40
"""After so many a user stops, whatever is left to do."""

PAUSE_SECONDS = (6.0, 15.0)
"""Between two choices: longer than an answer takes, so that an accepted task is done before the next act."""

REPLY_SECONDS = (2.0, 5.0)

AT_A_LOSS = 60.0
"""Seconds of doing nothing where the model has no valid choice."""

GIVES_UP = 3
"""After so many choices in a row without a valid answer the user stops."""

REMEMBERED = 8
"""How many of the last acts and verdicts a user is told."""


@frozen
class Opinion:
    """What the user thought of an offer."""

    suggestion: str  #: its identifier
    task: str
    thought: str
    accepted: bool


class SimulatedUser:
    """Works at a desk: any environment that has one goes with any scene's persona and goal.

    Where the model has no valid answer even in its last try, that is counted (``asker.tally.failed``): the user
    does nothing for a minute, and stops after :data:`GIVES_UP` such minutes in a row; an offer is left unanswered.

    Args:
        scene: the persona, the goal, when help is wanted.
        desk: where they work.
        asker: asks the model that plays them.
        most_acts: after so many they stop.
    """

    def __init__(self, scene: Scene, desk: Desk, asker: Asker, *, most_acts: int = MOST_ACTS) -> None:
        self.asker = asker
        self.opinions: list[Opinion] = []  #: of every offer, in order
        self._scene = scene
        self._desk = desk
        self._most_acts = most_acts
        self._queue: list[Act] = []
        self._done: list[str] = []
        self._doing: list[str] = []  # what was chosen last, until it is sure that it was done
        self._acts = 0
        self._lost = 0  # choices without a valid answer, in a row
        self._replies = 0

    def act(self) -> Act | None:
        """The next act; ``None`` once the goal is reached, given up, or the number of acts is used up.

        Raises:
            ModelError: the model cannot be asked.
        """
        self._done += self._doing
        self._doing = []
        if self._queue:
            return self._queue.pop(0)
        if self._acts >= self._most_acts:
            return None
        self._acts += 1
        told = {**told_person(self._scene), "Sees": self._desk.seen(), "Did": self._done[-REMEMBERED:]}
        try:
            chosen, why = self.asker.ask(next_form(self._desk), told, self._chosen)
        except AnswerError:
            self._lost += 1
            return Rest(lasts=AT_A_LOSS, why="no valid choice") if self._lost < GIVES_UP else None
        self._lost = 0
        if not chosen:
            return None
        pause = random.Random(f"{self.asker.seed} pause {self._acts}").uniform(*PAUSE_SECONDS)
        first, *self._queue = (evolve(act, why=why) for act in chosen)
        self._doing = [_named(first, why)]
        return evolve(first, after=pause)

    def still_means(self, act: Act) -> bool:
        """No: an accepted task has changed the scene, so what comes next is chosen anew."""
        self._queue.clear()
        self._doing.clear()
        return False

    def reply(self, suggestion: Suggestion) -> Reply:
        """Judge an offer: a thought, then the verdict.

        Raises:
            ModelError: the model cannot be asked.
        """
        try:
            thought, accepted = self.verdict(suggestion.proposal.task)
        except AnswerError:
            self._replies += 1
            return Reply(Answer.IGNORE)
        return self.answer(suggestion, thought, accepted)

    def verdict(self, task: str) -> tuple[str, bool]:
        """What the user thinks of a task, and whether they would take it, were it offered now.

        Raises:
            AnswerError: the model has no valid verdict; it is counted.
            ModelError: the model cannot be asked.
        """
        told = told_offer(self._scene, self._desk.seen(), [{"Did": one} for one in self._done[-REMEMBERED:]], task)
        return self.asker.ask(JUDGE_FORM, told, read_verdict)

    def answer(self, suggestion: Suggestion, thought: str, accepted: bool) -> Reply:
        """Reply to an offer what was thought of it."""
        task = suggestion.proposal.task
        self._replies += 1
        self.opinions.append(Opinion(suggestion.id, task, thought, accepted))
        if accepted:
            self._done.append(f"accepted the assistant's offer: {task}")
        taken = random.Random(f"{self.asker.seed} reply {self._replies}").uniform(*REPLY_SECONDS)
        return Reply(Answer.ACCEPT if accepted else Answer.DISMISS, taken)

    def state(self) -> dict[str, Any]:
        """All that must be known to go on, as plain JSON."""
        return {
            "asker": self.asker.state(),
            "queue": [plain(act, AnyAct) for act in self._queue],
            "opinions": [plain(one) for one in self.opinions],
            "done": list(self._done),
            "doing": list(self._doing),
            "counts": [self._acts, self._lost, self._replies],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from there.

        Raises:
            DataError: it is no such state.
        """
        self.asker.restore(state["asker"])
        self._queue = [structured(act, AnyAct) for act in state["queue"]]  # type: ignore[arg-type]  # a union
        self.opinions = [structured(one, Opinion) for one in state["opinions"]]
        self._done = [str(one) for one in state["done"]]
        self._doing = [str(one) for one in state["doing"]]
        self._acts, self._lost, self._replies = (int(count) for count in state["counts"])

    def _chosen(self, found: Mapping[str, Any]) -> tuple[tuple[Act, ...], str]:
        why = text(found, "Thought", longest=4 * LONGEST_THOUGHT, empty=True)
        return (() if get(found, "Act") == STOP else self._desk.acts(found)), why


def _named(act: Act, why: str) -> str:
    what = act.what if isinstance(act, Do) else type(act).__name__.lower()
    return f"{what} ({why})" if why else what


def read_verdict(found: Mapping[str, Any]) -> tuple[str, bool]:
    """A thought, and whether an offer is taken, from a model's answer.

    Raises:
        ValueError: there is no verdict in it.
    """
    said = plain_key(str(get(found, JUDGEMENT_KEY) or ""))
    if said not in ("accepted", "rejected"):
        raise ValueError(f"{JUDGEMENT_KEY!r} must be 'accepted' or 'rejected'")
    return text(found, "Thought", longest=4 * LONGEST_THOUGHT, empty=True), said == "accepted"
