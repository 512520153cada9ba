"""A judge that is a language model: it writes a thought, then its judgement, as JSON (arXiv 2410.12361)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from proactive_inference.errors import AnswerError
from proactive_inference.judge.calibrated import CalibratedJudge
from proactive_inference.judge.judge import Question
from proactive_inference.judge.settings import JudgeSettings, Kind, log_odds
from proactive_inference.models.asking import Asking
from proactive_inference.models.chat import ChatModel, Completion, answers_together, complete_many
from proactive_inference.models.judge_answer import JUDGE_SCHEMA, read_judge_answer
from proactive_inference.models.judge_prompt import judge_messages

MOST_TOKENS = 128
"""Of a thought and a judgement."""

TOGETHER = 8
"""How many questions are asked side by side at most."""

SURE = 0.95
"""What is taken for the probability of a judgement where the model cannot tell it."""


class GenerativeJudge(CalibratedJudge):
    """Asks a chat model, side by side where the model can: what offers at one moment have in common is read once.

    Where the model tells how likely ``accepted`` was against ``rejected``, that is the answer, calibrated; else
    the judgement alone. An answer without a judgement says nothing: even chances, or ``None`` for who asks for
    :meth:`judgements`.
    """

    def __init__(
        self,
        model: ChatModel,
        settings: JudgeSettings | None = None,
        name: str = "",
        *,
        asking: Asking | None = None,
    ) -> None:
        settings = settings or JudgeSettings(Kind.GENERATIVE, most_events=8)
        asked = f"{settings.most_events}/{settings.proposals}/{settings.silences}"
        super().__init__(settings, name or model.name, f"{model.fingerprint}/{asked}")
        self._model = model
        self._asking = asking
        self.tokens = 0  #: read and written, so far
        self.unreadable = 0  #: answers without a judgement, so far

    @property
    def together(self) -> int:
        """How many questions are asked at a time: one where the model answers them one after the other."""
        return TOGETHER if answers_together(self._model) else 1

    def under(self, asking: Asking | None) -> GenerativeJudge:
        """The same judge, whose answers are due and may be taken back as ``asking`` says."""
        return GenerativeJudge(self._model, self.settings, self._name, asking=asking)

    def log_odds(self, questions: Sequence[Question]) -> list[float]:
        """As :meth:`CalibratedJudge.log_odds` says."""
        return [0.0 if value is None else value for value in self._values(questions)]

    def judgements(self, questions: Sequence[Question]) -> list[float | None]:
        """As :func:`proactive_inference.judge.judge.judgements` says."""
        return [
            None if value is None else self.settings.calibration(question.task).probability(value)
            for question, value in zip(questions, self._values(questions), strict=True)
        ]

    def _values(self, questions: Sequence[Question]) -> list[float | None]:
        """Log-odds; ``None`` where there is no judgement."""
        return [value for part in parts(questions) for value in self._part(part)]

    def _part(self, part: Sequence[Question]) -> list[float | None]:
        most = self.settings.most_events
        asked = [judge_messages(question.window, question.task, most_events=most) for question in part]
        found = complete_many(self._model, asked, schema=JUDGE_SCHEMA, max_tokens=MOST_TOKENS, asking=self._asking)
        return [self._read(completion) for (completion,) in found]

    def _read(self, completion: Completion) -> float | None:
        self.tokens += completion.prompt_tokens + completion.tokens
        probability = completion.probability_of_accepting
        if probability is None:
            try:
                probability = SURE if read_judge_answer(completion.text).accepted else 1 - SURE
            except AnswerError:
                self.unreadable += 1
                return None
        return log_odds(probability)


def parts(questions: Sequence[Question]) -> Iterator[list[Question]]:
    """The questions in their order, in parts that are asked side by side: those at one moment by themselves,
    others with their neighbours."""
    waiting: list[Question] = []
    for _, found in groupby(questions, key=lambda question: question.window):
        here = list(found)
        if waiting and (len(here) > 1 or len(waiting) == TOGETHER):
            yield waiting
            waiting = []
        if len(here) == 1:
            waiting += here
        else:
            yield from (here[first : first + TOGETHER] for first in range(0, len(here), TOGETHER))
    if waiting:
        yield waiting
