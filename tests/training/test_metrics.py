from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_training.calibration import expected_calibration_error, platt
from proactive_training.logistic import fit_logistic, sigmoid
from proactive_training.metrics import auc, best_threshold, decision_figures, figures, within_trace_auc

NEED = np.array([True, True, True, False, False, False, False, False])
SPEAKS = np.array([True, True, False, True, False, False, False, False])


def test_the_papers_figures_by_hand() -> None:
    found = decision_figures(SPEAKS, NEED)
    assert found == pytest.approx(
        {
            "recall": 2 / 3,
            "precision": 2 / 3,
            "accuracy": 6 / 8,
            "false_alarm": 1 / 3,
            "f1": 2 / 3,
            "speaks": 3 / 8,
        }
    )


def test_always_and_never() -> None:
    found = figures(np.linspace(0, 1, 8), NEED, np.arange(8), 0.5, resamples=0)["baselines"]
    assert found["always"]["f1"] == pytest.approx(6 / 11)
    assert found["always"]["false_alarm"] == pytest.approx(5 / 8)
    assert found["never"] == {
        "recall": 0, "precision": 0, "accuracy": 5 / 8, "false_alarm": 0, "f1": 0, "speaks": 0,
    }  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=40))
def test_auc_is_the_share_of_pairs_in_the_right_order(pairs: list[tuple[int, bool]]) -> None:
    score, need = np.array([p[0] for p in pairs], dtype=float), np.array([p[1] for p in pairs])
    good, bad = score[need], score[~need]
    if len(good) and len(bad):
        wins = sum((g > b) + 0.5 * (g == b) for g in good for b in bad)
        assert auc(score, need) == pytest.approx(wins / (len(good) * len(bad)))
    else:
        assert auc(score, need) is None


def test_within_trace_auc_leaves_base_rates_out() -> None:
    need = np.array([True, True, False, True, False, False])
    trace = np.array([0, 0, 0, 1, 1, 1])
    score = np.array([0.2, 0.3, 0.1, 0.9, 0.8, 0.7])
    assert within_trace_auc(score, need, trace) == 1
    pooled = auc(score, need)
    assert pooled is not None and pooled < 1


def test_the_best_threshold_is_the_best() -> None:
    rng = np.random.default_rng(3)
    score, need = rng.random(60), rng.random(60) < 0.4
    best = decision_figures(score >= best_threshold(score, need), need)["f1"]
    assert all(decision_figures(score >= t, need)["f1"] <= best + 1e-12 for t in np.linspace(0, 1, 101))


def test_intervals_hold_the_figure_and_are_the_same_each_time() -> None:
    rng = np.random.default_rng(0)
    trace = np.repeat(np.arange(10), 12)
    need = rng.random(120) < 0.4
    score = np.clip(0.4 * need + rng.random(120) * 0.6, 0, 1)
    one, two = (figures(score, need, trace, 0.5, seed=7, resamples=200) for _ in range(2))
    assert one == two
    assert {
        "n",
        "recall",
        "precision",
        "accuracy",
        "false_alarm",
        "f1",
        "auc",
        "speaks",
        "ci",
        "baselines",
    } <= one.keys()
    for key, (low, high) in one["ci"].items():
        assert low <= one[key] <= high


def test_newton_finds_the_minimum() -> None:
    rng = np.random.default_rng(1)
    x = np.column_stack([rng.normal(size=(200, 3)), np.ones(200)])
    y = sigmoid(x @ np.array([1.0, -2.0, 0.5, 0.3]))
    weight, penalty = rng.random(200) + 0.5, np.array([0.1, 0.1, 0.1, 0.0])
    beta = fit_logistic(x, y, weight, penalty)
    gradient = x.T @ (weight * (sigmoid(x @ beta) - y)) + penalty * beta
    assert np.abs(gradient).max() < 1e-4
    again = fit_logistic(x, y, weight, penalty, start=np.full(4, 5.0))
    assert again == pytest.approx(beta, abs=1e-4)


def test_separable_data_does_not_run_away() -> None:
    x = np.array([[1.0], [2.0], [-1.0], [-2.0]])
    beta = fit_logistic(x, np.array([1.0, 1.0, 0.0, 0.0]), np.ones(4), np.array([0.5]))
    assert 0 < beta[0] < 5


def test_platt_tames_bold_scores_and_never_turns_them_round() -> None:
    rng = np.random.default_rng(2)
    truth = rng.normal(size=4000)
    y = (rng.random(4000) < sigmoid(truth)).astype(float)
    slope, intercept = platt(4 * truth + 3, y)
    assert slope == pytest.approx(0.25, abs=0.03)
    before = expected_calibration_error(sigmoid(4 * truth + 3), y)
    assert expected_calibration_error(sigmoid(slope * (4 * truth + 3) + intercept), y) < 0.03 < before
    assert platt(-truth, y)[0] == pytest.approx(0.05)
