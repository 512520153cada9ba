"""Further ways to learn the gate's told head, for ``gate_tries.py --further``: relative to the trace so far, from
language models' answers, and from events whose labels are not looked at.

All were written down before a figure was seen. Self-training is transductive: it learns from the events of the
trace that it is asked about, also the later ones, which no live gate has.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from attrs import evolve

from proactive_training.leaving_out import ScoreWithout
from proactive_training.logistic import sigmoid
from proactive_training.predictions import model_folders, read_predictions
from proactive_training.proactivebench import Bench
from proactive_training.told.examples import ToldExamples
from proactive_training.told.fit import Scale, ToldRecipe, fit, fitted_without

Matrix = np.ndarray[Any, np.dtype[np.float64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]


def further_tries(
    scenes: ToldExamples, traces: ToldExamples, recipe: ToldRecipe, bench: Bench, data: Path
) -> Iterator[tuple[str, ScoreWithout]]:
    """Each with what to call it; models' answers are tried where ``data`` has ``published_traces``."""
    for mode in ("beside", "instead of"):
        told, asked = _relative(scenes, mode), _relative(traces, mode)
        yield f"relative acts {mode} absolute ones", fitted_without(told, asked, recipe)
    fitted = fitted_without(scenes, traces, recipe)
    for weight in (0.25, 0.5, 1.0):
        yield f"less {weight:g} of the score's mean so far", _less_its_mean(fitted, traces, weight)
    if (data / "published_traces").is_dir():
        share = _share_that_speaks(bench, data / "published_traces")
        for weight in (0.25, 0.5, 1.0):
            soft = np.where(np.isnan(share), traces.y, (1 - weight) * traces.y + weight * np.nan_to_num(share))
            changed = fitted_without(scenes, evolve(traces, y=soft), recipe)
            yield f"labels {weight:.0%} the share of models that speak", changed
    for sharper, rounds in ((1.0, 1), (2.0, 1), (2.0, 3)):
        title = f"self-training, chances {sharper:g} times as far from a half, {rounds} rounds"
        yield title, _self_trained(scenes, traces, recipe, sharper, rounds)
    yield "traces moved to the scenes' mean and spread", fitted_without(scenes, _moved(traces, scenes), recipe)


def _so_far(values: Matrix, trace: Matrix) -> Matrix:
    """The mean of the values of the same trace up to each row: (rows, …)."""
    found = np.zeros_like(values)
    for number in np.unique(trace):
        here = trace == number
        count = np.arange(1, here.sum() + 1).reshape(-1, *[1] * (values.ndim - 1))
        found[here] = np.cumsum(values[here], axis=0) / count
    return found


def _relative(examples: ToldExamples, mode: str) -> ToldExamples:
    relative = examples.acts - _so_far(examples.acts, examples.trace)
    acts = np.concatenate([examples.acts, relative], axis=1) if mode == "beside" else relative
    return evolve(examples, acts=acts)


def _less_its_mean(fitted: ScoreWithout, traces: ToldExamples, weight: float) -> ScoreWithout:
    def scores(keep: Bools) -> Matrix:
        score = fitted(keep)
        less: Matrix = score - weight * _so_far(score, traces.trace)
        return less

    return scores


def _share_that_speaks(bench: Bench, folder: Path) -> Matrix:
    """Of the models that answered at each labelled event, (events,); NaN where none did."""
    spoke: dict[tuple[str, int], list[bool]] = {}
    for model in model_folders(folder):
        for key, answer in read_predictions(model, bench).answers.items():
            spoke.setdefault(key, []).append(answer.task is not None)
    places = [(trace.trace.name, index) for trace in bench.traces for index in trace.labelled]
    return np.asarray([np.mean(spoke[place]) if place in spoke else np.nan for place in places])


def _self_trained(
    scenes: ToldExamples, traces: ToldExamples, recipe: ToldRecipe, sharper: float, rounds: int
) -> ScoreWithout:
    """People's labels where they are kept; elsewhere, in turn, what the fit before said, pushed from one half."""
    scale = Scale.of(scenes, recipe)
    design = scale.design(traces)

    def scores(keep: Bools) -> Matrix:
        beta = fit(scenes, traces.pick(keep), scale, recipe)
        for _ in range(rounds):
            guessed = np.clip(0.5 + sharper * (sigmoid(design @ beta) - 0.5), 0.0, 1.0)
            beta = fit(scenes, evolve(traces, y=np.where(keep, traces.y, guessed)), scale, recipe, beta)
        found: Matrix = design @ beta
        return found

    return scores


def _moved(traces: ToldExamples, scenes: ToldExamples) -> ToldExamples:
    spread = np.maximum(traces.acts.std(axis=0), 0.15)
    acts = (traces.acts - traces.acts.mean(axis=0)) / spread * scenes.acts.std(axis=0) + scenes.acts.mean(axis=0)
    return evolve(
        traces, acts=acts,
        last=traces.last - traces.last.mean(axis=0) + scenes.last.mean(axis=0),
        lately=traces.lately - traces.lately.mean(axis=0) + scenes.lately.mean(axis=0),
    )  # fmt: skip
