"""Language models in this process: tiny ones, with real weights files, tokenizers and generation."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from proactive_inference.errors import ModelError, UnwantedError
from proactive_inference.judge.classifier import load_classifier
from proactive_inference.judge.loading import load_encoder
from proactive_inference.models.agent_answer import (
    AGENT_SCHEMA,
    AT_ONCE_SCHEMA,
    DECISION_SCHEMA,
    read_agent_answer,
)
from proactive_inference.models.asking import Asking
from proactive_inference.models.chat import ChatModel
from proactive_inference.models.judge_answer import JUDGE_SCHEMA, read_judge_answer
from proactive_inference.models.local import LocalModel
from proactive_inference.models.messages import Message
from proactive_inference.models.model_settings import ModelSettings
from proactive_inference.models.telling import Teller
from tiny_models import brings_code, tiny_bert, tiny_llama

ASKED = (
    Message("system", "Answer with one JSON object. Stay silent unless help is wanted."),
    Message("user", "{}"),
)


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> LocalModel:
    return LocalModel.open(tiny_model)


def test_it_is_called_as_its_folder(model: LocalModel) -> None:
    whole: ChatModel = model
    assert whole.name == "tiny-llama"
    assert model.most_tokens == 4096


def test_a_random_model_answers_in_valid_json_at_any_length_and_temperature(model: LocalModel) -> None:
    """Nothing in these weights knows JSON; the answer is whole and right nonetheless, 100 of 100 times."""
    valid = 0
    for schema in (AGENT_SCHEMA, JUDGE_SCHEMA):
        for max_tokens in (1, 7, 40, 90, 200):
            found = model.complete(ASKED, schema=schema, max_tokens=max_tokens, temperature=5.0, seed=3, count=10)
            for one in found:
                jsonschema.validate(json.loads(one.text), schema)
                (read_agent_answer if schema is AGENT_SCHEMA else read_judge_answer)(one.text)
                valid += 1
            assert len({one.text for one in found}) >= min(5, max_tokens // 2)
    assert valid == 100


def test_the_same_seed_gives_the_same_answers_and_another_gives_others(
    model: LocalModel, tiny_model: Path
) -> None:
    def asked(one: LocalModel, seed: int | None) -> list[str]:
        return [c.text for c in one.complete(ASKED, temperature=1.0, seed=seed, count=3, max_tokens=20)]

    assert asked(model, 1) == asked(model, 1) == asked(LocalModel.open(tiny_model), 1)
    assert asked(model, 1) != asked(model, 2)
    assert asked(model, None) != asked(model, None)
    assert len(set(asked(model, 1))) == 3


def test_without_temperature_the_likeliest_token_is_taken(model: LocalModel, tiny_model: Path) -> None:
    """The same as the library's own loop takes."""
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    reference = AutoModelForCausalLM.from_pretrained(tiny_model)
    text = tokenizer.apply_chat_template([m.as_dict() for m in ASKED], tokenize=False, add_generation_prompt=True)
    prompt = tokenizer(text, add_special_tokens=False, return_tensors="pt")
    expected = reference.generate(**prompt, max_new_tokens=24, do_sample=False)[0, prompt.input_ids.shape[1] :]
    one, two = model.complete(ASKED, max_tokens=24, count=2)
    assert one.text == two.text == tokenizer.decode(expected, skip_special_tokens=True)
    assert (one.prompt_tokens, one.tokens) == (prompt.input_ids.shape[1], 24)
    assert not one.finished


