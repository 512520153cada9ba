"""What was tried for the gate, leave-one-trace-out on human-labelled traces; the figures stand in docs/log.md.

    python benchmarks/gate_tries.py --data DIR [--minilm FOLDER] [--forest] [--activity PROJECT ...]

Without options: logistic regression on the gate's features and parts of them, told events alone. ``--minilm``
(a folder with all-MiniLM-L6-v2; needs torch and transformers) adds sentence embeddings, static token embeddings
made from them, and similarities to a few described activities. ``--activity`` adds fits that share weights with
replayed sittings, and the choice among them inside the training traces (nested).
"""

from __future__ import annotations

import argparse
import re
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from proactive_collectors.events import Observed
from proactive_inference.feature_names import NAMES
from proactive_training.gate import Examples, Recipe, fit, live_examples, log_odds, told_examples
from proactive_training.logistic import fit_logistic, sigmoid
from proactive_training.metrics import decision_figures, figures, within_trace_auc
from proactive_training.proactivebench import Bench, read
from proactive_training.project_copy import project_copy
from proactive_training.sittings import sitting

Matrix = np.ndarray[Any, np.dtype[np.float64]]

ACTIVITIES = (
    "The user sees an error message and is stuck.", "The user searches for how to solve a programming problem.",
    "The user searches the web for information.", "The user reads documentation or a tutorial.",
    "The user writes code.", "The user writes notes about their research.",
    "The user switches between windows without doing anything.", "The user clicks the mouse.",
    "The user scrolls through a page.", "The user copies and pastes text.", "The user runs a program.",
    "The user opens a new tab.", "The user compares products on websites.", "The user debugs a failing program.",
    "The user needs help with a specific task.", "The user is idle.", "The user opens an application.",
    "The user explores search results.", "The user completed a task successfully.", "The user installs software.",
)  # fmt: skip


def line(name: str, score: Matrix, told: Examples) -> None:
    found = figures(score, told.need, told.trace, 0.5, seed=0)
    text = f"{name:44s}"
    for key in ("auc", "within_auc", "f1", "false_alarm", "recall"):
        low, high = found["ci"][key]
        text += f" {key} {found[key]:.3f} [{low:.2f} {high:.2f}]"
    print(text, flush=True)


def held_out_scores(x: Matrix, told: Examples, c: float, *, balanced: bool = True, soft: bool = False) -> Matrix:
    """Logistic regression on standardised columns, as scikit-learn's with this C, trace by trace."""
    score = np.zeros(len(told))
    for trace in np.unique(told.trace):
        out = told.trace == trace
        mean, spread = x[~out].mean(0), x[~out].std(0)
        z = np.column_stack([(x - mean) / np.where(spread > 0, spread, 1), np.ones(len(x))])
        need = told.need[~out]
        share = need.mean() if balanced else 0.5
        weight = np.where(need, 0.5 / share, 0.5 / (1 - share))
        penalty = np.append(np.full(x.shape[1], 1 / c), 0.0)
        target = told.y[~out] if soft else need.astype(float)
        score[out] = sigmoid(z[out] @ fit_logistic(z[~out], target, weight, penalty))
    return score


def shared_scores(told: Examples, live: Examples | None, recipe: Recipe) -> Matrix:
    score = np.zeros(len(told))
    _, start = fit(told, live, recipe)
    for trace in np.unique(told.trace):
        out = told.trace == trace
        score[out] = sigmoid(log_odds(fit(told.pick(~out), live, recipe, start)[0], told.x[out]))
    return score


def nested_scores(told: Examples, live: Examples, recipes: list[Recipe]) -> Matrix:
    """Each trace is scored by the recipe whose ranking inside the *other* traces was best."""
    score = np.zeros(len(told))
    for trace in np.unique(told.trace):
        out = told.trace == trace
        rest = told.pick(~out)
        ranking = [within_trace_auc(shared_scores(rest, live, r), rest.need, rest.trace) or 0.0 for r in recipes]
        best = recipes[int(np.argmax(ranking))]
        score[out] = sigmoid(log_odds(fit(rest, live, best)[0], told.x[out]))
    return score


