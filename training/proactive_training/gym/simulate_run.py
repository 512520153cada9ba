"""Plays scenes into a dataset: several episodes at a time, within a limit, and from where it was after a kill.

What models answered is kept beside the dataset (``OUT.parts``), a file for each episode. A run that was broken
off plays all its episodes anew from there, which costs no question, and so comes to the same dataset as an
unbroken one where the model answers alike.
"""

from __future__ import annotations

import pickle
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from attrs import asdict, define, field, frozen

from proactive_training.bench.dataset import DatasetWriter, writing
from proactive_training.bench.folders import refuse_in_the_way
from proactive_training.errors import DataError
from proactive_training.gym.asker import Tally
from proactive_training.gym.engine import Engine
from proactive_training.gym.parts import held, parts_of
from proactive_training.gym.predicting import TRIES
from proactive_training.gym.scene import Scene
from proactive_training.gym.scene_form import plain_of
from proactive_training.gym.simulated_sitting import Cast, Job, Played, play
from proactive_training.gym.simulated_user import MOST_ACTS
from proactive_training.gym.transcript import Purse, Spent, StoppedError, Terms, kept_answers, spent_by
from proactive_training.kept_lines import key_of
from proactive_training.progress import Progress

ABOUT_RUN = "simulate.json"
INVALID = "invalid.jsonl"
"""Where a dataset holds the answers that were set aside, a line of JSON each."""

Troupe = Callable[[], Cast]
"""Says who plays. To be played by on a cluster, it can be pickled."""

CPUS_OF_AN_EPISODE = 0.25
"""That a player takes on a cluster: most of the time it waits for the model."""

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


@define
class Figures:
    """What the episodes of a dataset came to."""

    episodes: int = 0
    events: int = 0
    silent_episodes: int = 0  #: without an event; they are not in the dataset
    labels: Counter[str] = field(factory=Counter)  #: offers and silences by verdict
    refusals: int = 0
    tallies: dict[str, Tally] = field(factory=dict)  #: by who was asked

    def add(self, played: Played) -> None:
        """Count an episode."""
        self.episodes += 1
        self.events += len(played.record.sitting.trace.events)
        self.silent_episodes += not played.record.sitting.trace.events
        self.refusals += played.refusals
        for example in played.record.examples:
            what = "silence" if example.offer is None else "offer"
            self.labels[f"{what} {'accepted' if example.label.accepted else 'rejected'}"] += 1
        self.labels["unjudged"] += len(played.record.answers)
        for who, tally in played.tallies.items():
            known = asdict(self.tallies.get(who, Tally()))
            self.tallies[who] = Tally(**{key: known[key] + value for key, value in asdict(tally).items()})


@frozen
class Result:
    """What a run came to."""

    figures: Figures
    spent: Spent  #: in all, with what was spent before and on episodes that are not in the dataset
    cost: float
    seconds: float
    written: bool  #: whether the dataset is there; else the limit was reached before


def simulate(
    scenes: Sequence[Scene],
    troupe: Troupe,
    out: Path,
    options: Options,
    *,
    concurrency: int = 1,
    terms: Terms | None = None,
    as_it_stands: bool = False,
    told: Progress | None = None,
    engine: Engine = Engine.LOCAL,
) -> Result:
    """Play scenes and write the dataset.

    Args:
        scenes: in order.
        troupe: says who plays; called once here, and once in each process of a cluster.
        out: the dataset's folder; must not exist.
        options: see there.
        concurrency: how many episodes are played at once; it makes no difference to what they come to.
        terms: what may be spent, what was spent by an earlier run of the same included.
        as_it_stands: ask nothing, and write the episodes that were finished before.
        engine: where episodes are played.
        told: hears how many episodes, or events if so many are wanted, there are, of how many.

    Raises:
        DataError: there are no scenes, the folder is in the way, its parts are of another run, or nothing came.
        ModelError: a model cannot be asked; the same call goes on from there.
    """
    if not scenes:
        raise DataError("there are no scenes; give a file of them with --scenes")
    refuse_in_the_way(out)
    begun = time.monotonic()
    cast = troupe()
    parts = parts_of(out.absolute())
    figures = Figures()
    with held(parts, _identity(scenes, cast, options)), _stage(engine, concurrency, cast, troupe) as stage:
        purse = stage.purse(terms or Terms(), sum(map(_spent, sorted(parts.glob("*.jsonl"))), Spent()))
        if as_it_stands:
            purse.stop()
        written = True
        try:
            with writing(out) as writer:
                _fill(writer, figures, _in_order(scenes, stage, options, parts, purse, concurrency), options, told)
        except StoppedError:
            written = False
        finally:
            purse.stop()
        spent: Spent = purse.spent
    return Result(figures, spent, purse.terms.cost(spent), time.monotonic() - begun, written)


def _fill(
    writer: DatasetWriter, figures: Figures, episodes: Iterator[tuple[Job, Played]], options: Options,
    told: Progress | None,
) -> None:  # fmt: skip
    """Write the episodes into the dataset until there are enough."""
    with (writer.folder / INVALID).open("wb") as aside:
        for _, played in episodes:
            figures.add(played)
            for one in played.invalid:
                aside.write(orjson.dumps(asdict(one)) + b"\n")
            if played.record.sitting.trace.events:
                writer.add(played.record, "train")
            if told is not None:
                told(*((figures.episodes, 0) if options.events is None else (figures.events, options.events)))
    if not figures.events:
        raise DataError(
            "no episode came to an event; use a model that follows instructions, and see what it answered in "
            f"{parts_of(writer.folder.parent / writer.title)}"
        )
    about = {"options": asdict(options), "figures": asdict(figures)}
    (writer.folder / ABOUT_RUN).write_bytes(orjson.dumps(about, option=orjson.OPT_INDENT_2))


def _in_order(
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


def _identity(scenes: Sequence[Scene], cast: Cast, options: Options) -> dict[str, Any]:
    """What answers that were kept must have in common with a run that goes on from them."""
    settings = {"tries": options.tries, "most_acts": options.most_acts, "version": options.version}
    return {
        "scenes": key_of([plain_of(scene) for scene in scenes]), "model": cast.model.fingerprint,
        "judge": cast.judged_by, "seed": options.seed, **settings,
    }  # fmt: skip


def _spent(path: Path) -> Spent:
    return sum(map(spent_by, kept_answers(path)), Spent())


@frozen
class Stage:
    """Where episodes are played."""

    play: Callable[[Job, Path, Any], Future[Played]]
    purse: Callable[[Terms, Spent], Any]  #: makes one that all players share


@contextmanager
def _stage(engine: Engine, concurrency: int, cast: Cast, troupe: Troupe) -> Iterator[Stage]:
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
