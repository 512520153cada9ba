"""Tiny models with random weights and tokenizers trained on the spot, in the form `from_pretrained` takes.

`tiny_llama` is a causal language model of 2 layers with a ChatML template, `of_family` one of another family with
the same tokenizer, `tiny_bert` an encoder with WordPiece, `encoder_of_family` one of another family with it. Each
takes well under a second.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)

TEXTS = (
    'Answer with one JSON object: "Purpose", "Thoughts", "Proactive Task", "Response".',
    "Stay silent unless help is wanted.",
    '{"Observations": [{"Time": "09:30:00", "Event": "The user saved \'a.py\'."}]}',
    '{"Purpose": "", "Thoughts": "", "Proactive Task": null, "Response": ""}',
    '{"Purpose": "The user sorts", "Thoughts": "It fails", "Proactive Task": "Sort it", "Response": "Shall I?"}',
    '{"Thought": "They want it", "Judgement": "accepted"} {"Thought": "Not now", "Judgement": "rejected"}',
    "The user ran 'pytest -q'; 1 test failed in tests/test_api.py: NameError: name 'np' is not defined.",
)


def tiny_llama(
    folder: Path,
    *,
    seed: int = 0,
    vocabulary: int = 400,
    chat_template: str | None = CHAT_TEMPLATE,
    texts: Iterable[str] = TEXTS,
    layers: int = 2,
    width: int = 64,
) -> Path:
    """A causal language model and its byte-level BPE tokenizer in ``folder``; a seed makes the same weights."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|im_end|>", bos_token="<|im_start|>", pad_token="<|endoftext|>"
    )
    fast.chat_template = chat_template
    fast.save_pretrained(folder)
    config = LlamaConfig(
        vocab_size=len(fast),
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        eos_token_id=fast.eos_token_id,
        bos_token_id=fast.bos_token_id,
        pad_token_id=fast.pad_token_id,
        tie_word_embeddings=True,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def of_family(family: str, like: Path, folder: Path, *, seed: int = 0, **sizes: Any) -> Path:
    """A causal language model of a family of transformers, such as ``OPT``, with the tokenizer of ``like``.

    ``sizes`` go to its configuration. Weights are so large that all that it reads shows in what it says.
    """
    import torch
    import transformers

    copytree(like, folder, ignore=ignore_patterns("config.json", "*.safetensors"))
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    config = getattr(transformers, f"{family}Config")(
        vocab_size=len(tokenizer),
        **{"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "initializer_range": 0.3, **sizes},
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        transformers.AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    return folder


def tiny_bert(
    folder: Path,
    *,
    seed: int = 0,
    vocabulary: int = 300,
    labels: int | None = None,
    texts: Iterable[str] = TEXTS,
    layers: int = 2,
    width: int = 64,
) -> Path:
    """An encoder and its WordPiece tokenizer in ``folder``; with ``labels``, one that classifies sequences."""
    import torch
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertConfig, BertForSequenceClassification, BertModel, BertTokenizerFast

    pieces = BertWordPieceTokenizer(lowercase=True)
    pieces.train_from_iterator(texts, vocab_size=vocabulary, show_progress=False)
    folder.mkdir(parents=True, exist_ok=True)
    pieces.save_model(str(folder))
    fast = BertTokenizerFast.from_pretrained(str(folder), do_lower_case=True)
    fast.save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(fast),
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=4,
        max_position_embeddings=512,
        pad_token_id=fast.pad_token_id,
        **({"num_labels": labels} if labels is not None else {}),
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = BertForSequenceClassification(config) if labels is not None else BertModel(config)
        model.save_pretrained(folder)
    return folder


def encoder_of_family(family: str, like: Path, folder: Path, **sizes: Any) -> Path:
    """An encoder of a family of transformers, such as ``Roberta``, with the tokenizer of ``like``."""
    import torch
    import transformers

    copytree(like, folder, ignore=ignore_patterns("config.json", "*.safetensors"))
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    small = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
    config = getattr(transformers, f"{family}Config")(
        vocab_size=len(tokenizer), pad_token_id=tokenizer.pad_token_id, **(sizes or small)
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        transformers.AutoModel.from_config(config).save_pretrained(folder)
    return folder


def without_marks(folder: Path) -> None:
    """Take from a tokenizer that it ends texts, and fills up rows, by tokens of its own."""
    file = folder / "tokenizer_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "eos_token": None, "pad_token": None}))


def without_its_last_layer(folder: Path) -> None:
    """Take a part of a model's weights away."""
    from safetensors.torch import load_file, save_file

    file = folder / "model.safetensors"
    weights = load_file(file)
    last = max(int(part) for key in weights for part in key.split(".") if part.isdigit())
    save_file(
        {key: value for key, value in weights.items() if str(last) not in key.split(".")}, file, {"format": "pt"}
    )


def brings_code(folder: Path, marker: Path) -> None:
    """Have a model's folder bring code of its own, which writes ``marker`` when it is run."""
    config = json.loads((folder / "config.json").read_text())
    config["model_type"] = "of_its_own"
    names = ("AutoConfig", "AutoModel", "AutoModelForCausalLM", "AutoModelForSequenceClassification")
    config["auto_map"] = dict.fromkeys(names, "own.Own")
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "own.py").write_text(f"open({str(marker)!r}, 'w').close()\nclass Own:\n    pass\n")


def always_says(judge: Path, probability: float) -> None:
    """Makes a classifier a judge that says one probability, whatever its model says."""
    from proactive_inference.judge.settings import Calibration, JudgeSettings, Kind, log_odds

    calibration = Calibration(0.0, log_odds(probability))
    JudgeSettings(Kind.CLASSIFIER, proposals=calibration, silences=calibration).write(judge)
