"""Sentences as unit vectors, by a small encoder such as all-MiniLM-L6-v2; what was encoded lately is kept.

An event is encoded once, when it first stands in a window, so that judging offers costs little more than encoding
the offers.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from proactive_inference.judge.loading import Encoder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

KEPT = 4096
"""How many sentences are remembered."""

MOST_TOKENS = 96
"""Of one sentence."""

BATCH = 64


class SentenceEncoder:
    """The mean of a sentence's token states, scaled to length 1 (as sentence-transformers does for this model)."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._kept: OrderedDict[str, Any] = OrderedDict()

    @property
    def dimensions(self) -> int:
        """Of a vector."""
        return int(self._encoder.model.config.hidden_size)

    def encode(self, sentences: Sequence[str]) -> Floats:
        """(sentences, dimensions), each of length 1."""
        import numpy as np

        new = sorted({one for one in sentences if one not in self._kept}, key=len)
        for start in range(0, len(new), BATCH):
            batch = new[start : start + BATCH]
            for one, vector in zip(batch, self._encoded(batch), strict=True):
                self._kept[one] = vector
        found = []
        for one in sentences:
            self._kept.move_to_end(one)
            found.append(self._kept[one])
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return np.asarray(found, dtype=np.float64).reshape(len(sentences), self.dimensions)

    def _encoded(self, batch: Sequence[str]) -> Any:
        import torch

        tokenizer, device = self._encoder.tokenizer, self._encoder.model.device
        with torch.inference_mode():
            told = tokenizer(
                list(batch), padding=True, truncation=True, max_length=MOST_TOKENS, return_tensors="pt"
            ).to(device)
            states = self._encoder(told).last_hidden_state.float()
            mask = told["attention_mask"].unsqueeze(-1)
            means = (states * mask).sum(dim=1) / mask.sum(dim=1)
            return torch.nn.functional.normalize(means, dim=1).cpu().numpy()
