"""What was tried for the gate's told head, on people's traces; the figures stand in docs/log.md.

    python benchmarks/gate_tries.py --data DIR [--sentence-model FOLDER] [--further] [--json]

Each row is one way to learn. "scenes" rows have seen none of people's labels; the others are
leave-one-trace-out, and their AUC is told with two traces left out at a time as well, which is fairer
(:mod:`proactive_training.leaving_out`). F1 and false alarm are at the threshold that was best on the other traces,
over resamples of them, scored without this one. Rows differ in what they learn from (scenes, traces, or both),
what they look at (acts, words distilled from a sentence model, or the model's own vectors), and how. ``--further``
adds what is relative to the trace, learned from language models' answers, or from the asked traces' own events
without their labels (:mod:`gate_further`). The tries of 2026-11-21, before there were scenes, are in this
file's history.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from attrs import evolve
from gate_further import further_tries

from proactive_training.gate_run import POOL
from proactive_training.leaving_out import ScoreWithout, own_scores, two_out, without_each
from proactive_training.metrics import figures, steady_threshold
from proactive_training.proactivebench import read
from proactive_training.told.distil import Student, distil
from proactive_training.told.examples import ToldExamples, common_words, scene_examples, trace_examples
from proactive_training.told.fit import Scale, ToldRecipe, fit, fitted_without, scenes_alone
from proactive_training.told.pool import sentence_pool
from proactive_training.told.scenes import read_scenes, sentences_of
from proactive_training.told.sentence_model import SentenceModel

Matrix = np.ndarray[Any, np.dtype[np.float64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]


class Teacher:
    """The sentence model's own vectors in the student's place: what distilling costs."""

    def __init__(self, model: SentenceModel, sentences: list[str]) -> None:
        different = list(dict.fromkeys(sentences))
        self._vectors = dict(zip(different, model.sentences(different).astype(np.float64), strict=True))
        self.middle = np.mean(list(self._vectors.values()), axis=0)

    def sentence(self, text: str) -> Matrix:
        return self._vectors[text]


def measured(scores: Matrix, traces: ToldExamples) -> dict[str, Any]:
    """Of (traces, events): what is known of the events without each trace."""
    threshold = np.zeros(len(traces))
    for row, trace in zip(scores, np.unique(traces.trace), strict=True):
        out = traces.trace == trace
        threshold[out] = steady_threshold(row[~out], traces.need[~out], traces.trace[~out])
    return figures(own_scores(traces.trace, scores), traces.need, traces.trace, threshold, seed=0)


def traces_alone(traces: ToldExamples, recipe: ToldRecipe) -> ScoreWithout:
    """As :func:`fitted_without`, without any scene."""

    def scores(keep: Bools) -> Matrix:
        kept = traces.pick(keep)
        scale = Scale.of(kept, recipe)
        found: Matrix = scale.design(traces) @ fit(kept, None, scale, recipe)
        return found

    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="labelled traces in the published layout")
    parser.add_argument("--sentence-model", type=Path, help="folder with all-MiniLM-L6-v2")
    parser.add_argument("--further", action="store_true", help="as well what is relative, or semi-supervised")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    bench, every, recipe = read(options.data), read_scenes(), ToldRecipe()
    scenes = [scene for scene in every if scene.domain in recipe.domains]
    common = common_words(scenes)
    told: dict[str, Any] = {"acts": None}
    if options.sentence_model:
        model = SentenceModel(options.sentence_model)
        sentences = [text for scene in scenes for text in scene.sentences]
        pool = sentence_pool(sentences, POOL)
        student: Student = distil(model.vocabulary, model.pieces(), pool, model.sentences(pool))
        of_traces = [text for trace in bench.traces for text in sentences_of(trace.trace)]
        told |= {"acts and words": student, "acts and the model itself": Teacher(model, sentences + of_traces)}

    rows: dict[str, dict[str, Any]] = {}

    def row(name: str, scores: Matrix | ScoreWithout, traces: ToldExamples) -> None:
        count = len(np.unique(traces.trace))
        known = without_each(traces.trace, scores) if callable(scores) else np.tile(scores, (count, 1))
        found = measured(known, traces)
        if callable(scores):
            fairer = two_out(traces.need, traces.trace, known)
            found["two_out_auc"], found["ci"]["two_out_auc"] = fairer.auc, fairer.ci
        rows[name] = found
        text = f"{name:58s}"
        for key in ("auc", "two_out_auc", "within_auc", "f1", "false_alarm", "recall"):
            if found.get(key) is not None:
                low, high = found["ci"][key]
                text += f" {key} {found[key]:.3f} [{low:.2f} {high:.2f}]"
        if not options.json:
            print(text, flush=True)

    for name, look in told.items():
        of_scenes = scene_examples(scenes, common, look)
        traces = trace_examples(bench, common, look, recipe.softness)
        row(f"traces alone: {name}", traces_alone(traces, recipe), traces)
        row(f"scenes: {name}", scenes_alone(of_scenes, traces, recipe), traces)
        row(f"both: {name}", fitted_without(of_scenes, traces, recipe), traces)
    name, look = ("acts and words", told["acts and words"]) if len(told) > 1 else ("acts", None)
    of_scenes = scene_examples(scenes, common, look)
    traces = trace_examples(bench, common, look, recipe.softness)
    for domain in ("code", "writing", "daily"):
        some = scene_examples([scene for scene in every if scene.domain == domain], common, look)
        row(f"scenes: {name}, {domain} alone", scenes_alone(some, traces, recipe), traces)
    row(f"scenes: {name}, every domain", scenes_alone(scene_examples(every, common, look), traces, recipe), traces)
    shared = evolve(recipe, own_penalty=1e9)
    row(f"both: {name}, no intercepts of the traces' own", fitted_without(of_scenes, traces, shared), traces)
    for penalty in (5.0, 80.0):
        row(
            f"both: {name}, penalty {penalty:g}",
            fitted_without(of_scenes, traces, evolve(recipe, penalty=penalty)),
            traces,
        )
    for weight in (0.25, 1.0):
        changed = evolve(recipe, trace_weight=weight)
        row(
            f"both: {name}, traces weigh {weight:g} of the scenes",
            fitted_without(of_scenes, traces, changed),
            traces,
        )
    for softness in (0.0, 1.0):
        soft = trace_examples(bench, common, look, softness)
        row(f"both: {name}, labels {softness:.0%} votes", fitted_without(of_scenes, soft, recipe), soft)
    if options.further:
        for title, scores in further_tries(of_scenes, traces, recipe, bench, options.data):
            row(f"both: {name}, {title}", scores, traces)
    if options.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
