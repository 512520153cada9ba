"""What a run that makes a dataset has done so far, beside the dataset (``OUT.parts``): for the same run alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from proactive_inference.models.shared.lock import ProcessLock
from proactive_training.errors import DataError

RUN_FILE = "run.json"
LOCK_FILE = "lock"
_NEW_FILE = "run.new"


def parts_of(out: Path) -> Path:
    """The folder beside a dataset."""
    return out.with_name(out.name + ".parts")


@contextmanager
def held(parts: Path, identity: Mapping[str, Any]) -> Iterator[None]:
    """Look whether the parts are of this run, and keep other processes from them.

    Args:
        parts: the folder; made if it is not there.
        identity: what an earlier run must have in common with this one; plain JSON.

    Raises:
        DataError: another process has them, they are of another run, or the folder holds something else.
    """
    lock = ProcessLock(parts / LOCK_FILE)
    try:
        parts.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in parts.iterdir()}
        if RUN_FILE not in names and names - {LOCK_FILE, _NEW_FILE}:
            raise DataError(f"{parts} holds no parts of a run, but other files; give another --out")
        if not lock.acquire():
            raise DataError(f"{parts} is in use by another process; wait for it, or give another --out")
    except OSError as error:
        raise DataError(f"{parts} cannot be used to keep parts in ({error}); give another --out") from error
    try:
        known = _known(parts, identity)
        if known != identity:
            other = ", ".join(key for key, value in identity.items() if known.get(key) != value)
            raise DataError(
                f"{parts} holds parts of a run that differs in: {other}; "
                "give a new folder with --out, or delete it"
            )
        yield
    finally:
        lock.release()


def _known(parts: Path, identity: Mapping[str, Any]) -> dict[str, Any]:
    """The identity of the run whose parts they are; of this one, where there are none yet."""
    about = parts / RUN_FILE
    temporary = parts / _NEW_FILE
    try:
        if not about.exists():
            temporary.write_bytes(orjson.dumps(identity))
            temporary.replace(about)
        return dict(orjson.loads(about.read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise DataError(f"{parts} cannot be used to keep parts in ({error}); give another --out") from error
