"""Has a language model answer the agent's inquiry: what would it offer, and would the user take it?

A fast judge, where there is one, looks at every task. The slow one, a language model, is asked only about a task
that stands near the threshold: elsewhere its word would change nothing (PRISM, arXiv 2602.01532).
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from functools import partial

from attrs import frozen

from proactive_collectors.events import SuggestionEvent
from proactive_collectors.sentences import clean
from proactive_collectors.trace import Window
from proactive_inference.decision import Reason, Silence
from proactive_inference.errors import AnswerError
from proactive_inference.inquiry import LONGEST_TASK, Advice, AdvisedTask, Inquiry
from proactive_inference.judge.generative import GenerativeJudge
from proactive_inference.judge.judge import Judge, Question
from proactive_inference.judge.settings import Calibration, log_odds
from proactive_inference.models.agent_answer import AGENT_SCHEMA, AgentAnswer, read_agent_answer
from proactive_inference.models.agent_prompt import agent_messages
from proactive_inference.models.asking import Asking
from proactive_inference.models.chat import MOST_TOKENS, ChatModel
from proactive_inference.models.fitting import counter, fitted_messages
from proactive_inference.models.resolve import most_events_of
from proactive_inference.models.tally import Tally
from proactive_inference.untrusted import remark, task_refusal

UNJUDGED = 0.5
"""The probability that a task is taken where no judge says anything."""

NEAR = 0.1
"""How near to the threshold need × acceptance must be for the slow judge to be asked."""

MOST_JUDGED = 2
"""About how many tasks the slow judge is asked at most."""

QUESTION_TOKENS = 2000
"""How long a question to the model is at most."""

OTHERS_TEMPERATURE = 0.7
"""At which the answers after the first are drawn."""

ALIKE = 0.6
"""From this share of words in common on, a task is the one that was turned down in other words."""


@frozen
class Judges:
    """Who says whether a task would be taken; either may be missing."""

    fast: Judge | None = None
    slow: GenerativeJudge | None = None


class Adviser:
    """Answers inquiries with a model and judges; slow, so it lives beside the agent, not in it.

    Args:
        model: proposes.
        judges: rank, and so drop.
        best_of: how many answers are drawn, of which the likeliest to be taken is kept.
        question_tokens: how long a question may be; of a model that takes less, as long as it takes.
    """

    def __init__(
        self,
        model: ChatModel,
        judges: Judges | None = None,
        *,
        best_of: int = 1,
        question_tokens: int = QUESTION_TOKENS,
    ) -> None:
        self._model = model
        self._question_tokens = question_tokens
        self._judges = judges or Judges()
        self._best_of = max(1, best_of)

    def advise(self, inquiry: Inquiry, asking: Asking | None = None) -> Advice:
        """Ask.

        Raises:
            UnwantedError: the inquiry was taken back.
            ModelError: the model cannot be asked.
        """
        began, tally = time.monotonic(), Tally()
        if not self._can_pass(inquiry):
            why = f"p = {inquiry.need.probability:.2f}: no answer of a model would pass {inquiry.threshold:.2f}"
            return Advice(inquiry.id, self._model.name, silence=Silence(Reason.NOT_WORTH_IT, why))
        told = told_window(inquiry, most_events_of(self._model))
        answers, unreadable = self._answers(told, asking, tally)
        tasks, refusal = _safe(answers, inquiry)
        silence: Silence | None = None
        found: tuple[AdvisedTask, ...] = ()
        if tasks:
            found = self._judged(inquiry, told, tasks, asking, tally)
        elif refusal is not None:
            silence = refusal
        elif unreadable is not None:
            silence = Silence(Reason.MODEL_UNREADABLE, unreadable)
        else:
            thought = next((answer.thoughts for answer in answers if answer.thoughts), "")
            silence = Silence(Reason.MODEL_SILENT, remark(clean(thought, LONGEST_TASK), inquiry.window))
        seconds = time.monotonic() - began
        return Advice(inquiry.id, self._model.name, found, silence, tally.calls, tally.tokens, seconds)

    def _can_pass(self, inquiry: Inquiry) -> bool:
        """Whether a task could be likely enough to be taken: without a judge's word it is even chances."""
        even = inquiry.need.probability * UNJUDGED
        if self._judges.fast is not None or even >= inquiry.threshold:
            return True
        return self._judges.slow is not None and _near(even, inquiry)

    def _answers(self, told: Window, asking: Asking | None, tally: Tally) -> tuple[list[AgentAnswer], str | None]:
        """The answers that can be read, and why the last of the others cannot."""
        most = getattr(self._model, "most_tokens", None)
        room = self._question_tokens if most is None else min(self._question_tokens, most - MOST_TOKENS)
        question = partial(agent_messages, told)
        messages = fitted_messages(question, counter(self._model), most_tokens=room, most_events=len(told))
        completions = self._model.complete(messages, schema=AGENT_SCHEMA, asking=asking)
        tally.add(completions)
        if self._best_of > 1:
            drawn = self._model.complete(
                messages,
                schema=AGENT_SCHEMA,
                temperature=OTHERS_TEMPERATURE,
                count=self._best_of - 1,
                asking=asking,
            )
            tally.add(drawn)
            completions = [*completions, *drawn]
        answers: list[AgentAnswer] = []
        unreadable = None
        for completion in completions:
            try:
                answers.append(read_agent_answer(completion.text))
            except AnswerError as error:
                unreadable = str(error)
        return answers, (None if answers else unreadable)

    def _judged(
        self, inquiry: Inquiry, told: Window, tasks: Sequence[AgentAnswer], asking: Asking | None, tally: Tally
    ) -> tuple[AdvisedTask, ...]:
        texts = [answer.task or "" for answer in tasks]
        fast, slow = self._judges.fast, self._judges.slow
        if isinstance(fast, GenerativeJudge):  # one in another process
            fast = fast.under(asking)
        chances = fast.answer([Question(told, text) for text in texts]) if fast is not None else []
        judged = [
            AdvisedTask(text, chance, remark(clean(answer.thoughts, LONGEST_TASK), inquiry.window))
            for text, chance, answer in zip(texts, chances or [UNJUDGED] * len(texts), tasks, strict=True)
        ]
        judged.sort(key=lambda one: -one.acceptance)
        if slow is None:
            return tuple(judged)
        slow = slow.under(asking)
        for at, one in enumerate(judged[:MOST_JUDGED]):
            if not _near(inquiry.need.probability * one.acceptance, inquiry):
                continue
            (chance,) = slow.answer([Question(told, one.task)])
            tally.calls += 1
            together = _between(one.acceptance, chance) if fast is not None else chance
            judged[at] = AdvisedTask(one.task, together, one.reason)
        tally.tokens += slow.tokens
        return tuple(sorted(judged, key=lambda one: -one.acceptance))


