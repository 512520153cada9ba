"""A judge that is a language model: it writes a thought, then its judgement, as JSON (arXiv 2410.12361)."""

from __future__ import annotations

from collections.abc import Sequence

from proactive_inference.errors import AnswerError
from proactive_inference.judge.judge import Judge, Question
from proactive_inference.judge.settings import JudgeSettings, Kind, log_odds
from proactive_inference.models.asking import Asking
from proactive_inference.models.chat import ChatModel
from proactive_inference.models.judge_answer import JUDGE_SCHEMA, read_judge_answer
from proactive_inference.models.judge_prompt import judge_messages

MOST_TOKENS = 128
"""Of a thought and a judgement."""

SURE = 0.95
"""What is taken for the probability of a judgement where the model cannot tell it."""


class GenerativeJudge(Judge):
    """Asks a chat model about one question after the other.

    Where the model tells how likely ``accepted`` was against ``rejected``, that is the answer, calibrated; else
    the judgement alone. An answer without a judgement counts as even chances: it says nothing.
    """

    def __init__(
        self,
        model: ChatModel,
        settings: JudgeSettings | None = None,
        name: str = "",
        *,
        asking: Asking | None = None,
    ) -> None:
        self._model = model
        self._asking = asking
        self.tokens = 0  #: read and written, so far
        self._name = name or model.name
        self.settings = settings or JudgeSettings(Kind.GENERATIVE, most_events=8)
        self.unreadable = 0  #: answers without a judgement, so far

    @property
    def name(self) -> str:
        """The model's, or that of the folder of its training."""
        return self._name

    def under(self, asking: Asking | None) -> GenerativeJudge:
        """The same judge, whose answers are due and may be taken back as ``asking`` says."""
        return GenerativeJudge(self._model, self.settings, self._name, asking=asking)

    def log_odds(self, questions: Sequence[Question]) -> list[float]:
        """Before calibration."""
        return [self._log_odds(question) for question in questions]

    def answer(self, questions: Sequence[Question]) -> list[float]:
        """As :meth:`Judge.answer` says."""
        return [
            self.settings.calibration(question.task).probability(value)
            for question, value in zip(questions, self.log_odds(questions), strict=True)
        ]

    def _log_odds(self, question: Question) -> float:
        messages = judge_messages(question.window, question.task, most_events=self.settings.most_events)
        (completion,) = self._model.complete(
            messages, schema=JUDGE_SCHEMA, max_tokens=MOST_TOKENS, asking=self._asking
        )
        self.tokens += completion.prompt_tokens + completion.tokens
        probability = completion.probability_of_accepting
        if probability is None:
            try:
                probability = SURE if read_judge_answer(completion.text).accepted else 1 - SURE
            except AnswerError:
                self.unreadable += 1
                return 0.0
        return log_odds(probability)
