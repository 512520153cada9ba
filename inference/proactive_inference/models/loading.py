"""Loads a causal language model and its tokenizer into memory, from whatever form its files have.

Nothing is downloaded unless that is asked for, and no code that a model brings along is run.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import frozen

from proactive_inference.errors import ModelError, first_line
from proactive_inference.models.gguf_reading import read_once
from proactive_inference.models.model_files import ModelFiles

GENERATES = ("CausalLM", "LMHead", "ConditionalGeneration")
"""What the class of a model that writes is called, in part."""


@frozen
class Loaded:
    """A model in memory."""

    model: Any  #: of transformers, in evaluation mode; an adapter is merged into it
    tokenizer: Any


def load(
    files: ModelFiles, *, device: str | None = None, dtype: str | None = None, download: bool = False
) -> Loaded:
    """Load a model.

    Args:
        files: what :func:`model_files.find_model` found.
        device: ``cpu``, ``cuda``, …; by default a GPU if there is one.
        dtype: ``float32``, ``bfloat16``, …; by default float32 on a CPU, where generating is no faster
            otherwise, and bfloat16 elsewhere.
        download: whether what is missing may be fetched from the hub.

    Raises:
        ModelError: the extra is missing, or the files are no such model, damaged, or too large for the memory.
    """
    with _explaining(files, download):
        model = _model_on(files, device, dtype, download)
        return Loaded(model, _tokenizer(files, download))


def load_model(
    files: ModelFiles, *, device: str | None = None, dtype: str | None = None, download: bool = False
) -> Any:
    """A model without its tokenizer, which takes seconds more where it is in a GGUF file.

    Raises:
        ModelError: as of :func:`load`.
    """
    with _explaining(files, download):
        return _model_on(files, device, dtype, download)


def chosen_format(device: str | None = None, dtype: str | None = None) -> tuple[str, Any]:
    """On which device, and in which number format of torch, :func:`load` would have a model.

    Raises:
        ModelError: the extra is missing, or there is no such format.
    """
    torch = _torch()
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    chosen = getattr(torch, dtype or ("float32" if device == "cpu" else "bfloat16"), None)
    if not isinstance(chosen, torch.dtype):
        raise ModelError(f"there is no number format {dtype!r}; give float32, bfloat16 or float16")
    return device, chosen


def folder_of(files: ModelFiles, *, download: bool = False) -> Path:
    """The folder that a model's files are in; of a model of the hub, where its library keeps them.

    Raises:
        ModelError: it is not on this machine.
    """
    try:
        return Path(_place(files, download))
    except Exception as error:  # as many kinds as there are ways for a download to be incomplete
        raise _explained(files, error, download) from error


def load_tokenizer(files: ModelFiles, *, download: bool = False) -> Any:
    """A model's tokenizer alone; an adapter's own, if it has one.

    Raises:
        ModelError: it cannot be loaded.
    """
    with _explaining(files, download):
        return _tokenizer(files, download)


def _model_on(files: ModelFiles, device: str | None, dtype: str | None, download: bool) -> Any:
    place, chosen = chosen_format(device, dtype)
    return _model(files, chosen, download).to(place).eval()


def _model(files: ModelFiles, dtype: Any, download: bool) -> Any:
    if files.base is not None:
        return _with_adapter(_model(files.base, dtype, download), files)
    from transformers import AutoModelForCausalLM

    place = _place(files, download)
    if files.gguf is None and (Path(place) / "config.json").is_file():
        _check_generates(Path(place), files.name)
    model, info = AutoModelForCausalLM.from_pretrained(
        place,
        dtype=dtype,
        local_files_only=not download,
        output_loading_info=True,
        trust_remote_code=False,
        **weights_options(files),
    )
    check_whole(files.name, info["missing_keys"])
    if files.gguf:
        made_plain(model)
    return model


def weights_options(files: ModelFiles) -> dict[str, Any]:
    """What the library is told to load weights: of a GGUF file, as plain numbers.

    Left to itself it keeps them packed where the package ``kernels`` is installed, for which it fetches programs
    from the hub, and what is packed cannot be trained.
    """
    if not files.gguf:
        return {}
    import transformers

    kept = getattr(transformers, "GgufConfig", None)  # older ones always unpack
    return {"gguf_file": files.gguf, **({"quantization_config": kept(dequantize=True)} if kept else {})}


def check_whole(name: str, missing: Iterable[str]) -> None:
    """Refuse a model without all its weights: those that are missing would be drawn anew at each loading.

    Raises:
        ModelError: some are missing.
    """
    if names := sorted(missing):
        raise ModelError(
            f"the weights of {name} are incomplete: {len(names)} are missing, such as {names[0]}; "
            "copy the model again"
        )


def made_plain(model: Any) -> None:
    """Have a model of a GGUF file, whose weights are plain numbers once loaded, be trained and saved like any."""
    model.hf_quantizer = None
    model.is_quantized = False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config


def _tokenizer(files: ModelFiles, download: bool) -> Any:
    from transformers import AutoTokenizer

    if files.base is not None and not (Path(files.place) / "tokenizer_config.json").is_file():
        return _tokenizer(files.base, download)
    options: dict[str, Any] = {"gguf_file": files.gguf} if files.gguf else {}
    return AutoTokenizer.from_pretrained(
        _place(files, download), local_files_only=not download, trust_remote_code=False, **options
    )


def _place(files: ModelFiles, download: bool) -> str:
    """The folder to load from. Of a model of the hub, it is where its library keeps what was downloaded.

    (Given the name alone, ``from_pretrained`` asks the network for an adapter even if it is told not to.)
    """
    if files.local or download:
        return files.place
    from huggingface_hub import snapshot_download

    return str(snapshot_download(files.place, local_files_only=True))


def _with_adapter(model: Any, files: ModelFiles) -> Any:
    try:
        from peft import PeftModel
    except ImportError as error:
        raise ModelError(
            f"{files.name} is an adapter, which needs the package 'peft'; "
            "install it with pip install 'proactive-lsp[local]'"
        ) from error
    with warnings.catch_warnings():
        # peft asks the model by a name that transformers has given up.
        warnings.filterwarnings("ignore", message="`is_gradient_checkpointing`", category=FutureWarning)
        return PeftModel.from_pretrained(model, files.place).merge_and_unload()


def _check_generates(folder: Path, name: str) -> None:
    try:
        config = json.loads((folder / "config.json").read_bytes())
    except ValueError as error:
        raise ModelError(f"{folder / 'config.json'} is damaged ({error}); copy the model again") from error
    classes = config.get("architectures") or []
    if classes and not any(part in one for one in classes for part in GENERATES):
        raise ModelError(
            f"{name} is a {classes[0]}, which does not write text; give a causal language model "
            "(an encoder can be a judge)"
        )


def _torch() -> Any:
    try:
        import torch
        import transformers  # noqa: F401 - the other half of the extra
    except ImportError as error:
        raise ModelError(
            "a model on this machine needs the packages 'torch' and 'transformers'; "
            "install them with pip install 'proactive-lsp[local]', or give the address of a server (http://…)"
        ) from error
    return torch


@contextmanager
def _explaining(files: ModelFiles, download: bool) -> Iterator[None]:
    """Says in a sentence what goes wrong, and has no progress bars of the library's land between a command's own
    lines."""
    _torch()
    with without_bars(), read_once(files):
        try:
            yield
        except ModelError:
            raise
        except Exception as error:  # each library that reads a part of the files has errors of its own
            raise _explained(files, error, download) from error


@contextmanager
def without_bars() -> Iterator[None]:
    """Without the library's progress bars."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _explained(files: ModelFiles, error: BaseException, download: bool) -> ModelError:
    if is_out_of_memory(error):
        return ModelError(
            f"there is not enough memory to load {files.name}; give a smaller model, or one in GGUF on a server"
        )
    detail = first_line(error)
    if not files.local and not download:
        return ModelError(
            f"the model {files.name} is not on this machine; "
            f"download it (hf download {files.name}), or give its folder"
        )
    if not files.local:
        return ModelError(f"{files.name} cannot be had from the hub ({detail}); check the name and the network")
    return ModelError(f"the model {files.name} cannot be loaded ({detail}); check its folder or copy it again")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of torch means that the memory of the machine or of the GPU is used up."""
    text = str(error).lower()
    said = ("out of memory", "can't allocate memory", "cannot allocate memory")
    return isinstance(error, MemoryError) or any(words in text for words in said)
