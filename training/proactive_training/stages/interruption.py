"""Says what to do where a run ends before its end, and leaves no folder in the way that is of no use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from proactive_collectors.journal_file import no_room
from proactive_inference.models.loading import is_out_of_memory
from proactive_training.errors import TrainingError
from proactive_training.run_directory import RunDirectory
from proactive_training.stages.processes import is_main
from proactive_training.stages.recipe import Say

LESS_MEMORY = (
    "go on with --resume and a lower --micro-batch, or with --checkpointing; or begin anew with another --out "
    "and lower --most-events, without --full, or with a smaller model"
)

_NO_ROOM = ("no space left", "disk quota", "unexpected pos ", "streamwriter failed")
"""What the libraries that write weights say where there is no room; torch notices it by the place in the file."""


@contextmanager
def explained(run: RunDirectory, say: Say, less_memory: str = LESS_MEMORY) -> Iterator[None]:
    """Explain what ends a run early: too little memory, a full disk, Ctrl-C.

    Where this process began it and nothing of it was kept, its folder goes, so that it can begin anew. What ends
    it otherwise is a defect, and its folder tells of it.

    Args:
        run: it.
        say: where to tell of an interruption by Ctrl-C.
        less_memory: what to do about too little memory.

    Raises:
        TrainingError: the memory was used up, or the disk; with what to do.
    """
    try:
        yield
    except KeyboardInterrupt:
        say("Interrupted; go on with --resume." if _left_of(run) else "Interrupted; nothing is kept of it.")
        raise
    except Exception as error:
        if isinstance(error, RuntimeError | MemoryError) and is_out_of_memory(error):
            _left_of(run)
            raise TrainingError(f"the memory was used up while training; {less_memory}") from error
        if is_disk_full(error):
            place = getattr(error, "filename", None) or run.path
            next_step = "go on with --resume" if _left_of(run) else "begin again"
            raise TrainingError(f"no space is left for {place}; make room there, and {next_step}") from error
        raise


def _left_of(run: RunDirectory) -> bool:
    """Take away what this process began of a run that kept nothing; whether there is something to go on with."""
    if run.kept or not run.made:
        return True
    if is_main():
        run.discard()
    return False


def is_disk_full(error: BaseException) -> bool:
    """Whether an error means that there is no room to write."""
    return no_room(error) or any(words in str(error).lower() for words in _NO_ROOM)
