"""Where the episodes of a simulation are played: in threads of this process, or on a cluster."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import frozen

from proactive_training.gym.engine import Engine
from proactive_training.gym.simulated_sitting import Cast, Job, Played, play
from proactive_training.gym.transcript import Purse, Spent, Terms

Troupe = Callable[[], Cast]
"""Says who plays. To be played by on a cluster, it can be pickled."""

CPUS_OF_AN_EPISODE = 0.25
"""That a player takes on a cluster: most of the time it waits for the model."""


@frozen
class Stage:
    """Where episodes are played."""

    play: Callable[[Job, Path, Any], Future[Played]]
    purse: Callable[[Terms, Spent], Any]  #: makes one that all players share


@contextmanager
def stage_of(engine: Engine, concurrency: int, cast: Cast, troupe: Troupe) -> Iterator[Stage]:
    """A stage of this engine, closed in the end; in this process ``cast`` plays, on a cluster the ``troupe``."""
    if engine is Engine.LOCAL:
        with ThreadPoolExecutor(concurrency, thread_name_prefix="episode") as pool:
            yield Stage(lambda job, answers, purse: pool.submit(play, job, cast, answers, purse), Purse)
    else:
        from proactive_training.gym.on_ray import RayExecutor, SharedPurse

        with RayExecutor(cpus=CPUS_OF_AN_EPISODE) as cluster:
            yield Stage(
                lambda job, answers, purse: cluster.submit(_play_with, troupe, job, answers, purse), SharedPurse
            )


def _play_with(troupe: Troupe, job: Job, answers: Path, purse: Any) -> Played:
    """Play in a process of a cluster, which keeps its cast for the next episode."""
    key = pickle.dumps(troupe)
    if key not in _casts:
        _casts[key] = troupe()
    return play(job, _casts[key], answers, purse)


_casts: dict[bytes, Cast] = {}
