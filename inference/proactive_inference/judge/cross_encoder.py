"""A judge that reads events and task together with a small encoder, fast enough to rank tasks while one types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from proactive_inference.errors import JudgeError
from proactive_inference.judge.calibrated import CalibratedJudge
from proactive_inference.judge.judge import Question
from proactive_inference.judge.loading import Encoder, load_encoder
from proactive_inference.judge.pair_encoding import head_inputs, head_log_odds, padded, pair_tokens, pooled
from proactive_inference.judge.settings import JudgeSettings
from proactive_inference.models.model_files import ModelFiles

HEAD_FILE = "head.safetensors"
BATCH = 32


class CrossEncoderJudge(CalibratedJudge):
    """An encoder that was trained on pairs, and its head."""

    def __init__(
        self, encoder: Encoder, head: Mapping[str, Any], settings: JudgeSettings, name: str, fingerprint: str
    ) -> None:
        super().__init__(settings, name, fingerprint)
        self._encoder = encoder
        self._head = dict(head)

    @classmethod
    def load(cls, folder: Path, settings: JudgeSettings) -> CrossEncoderJudge:
        """Load what training wrote.

        Raises:
            JudgeError: the head is missing, damaged, or of another encoder.
            ModelError: the encoder cannot be loaded.
        """
        files = ModelFiles(folder.resolve().name, str(folder))
        fingerprint = files.fingerprint
        encoder = load_encoder(folder, quick=True)
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        path = folder / HEAD_FILE
        try:
            head = load_file(path)
            fits = head["proposal.weight"].shape == (4 * encoder.model.config.hidden_size + 1,)
        except (OSError, SafetensorError, KeyError) as error:
            raise JudgeError(f"{path} cannot be read ({error}); train or copy the judge again") from error
        if not fits:
            raise JudgeError(f"{path} belongs to another encoder; copy the whole folder of the training run again")
        return cls(encoder, head, settings, files.name, fingerprint)

    def log_odds(self, questions: Sequence[Question]) -> list[float]:
        """As :meth:`CalibratedJudge.log_odds` says."""
        import torch

        settings, found = self.settings, [0.0] * len(questions)
        tokens = pair_tokens(self._encoder.tokenizer, questions, settings.most_events, settings.most_tokens)
        order = sorted(range(len(tokens)), key=lambda at: len(tokens[at]["input_ids"]))
        with torch.inference_mode():
            for start in range(0, len(order), BATCH):
                chosen = order[start : start + BATCH]
                batch = padded(self._encoder.tokenizer, [tokens[at] for at in chosen])
                states = self._encoder(batch).last_hidden_state.float()
                task, seen = pooled(states, batch["attention_mask"], batch["token_type_ids"])
                silent = torch.tensor([questions[at].task is None for at in chosen])
                values = head_log_odds(self._head, head_inputs(task, seen), seen, silent)
                for at, value in zip(chosen, values.tolist(), strict=True):
                    found[at] = value
        return found
