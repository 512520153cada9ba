"""How likely a model is to speak at held-out moments, and from which probability on it should.

The probability is read where the answer decides, after the words that every taught answer begins with; it takes
one reading of the prompt and no generation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import evolve, frozen

from proactive_training.metrics import auc, decision_figures, steady_threshold
from proactive_training.stages.answer_tokens import Decider, TokenRow
from proactive_training.stages.batching import collated
from proactive_training.stages.sharing import Tree, bundled, fitting


@frozen
class HeldOut:
    """What a model thinks of held-out moments."""

    speaks: tuple[bool, ...]  #: what is right
    probability: tuple[float, ...]  #: of speaking, 0 to 1
    sittings: tuple[str, ...]  #: of whose moments each is one

    @classmethod
    def of(cls, rows: Sequence[TokenRow], said: Sequence[float]) -> HeldOut:
        """What was said of rows."""
        return cls(tuple(row.speaks for row in rows), tuple(said), tuple(row.sitting for row in rows))

    def figures(self) -> dict[str, float]:
        """``decision_loss`` (nats, both answers weighing the same), ``auc``, ``f1`` at one half."""
        import numpy as np

        right = np.asarray(self.speaks, dtype=bool)
        said = np.clip(np.asarray(self.probability), 1e-6, 1 - 1e-6)
        losses = [-np.log(said[right]), -np.log(1 - said[~right])]
        known = [float(part.mean()) for part in losses if len(part)]
        ranked = auc(said, right)
        return {
            "decision_loss": sum(known) / max(1, len(known)),
            "auc": float("nan") if ranked is None else ranked,
            "f1": decision_figures(said >= 0.5, right)["f1"],
        }

    def threshold(self) -> float:
        """The probability from which on speaking has the best F1, in the mean over resampled sittings."""
        import numpy as np

        right = np.asarray(self.speaks, dtype=bool)
        _, number = np.unique(self.sittings, return_inverse=True)
        return steady_threshold(np.asarray(self.probability), right, number)


def probabilities(
    model: Any, rows: Sequence[TokenRow], which: Decider, pad: int, *, batch: int = 8, sharing: bool = False
) -> list[float]:
    """Of each row, the probability that its answer speaks, 0 to 1; rows are cut at their decision.

    ``sharing``: what the moments of a sitting have in common is read once.
    """
    import torch

    cut = [evolve(row, tokens=row.tokens[: row.decision], start=row.decision - 1, weights=(0.0,)) for row in rows]
    training = model.training
    model.eval()
    with torch.inference_mode():
        two = [which.speak, which.silent]
        logits = _in_trees(model, cut, two) if sharing else _in_batches(model, cut, two, pad, batch)
        found: list[float] = torch.sigmoid(logits[:, 0] - logits[:, 1]).tolist()
    model.train(training)
    return found


def _in_batches(model: Any, rows: Sequence[TokenRow], some: list[int], pad: int, batch: int) -> Any:
    """The logits of some tokens after each row's end: (rows, tokens)."""
    import torch

    order = sorted(range(len(rows)), key=lambda n: len(rows[n]))
    device = next(model.parameters()).device
    found: list[Any] = [None] * len(rows)
    for first in range(0, len(order), batch):
        chosen = order[first : first + batch]
        asked = {key: value.to(device) for key, value in collated([rows[n] for n in chosen], pad).items()}
        for key in ("labels", "weights"):
            asked.pop(key)
        logits = model(**asked, use_cache=False, logits_to_keep=1).logits[:, -1, some].float()
        for n, one in zip(chosen, logits, strict=True):
            found[n] = one
    return torch.stack(found)


def _in_trees(model: Any, rows: Sequence[TokenRow], some: list[int]) -> Any:
    """The same, sitting by sitting."""
    import torch

    device = next(model.parameters()).device
    found: list[Any] = []
    for bundle in bundled(rows):
        tree = Tree()
        ends = [tree.add(row.tokens)[-1] for row in bundle]
        asked = {key: value.to(device) for key, value in tree.batch().items()}
        asked["attention_mask"] = fitting(asked["attention_mask"], model)
        places, back = torch.tensor(ends, device=device).unique(return_inverse=True)
        logits = model(**asked, use_cache=False, logits_to_keep=places).logits[0, :, some].float()
        found.append(logits[back])
    return torch.cat(found)
