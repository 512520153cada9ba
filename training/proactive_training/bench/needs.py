"""Imports of packages that a light install does not have."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from proactive_training.errors import TrainingError


def need(module: str, extra: str = "bench") -> Any:
    """The module, imported now; ``extra`` is what it comes with.

    Raises:
        TrainingError: it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise TrainingError(
            f"this needs the package {module.partition('.')[0]!r}; "
            f"install it with pip install 'proactive-lsp[{extra}]'"
        ) from error
