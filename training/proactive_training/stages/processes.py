"""Which of the processes that train together this one is, as ``accelerate launch`` tells it."""

from __future__ import annotations

import os

from proactive_training.errors import TrainingError
from proactive_training.stages.recipe import Say


def is_main() -> bool:
    """Whether this is the process that writes and tells, the only one where there are no others."""
    return os.environ.get("RANK", "0") == "0"


def how_many() -> int:
    """How many processes train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def check_alone(command: str) -> None:
    """Refuse to be one of several processes, for a command that would do everything in each of them.

    Raises:
        TrainingError: it is.
    """
    if how_many() > 1:
        raise TrainingError(f"{command} runs in one process; start it without 'accelerate launch'")


def by_main(say: Say) -> Say:
    """``say`` in the main process, silence in the others."""
    return say if is_main() else _silent


def wait_for_all() -> None:
    """Wait until every process has come so far; there is nothing to wait for where none has trained."""
    from accelerate import PartialState
    from torch import distributed

    if distributed.is_available() and distributed.is_initialized():
        PartialState().wait_for_everyone()


def _silent(text: str) -> None:
    """One process tells."""
