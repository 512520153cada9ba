"""Asks a language model at each labelled event: does it speak, and how likely is it to?

The model decides by its answer's JSON. One that was trained here and has a calibrated threshold holds its answer
to that threshold itself (:class:`proactive_inference.models.local.LocalModel`). An answer that cannot be read is
silence, as nothing could be offered, and is counted.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from proactive_inference.errors import AnswerError
from proactive_inference.models.agent_answer import DECISION_SCHEMA, AgentAnswer, read_agent_answer
from proactive_inference.models.agent_prompt import agent_messages
from proactive_inference.models.chat import MOST_TOKENS, ChatModel, Completion
from proactive_inference.models.messages import Message
from proactive_inference.models.quoting import MOST_EVENTS
from proactive_training.answer_cache import AnswerCache
from proactive_training.errors import TrainingError
from proactive_training.proactivebench import Bench
from proactive_training.progress import Progress


@frozen
class ModelScore:
    """What a model answered at one labelled event."""

    trace: int  #: which trace of the bench
    index: int  #: of the event in it
    answer: AgentAnswer | None  #: ``None``: it could not be read
    completion: Completion

    @property
    def speaks(self) -> bool:
        """Whether it offers a task."""
        return self.answer is not None and self.answer.task is not None

    @property
    def score(self) -> float | None:
        """The probability of speaking; ``None`` where the model does not tell."""
        return self.completion.probability_of_speaking


@frozen
class ModelScores:
    """What a model answered at every labelled event, in the order of the bench's traces and their events."""

    rows: tuple[ModelScore, ...]
    seconds: float  #: that the asking took, without what was kept from an earlier run
    asked: int  #: how many answers those seconds were for

    @property
    def speaks(self) -> list[bool]:
        """Of each event, whether the model offers a task."""
        return [row.speaks for row in self.rows]

    @property
    def scores(self) -> list[float] | None:
        """Of each event, the probability of speaking; ``None`` if any is unknown.

        An answer that could not be read and tells none is silence whatever the threshold: 0, beside others.
        """
        if all(row.score is None for row in self.rows):
            return None
        scores = [0.0 if row.score is None and row.answer is None else row.score for row in self.rows]
        known = [score for score in scores if score is not None]
        return known if len(known) == len(scores) else None

    @property
    def valid(self) -> float:
        """The share of answers that could be read as an answer, 0 to 1."""
        return sum(row.answer is not None for row in self.rows) / max(1, len(self.rows))

    @property
    def tokens(self) -> int:
        """How many tokens were generated."""
        return sum(row.completion.tokens for row in self.rows)

    @property
    def prompt_tokens(self) -> int:
        """How many tokens were read."""
        return sum(row.completion.prompt_tokens for row in self.rows)


def model_scores(
    bench: Bench,
    model: ChatModel,
    *,
    cache: AnswerCache | None = None,
    most_events: int = MOST_EVENTS,
    schema: Mapping[str, Any] = DECISION_SCHEMA,
    max_tokens: int = MOST_TOKENS,
    scored: bool = False,
    progress: Progress | None = None,
) -> ModelScores:
    """Ask at each labelled event, at temperature 0.

    Args:
        bench: labelled traces.
        model: any language model.
        cache: where answers are kept, so that a killed run goes on; by default nowhere.
        most_events: how many of the last events the model is told.
        schema: of the answer; with ``AT_ONCE_SCHEMA`` it decides without a thought.
        max_tokens: of an answer.
        scored: whether every answer that can be read must tell how likely the model was to speak.
        progress: called after each answer.

    Raises:
        ModelError: the model cannot be asked.
        TrainingError: a probability must be told, and is not.
        DataError: answers cannot be kept.
    """
    cache = cache if cache is not None else AnswerCache()
    moments = [(n, index) for n, trace in enumerate(bench.traces) for index in trace.labelled]
    questions = labelled_questions(bench, most_events)
    rows: list[ModelScore] = []
    started, kept = time.perf_counter(), cache.found
    answers = cache.complete(model, questions, schema=schema, max_tokens=max_tokens)
    for (n, index), (completion,) in zip(moments, answers, strict=True):
        rows.append(ModelScore(n, index, _read(completion.text), completion))
        if scored and rows[-1].score is None and rows[-1].answer is not None:
            raise no_probability(model)
        if progress is not None:
            progress(len(rows), len(moments))
    asked = len(rows) - (cache.found - kept)
    return ModelScores(tuple(rows), time.perf_counter() - started, asked)


def labelled_questions(bench: Bench, most_events: int) -> list[tuple[Message, ...]]:
    """What is asked at each labelled event, in the order of the bench's traces and their events."""
    return [
        agent_messages(trace.window(index), most_events=most_events)
        for trace in bench.traces
        for index in trace.labelled
    ]


def no_probability(model: ChatModel) -> TrainingError:
    """What is said where there is a threshold, and nothing to hold to it."""
    return TrainingError(
        f"{model.name} does not tell how likely it is to speak; leave --threshold out, and it speaks where its "
        "answer has a task"
    )


def _read(text: str) -> AgentAnswer | None:
    try:
        return read_agent_answer(text)
    except AnswerError:
        return None
