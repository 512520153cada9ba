"""Folders: what they are called, and how they appear whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from proactive_training.errors import DataError


def name_of(path: Path) -> str:
    """A folder's or file's own name, also of ``.`` and ``..``; a byte that is no UTF-8 is told as ``\\xff``."""
    own = path.resolve() if path.name in ("", "..") else path
    return os.fsencode(own.name).decode(errors="backslashreplace")


@contextmanager
def new_folder(folder: Path, mode: int = 0o755) -> Iterator[Path]:
    """A temporary folder to fill, which takes its place when the block ends well and is deleted when it does not.

    ``mode`` is who may look into it.

    Raises:
        DataError: something is in its place already.
    """
    refuse_in_the_way(folder)
    parent = folder.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=parent))
    temporary.chmod(mode)  # mkdtemp's is for one's own eyes
    try:
        yield temporary
        refuse_in_the_way(folder)
        temporary.replace(folder)  # onto nothing or an empty folder: at once or not at all
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def refuse_in_the_way(folder: Path) -> None:
    """Look whether a new folder can be put there.

    Raises:
        DataError: something is there already.
    """
    if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
        return
    if folder.exists() or folder.is_symlink():
        raise DataError(f"{folder} exists already; give a new folder with --out, or delete it first")
