"""Which episodes a simulation has, and in which order they are done: several are played at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path
from typing import Any

from attrs import frozen

from proactive_training.gym.predicting import TRIES
from proactive_training.gym.scene import Scene
from proactive_training.gym.simulate_engine import Stage
from proactive_training.gym.simulated_sitting import Job, Played
from proactive_training.gym.simulated_user import MOST_ACTS
from proactive_training.gym.transcript import StoppedError

AHEAD = 4
"""So many times more episodes than are played at once may wait for one that began before them."""


@frozen
class Options:
    """What makes a difference to what a simulation comes to, besides scenes and models."""

    seed: int = 0
    tries: int = TRIES  #: predictions at an event at most
    most_acts: int = MOST_ACTS  #: of a user in an episode
    events: int | None = None  #: scenes are played again, otherwise, until there are so many; else each once
    version: int = 2  #: of the simulation's own rules; raise it when they change


def in_order(
    scenes: Sequence[Scene], stage: Stage, options: Options, parts: Path, purse: Any, concurrency: int
) -> Iterator[tuple[Job, Played]]:
    """Episodes in the order of the scenes, several being played at once, until there are as many as wanted.

    Raises:
        StoppedError: the limit was reached; if nothing may be asked to begin with, what is unfinished is left out.
        ModelError: a model cannot be asked.
    """
    leave_out = purse.stopped
    jobs = _jobs(scenes, options, parts if leave_out else None)
    waiting: deque[tuple[Job, Future[Played]]] = deque()
    events = {"all": 0, "round": 0}
    try:
        while True:
            playing = [future for _, future in waiting if not future.done()]
            while len(playing) < concurrency and len(waiting) < AHEAD * concurrency:
                job = next(jobs, None)
                if job is None:
                    break
                waiting.append((job, stage.play(job, parts / f"{job.name}.jsonl", purse)))
                playing.append(waiting[-1][1])
            if not waiting:
                return
            job, first = waiting[0]
            if not first.done():
                wait(playing, return_when=FIRST_COMPLETED)
                continue
            waiting.popleft()
            try:
                played = first.result()
            except StoppedError:
                if leave_out:
                    continue
                raise
            yield job, played
            events["all"] += len(played.record.sitting.trace.events)
            events["round"] += len(played.record.sitting.trace.events)
            if options.events is not None and events["all"] >= options.events:
                return
            if job.scene is scenes[-1]:
                if not events["round"]:
                    return  # there will be none next time
                events["round"] = 0
    finally:
        purse.stop()
        for _, future in waiting:
            future.cancel()


def _jobs(scenes: Sequence[Scene], options: Options, parts: Path | None) -> Iterator[Job]:
    """The episodes, without end where so many events are wanted; with ``parts``, only those begun there."""
    number = 0
    while True:
        found = [Job(scene, number, options.seed, options.tries, options.most_acts) for scene in scenes]
        if parts is not None:
            found = [job for job in found if (parts / f"{job.name}.jsonl").exists()]
        yield from found
        number += 1
        if options.events is None or not found:
            return
