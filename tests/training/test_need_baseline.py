"""benchmarks/need_baseline.py, with a tiny encoder in MiniLM's place."""

from __future__ import annotations

import functools
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from proactive_training.evaluation_file import Exposure, read_evaluations
from proactive_training.leaving_out import own_scores, without_each
from proactive_training.metrics import auc
from tiny_models import tiny_bert

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "need_baseline.py"


@pytest.fixture(scope="module")
def baseline() -> ModuleType:
    spec = importlib.util.spec_from_file_location("need_baseline", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _held_out(baseline: ModuleType, x: Any, need: Any, trace: Any, c: float, *, balanced: bool) -> Any:
    fitted = functools.partial(baseline.fitted_without, x, need, c=c, balanced=balanced)
    return own_scores(trace, without_each(trace, fitted))


def test_a_traces_own_labels_do_not_move_its_scores(baseline: ModuleType) -> None:
    rng = np.random.default_rng(0)
    x, need, trace = rng.normal(size=(30, 40)), (rng.random(30) < 0.5).astype(float), np.repeat(np.arange(3), 10)
    scores = _held_out(baseline, x, need, trace, 0.1, balanced=True)
    turned = np.where(trace == 1, 1 - need, need)
    again = _held_out(baseline, x, turned, trace, 0.1, balanced=True)
    assert again[trace == 1] == pytest.approx(scores[trace == 1])
    assert np.abs(again[trace != 1] - scores[trace != 1]).max() > 0.01


def test_what_can_be_learned_is(baseline: ModuleType) -> None:
    rng = np.random.default_rng(1)
    x, trace = rng.normal(size=(60, 5)), np.repeat(np.arange(6), 10)
    need = (x[:, 2] > 0).astype(float)
    scores = _held_out(baseline, x, need, trace, 1000.0, balanced=False)
    found = auc(scores, need > 0)
    assert found is not None and found > 0.95


def test_it_writes_an_evaluation_file(
    baseline: ModuleType, bench: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = tiny_bert(tmp_path / "encoder")
    out = tmp_path / "baseline.json"
    arguments = ["--data", str(bench), "--minilm", str(encoder), "--out", str(out), "--c", "0.1"]
    monkeypatch.setattr(sys, "argv", ["need_baseline.py", *arguments])
    baseline.main()
    fixed, chosen = read_evaluations(out)
    assert (fixed.threshold, chosen.threshold) == (0.25, None)
    assert fixed.exposure is chosen.exposure is Exposure.HELD_OUT
    assert len(fixed.rows) == 11
    assert [row.ranking for row in fixed.rows] == [row.ranking for row in chosen.rows]
    assert fixed.figures["auc"] == chosen.figures["auc"]
    assert all(row.speaks == (row.score is not None and row.score >= 0.25) for row in fixed.rows)
