"""Opens a language model by whatever names it: a name, a path, or the address of a server."""

from __future__ import annotations

import re
from pathlib import Path

from proactive_inference.models.chat import ChatModel
from proactive_inference.models.model_settings import ModelSettings
from proactive_inference.models.quoting import MOST_EVENTS

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


def is_address(model: str | Path) -> bool:
    """Whether a model is named by the address of a server."""
    return isinstance(model, str) and bool(_ADDRESS.match(model))


def open_model(
    model: str | Path, *, device: str | None = None, dtype: str | None = None, download: bool = False
) -> ChatModel:
    """Open a model.

    Args:
        model: the address of an OpenAI-compatible server (``http://localhost:8080/v1``, with ``#NAME`` at its end
            for one of several models); else a folder, a GGUF file or a name (:mod:`model_files`).
        device: of a model in this process: ``cpu``, ``cuda``, …
        dtype: of its numbers: ``float32``, ``bfloat16``, …
        download: whether a model of the hub may be fetched if it is not on this machine.

    Raises:
        ModelError: there is no such model, something it needs is not installed, or the server does not answer.
    """
    if is_address(model):
        from proactive_inference.models.endpoint import EndpointModel

        return EndpointModel.open(str(model))
    from proactive_inference.models.local import LocalModel

    return LocalModel.open(model, device=device, dtype=dtype, download=download)


def most_events_of(model: ChatModel) -> int:
    """How many events a model is told: as it was trained with, else as usual."""
    settings = getattr(model, "settings", None)
    return settings.most_events if isinstance(settings, ModelSettings) else MOST_EVENTS
