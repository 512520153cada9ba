from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proactive_training.calibration import expected_calibration_error, platt
from proactive_training.logistic import fit_logistic, sigmoid
from proactive_training.metrics import (
    auc,
    best_threshold,
    decided_figures,
    decision_figures,
    figures,
    steady_threshold,
    within_trace_auc,
)

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


events = st.lists(
    st.tuples(st.integers(0, 3), st.booleans(), st.booleans(), st.integers(0, 4)), min_size=1, max_size=24
)


@settings(max_examples=50, deadline=None)
@given(events, st.integers(0, 5))
def test_intervals_are_those_of_drawing_traces_row_by_row(
    rows: list[tuple[int, bool, bool, int]], seed: int
) -> None:
    """What is counted by trace, fast, against the plain way: put the drawn traces together and measure."""
    trace, need, speaks = (np.array([row[n] for row in rows]) for n in range(3))
    score = np.array([row[3] / 4 for row in rows])
    hours = np.full(len(rows), 0.5)
    found = decided_figures(speaks, need, trace, score, probability=score, hours=hours, seed=seed, resamples=30)
    members = [np.flatnonzero(trace == t) for t in np.unique(trace)]
    if len(members) == 1:
        assert found["ci"] == {}
        return
    draws: dict[str, list[float]] = {}
    for picked in np.random.default_rng(seed).integers(len(members), size=(30, len(members))):
        chosen = np.concatenate([members[i] for i in picked])
        groups = np.concatenate([np.full(len(members[i]), n) for n, i in enumerate(picked)])
        plain = decision_figures(speaks[chosen], need[chosen])
        known: dict[str, float | None] = {
            **plain,
            "f1_over_always": plain["f1"] - decision_figures(np.ones(len(chosen), dtype=bool), need[chosen])["f1"],
            "auc": auc(score[chosen], need[chosen]),
            "within_auc": within_trace_auc(score[chosen], need[chosen], groups),
            "calibration_error": expected_calibration_error(score[chosen], need[chosen].astype(float)),
            "false_alarms_per_hour": float((speaks & ~need)[chosen].sum() / hours[chosen].sum()),
        }
        for key, value in known.items():
            if value is not None:
                draws.setdefault(key, []).append(value)
    assert found["ci"].keys() == draws.keys()
    for key, values in draws.items():
        assert found["ci"][key] == pytest.approx([np.quantile(values, 0.025), np.quantile(values, 0.975)])


@given(events)
def test_figures_do_not_mind_order_copies_or_a_stretched_score(rows: list[tuple[int, bool, bool, int]]) -> None:
    trace, need, speaks, score = (np.array([row[n] for row in rows]) for n in range(4))

    def point(order: np.ndarray[Any, np.dtype[np.int64]], stretch: float = 1.0) -> dict[str, Any]:
        whole = decided_figures(
            speaks[order], need[order], trace[order], np.exp(score[order] * stretch), resamples=0
        )
        return {key: whole[key] for key in whole if key not in ("n", "ci", "baselines")}

    everything = np.arange(len(rows))
    assert point(everything) == pytest.approx(point(everything[::-1]))
    assert point(everything) == pytest.approx(point(np.repeat(everything, 3)))
    assert point(everything) == point(everything, stretch=0.3)


@given(events)
def test_always_is_nothing_over_always_and_right_answers_are_perfect(
    rows: list[tuple[int, bool, bool, int]],
) -> None:
    trace, need = (np.array([row[n] for row in rows]) for n in range(2))
    always = decided_figures(np.ones_like(need), need, trace, resamples=20)
    assert always["f1_over_always"] == 0
    assert always["ci"].get("f1_over_always", [0, 0]) == [0, 0]
    right = decided_figures(need, need, trace, resamples=0)
    assert (right["accuracy"], right["false_alarm"]) == (1, 0)
    assert right["f1"] == float(need.any())


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


def test_a_steady_threshold_lies_between_those_of_the_traces() -> None:
    score, need = np.array([0.2, 0.4, 0.6, 0.8, 0.1, 0.5]), np.array([False, True, True, True, False, True])
    found = steady_threshold(score, need, np.array([0, 0, 0, 0, 1, 1]))
    assert 0.4 <= found <= 0.5
    assert found == steady_threshold(score, need, np.array([0, 0, 0, 0, 1, 1]))
    assert steady_threshold(score, need, np.zeros(6, dtype=np.int64)) == best_threshold(score, need) == 0.4


def test_platt_of_scores_that_part_the_classes_holds_the_mean_and_stays_finite() -> None:
    y = np.array([0.0, 0.0, 0.0, 1.0])
    slope, intercept = platt(np.array([-4.0, -3.0, -2.0, 5.0]), y)
    assert slope == pytest.approx(1.0)
    assert sigmoid(slope * np.array([-4.0, -3.0, -2.0, 5.0]) + intercept).mean() == pytest.approx(
        y.mean(), abs=1e-6
    )
