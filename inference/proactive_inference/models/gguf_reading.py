"""Has the transformers library read a GGUF file once, and without a word.

To load one model, the library parses all that the file says of itself three times (for the configuration, the
weights and the tokenizer), and lists the names of all tensors for every part of the model: most of the seconds
that a small model takes to load. While :func:`read_once` lasts, both are done once. What is read is the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any

from proactive_inference.models.model_files import ModelFiles

_ONE_AT_A_TIME = threading.RLock()


@contextmanager
def read_once(files: ModelFiles) -> Iterator[None]:
    """In this block, the library reads the GGUF file of a model or of its base once, and shows no progress bar.

    Blocks of several threads wait for each other. Without the package ``gguf``, or where the library is built
    otherwise, nothing is changed.
    """
    if files.bottom.gguf is None:
        yield
        return
    with _ONE_AT_A_TIME, ExitStack() as until_the_end:
        try:
            import gguf
            from transformers import modeling_gguf_pytorch_utils as library
        except ImportError:
            yield
            return
        changes: tuple[tuple[Any, str, Callable[[Any], Any]], ...] = (
            (gguf, "GGUFReader", cache),
            (gguf, "get_tensor_name_map", cache),
            (library, "tqdm", lambda bar: lambda items, **_: items),
        )
        for module, name, changed in changes:
            if (found := getattr(module, name, None)) is not None:
                setattr(module, name, changed(found))
                until_the_end.callback(setattr, module, name, found)
        yield
