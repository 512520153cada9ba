"""Reads once what examples have in common: the moments of a sitting begin alike, event by event.

Examples are laid into one row as a tree. Each token stands at its place in its own example and sees the tokens
before it there, and no others, so that losses are those of the examples one by one. A sitting of sixteen moments
is so read in a seventh of the tokens. An example that ends with its decision, in the other way than another one,
costs nothing more: soft labels are two such examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import define, field

from proactive_training.stages.answer_tokens import TokenRow

MOST_TOKENS = 2048
"""How large a bundle may become: what is seen is kept as a table of all tokens by all tokens."""

Bundle = tuple[TokenRow, ...]
"""Examples that are read together."""


@define
class Tree:
    """Tokens of several examples, each kept once where examples begin alike."""

    tokens: list[int] = field(factory=list)
    before: list[int] = field(factory=list)  #: the place of the token before; -1 at the beginning
    depth: list[int] = field(factory=list)  #: the token's place in its own example
    _next: dict[tuple[int, int], int] = field(factory=dict)

    def add(self, tokens: Sequence[int]) -> list[int]:
        """Put an example in; the places of its tokens."""
        places: list[int] = []
        place = -1
        for depth, token in enumerate(tokens):
            found = self._next.get((place, token))
            if found is None:
                found = self._next[place, token] = len(self.tokens)
                self.tokens.append(token)
                self.before.append(place)
                self.depth.append(depth)
            place = found
            places.append(place)
        return places

    def sight(self) -> Any:
        """(tokens, tokens), true where the token of the row sees that of the column."""
        import numpy as np

        seen = np.zeros((len(self.tokens), len(self.tokens)), dtype=bool)
        for place, before in enumerate(self.before):
            if before >= 0:
                seen[place] = seen[before]
            seen[place, place] = True
        return seen

    def batch(self) -> dict[str, Any]:
        """``input_ids`` and ``position_ids`` (1, tokens), ``attention_mask`` (1, 1, tokens, tokens)."""
        import torch

        return {
            "input_ids": torch.tensor([self.tokens]),
            "position_ids": torch.tensor([self.depth]),
            "attention_mask": torch.from_numpy(self.sight())[None, None],
        }


def bundled(rows: Sequence[TokenRow], most: int = MOST_TOKENS) -> list[Bundle]:
    """The rows in their order, those of a sitting together as long as they have at most so many tokens."""
    bundles: list[list[TokenRow]] = []
    tree = Tree()
    for row in rows:
        joins = bool(bundles) and bundles[-1][0].sitting == row.sitting
        if joins:
            tree.add(row.tokens)
            joins = len(tree.tokens) <= most
        if joins:
            bundles[-1].append(row)
        else:
            bundles.append([row])
            tree = Tree()
            tree.add(row.tokens)
    return [tuple(bundle) for bundle in bundles]


def size(bundle: Bundle) -> int:
    """How many tokens are read of it."""
    tree = Tree()
    for row in bundle:
        tree.add(row.tokens[:-1])
    return len(tree.tokens)


def shared(rows: Sequence[TokenRow]) -> dict[str, Any]:
    """The rows as a tree, as :meth:`Tree.batch` gives it, and what is learned from it.

    More keys: ``labels``, ``weights`` (1, answers' length) and ``places`` (answers' length): the tokens from whose
    logits the labels are predicted. What several examples teach at one place is added up.
    """
    import torch

    tree = Tree()
    taught: dict[tuple[int, int], float] = {}
    for row in rows:
        places = tree.add(row.tokens[:-1])  # nothing is predicted from the last
        for place, token, weight in zip(
            places[row.start - 1 :], row.tokens[row.start :], row.weights, strict=True
        ):
            taught[place, token] = taught.get((place, token), 0.0) + weight
    return {
        **tree.batch(),
        "labels": torch.tensor([[token for _, token in taught]]),
        "weights": torch.tensor([list(taught.values())]),
        "places": torch.tensor([place for place, _ in taught]),
    }


def fitting(mask: Any, model: Any) -> Any:
    """A mask of true and false in the form in which the model's attention takes one."""
    import torch

    inner = getattr(model, "module", model)  # one of several processes has it wrapped
    if inner.config.get_text_config()._attn_implementation != "eager":
        return mask
    kind = torch.get_autocast_dtype(mask.device.type) if torch.is_autocast_enabled(mask.device.type) else None
    kind = kind or next(model.parameters()).dtype
    return torch.zeros(mask.shape, dtype=kind, device=mask.device).masked_fill(~mask, torch.finfo(kind).min)
