"""Folders that appear whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from proactive_training.errors import DataError


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
