"""A judge that is any model of transformers with a sequence classification head, such as a causal language model.

With one label its output is the log-odds of acceptance; with two, those of the second against the first, or of the
one that is named like acceptance.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from proactive_inference.errors import JudgeError, ModelError, first_line
from proactive_inference.judge.calibrated import CalibratedJudge
from proactive_inference.judge.judge import Question
from proactive_inference.judge.loading import Encoder, check_torch
from proactive_inference.judge.pair_text import task_text, window_text
from proactive_inference.judge.settings import JudgeSettings, Kind
from proactive_inference.models.gguf_reading import read_once
from proactive_inference.models.loading import (
    check_whole,
    is_out_of_memory,
    load_tokenizer,
    made_plain,
    weights_options,
)
from proactive_inference.models.model_files import ModelFiles, find_model

BATCH = 8
_YES = {"accept", "accepted", "valid", "yes", "true", "positive", "relevant"}


class ClassifierJudge(CalibratedJudge):
    """A model with one or two labels."""

    def __init__(self, loaded: Encoder, settings: JudgeSettings, name: str, fingerprint: str) -> None:
        super().__init__(settings, name, fingerprint)
        self._loaded = loaded
        self._sides = _sides(loaded.model.config, name)

    @classmethod
    def load(cls, folder: Path, settings: JudgeSettings | None) -> ClassifierJudge:
        """Load a folder of ``save_pretrained``, or of a training run: an adapter on its base.

        Raises:
            JudgeError: it has not one or two labels.
            ModelError: it cannot be loaded.
        """
        settings = settings or JudgeSettings(Kind.CLASSIFIER, most_events=8, most_tokens=256)
        adapted = (folder / "adapter_config.json").is_file()
        files = ModelFiles(
            folder.resolve().name, str(folder), base=find_model(settings.base, beside=folder) if adapted else None
        )
        fingerprint = files.fingerprint
        if adapted:
            base = load_classifier(settings.base, beside=folder)
            from peft import PeftModel

            with warnings.catch_warnings():  # one library's name for something that another has renamed
                warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing.*", category=FutureWarning)
                model = PeftModel.from_pretrained(base.model, folder).merge_and_unload().eval()
            return cls(Encoder(model, base.tokenizer), settings, files.name, fingerprint)
        return cls(load_classifier(folder), settings, files.name, fingerprint)

    def log_odds(self, questions: Sequence[Question]) -> list[float]:
        """As :meth:`CalibratedJudge.log_odds` says."""
        import torch

        tokens = classifier_tokens(
            self._loaded.tokenizer, questions, self.settings.most_events, self.settings.most_tokens
        )
        found, device = [0.0] * len(questions), self._loaded.model.device
        order = sorted(range(len(tokens)), key=lambda at: len(tokens[at]))
        with torch.inference_mode():
            for start in range(0, len(order), BATCH):
                chosen = order[start : start + BATCH]
                batch = left_aligned(self._loaded.model.config.pad_token_id, [tokens[at] for at in chosen])
                logits = self._loaded.model(
                    **{key: value.to(device) for key, value in batch.items()}
                ).logits.float()
                yes, no = self._sides
                values = logits[:, yes] - (logits[:, no] if no is not None else 0.0)
                for at, value in zip(chosen, values.tolist(), strict=True):
                    found[at] = value
        return found


def classifier_tokens(
    tokenizer: Any, questions: Sequence[Question], most_events: int, most_tokens: int
) -> list[list[int]]:
    """The tokens of each question: what was seen, the newest event first, cut to leave room; then the task.

    The task comes last, since a causal model judges at the last token.
    """
    found = []
    for question in questions:
        task = tokenizer("\nTask: " + task_text(question.task), add_special_tokens=False)["input_ids"]
        task = task[: max(1, most_tokens - 1)]
        seen = tokenizer("Events, newest first: " + window_text(question.window, most_events))["input_ids"]
        if seen and seen[-1] in (tokenizer.sep_token_id, tokenizer.eos_token_id):
            seen = seen[:-1]
        found.append([*seen[: max(1, most_tokens - len(task))], *task])
    return found


def left_aligned(padding: int, tokens: Sequence[Sequence[int]]) -> dict[str, Any]:
    """A batch as tensors, padded at the end: a classifier finds the last token that is no padding."""
    import torch

    longest = max(map(len, tokens))
    return {
        "input_ids": torch.tensor([[*one, *[padding] * (longest - len(one))] for one in tokens]),
        "attention_mask": torch.tensor([[*[1] * len(one), *[0] * (longest - len(one))] for one in tokens]),
    }


def load_classifier(name: str | Path, *, beside: Path | None = None, labels: int | None = None) -> Encoder:
    """Load a model as sequence classifier, and its tokenizer.

    Args:
        name: of a model (:mod:`proactive_inference.models.model_files`).
        beside: a folder from which relative paths are tried as well.
        labels: how many labels a new head gets; by default the model brings its head, or an adapter does.

    Raises:
        ModelError: it cannot be found or loaded, or is an adapter, or writes by another half than it reads by.
    """
    check_torch()
    files = find_model(name, beside=beside)
    if files.base is not None:
        raise ModelError(
            f"{files.name} is an adapter, and a classifier begins from a whole model; give its base, "
            f"{files.base.name}, or a run that was trained with --merge"
        )
    with read_once(files):
        model = _with_head(files, labels or _labels_of(files))
        tokenizer = load_tokenizer(files)
    # The tokenizer stays as it is: a token that is made a mark is read otherwise. A text is judged at its last
    # token that is not this one; the last of a vocabulary hardly ends one.
    chosen = (tokenizer.pad_token_id, tokenizer.eos_token_id, len(tokenizer) - 1)
    model.config.pad_token_id = next(token for token in chosen if token is not None)
    return Encoder(model.eval(), tokenizer)


def _with_head(files: ModelFiles, labels: int) -> Any:
    from transformers import AutoModelForSequenceClassification

    try:
        model, info = AutoModelForSequenceClassification.from_pretrained(
            files.place, num_labels=labels, local_files_only=True, dtype="float32", trust_remote_code=False,
            output_loading_info=True, **weights_options(files),
        )  # fmt: skip
    except Exception as error:  # each library that reads a part of the files has errors of its own
        if is_out_of_memory(error):
            raise ModelError(f"there is not enough memory to load {files.name}; give a smaller model") from error
        detail = first_line(error)
        raise ModelError(
            f"the model {files.name} cannot be loaded as sequence classifier ({detail}); "
            "give a causal language model or a folder of 'proactive train reward'"
        ) from error
    if model.config.is_encoder_decoder:
        raise ModelError(
            f"{files.name} is a {model.config.model_type}, which reads by one half and writes by another; give a "
            "causal language model or an encoder"
        )
    inner = f"{model.base_model_prefix}."  # a head that is not there is made
    check_whole(files.name, [key for key in info["missing_keys"] if key.startswith(inner) and "pooler" not in key])
    if files.gguf:
        made_plain(model)
    return model


def _labels_of(files: ModelFiles) -> int:
    """How many labels the model has by its configuration; a language model gets one."""
    try:
        config = json.loads((Path(files.place) / "config.json").read_bytes())
    except (OSError, ValueError):
        return 1
    if not any("SequenceClassification" in one for one in config.get("architectures") or []):
        return 1
    return len(config.get("id2label") or {}) or int(config.get("num_labels", 2))


def _sides(config: Any, name: str) -> tuple[int, int | None]:
    """Which outputs speak for acceptance and against it."""
    count = int(config.num_labels)
    if count == 1:
        return 0, None
    if count != 2:
        raise JudgeError(f"{name} tells {count} labels apart; a judge has one or two: accepted, rejected")
    names = {at: str(label).lower() for at, label in (config.id2label or {}).items()}
    yes = next((int(at) for at, label in names.items() if label in _YES), 1)
    return yes, 1 - yes