def sentences_of(bench: Bench) -> list[list[str]]:
    """For each labelled event, its last five sentences."""
    found = []
    for trace in bench.traces:
        said = [event.data.sentence for event in trace.trace.events if isinstance(event.data, Observed)]
        found += [said[max(0, i - 4) : i + 1] for i in trace.labelled]
    return found


class MiniLM:
    """all-MiniLM-L6-v2: sentence embeddings, and one embedding for each token of its vocabulary."""

    def __init__(self, folder: Path) -> None:
        from transformers import AutoModel, AutoTokenizer

        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModel.from_pretrained(folder).eval()

    def embed(self, texts: list[str]) -> Matrix:
        import torch

        parts = []
        with torch.inference_mode():
            for start in range(0, len(texts), 64):
                inputs = self.tokenizer(
                    texts[start : start + 64], padding=True, truncation=True, return_tensors="pt"
                )
                hidden = self.model(**inputs).last_hidden_state
                mask = inputs["attention_mask"][..., None]
                mean = (hidden * mask).sum(1) / mask.sum(1)
                parts.append(torch.nn.functional.normalize(mean, dim=1).double().numpy())
        return np.concatenate(parts)

    def tokens(self) -> Matrix:
        import torch

        parts = []
        with torch.inference_mode():
            for ids in torch.arange(self.tokenizer.vocab_size).split(1024):
                ends = [
                    torch.full_like(ids, end) for end in (self.tokenizer.cls_token_id, self.tokenizer.sep_token_id)
                ]
                x = torch.stack([ends[0], ids, ends[1]], 1)
                hidden = self.model(input_ids=x, attention_mask=torch.ones_like(x)).last_hidden_state
                parts.append(hidden.mean(1).double().numpy())
        return np.concatenate(parts)

    def pieces(self, text: str) -> list[int]:
        plain = unicodedata.normalize("NFD", text.lower())
        words = re.findall(r"\w+|[^\w\s]", "".join(c for c in plain if not unicodedata.combining(c)))
        return list(self.tokenizer(" ".join(words), add_special_tokens=False)["input_ids"])


