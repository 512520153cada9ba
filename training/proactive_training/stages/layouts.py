"""Looks whether a model reads examples that are laid into one row as it reads them one by one.

A mask, or positions that begin anew, keep examples from seeing one another in most models. Some count places for
themselves or remember what they have read, whatever they are told: they would learn otherwise than they are asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from attrs import evolve, frozen

from proactive_training.errors import TrainingError
from proactive_training.stages.answer_tokens import TokenRow
from proactive_training.stages.batching import packed
from proactive_training.stages.recipe import Recipe
from proactive_training.stages.sharing import fitting, shared

LIKE = 0.01
"""How far the logarithms of likely tokens may lie apart, in nats."""

LIKE_ROUNDED = 0.5
"""The same where weights have 16 bits: what is computed is rounded."""

LIKELY = 8
"""How many of the likeliest tokens are compared."""

BEGINNING = 4
"""How many tokens after the place where an example begins to be its own: a short memory shows there alone."""


@frozen
class Layout:
    """A way to lay examples into one row."""

    batch: Callable[[Sequence[TokenRow]], dict[str, Any]]
    unfit: str  #: what is told of a model that cannot read it, with what to do


PACKING = Layout(packed, "this model lets examples in one row see one another; leave --packing out")
SHARING = Layout(shared, "this model cannot read at once what examples have in common; leave --sharing out")


def layout_of(recipe: Recipe) -> Layout | None:
    """How examples are laid into one row, if they are."""
    if recipe.sharing:
        return SHARING
    return PACKING if recipe.packing else None


def check_layout(model: Any, rows: Sequence[TokenRow], layout: Layout) -> None:
    """Look whether the model says the same of examples alone and in one row.

    Raises:
        TrainingError: it does not: it has windows, or an attention, a memory or a count of places of its own.
    """
    import torch

    compared = _compared(rows)
    device = next(model.parameters()).device
    training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            batch = {key: value.to(device) for key, value in layout.batch(compared).items()}
            for key in ("labels", "weights"):
                batch.pop(key)
            if "attention_mask" in batch:
                batch["attention_mask"] = fitting(batch["attention_mask"], model)
            together = model(**batch, logits_to_keep=batch.pop("places"), use_cache=False).logits[0]
            alone = torch.cat([_alone(model, row) for row in compared])
    except (TypeError, ValueError, RuntimeError, IndexError) as error:
        raise TrainingError(layout.unfit) from error
    finally:
        model.train(training)
    like = LIKE if alone.dtype == torch.float32 else LIKE_ROUNDED
    if alone.shape != together.shape or _apart(alone, together) > like:
        raise TrainingError(layout.unfit)


def _compared(rows: Sequence[TokenRow]) -> list[TokenRow]:
    """Two examples, of which each teaches its last token, and where the second begins and leaves the first."""
    one, other = rows[0], rows[len(rows) // 2]
    both = zip(one.tokens, other.tokens, strict=False)
    parting = next((place for place, (a, b) in enumerate(both) if a != b), 0)
    found = [_teaching(row, len(row) - 1, len(row)) for row in (one, other)]
    begins = [place for place in (1, parting + 1) if place + BEGINNING < len(other)]
    found += [_teaching(other, place, place + BEGINNING) for place in begins]
    return list({row.tokens: row for row in found}.values())


def _teaching(row: TokenRow, start: int, end: int) -> TokenRow:
    """The row up to ``end``, of which what stands from ``start`` on is to be learned."""
    return evolve(row, tokens=row.tokens[:end], start=start, weights=(1.0,) * (end - start))


def _alone(model: Any, row: TokenRow) -> Any:
    """The logits from which the row's last tokens are predicted: (tokens, vocabulary)."""
    import torch

    told = torch.tensor([row.tokens[:-1]], device=next(model.parameters()).device)
    return model(input_ids=told, use_cache=False).logits[0, row.start - 1 :]


def _apart(one: Any, other: Any) -> float:
    """How far apart the logarithms of the likeliest tokens' probabilities lie at most, in nats."""
    import torch

    apart = (torch.log_softmax(one.float(), -1) - torch.log_softmax(other.float(), -1)).abs()
    return float(apart.gather(-1, one.topk(min(LIKELY, one.shape[-1])).indices).max())