def _near(worth: float, inquiry: Inquiry) -> bool:
    return abs(worth - inquiry.threshold) <= NEAR


def told_window(inquiry: Inquiry, most_events: int) -> Window:
    """What the model is told: the last events, and before them what was turned down earlier."""
    newest = inquiry.window.events[-most_events:]
    before = [event for event in inquiry.dismissed if event not in newest][: max(0, most_events - 1)]
    return Window((*before, *newest[-(most_events - len(before)) :]))


def _safe(answers: Sequence[AgentAnswer], inquiry: Inquiry) -> tuple[list[AgentAnswer], Silence | None]:
    """The different tasks that may be offered, and why the first of the others may not."""
    kept: dict[str, AgentAnswer] = {}
    refusal: Silence | None = None
    turned_down = [words(e.data.title) for e in inquiry.dismissed if isinstance(e.data, SuggestionEvent)]
    for answer in answers:
        if answer.task is None:
            continue
        task = clean(answer.task, LONGEST_TASK)
        if any(_alike(words(task), other) for other in turned_down):
            refusal = refusal or Silence(
                Reason.DISMISSED_BEFORE, "the language model's task was turned down lately"
            )
            continue
        if (why := task_refusal(answer.task.strip(), inquiry.window)) is not None:
            refusal = refusal or Silence(Reason.MODEL_UNSAFE, why)
            continue
        kept.setdefault(
            " ".join(sorted(words(task))), AgentAnswer(answer.purpose, answer.thoughts, task, answer.response)
        )
    return list(kept.values()), refusal


def words(text: str) -> frozenset[str]:
    """The words of a text, without case and signs."""
    return frozenset(re.findall(r"\w+", text.lower()))


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other) and len(one & other) / len(one | other) >= ALIKE


def _between(one: float, other: float) -> float:
    """The probability whose log-odds lie in the middle of the two."""
    return Calibration().probability((log_odds(one) + log_odds(other)) / 2)
