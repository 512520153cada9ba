"""How likely a model is to speak at held-out moments, and from which probability on it should.

The probability is read where the answer decides, after the words that every taught answer begins with; it takes
one reading of the prompt and no generation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from proactive_training.metrics import auc, best_threshold, decision_figures
from proactive_training.stages.answer_tokens import Decider, TokenRow
from proactive_training.stages.batching import collated


@frozen
class HeldOut:
    """What a model thinks of held-out moments."""

    speaks: tuple[bool, ...]  #: what is right
    probability: tuple[float, ...]  #: of speaking, 0 to 1

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
        """The probability with the best F1 on these moments, halfway to the next lower one."""
        import numpy as np

        right = np.asarray(self.speaks, dtype=bool)
        said = np.asarray(self.probability)
        best = best_threshold(said, right)
        below = said[said < best]
        return float((best + below.max()) / 2) if len(below) else best


def probabilities(
    model: Any, rows: Sequence[TokenRow], which: Decider, pad: int, *, batch: int = 8
) -> list[float]:
    """Of each row, the probability that its answer speaks, 0 to 1; rows are cut at their decision."""
    import torch

    order = sorted(range(len(rows)), key=lambda n: rows[n].decision)
    found = [0.0] * len(rows)
    training = model.training
    model.eval()
    device = next(model.parameters()).device
    with torch.inference_mode():
        for first in range(0, len(order), batch):
            chosen = order[first : first + batch]
            cut = [_cut(rows[n]) for n in chosen]
            asked = {key: value.to(device) for key, value in collated(cut, pad).items()}
            for key in ("labels", "weights"):
                asked.pop(key)
            logits = model(**asked, use_cache=False, logits_to_keep=1).logits[:, -1].float()
            difference = logits[:, which.speak] - logits[:, which.silent]
            for n, value in zip(chosen, torch.sigmoid(difference).tolist(), strict=True):
                found[n] = value
    model.train(training)
    return found


def _cut(row: TokenRow) -> TokenRow:
    return TokenRow(row.tokens[: row.decision], row.decision - 1, (0.0,), row.decision, row.speaks)
