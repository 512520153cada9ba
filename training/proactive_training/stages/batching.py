"""Puts examples of like length into batches, in an order that a seed decides and the number of processes does not.

A *step* is the batch over which the gradient is taken, however many processes and parts it is spread over. The
order is made step by step, so that 4 at once, 2 and 2, and two processes with 2 each learn from the same examples
at the same step, and come to the same losses.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from proactive_training.stages.answer_tokens import TokenRow

if TYPE_CHECKING:
    import torch

POOL_STEPS = 8
"""Among how many steps' examples like lengths are looked for: more pads less and shuffles less."""

IGNORED = -100
"""The label of what is not to be learned, in the transformers library."""


class StepOrder:
    """The order of the examples, epoch by epoch; a sampler of the torch library."""

    def __init__(self, lengths: Sequence[int], step: int, *, seed: int = 0, bucketed: bool = True) -> None:
        """``step`` is how many examples a step has; ``bucketed`` puts like lengths together."""
        self._lengths = list(lengths)
        self._step = step
        self._seed = seed
        self._bucketed = bucketed
        self._epoch = 0

    def __len__(self) -> int:
        """How many are drawn in an epoch: the last step is filled up with examples from its beginning."""
        return -(-len(self._lengths) // self._step) * self._step

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch of the next iteration."""
        self._epoch = epoch

    def __iter__(self) -> Iterator[int]:
        return iter(self.order(self._epoch))

    def order(self, epoch: int) -> list[int]:
        """The examples of an epoch."""
        draw = random.Random(f"{self._seed}/{epoch}")
        shuffled = list(range(len(self._lengths)))
        draw.shuffle(shuffled)
        while len(shuffled) < len(self):
            shuffled += shuffled[: len(self) - len(shuffled)]
        if not self._bucketed:
            return shuffled
        steps: list[list[int]] = []
        pool = POOL_STEPS * self._step
        for first in range(0, len(shuffled), pool):
            alike = sorted(shuffled[first : first + pool], key=lambda n: -self._lengths[n])
            steps += [alike[n : n + self._step] for n in range(0, len(alike), self._step)]
        draw.shuffle(steps)
        return [number for step in steps for number in step]


def padded_share(lengths: Sequence[int], order: Sequence[int], part: int) -> float:
    """Which share of the tokens is padding if examples are taken ``part`` at a time in this order, 0 to 1."""
    real = padded = 0
    for first in range(0, len(order), part):
        here = [lengths[n] for n in order[first : first + part]]
        real += sum(here)
        padded += max(here) * len(here)
    return 1 - real / padded if padded else 0.0


def collated(rows: Sequence[TokenRow], pad: int) -> dict[str, Any]:
    """A batch in which all answers end together, at the right: padding is on the left.

    Keys: ``input_ids``, ``attention_mask``, ``position_ids`` (rows, length); ``labels`` and ``weights`` (rows,
    longest answer) of the last tokens, which alone are learned.
    """
    import torch

    width = max(map(len, rows))
    keep = max(len(row) - row.start for row in rows)
    tokens = torch.full((len(rows), width), pad)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    labels = torch.full((len(rows), keep), IGNORED)
    weights = torch.zeros((len(rows), keep))
    for number, row in enumerate(rows):
        answer = len(row) - row.start
        tokens[number, width - len(row) :] = torch.tensor(row.tokens)
        mask[number, width - len(row) :] = 1
        labels[number, keep - answer :] = torch.tensor(row.tokens[row.start :])
        weights[number, keep - answer :] = torch.tensor(row.weights)
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    return {
        "input_ids": tokens,
        "attention_mask": mask,
        "position_ids": positions,
        "labels": labels,
        "weights": weights,
    }


def packed(rows: Sequence[TokenRow]) -> dict[str, Any]:
    """The rows one after the other in a single row without padding.

    Positions begin anew with each example, by which the transformers library keeps them from seeing one another.
    Keys: ``input_ids`` and ``position_ids`` (1, length); ``labels``, ``weights`` (1, answers' length) and
    ``places`` (answers' length): the tokens from whose logits the labels are predicted.
    """
    import torch

    tokens: list[int] = []
    positions: list[int] = []
    labels: list[int] = []
    weights: list[float] = []
    places: list[int] = []
    for row in rows:
        first = len(tokens)
        tokens += row.tokens
        positions += range(len(row))
        labels += row.tokens[row.start :]
        weights += row.weights
        places += range(first + row.start - 1, first + len(row) - 1)
    return {
        "input_ids": torch.tensor([tokens]),
        "position_ids": torch.tensor([positions]),
        "labels": torch.tensor([labels]),
        "weights": torch.tensor([weights]),
        "places": torch.tensor(places),
    }


def weighted_loss(logits: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """The sum of each token's weight times its negative log-likelihood; logits (rows, length, vocabulary)."""
    from torch.nn.functional import cross_entropy

    each = cross_entropy(logits.float().flatten(0, 1), labels.flatten(), ignore_index=IGNORED, reduction="none")
    total: torch.Tensor = (each * weights.flatten()).sum()
    return total
