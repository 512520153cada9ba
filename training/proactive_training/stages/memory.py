"""Estimates what a training run needs in memory, before it starts, and what can be done where it is too much."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from proactive_training.errors import TrainingError

LESS = "lower --micro-batch or --most-events, use --checkpointing, leave out --full, or take a smaller model"
"""What to do about too little memory."""

_OVERHEAD = 0.6e9
"""Bytes that the libraries themselves take."""


@frozen
class MemoryNeed:
    """Bytes, by what they are for."""

    weights: float
    trained: float  #: gradients and the optimizer's two moments, and adapters themselves
    activations: float
    logits: float

    @property
    def total(self) -> float:
        """All together, with what the libraries take."""
        return self.weights + self.trained + self.activations + self.logits + _OVERHEAD


def memory_need(
    *,
    parameters: int,
    trained: int,
    layers: int,
    hidden: int,
    intermediate: int,
    vocabulary: int,
    rows: int,
    tokens: int,
    answer: int,
    full: bool,
    half: bool,
    checkpointing: bool,
) -> MemoryNeed:
    """What training takes at its peak.

    Args:
        parameters: of the model.
        trained: of them, or of the adapters.
        layers: of the model.
        hidden: its width.
        intermediate: the width of its feed-forward part.
        vocabulary: how many logits it gives.
        rows: examples at a time in one process.
        tokens: of the longest example.
        answer: tokens of the longest answer.
        full: whether all weights are trained, which are then kept in float32.
        half: whether the arithmetic is in bfloat16.
        checkpointing: whether activations are computed anew on the way back.
    """
    size = 2 if half else 4
    weights = parameters * (4 if full or not half else 2)
    # Adam keeps two numbers for each, and there is a gradient; adapters are kept beside the model.
    kept = trained * (12 if full else 16)
    # Of each layer and token: its norms (in float32), what the projections read and give, and the gates.
    of_layer = hidden * (10 * size + 16) + intermediate * 6 * size
    held = hidden * size * layers + of_layer if checkpointing else of_layer * layers
    activations = rows * tokens * held
    logits = rows * (answer + 1) * vocabulary * (size + 3 * 4)
    return MemoryNeed(weights, kept, activations, logits)


def free_memory() -> float:
    """Bytes that are free where the model will lie: on the GPU if there is one, else in this machine."""
    import psutil  # type: ignore[import-untyped]  # it has no types
    import torch

    if torch.cuda.is_available():
        return float(torch.cuda.mem_get_info()[0])
    return float(psutil.virtual_memory().available)


def peak_memory() -> int:
    """Bytes that this process had at most: on the GPU if there is one, else in this machine."""
    import resource
    import sys

    import torch

    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def check_memory(need: MemoryNeed, free: float, *, processes: int = 1) -> None:
    """Refuse what cannot fit.

    Raises:
        TrainingError: it needs more than is free.
    """
    wanted = need.total * processes
    if wanted > free:
        raise TrainingError(
            f"training needs about {wanted / 1e9:.1f} GB ({need.weights / 1e9:.1f} for the weights, "
            f"{need.trained / 1e9:.1f} for what is trained, {(need.activations + need.logits) / 1e9:.1f} for a "
            f"batch), and {free / 1e9:.1f} GB are free; {LESS}, or start anyway with --no-memory-check"
        )


def shape_of(config: Any) -> dict[str, int]:
    """A model's sizes by its configuration, guessed where it names them otherwise."""
    text = config.get_text_config()
    hidden = int(getattr(text, "hidden_size", 0) or getattr(text, "n_embd", 768))
    return {
        "layers": int(getattr(text, "num_hidden_layers", 0) or getattr(text, "n_layer", 12)),
        "hidden": hidden,
        "intermediate": int(getattr(text, "intermediate_size", 0) or 4 * hidden),
        "vocabulary": int(text.vocab_size),
    }
