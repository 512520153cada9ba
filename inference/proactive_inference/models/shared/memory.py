"""What a model takes in memory before it is loaded, and what this process takes now."""

from __future__ import annotations

import functools
import json
import math
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from proactive_inference.models.model_files import ModelFiles

_INDEXES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
_WHOLE = ("model.safetensors", "adapter_model.safetensors", "pytorch_model.bin", "adapter_model.bin")
_STORED_BYTES = 2
"""What a number takes at least in files that do not say it."""


def numbers(files: ModelFiles, place: Path) -> int | None:
    """How many numbers a model's weights are, an adapter's base not counted; ``None`` if the files do not say.

    Args:
        files: of the model.
        place: the folder that they are in.
    """
    try:
        if files.gguf is not None:
            return _of_gguf(place / files.gguf)
        found = sum(_of_file(path) for path in _weights(place))
        return found or None
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return None  # loading will say what is wrong with them


def used_memory() -> int:
    """Bytes of memory that this process takes, as the system counts it."""
    return int(_process().memory_info().rss)


@functools.cache
def _process() -> Any:
    import psutil  # type: ignore[import-untyped]  # it has no types

    return psutil.Process()


def wall_off(limit: int) -> bool:
    """Have the system refuse this process more than ``limit`` bytes of memory of its own; whether it can.

    On Linux what goes beyond fails as an allocation, and the process lives on. (It counts writable memory whether
    it is used or not, which is a few per cent more for torch on a CPU; the libraries' files are not counted, which
    is about as much less.) Other systems do not count this way, and a GPU's driver asks for far more than it uses.
    """
    if sys.platform != "linux":
        return False
    import resource

    try:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    except (OSError, ValueError):
        return False
    return True


def give_back() -> None:
    """Give memory that is free again back to the system, where it must be asked to."""
    import ctypes
    import gc

    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:  # another C library has none
            trim(0)


def _weights(place: Path) -> Iterator[Path]:
    for index in _INDEXES:
        if (place / index).is_file():
            shards = json.loads((place / index).read_bytes())["weight_map"].values()
            yield from (place / name for name in sorted(set(shards)))
            return
    for name in _WHOLE:
        if (place / name).is_file():
            yield place / name
            return


def _of_file(path: Path) -> int:
    if path.suffix != ".safetensors":
        return path.stat().st_size // _STORED_BYTES
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        if length > path.stat().st_size:
            raise ValueError("cut off")
        header = json.loads(file.read(length))
    return sum(math.prod(one["shape"]) for name, one in header.items() if name != "__metadata__")


def _of_gguf(path: Path) -> int:
    """By its list of tensors: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md."""
    from gguf import GGUFReader

    return sum(int(tensor.n_elements) for tensor in GGUFReader(str(path)).tensors)
