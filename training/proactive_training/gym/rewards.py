"""What speaking is worth: by the user's own answer, a judge's, or what is known of the moment."""

from __future__ import annotations

from attrs import frozen

from proactive_collectors.trace import Window
from proactive_inference.judge.judge import Judge, Question, judgements
from proactive_training.gym.loop import Answer


@frozen
class Rewards:
    """Of one offer; silence is worth nothing either way.

    With these, speaking pays where an offer is taken more often than once in four times.
    """

    accepted: float = 0.75
    rejected: float = -0.25  #: turned down, left unanswered, or made where no help was wanted

    def of_answer(self, answer: Answer | None) -> float:
        """By the user's answer; ``None``: nothing was offered."""
        if answer is None:
            return 0.0
        return self.accepted if answer is Answer.ACCEPT else self.rejected

    def of_need(self, need: bool | None) -> float:
        """Of an offer where help was wanted or not; ``None``, where nobody knows, is worth nothing."""
        return 0.0 if need is None else self.accepted if need else self.rejected

    def of_judge(self, judge: Judge, window: Window, task: str) -> float:
        """By a judge's word on an offer, from even chances on for it; where it has none, nobody knows.

        Raises:
            ModelError: the judge's model cannot answer.
        """
        (judged,) = judgements(judge, [Question(window, task)])
        return self.of_need(None if judged is None else judged >= 0.5)
