"""Turns examples into tokens: what is read, what is to be answered, and how much each token of the answer counts.

The token that decides, with which the value of ``Proactive Task`` begins, can count for more than the others: one
token in sixty says whether to speak, and the rest is how an answer is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from proactive_inference.models.agent_answer import TASK_KEY, AgentAnswer
from proactive_inference.models.chat_template import prompt_text, prompt_tokens
from proactive_inference.models.messages import Message
from proactive_training.errors import TrainingError
from proactive_training.stages.agent_examples import AgentExample

DECISION_WEIGHT = 10.0
"""How much the deciding token counts beside the others."""


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
    tokenizer: Any,
    examples: Sequence[AgentExample],
    *,
    decision_weight: float = DECISION_WEIGHT,
    longest: int | None = None,
) -> list[TokenRow]:
    """The examples as tokens, in the same order.

    Args:
        tokenizer: the model's, a fast one.
        examples: what to teach.
        decision_weight: how much the deciding token counts beside the others.
        longest: how many tokens the model can read; ``None``: as many as there are.

    Raises:
        TrainingError: an example is too long, or the tokenizer cannot tell where its tokens stand in the text.
        ModelError: the chat template cannot be used.
    """
    rows = [_row(tokenizer, example, decision_weight) for example in examples]
    if longest is not None and (worst := max(map(len, rows), default=0)) > longest:
        raise TrainingError(
            f"the longest example has {worst} tokens, the model reads {longest}; "
            "tell it of fewer events with --most-events"
        )
    return rows


def decider(tokenizer: Any, messages: Sequence[Message]) -> Decider:
    """The tokens with which a task and silence begin in this model's answers.

    Raises:
        TrainingError: they are the same, so that nothing could be learned from them.
    """
    spoken = _agent_tokens(tokenizer, messages, AgentAnswer(task="Do it", response="Do it"))
    silent = _agent_tokens(tokenizer, messages, AgentAnswer())
    found = Decider(spoken[0][spoken[2]], silent[0][silent[2]])
    if found.speak == found.silent:
        raise TrainingError(
            f"this model's tokenizer begins a task and null with the same token ({found.speak}); use another model"
        )
    return found


def _row(tokenizer: Any, example: AgentExample, decision_weight: float) -> TokenRow:
    tokens = _agent_tokens(tokenizer, example.messages, example.answer)
    return weighted_row(
        tokens, example.weight, decision_weight, alone=example.alone, speaks=example.speaks, sitting=example.trace
    )


def weighted_row(
    found: tuple[list[int], int, int],
    weight: float,
    decision_weight: float,
    *,
    alone: bool,
    speaks: bool,
    sitting: str,
) -> TokenRow:
    """What :func:`answer_tokens` found as a row; ``alone``: it ends with its decision."""
    tokens, start, decision = found
    if alone:
        tokens = tokens[: decision + 1]
    weights = [weight * (decision_weight if place == decision else 1.0) for place in range(start, len(tokens))]
    return TokenRow(tuple(tokens), start, tuple(weights), decision, speaks, sitting)


def _agent_tokens(tokenizer: Any, messages: Sequence[Message], answer: AgentAnswer) -> tuple[list[int], int, int]:
    written = answer.to_json()
    return answer_tokens(tokenizer, messages, written, written.index(f'"{TASK_KEY}":') + len(TASK_KEY) + 3)


def answer_tokens(
    tokenizer: Any, messages: Sequence[Message], written: str, deciding: int
) -> tuple[list[int], int, int]:
    """All tokens, where the answer begins, and where the token stands that has its character ``deciding``.

    The prompt is made into tokens by itself, as it is when the model is asked, and the answer after it.

    Raises:
        TrainingError: the template changes the answer, or the tokenizer cannot tell where its tokens stand.
        ModelError: the chat template cannot be used.
    """
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
    value = len(between) + deciding
    prompt = prompt_tokens(tokenizer, messages)
    places = found["offset_mapping"]
    inside = next(n for n, (_, end) in enumerate(places) if end > value)
    # What a template puts after the token that ends the turn is never generated.
    close = len(between) + len(written)
    ends = (n for n, (first, _) in enumerate(places) if first >= close)
    last = next((n for n in ends if found["input_ids"][n] == tokenizer.eos_token_id), len(places) - 1)
    return [*prompt, *found["input_ids"][: last + 1]], len(prompt), len(prompt) + inside
