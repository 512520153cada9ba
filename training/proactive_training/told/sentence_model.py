"""A sentence model as a teacher: one unit vector a sentence, and one for each piece of its vocabulary alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proactive_training.errors import DataError, TrainingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_TOKENS = 128
_BATCH = 128


class SentenceModel:
    """An encoder of the hub's form, such as all-MiniLM-L6-v2, whose mean-pooled output is a sentence's vector.

    Args:
        folder: with ``config.json``, the weights and a WordPiece tokenizer.

    Raises:
        TrainingError: torch or transformers is not installed.
        DataError: the folder holds no such model.
    """

    def __init__(self, folder: Path) -> None:
        if not (folder / "config.json").is_file():
            raise DataError(
                f"{folder} holds no config.json; give the folder of a sentence model, "
                "such as all-MiniLM-L6-v2 unpacked"
            )
        try:
            from transformers import AutoModel, AutoTokenizer
        except ImportError as error:
            raise TrainingError(
                "a sentence model needs torch and transformers; "
                "install them with pip install 'proactive-lsp[local]'"
            ) from error
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
            self._model: Any = AutoModel.from_pretrained(folder, trust_remote_code=False).eval()
        except (OSError, ValueError) as error:
            raise DataError(f"{folder} cannot be loaded as a sentence model: {error}") from error
        self.vocabulary: list[str] = [
            piece for piece, _ in sorted(self._tokenizer.get_vocab().items(), key=lambda item: item[1])
        ]
        if "[UNK]" not in self.vocabulary or not any(piece.startswith("##") for piece in self.vocabulary):
            raise DataError(
                f"{folder}: its tokenizer has no WordPiece vocabulary, which the gate's word scores need"
            )

    def sentences(
        self, texts: Sequence[str], progress: Callable[[int], object] = lambda done: None
    ) -> NDArray[np.float32]:
        """A vector of length one for each text: (texts, size). Texts of like length go together."""
        import numpy as np
        import torch

        found = None
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), _BATCH):
            chosen = order[start : start + _BATCH]
            batch = self._tokenizer(
                [texts[i] for i in chosen],
                padding=True,
                truncation=True,
                max_length=MOST_TOKENS,
                return_tensors="pt",
            )
            with torch.inference_mode():
                hidden = self._model(**batch).last_hidden_state
                mask = batch["attention_mask"][..., None]
                vectors = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1)
            if found is None:
                found = np.zeros((len(texts), vectors.shape[1]), dtype=np.float32)
            found[chosen] = vectors.float().numpy()
            progress(min(start + _BATCH, len(order)))
        if found is None:
            raise DataError("there are no sentences to look at")
        return found

    def pieces(self) -> NDArray[np.float32]:
        """A vector for each piece of the vocabulary by itself, centred: (pieces, size)."""
        import numpy as np
        import torch

        first, last = self._tokenizer.cls_token_id, self._tokenizer.sep_token_id
        parts = []
        for start in range(0, len(self.vocabulary), 1024):
            numbers = range(start, min(start + 1024, len(self.vocabulary)))
            batch = torch.tensor([[first, number, last] for number in numbers])
            with torch.inference_mode():
                parts.append(self._model(batch).last_hidden_state.mean(1).float().numpy())
        vectors = np.concatenate(parts)
        return np.asarray(vectors - vectors.mean(0), dtype=np.float32)
