"""The tiny models that other tests stand on are real: they load, tell seeds apart, and speak the chat template."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import AutoModel, AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

from tiny_models import tiny_bert, tiny_llama


def test_a_tiny_language_model_loads_and_answers(tmp_path: Path) -> None:
    folder = tiny_llama(tmp_path / "llama")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    text = "Grüße, 中文 <|im_start|> {x}"
    assert tokenizer.decode(tokenizer.encode(text, add_special_tokens=False)) == text
    prompt = tokenizer.apply_chat_template(
        [{"role": "user", "content": "x"}], tokenize=False, add_generation_prompt=True
    )
    assert prompt == "<|im_start|>user\nx<|im_end|>\n<|im_start|>assistant\n"
    model = AutoModelForCausalLM.from_pretrained(folder)
    assert sum(p.numel() for p in model.parameters()) < 200_000
    ids = torch.tensor([tokenizer.encode(prompt, add_special_tokens=False)])
    assert model(ids).logits.shape == (1, ids.shape[1], len(tokenizer))


def test_a_seed_makes_the_same_weights_and_leaves_the_generator_alone(tmp_path: Path) -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    folders = [tiny_llama(tmp_path / name, seed=seed) for name, seed in (("a", 1), ("b", 1), ("c", 2))]
    assert torch.rand(1) == expected
    a, b, c = (AutoModelForCausalLM.from_pretrained(f).lm_head.weight for f in folders)
    assert torch.equal(a, b) and not torch.equal(a, c)


def test_a_tiny_encoder_loads_plain_and_as_a_classifier(tmp_path: Path) -> None:
    plain = tiny_bert(tmp_path / "bert")
    tokenizer = AutoTokenizer.from_pretrained(plain)
    batch = tokenizer(["The user saved a file.", "x"], padding=True, return_tensors="pt")
    assert AutoModel.from_pretrained(plain)(**batch).last_hidden_state.shape[-1] == 64
    classifier = tiny_bert(tmp_path / "classifier", labels=1)
    assert AutoModelForSequenceClassification.from_pretrained(classifier)(**batch).logits.shape == (2, 1)
