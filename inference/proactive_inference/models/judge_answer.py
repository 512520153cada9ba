"""What a language model answers as a judge: a thought, then accepted or rejected; and the JSON for it."""

from __future__ import annotations

import json

from attrs import frozen

from proactive_inference.errors import AnswerError
from proactive_inference.models.agent_answer import shown
from proactive_inference.models.answer_schema import object_schema
from proactive_inference.models.answer_text import objects, plain_key

JUDGEMENT_KEY = "Judgement"
"""The key whose value decides."""

JUDGE_SCHEMA = object_schema(
    {
        "Thought": {"type": "string", "maxLength": 240},
        JUDGEMENT_KEY: {"enum": ["accepted", "rejected"]},
    }
)
"""The paper's generative form (arXiv 2410.12361): thought first, then the judgement."""

_JUDGEMENTS = ("judgement", "judgment", "verdict", "decision", "accepted", "accept")
_THOUGHTS = ("thought", "thoughts", "reasoning", "reason")
_YES = {"accepted", "accept", "yes", "true", "1"}
_NO = {"rejected", "reject", "no", "false", "0"}


@frozen
class JudgeAnswer:
    """One judgement."""

    thought: str
    accepted: bool

    def to_json(self) -> str:
        """The judgement in the form that models are taught, on one line."""
        judgement = "accepted" if self.accepted else "rejected"
        return json.dumps({"Thought": self.thought, JUDGEMENT_KEY: judgement}, ensure_ascii=False)


def read_judge_answer(text: str) -> JudgeAnswer:
    """Read a judgement from what a model wrote, however it is wrapped, spelt or cut off.

    Raises:
        AnswerError: there is no judgement in it.
    """
    for found in objects(text):
        for key in _JUDGEMENTS:
            word = plain_key(str(found.get(key, "")))
            if word in _YES or word in _NO:
                thought = next((found[name] for name in _THOUGHTS if name in found), "")
                return JudgeAnswer(str(thought).strip(), word in _YES)
    raise AnswerError(
        f"the model's answer has no {JUDGEMENT_KEY!r} in JSON: {shown(text)}; "
        "use a model that follows instructions, or one that is held to the schema"
    )
