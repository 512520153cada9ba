"""What judges have in common that tell log-odds: their settings make probabilities of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from proactive_inference.judge.judge import Judge, Question
from proactive_inference.judge.settings import JudgeSettings


class CalibratedJudge(Judge):
    """A judge whose log-odds are calibrated, those of tasks and of silences apart."""

    def __init__(self, settings: JudgeSettings, name: str, fingerprint: str) -> None:
        self.settings = settings
        self._name = name
        self._fingerprint = fingerprint

    @property
    def name(self) -> str:
        """Of its folder, or of its model."""
        return self._name

    @property
    def fingerprint(self) -> str:
        """Of its files as they were before they were loaded, or of its model and settings."""
        return self._fingerprint

    @abstractmethod
    def log_odds(self, questions: Sequence[Question]) -> list[float]:
        """Of acceptance, before calibration.

        Raises:
            ModelError: the judge's model cannot answer.
        """

    def answer(self, questions: Sequence[Question]) -> list[float]:
        """As :meth:`Judge.answer` says."""
        return [
            self.settings.calibration(question.task).probability(value)
            for question, value in zip(questions, self.log_odds(questions), strict=True)
        ]
