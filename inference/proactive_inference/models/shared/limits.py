"""What the process that holds a model may take of the machine."""

from __future__ import annotations

import os

from attrs import frozen

MEMORY = 4_000_000_000
"""Bytes that a worker takes at most, unless more or fewer are allowed."""


@frozen
class Limits:
    """They hold from the start of a worker to its end; whoever starts it sets them."""

    memory: int = MEMORY  #: bytes, of the whole process
    idle_seconds: float = 600.0  #: without a question, after which the worker ends
    threads: int = 0  #: at most; 0: half of the cores
    load_seconds: float = 300.0  #: that loading the model may take
    start_seconds: float = 60.0  #: that a worker may take before it listens, long before it loads
    niceness: int = 10  #: 0 to 19, how far other programs go first

    @property
    def threads_used(self) -> int:
        """As many as allowed, and never more than there are cores."""
        cores = _cores()
        return min(cores, self.threads) if self.threads > 0 else max(1, cores // 2)


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def gigabytes(count: float) -> str:
    """A number of bytes as people read it: ``1.53 GB``."""
    return f"{count / 1e9:.2f} GB"
