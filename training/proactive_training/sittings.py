"""Makes labelled sittings of live events by really working in a throw-away copy of a real project.

Real code is typed, real mistakes are made and taken back, real tests and a real linter say what they say; only the
clock is imagined. The label of each event follows from what was done (docs/gate.md tells the biases):

- help is wanted while a mistake stands that a tool has *shown* (a failed run, a diagnostic that outlasts typing),
  or that the text shows (a doubled word or placeholder in prose, a replacement made twice with places left);
- not while the person is about to put a mistake right alone (within the next two events), except at the failed
  run itself; a replacement that goes on by hand, though, is one that was worth taking over;
- not for the mistake whose suggestion was dismissed, nor for anything in the minute after a dismissal (two after
  the second): longer pauses are the policy's business, and another failure later is another matter;
- never for half-typed code, passing runs, stopped runs, wrong arguments, or looking around.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

from attrs import frozen

from proactive_collectors.trace import Trace, Window
from proactive_training.episodes import (
    broken_run,
    good_run,
    lasting_problem,
    odd_run,
    prose,
    replacing,
    typing_code,
    wandering,
)
from proactive_training.project_copy import ProjectCopy
from proactive_training.worker import HUSH, Worker

EPISODES = 14
"""How many pieces of work a sitting has."""


@frozen
class Sitting:
    """A labelled sitting: one label an event."""

    project: str
    trace: Trace
    needs: tuple[bool, ...]

    def window(self, index: int) -> Window:
        """What was known at event ``index``."""
        return self.trace.window(index)


def sitting(copy: ProjectCopy, seed: int, episodes: int = EPISODES) -> Sitting:
    """Work in the copy for so many pieces of work; the same seed gives the same sitting."""
    worker = Worker(copy, random.Random(f"{copy.name}/{seed}"), dict(copy.texts))
    _work(worker, episodes)
    name = f"{copy.name}/{seed}"
    return Sitting(copy.name, Trace(name, tuple(worker.events)), worker.labels())


def _work(worker: Worker, count: int) -> None:
    """A whole sitting."""
    episodes: list[tuple[Callable[[Worker], None], float]] = [
        (broken_run, 4.0),
        (lasting_problem, 2.5),
        (typing_code, 3.0),
        (replacing, 2.0),
        (prose, 2.5),
        (wandering, 2.5),
        (good_run, 1.5),
        (odd_run, 2.0),
        (Worker.commit, 1.0),
    ]
    actions, weights = zip(*episodes, strict=True)
    try:
        for action in worker.rng.choices(actions, weights, k=count):
            action(worker)
            worker.declined = False
            worker.now += timedelta(seconds=worker.rng.choice((5, 20, 60, 300)))
            if worker.hushed_until and worker.now > worker.hushed_until + 2 * HUSH:
                worker.hushes = 0
    finally:
        for path in worker.touched:
            worker.restore(path)