def with_minilm(folder: Path, bench: Bench, told: Examples) -> None:
    model = MiniLM(folder)
    said = sentences_of(bench)
    distinct = sorted({sentence for window in said for sentence in window})
    full = dict(zip(distinct, model.embed(distinct), strict=True))

    def last_and_mean(vector: Callable[[str], Matrix]) -> Matrix:
        return np.array([np.concatenate([vector(w[-1]), np.mean([vector(s) for s in w], axis=0)]) for w in said])

    x = last_and_mean(lambda s: full[s])
    for c in (0.001, 0.01, 0.1):
        line(f"MiniLM last, mean of five; C={c}", held_out_scores(x, told, c, balanced=False), told)
        line(f"MiniLM last, mean of five; C={c}, balanced", held_out_scores(x, told, c), told)
    tokens = model.tokens()
    centred = tokens - tokens.mean(0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    for size in (64, 128):
        table = centred @ directions[:, -size:]
        static = {s: table[model.pieces(s)].mean(0) for s in distinct}
        x = last_and_mean(lambda s, t=static: t[s] / np.linalg.norm(t[s]))  # type: ignore[misc]
        line(f"static tokens, {size} dimensions; C=0.01", held_out_scores(x, told, 0.01), told)
    described = model.embed(list(ACTIVITIES))
    near = np.array([full[w[-1]] @ described.T for w in said])
    unit = tokens / np.linalg.norm(tokens, axis=1, keepdims=True)
    near_static = np.array([(unit @ described.T)[model.pieces(w[-1])].mean(0) for w in said])
    line("activities by MiniLM; C=0.01", held_out_scores(near, told, 0.01), told)
    line("features + activities by MiniLM; C=0.03", held_out_scores(np.c_[told.x, near], told, 0.03), told)
    line("features + activities by tokens; C=0.03", held_out_scores(np.c_[told.x, near_static], told, 0.03), told)
    line(
        "features + MiniLM; C=0.01",
        held_out_scores(np.c_[told.x, last_and_mean(lambda s: full[s])], told, 0.01),
        told,
    )


def with_activity(projects: list[Path], bench: Bench) -> None:
    made = []
    for project in projects:
        with project_copy(project) as copy:
            made += [sitting(copy, seed) for seed in range(4)]
    live = live_examples(made)
    recipes = [Recipe(p, o, t) for p, o in ((0.5, 1.0), (1.0, 3.0), (4.0, 1.0)) for t in (1.0, 10.0)]
    for softness in (0.0, 0.5, 1.0):
        told = told_examples(bench, softness)
        for recipe in recipes:
            name = (
                f"shared {recipe.penalty}/{recipe.own_penalty} trail x{recipe.trail_factor:.0f}, soft {softness}"
            )
            line(name, shared_scores(told, live, recipe), told)
    told = told_examples(bench)
    line("shared, recipe chosen inside (nested)", nested_scores(told, live, recipes), told)


def candidates(bench: Bench) -> None:
    """How well the published candidate tasks (any or none) tell the label, where they are known."""
    rows = [
        (float(trace.candidates[i] or False), label.need, number)
        for number, trace in enumerate(bench.traces)
        for i, label in enumerate(trace.labels)
        if label is not None and trace.candidates[i] is not None
    ]
    score, need, trace_of = (np.array(column) for column in zip(*rows, strict=True))
    print(
        f"candidate tasks as a predictor: n {len(rows)} within_auc {within_trace_auc(score, need, trace_of):.3f}"
    )


def with_forest(told: Examples) -> None:
    from sklearn.ensemble import ExtraTreesClassifier

    score = np.zeros(len(told))
    for trace in np.unique(told.trace):
        out = told.trace == trace
        trees = ExtraTreesClassifier(400, min_samples_leaf=5, class_weight="balanced", random_state=0)
        score[out] = trees.fit(told.x[~out], told.need[~out]).predict_proba(told.x[out])[:, 1]
    line("extremely randomised trees", score, told)
    line("trees and features C=0.03, mean", (score + held_out_scores(told.x, told, 0.03)) / 2, told)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--minilm", type=Path)
    parser.add_argument("--activity", type=Path, action="append", default=[])
    parser.add_argument("--forest", action="store_true", help="also trees; needs scikit-learn")
    arguments = parser.parse_args()
    bench = read(arguments.data)
    told = told_examples(bench)
    always = decision_figures(np.ones(len(told), dtype=bool), told.need)
    print("always", {key: round(value, 3) for key, value in always.items()})
    last = [i for i, name in enumerate(NAMES) if name.startswith("last:")]
    rest = [i for i, name in enumerate(NAMES) if not name.startswith("trail:")]
    for c in (0.003, 0.03, 0.1):
        line(f"features; C={c}", held_out_scores(told.x, told, c), told)
        line(f"features, as they come; C={c}", held_out_scores(told.x, told, c, balanced=False), told)
        line(f"features, soft labels; C={c}", held_out_scores(told.x, told, c, soft=True), told)
        line(f"marks of the last event; C={c}", held_out_scores(told.x[:, last], told, c), told)
        line(f"all but trails; C={c}", held_out_scores(told.x[:, rest], told, c), told)
    for trail in (1.0, 10.0):
        line(
            f"the gate's fit, told alone, trail x{trail:.0f}",
            shared_scores(told, None, Recipe(trail_factor=trail)),
            told,
        )
    candidates(bench)
    if arguments.forest:
        with_forest(told)
    if arguments.minilm:
        with_minilm(arguments.minilm, bench, told)
    if arguments.activity:
        with_activity(arguments.activity, bench)


if __name__ == "__main__":
    sys.exit(main())
