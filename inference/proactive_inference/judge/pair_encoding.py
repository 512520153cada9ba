"""From questions to a cross-encoder's log-odds: two texts in, the states of both, and a small head on them.

The head sees both mean states, scaled to length 1, their product and their distance, part by part, and their
cosine; its first weights are zero but for the cosine, so that training starts from likeness.
A silence is judged by a head of its own on the mean state of what was seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from proactive_inference.errors import JudgeError
from proactive_inference.judge.judge import Question
from proactive_inference.judge.pair_text import task_text, window_text

LENGTH_SCALE, PRODUCT_SCALE = 4.0, 20.0
"""Bring parts of unit vectors to the size of ordinary features."""


def pair_tokens(tokenizer: Any, questions: Sequence[Question], most_events: int, most_tokens: int) -> list[Any]:
    """The tokens of each question: the task, then what was seen, cut at ``most_tokens`` (the oldest first).

    ``token_type_ids`` are 1 from the first token of what was seen on, whether or not the tokenizer has types.

    Raises:
        JudgeError: the tokenizer does not tell which text a token is of.
    """
    found = []
    for question in questions:
        tokens = tokenizer(
            task_text(question.task),
            window_text(question.window, most_events),
            truncation="longest_first" if most_tokens < 24 else "only_second",
            max_length=most_tokens,
            return_token_type_ids=True,
        )
        found.append({**tokens, "token_type_ids": _types(tokens)})
    return found


def _types(tokens: Any) -> list[int]:
    if not tokens.is_fast:
        if 1 not in tokens["token_type_ids"]:
            raise JudgeError(
                "this encoder's tokenizer does not tell two texts apart; give an encoder like all-MiniLM-L6-v2, "
                "or use --kind bi-encoder or classifier"
            )
        return list(tokens["token_type_ids"])
    of = tokens.sequence_ids(0)
    second = of.index(1) if 1 in of else len(of) - 1
    return [int(place >= second) for place in range(len(of))]


def padded(tokenizer: Any, tokens: Sequence[Any]) -> dict[str, Any]:
    """A batch as tensors."""
    keys = ("input_ids", "attention_mask", "token_type_ids")
    return dict(tokenizer.pad([{key: one[key] for key in keys} for one in tokens], return_tensors="pt"))


def pooled(states: Any, mask: Any, types: Any) -> tuple[Any, Any]:
    """(questions, dimensions) mean states of the task and of what was seen, each of length 1."""
    import torch

    def mean(which: Any) -> Any:
        which = which.unsqueeze(-1).to(states.dtype)
        total = (states * which).sum(dim=1) / which.sum(dim=1).clamp(min=1)
        return torch.nn.functional.normalize(total, dim=1)

    return mean(mask * (1 - types)), mean(mask * types)


def head_inputs(task: Any, seen: Any) -> Any:
    """(questions, 4 · dimensions + 1) what the head for tasks weighs."""
    import torch

    return torch.cat(
        [
            task * LENGTH_SCALE,
            seen * LENGTH_SCALE,
            task * seen * PRODUCT_SCALE,
            (task - seen).abs() * LENGTH_SCALE,
            (task * seen).sum(dim=1, keepdim=True),
        ],
        dim=1,
    )


def new_head(dimensions: int) -> dict[str, Any]:
    """A head before training."""
    import torch

    proposal = torch.zeros(4 * dimensions + 1)
    proposal[-1] = 1.0
    return {
        "proposal.weight": proposal,
        "proposal.bias": torch.zeros(1),
        "silence.weight": torch.zeros(dimensions),
        "silence.bias": torch.zeros(1),
    }


def head_log_odds(head: Mapping[str, Any], inputs: Any, seen: Any, silent: Any) -> Any:
    """(questions,) log-odds; ``silent`` says which are silences."""
    import torch

    proposal = inputs @ head["proposal.weight"] + head["proposal.bias"]
    silence = seen * LENGTH_SCALE @ head["silence.weight"] + head["silence.bias"]
    return torch.where(silent, silence, proposal)