@pytest.mark.parametrize("family", ["gpt2", "qwen3", "gemma3_text", "mamba"])
def test_other_families_answer_as_the_library_would(tiny_model: Path, tmp_path: Path, family: str) -> None:
    """Absolute and rotary positions, sliding windows, and no attention at all."""
    from transformers import AutoConfig

    small: dict[str, Any] = {
        "gpt2": {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 2048},
        "mamba": {"hidden_size": 32, "num_hidden_layers": 2, "state_size": 4},
        "gemma3_text": {"sliding_window": 16, "layer_types": ["sliding_attention", "full_attention"]},
    }.get(family, {})
    if family in ("qwen3", "gemma3_text"):
        small |= {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
        small |= {"num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 2048}
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    tokens = {"eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id, "bos_token_id": 1}
    config = AutoConfig.for_model(family, vocab_size=len(tokenizer), **tokens, **small)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        reference = AutoModelForCausalLM.from_config(config).eval()
    reference.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    model = LocalModel.open(tmp_path)
    text = tokenizer.apply_chat_template([m.as_dict() for m in ASKED], tokenize=False, add_generation_prompt=True)
    prompt = tokenizer(text, add_special_tokens=False, return_tensors="pt")
    expected = reference.generate(**prompt, max_new_tokens=12, do_sample=False)[0, prompt.input_ids.shape[1] :]
    for one in [*model.complete(ASKED, max_tokens=12), *model.complete(ASKED, max_tokens=12, count=3)]:
        assert one.text == tokenizer.decode(expected, skip_special_tokens=True)
    several = [(ASKED[0], Message("user", "x" * n)) for n in (1, 40)]
    alone = [model.complete(messages, max_tokens=8)[0].text for messages in several]
    assert [one.text for (one,) in model.complete_many(several, max_tokens=8)] == alone
    held = model.complete(ASKED, schema=AGENT_SCHEMA, max_tokens=60, temperature=2.0, count=2, seed=0)
    assert all(read_agent_answer(one.text) for one in held)


def test_the_probability_of_speaking_is_what_the_model_says_at_the_decision(
    model: LocalModel, tiny_model: Path
) -> None:
    (answer,) = model.complete(ASKED, schema=DECISION_SCHEMA, max_tokens=400)
    assert answer.finished and answer.probability_of_accepting is None
    tokenizer, reference = (
        AutoTokenizer.from_pretrained(tiny_model),
        AutoModelForCausalLM.from_pretrained(tiny_model),
    )
    text = tokenizer.apply_chat_template([m.as_dict() for m in ASKED], tokenize=False, add_generation_prompt=True)
    mark = '"Proactive Task":'
    begun = answer.text[: answer.text.index(mark) + len(mark)]
    ids = tokenizer(text + begun, add_special_tokens=False, return_tensors="pt").input_ids
    with torch.inference_mode():
        logits = reference(ids).logits[0, -1]
    quote, null = (tokenizer.encode(t, add_special_tokens=False)[0] for t in (' "', " null"))
    expected = torch.softmax(logits[[quote, null]], 0)[0].item()
    assert answer.probability_of_speaking == pytest.approx(expected, abs=0.02)  # text may be cut into other tokens
    judged = model.complete(ASKED, schema=JUDGE_SCHEMA)[0]
    assert judged.probability_of_speaking is None and 0 < (judged.probability_of_accepting or 0) < 1


def test_it_can_decide_without_a_thought(model: LocalModel) -> None:
    (answer,) = model.complete(ASKED, schema=AT_ONCE_SCHEMA, max_tokens=8)
    assert list(json.loads(answer.text)) == ["Proactive Task"]
    assert answer.probability_of_speaking is not None and answer.tokens < 20


def test_a_calibrated_threshold_decides(tiny_model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    for path in tiny_model.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    spoke = []
    for threshold in (0.0, 1.0):
        ModelSettings(speaking_threshold=threshold, most_events=5).write(folder)
        model = LocalModel.open(folder)
        assert model.settings.most_events == 5
        (answer,) = model.complete(ASKED, schema=AGENT_SCHEMA)
        spoke.append('"Proactive Task": null' not in answer.text)
    assert spoke == [True, False]
    assert LocalModel.open(folder).fingerprint != LocalModel.open(tiny_model).fingerprint


def test_what_prompts_share_is_read_once_and_changes_nothing(model: LocalModel, tiny_model: Path) -> None:
    others = [(ASKED[0], Message("user", text)) for text in ("{}", '{"a": 1}', "x" * 50, "{}")]
    one_by_one = [LocalModel.open(tiny_model).complete(m, max_tokens=10)[0].text for m in others]
    assert [model.complete(m, max_tokens=10)[0].text for m in others] == one_by_one
    alone = (Message("user", "no instructions"),)
    assert model.complete(alone, max_tokens=5) == model.complete(alone, max_tokens=5)


QUESTIONS = [(ASKED[0], Message("user", text)) for text in ("{}", '{"Observations": []}', "x" * 70)]


def test_questions_side_by_side_are_answered_as_one_by_one(model: LocalModel) -> None:
    """Padding, and what prompts share, change nothing."""
    for settings in (
        {"max_tokens": 12},
        {"max_tokens": 12, "temperature": 1.0, "seed": 5, "count": 2},
        {"max_tokens": 60, "temperature": 1.0, "seed": 5, "schema": AGENT_SCHEMA},
    ):
        together = model.complete_many(QUESTIONS, **settings)  # type: ignore[arg-type]
        alone = [model.complete(messages, **settings) for messages in QUESTIONS]  # type: ignore[arg-type]
        assert [[c.text for c in answers] for answers in together] == [[c.text for c in one] for one in alone]
        assert [c.prompt_tokens for (c, *_) in together] == [c.prompt_tokens for (c, *_) in alone]
    mixed = [*QUESTIONS, (Message("user", "without instructions"),)]
    assert model.complete_many(mixed, max_tokens=5)[3] == model.complete(mixed[3], max_tokens=5)


def test_what_questions_have_in_common_is_read_once(tiny_model: Path) -> None:
    """More than the instructions: eight offers at one moment are read as one moment and eight offers."""
    model = LocalModel.open(tiny_model)
    loaded = model._loaded.model
    read: list[int] = []
    loaded.register_forward_pre_hook(
        lambda _, __, given: read.append(given["input_ids"].numel()), with_kwargs=True
    )
    seen = '{"Observations": [' + ", ".join(f'"The user saved file {n}."' for n in range(30)) + '], "Task": "'
    many = [
        (ASKED[0], Message("user", f'{seen}{task}"}}')) for task in ("Mend it", "Sing", "Wait", "Sort the table")
    ]
    together = model.complete_many(many, schema=JUDGE_SCHEMA, max_tokens=20)
    read_together = sum(read)
    read.clear()
    alone = [model.complete(messages, schema=JUDGE_SCHEMA, max_tokens=20) for messages in many]
    assert [c.text for (c,) in together] == [c.text for (c,) in alone]
    odds = [c.probability_of_accepting for (c,) in together]
    assert odds == pytest.approx([c.probability_of_accepting for (c,) in alone], abs=1e-4)
    in_common = min(c.prompt_tokens for (c,) in alone)
    assert read_together < sum(read) - 2 * in_common


def test_several_threads_may_ask(model: LocalModel) -> None:
    expected = model.complete(ASKED, schema=AGENT_SCHEMA, max_tokens=30)
    found: list[Any] = []
    threads = [
        threading.Thread(target=lambda: found.append(model.complete(ASKED, schema=AGENT_SCHEMA, max_tokens=30)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


def test_a_base_model_is_asked_in_plain_words(tmp_path: Path) -> None:
    model = LocalModel.open(tiny_llama(tmp_path / "base", chat_template=None))
    (answer,) = model.complete(ASKED, schema=AGENT_SCHEMA, max_tokens=50)
    assert read_agent_answer(answer.text)


def test_a_question_that_is_too_long_is_refused(model: LocalModel) -> None:
    with pytest.raises(ModelError, match=r"takes 4096 in all; tell it fewer events"):
        model.complete((Message("user", "event " * 4000),))


def test_running_out_of_memory_is_said(model: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    for error, words in (
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"), "fewer events"),
        (torch.OutOfMemoryError("CUDA out of memory."), "fewer events"),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), "failed while answering: mat1"),
    ):
        with monkeypatch.context() as patch, pytest.raises(ModelError, match=words):
            patch.setattr(model._loaded.model, "forward", _raising(error))
            model.complete(ASKED)


def _raising(error: Exception) -> Any:
    def forward(*_: object, **__: object) -> None:
        raise error

    return forward


def test_an_encoder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="BertModel, which does not write text"):
        LocalModel.open(tiny_bert(tmp_path / "bert"))


def test_damaged_weights_and_settings_are_said(tiny_model: Path, tmp_path: Path) -> None:
    def copied(name: str, **changed: bytes) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for path in tiny_model.iterdir():
            (folder / path.name).write_bytes(changed.get(path.stem, path.read_bytes()))
        return folder

    with pytest.raises(ModelError, match=r"short cannot be loaded \(.*\); check its folder or copy it again"):
        LocalModel.open(copied("short", model=(tiny_model / "model.safetensors").read_bytes()[:-1000]))
    with pytest.raises(ModelError, match="tokenless cannot be loaded"):
        folder = copied("tokenless")
        for path in folder.glob("tokenizer*"):
            path.unlink()
        LocalModel.open(folder)
    with pytest.raises(ModelError, match="is damaged"):
        LocalModel.open(copied("config", config=b"{"))
    for settings in (
        '{"format": "x"}',
        "[",
        '{"format": "proactive-model", "version": 1, "speaking_threshold": 7}',
    ):
        folder = copied(f"settings{len(settings)}")
        (folder / "proactive_model.json").write_text(settings)
        with pytest.raises(ModelError, match="is damaged"):
            LocalModel.open(folder)
    (folder / "proactive_model.json").write_text('{"format": "proactive-model", "version": 99}')
    with pytest.raises(ModelError, match="update proactive-lsp"):
        LocalModel.open(folder)


def test_weights_that_are_missing_are_not_made_up(tiny_model: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    for path in tiny_model.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    weights = load_file(tmp_path / "model.safetensors")
    weights.pop("model.layers.1.mlp.up_proj.weight")
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"1 are missing, such as model\.layers\.1\.mlp\.up_proj\.weight"):
        LocalModel.open(tmp_path)


def test_an_unknown_number_format_is_refused(tiny_model: Path) -> None:
    with pytest.raises(ModelError, match="give float32, bfloat16 or float16"):
        LocalModel.open(tiny_model, dtype="float7")
    assert LocalModel.open(tiny_model, dtype="bfloat16").complete(ASKED, schema=AGENT_SCHEMA, max_tokens=9)


def test_a_long_question_is_read_in_parts_and_can_be_taken_back_between_them(model: LocalModel) -> None:
    checks: list[int] = []

    class Counting(Asking):
        def check(self) -> None:
            checks.append(len(checks))
            if len(checks) == 4:
                self.take_back()
            super().check()

    with pytest.raises(UnwantedError):
        model.complete([Message("user", "x" * 3000)], max_tokens=5, asking=Counting())
    assert len(checks) == 4


def test_an_answer_is_told_as_it_is_written_in_whole_characters(model: LocalModel) -> None:
    """The pieces together are the first answer; bytes of half a character wait for their rest."""
    for schema, count in ((None, 1), (None, 3), (AGENT_SCHEMA, 1), (AGENT_SCHEMA, 2)):
        for seed in range(3):
            pieces: list[str] = []
            found = model.complete(
                ASKED,
                schema=schema,
                temperature=3.0,
                seed=seed,
                max_tokens=60,
                count=count,
                asking=Asking(told=pieces.append),
            )
            assert "".join(pieces) == found[0].text
            assert len(pieces) > 5 and all(pieces)


def test_a_character_is_told_once_it_is_whole(tiny_model: Path) -> None:
    """The tiny vocabulary has bytes only for these: each character takes several tokens."""
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    text = "né 漢字 🙂!"
    tokens = tokenizer.encode(text, add_special_tokens=False)
    pieces: list[str] = []
    teller = Teller(pieces.append)
    for n in range(len(tokens)):
        teller.upto(tokenizer.decode(tokens[: n + 1]))
    assert "".join(pieces) == text and len(tokens) > len(pieces) > 5
    assert "�" not in "".join(pieces)


def test_of_several_questions_the_first_is_told(model: LocalModel) -> None:
    pieces: list[str] = []
    many = [(ASKED[0], Message("user", "x" * n)) for n in (1, 40)]
    found = model.complete_many(many, max_tokens=8, asking=Asking(told=pieces.append))
    assert "".join(pieces) == found[0][0].text and len(pieces) > 1


def test_a_question_taken_back_while_it_is_answered_ends_at_the_next_step(model: LocalModel) -> None:
    pieces: list[str] = []

    def told(piece: str) -> None:
        pieces.append(piece)
        if len(pieces) == 3:
            asking.take_back()

    asking = Asking(told=told)
    with pytest.raises(UnwantedError):
        model.complete(ASKED, schema=AGENT_SCHEMA, temperature=2.0, seed=1, max_tokens=500, asking=asking)
    assert len(pieces) == 3
    with pytest.raises(UnwantedError):
        model.complete(ASKED, asking=asking)


@pytest.mark.parametrize("load", [LocalModel.open, load_encoder, load_classifier])
def test_code_that_a_folder_brings_is_neither_run_nor_asked_about(
    load: Callable[[Any], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker, asked = tmp_path / "ran", []
    folder = tiny_llama(tmp_path / "model")
    brings_code(folder, marker)
    monkeypatch.setattr("builtins.input", lambda *question: asked.append(question) or "y")
    with pytest.raises(ModelError):
        load(str(folder))
    assert not asked and not marker.exists()
