"""Opens a language model by whatever names it: a name, a path, or the address of a server."""

from __future__ import annotations

from pathlib import Path

from proactive_inference.models.chat import ChatModel
from proactive_inference.models.model_settings import ModelSettings
from proactive_inference.models.naming import FAKE, is_address, is_fake
from proactive_inference.models.quoting import MOST_EVENTS
from proactive_inference.models.shared.limits import Limits


def open_model(
    model: str | Path, *, device: str | None = None, dtype: str | None = None, download: bool = False
) -> ChatModel:
    """Open a model.

    Args:
        model: the address of an OpenAI-compatible server (``http://localhost:8080/v1``, with ``#NAME`` at its end
            for one of several models); else a folder, a GGUF file or a name (:mod:`model_files`); or
            `naming.FAKE` and a file of answers.
        device: of a model in this process: ``cpu``, ``cuda``, …
        dtype: of its numbers: ``float32``, ``bfloat16``, …
        download: whether a model of the hub may be fetched if it is not on this machine.

    Raises:
        ModelError: there is no such model, something it needs is not installed, or the server does not answer.
    """
    if is_address(model):
        from proactive_inference.models.endpoint import EndpointModel

        return EndpointModel.open(str(model))
    if is_fake(model):
        from proactive_inference.models.fake import FakeModel

        return FakeModel.read(Path(str(model).removeprefix(FAKE)).expanduser())
    from proactive_inference.models.local import LocalModel

    return LocalModel.open(model, device=device, dtype=dtype, download=download)


def open_served_model(
    model: str | Path, limits: Limits | None = None, *, device: str | None = None, dtype: str | None = None
) -> ChatModel:
    """Open a model for an editor: nothing heavy happens in this process, and nothing at all before a question.

    Args:
        model: as :func:`open_model` takes it; a model on this machine is held by a process that all editors of the
            user share (:mod:`shared`).
        limits: what that process may take of the machine.
        device: of a model on this machine.
        dtype: the same.

    Raises:
        ModelError: there is no such model, or the server does not say which models it has.
    """
    if is_address(model) or is_fake(model):
        return open_model(model)
    from proactive_inference.models.shared.model import SharedModel

    return SharedModel(model, limits, device=device, dtype=dtype)


def most_events_of(model: ChatModel) -> int:
    """How many events a model is told: as it was trained with, else as usual."""
    settings = getattr(model, "settings", None)
    return settings.most_events if isinstance(settings, ModelSettings) else MOST_EVENTS
