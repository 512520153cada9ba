"""How language models are named, without opening one; light, for the typing path."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

FAKE = "fake:"
"""Before the path of a file of answers (:meth:`fake.FakeModel.read`): to try things out without any model."""

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


def is_address(model: str | Path) -> bool:
    """Whether a model is named by the address of a server."""
    return isinstance(model, str) and bool(_ADDRESS.match(model))


def is_fake(model: str | Path) -> bool:
    """Whether a model is named by a file of answers."""
    return isinstance(model, str) and model.startswith(FAKE)


def shown_name(model: str) -> str:
    """What to call a model whose name is a setting: a server's without a login, a path's last part."""
    if not is_address(model):
        return Path(model).name or model
    parts = urlsplit(model)
    host = parts.hostname or "a server"
    return f"{parts.fragment}@{host}" if parts.fragment else host
