"""Plays scenes into a dataset: several episodes at a time, within a limit, and from where it was after a kill.

What models answered is kept beside the dataset (``OUT.parts``), a file for each episode. A run that was broken
off plays all its episodes anew from there, which costs no question, and so comes to the same dataset as an
unbroken one where the model answers alike.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
from attrs import asdict, frozen

from proactive_training.bench.dataset_writer import DatasetWriter, writing
from proactive_training.bench.folders import refuse_in_the_way
from proactive_training.errors import DataError
from proactive_training.gym.engine import Engine
from proactive_training.gym.parts import held, parts_of
from proactive_training.gym.scene import Scene
from proactive_training.gym.scene_form import plain_of
from proactive_training.gym.simulate_engine import Troupe, stage_of
from proactive_training.gym.simulate_figures import Figures
from proactive_training.gym.simulate_order import Options, in_order
from proactive_training.gym.simulated_sitting import Cast, Job, Played
from proactive_training.gym.transcript import Spent, StoppedError, Terms, kept_answers, spent_by
from proactive_training.kept_lines import key_of
from proactive_training.progress import Progress

ABOUT_RUN = "simulate.json"
INVALID = "invalid.jsonl"
"""Where a dataset holds the answers that were set aside, a line of JSON each."""


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
    with held(parts, _identity(scenes, cast, options)), stage_of(engine, concurrency, cast, troupe) as stage:
        purse = stage.purse(terms or Terms(), sum(map(_spent, sorted(parts.glob("*.jsonl"))), Spent()))
        if as_it_stands:
            purse.stop()
        written = True
        try:
            with writing(out) as writer:
                _fill(writer, figures, in_order(scenes, stage, options, parts, purse, concurrency), options, told)
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


def _identity(scenes: Sequence[Scene], cast: Cast, options: Options) -> dict[str, Any]:
    """What answers that were kept must have in common with a run that goes on from them."""
    settings = {"tries": options.tries, "most_acts": options.most_acts, "version": options.version}
    return {
        "scenes": key_of([plain_of(scene) for scene in scenes]), "model": cast.model.fingerprint,
        "judge": cast.judged_by, "seed": options.seed, **settings,
    }  # fmt: skip


def _spent(path: Path) -> Spent:
    return sum(map(spent_by, kept_answers(path)), Spent())
