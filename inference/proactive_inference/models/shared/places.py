"""Where a model's worker is to be found: a folder of its own in the user's state folder.

``<state folder>/models/<key>/`` holds ``worker.json`` (how to reach the worker; only this user can read it),
``worker.lock`` (held by the worker while it lives) and ``worker.log``. The key stands for the files of the model,
its number format, its device and this machine, so that two names of one model find one worker.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import platform
import stat
from collections.abc import Iterator
from pathlib import Path

from attrs import asdict, frozen

from proactive_collectors.errors import JournalError
from proactive_inference.errors import ModelError
from proactive_inference.models.model_files import PACKAGED, ModelFiles

ANNOUNCEMENT = "worker.json"
LOCK = "worker.lock"
LOG = "worker.log"


@functools.cache
def program_version() -> str:
    """Of this program, as it is installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("proactive-lsp")
    except PackageNotFoundError:
        return "0"


@frozen
class Announcement:
    """How a worker is to be reached."""

    port: int  #: on 127.0.0.1
    token: str  #: a secret of this worker
    pid: int
    model: str  #: for people

    def write(self, folder: Path) -> None:
        """Announce the worker in its folder, all at once.

        Raises:
            OSError: the disk is full, say.
        """
        draft = folder / f"{ANNOUNCEMENT}.{self.pid}"
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(asdict(self), file)
            draft.replace(folder / ANNOUNCEMENT)
        except OSError:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise

    @classmethod
    def read(cls, folder: Path) -> Announcement | None:
        """What is announced in a folder; ``None`` if nothing is, or nothing that this user wrote alone."""
        path = folder / ANNOUNCEMENT
        try:
            if not _private(path.lstat()):
                return None
            whole = json.loads(path.read_bytes())
            return cls(int(whole["port"]), str(whole["token"]), int(whole["pid"]), str(whole["model"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def withdraw(self, folder: Path) -> None:
        """Take the announcement back, unless another worker's stands in its place."""
        if self.read(folder) == self:
            with contextlib.suppress(OSError):
                (folder / ANNOUNCEMENT).unlink()


def absolute(name: str | Path) -> str:
    """A model's name as it is understood in any folder."""
    text = str(name)
    path = Path(text).expanduser()
    return str(path.resolve()) if text not in PACKAGED and path.exists() else text


def workers_folder() -> Path:
    """Where the folders of all workers are.

    Raises:
        ModelError: this user has no home folder.
    """
    from proactive_collectors.journal import default_path

    try:
        return default_path().parent.absolute() / "models"
    except JournalError as error:
        raise ModelError(str(error)) from error


def worker_folder(files: ModelFiles, *, device: str | None = None, dtype: str | None = None) -> Path:
    """The folder of the worker of a model; it need not exist."""
    parts = (*_places(files), device or "", dtype or "", platform.node())
    return workers_folder() / hashlib.blake2b("\0".join(parts).encode(), digest_size=8).hexdigest()


def all_workers() -> Iterator[tuple[Path, Announcement]]:
    """Whatever is announced; some may be dead."""
    with contextlib.suppress(OSError):
        for folder in sorted(workers_folder().iterdir()):
            if found := Announcement.read(folder):
                yield folder, found


def make_private(folder: Path) -> None:
    """Make a folder that only this user can enter.

    Raises:
        ModelError: it cannot be made, or is somebody else's.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _private(folder.stat()):
            folder.chmod(0o700)
    except OSError as error:
        raise ModelError(
            f"the folder {folder} cannot be made ({error.strerror}); make room there or mend its permissions, "
            "or set PROACTIVE_STATE_DIR to another folder of yours"
        ) from error


def _places(files: ModelFiles) -> Iterator[str]:
    place = Path(files.place)
    yield str(place.resolve()) if place.is_dir() else files.place
    yield files.gguf or ""
    if files.base is not None:
        yield from _places(files.base)


def _private(found: os.stat_result) -> bool:
    """Whether it is this user's, and nobody else's; Windows keeps user folders private by itself."""
    if os.name == "nt":
        return True
    return found.st_uid == os.getuid() and not stat.S_IMODE(found.st_mode) & 0o077
