"""Turns examples into tokens: what is read, what is to be answered, and how much each token of the answer counts.

The token that decides, with which the value of ``Proactive Task`` begins, can count for more than the others: one
token in sixty says whether to speak, and the rest is how an answer is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from attrs import frozen

from proactive_inference.models.agent_answer import AgentAnswer
from proactive_inference.models.chat_template import prompt_text, prompt_tokens
from proactive_inference.models.forks import AGENT_FORK, Fork
from proactive_inference.models.messages import Message
from proactive_training.errors import TrainingError
from proactive_training.stages.agent_examples import AgentExample

DECISION_WEIGHT = 10.0
"""How much the deciding token counts beside the others."""


class Answer(Protocol):
    """What a model is to answer."""

    def to_json(self) -> str:
        """As it is written."""


@frozen
class Taught:
    """A question and its answer as tokens."""

    tokens: tuple[int, ...]
    start: int  #: where the answer begins
    decision: int  #: the place of the deciding token


@frozen
class TokenRow:
    """One example as tokens."""

    tokens: tuple[int, ...]
    start: int  #: where the answer begins
    weights: tuple[float, ...]  #: of each token of the answer in the loss
    decision: int  #: the place of the deciding token
    speaks: bool
    sitting: str = ""  #: of whose moments it is one

    def __len__(self) -> int:
        return len(self.tokens)


@frozen
class Decider:
    """The two tokens between which a model decides."""

    speak: int
    silent: int


def token_rows(
    tokenizer: Any, examples: Sequence[AgentExample], *, decision_weight: float = DECISION_WEIGHT
) -> list[TokenRow]:
    """The examples as tokens, in the same order.

    Args:
        tokenizer: the model's, a fast one.
        examples: what to teach.
        decision_weight: how much the deciding token counts beside the others.

    Raises:
        TrainingError: the template changes an answer, or the tokenizer cannot tell where its tokens stand.
        ModelError: the chat template cannot be used.
    """
    return [
        weighted_row(
            answer_tokens(tokenizer, example.messages, example.answer, AGENT_FORK),
            example.weight,
            decision_weight,
            alone=example.alone,
            speaks=example.speaks,
            sitting=example.trace,
        )
        for example in examples
    ]


def agent_decider(tokenizer: Any, messages: Sequence[Message]) -> Decider:
    """The tokens with which a task and silence begin in this model's answers; see :func:`decider`."""
    spoken = AgentAnswer(task="Do it", response="Do it")
    return decider(tokenizer, messages, AGENT_FORK, spoken, AgentAnswer(), "use another model")


def decider(
    tokenizer: Any, messages: Sequence[Message], fork: Fork, yes: Answer, no: Answer, remedy: str
) -> Decider:
    """The tokens with which the two ways to answer begin at a fork.

    Raises:
        TrainingError: they are the same, so that nothing could be learned from them; do ``remedy``.
    """
    ways = (answer_tokens(tokenizer, messages, answer, fork) for answer in (yes, no))
    found = Decider(*(way.tokens[way.decision] for way in ways))
    if found.speak == found.silent:
        raise TrainingError(
            f"this model's tokenizer begins both values of {fork.key!r} with the same token ({found.speak}); "
            f"{remedy}"
        )
    return found


def weighted_row(
    taught: Taught, weight: float, decision_weight: float, *, alone: bool, speaks: bool, sitting: str
) -> TokenRow:
    """What is taught as a row; ``alone``: it ends with its decision."""
    tokens = taught.tokens[: taught.decision + 1] if alone else taught.tokens
    places = range(taught.start, len(tokens))
    weights = tuple(weight * (decision_weight if place == taught.decision else 1.0) for place in places)
    return TokenRow(tokens, taught.start, weights, taught.decision, speaks, sitting)


def answer_tokens(tokenizer: Any, messages: Sequence[Message], answer: Answer, fork: Fork) -> Taught:
    """A question and its answer as tokens; the one that decides has the first character of the answer that does.

    The prompt is made into tokens by itself, as it is when the model is asked, and the answer after it.

    Raises:
        TrainingError: the template changes the answer, or the tokenizer cannot tell where its tokens stand.
        ModelError: the chat template cannot be used.
    """
    written = answer.to_json()
    asked = prompt_text(tokenizer, messages)
    whole = prompt_text(tokenizer, messages, answer=written)
    at = whole.rfind(written)
    if at < 0:
        raise TrainingError(
            "the model's chat template changes the answer that it is to learn; "
            "mend chat_template.jinja in its folder"
        )
    # Some templates put an empty thought, or a blank, between the question and the answer.
    between = whole[len(asked) : at] if whole.startswith(asked) else ""
    try:
        found = tokenizer(between + whole[at:], add_special_tokens=False, return_offsets_mapping=True)
    except NotImplementedError as error:
        raise TrainingError(
            "this model's tokenizer cannot tell where its tokens stand; "
            "use a model whose folder has tokenizer.json"
        ) from error
    value = len(between) + fork.place(written)
    prompt = prompt_tokens(tokenizer, messages)
    places = found["offset_mapping"]
    inside = next(n for n, (_, end) in enumerate(places) if end > value)
    # What a template puts after the token that ends the turn is never generated.
    close = len(between) + len(written)
    ends = (n for n, (first, _) in enumerate(places) if first >= close)
    last = next((n for n in ends if found["input_ids"][n] == tokenizer.eos_token_id), len(places) - 1)
    return Taught((*prompt, *found["input_ids"][: last + 1]), len(prompt), len(prompt) + inside)
