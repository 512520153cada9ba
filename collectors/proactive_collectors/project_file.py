"""Where a project keeps its own rules, ``.proactive.toml``, and what they leave out of a folder in it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

PROJECT_FILE = ".proactive.toml"
"""The name of a project's own settings, in a workspace folder or above it."""


def project_files(folder: Path) -> list[Path]:
    """Where the project files of a folder may be, the nearest first: in it, and above it in its repository."""
    real = Path(os.path.realpath(folder))
    around = [real, *real.parents]
    top = next((number for number, one in enumerate(around) if os.path.lexists(one / ".git")), 0)
    return [one / PROJECT_FILE for one in around[: top + 1]]


def globs_seen_from(folder: Path, file: Path, globs: Sequence[str]) -> tuple[str, ...]:
    """The globs of one of a folder's :func:`project_files` as they read from the folder."""
    from proactive_collectors.gitignore import seen_from

    parts = Path(os.path.realpath(folder)).relative_to(file.parent).parts
    return seen_from(globs, parts) if parts else tuple(globs)
