"""Shows how far a trainer of the transformers library is, where nothing else would tell for minutes."""

from __future__ import annotations

from typing import Any

from proactive_training.progress import ProgressLine


def step_progress(what: str) -> Any:
    """A callback for a trainer; ``what`` is said before the steps, as of :class:`ProgressLine`."""
    from transformers import TrainerCallback

    line = ProgressLine(what)

    class StepProgress(TrainerCallback):  # type: ignore[misc]  # the library has no types
        """The library calls it."""

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            line(state.global_step, state.max_steps)

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            line(state.global_step, state.max_steps)

    return StepProgress()
