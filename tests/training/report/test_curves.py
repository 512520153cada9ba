from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_training.calibration import expected_calibration_error
from proactive_training.evaluation_file import Row
from proactive_training.metrics import decision_figures
from proactive_training.report.curves import reliability, sweep

scored_rows = st.lists(
    st.builds(
        Row,
        trace=st.sampled_from("abc"),
        index=st.integers(0, 99),
        label=st.booleans(),
        speaks=st.booleans(),
        score=st.sampled_from([0.0, 0.05, 0.1, 0.35, 0.5, 0.72, 1.0]),
        seconds=st.just(36.0),
    ),
    min_size=1,
    max_size=30,
    unique_by=lambda row: (row.trace, row.index),
)


def test_a_sweep_by_hand() -> None:
    rows = [
        Row("a", 0, True, False, 0.9, seconds=1800),
        Row("a", 1, False, False, 0.7, seconds=1800),
        Row("a", 2, True, False, 0.7, seconds=0),
        Row("a", 3, False, False, 0.1, seconds=0),
    ]
    found = sweep(rows)
    assert found is not None
    assert found.threshold == (0.9, 0.7, 0.1)
    assert found.recall == (0.5, 1, 1)
    assert found.precision == (1, pytest.approx(2 / 3), 0.5)
    assert found.false_alarms_per_hour == (0, 1, 2)


@given(scored_rows)
def test_a_sweep_says_what_each_threshold_comes_to(rows: list[Row]) -> None:
    found = sweep(rows)
    label = np.array([row.label for row in rows])
    if not label.any():
        assert found is None
        return
    assert found is not None and found.false_alarms_per_hour is not None
    score = np.array([row.score for row in rows], dtype=float)
    assert list(found.threshold) == sorted(set(score), reverse=True)
    assert list(found.recall) == sorted(found.recall)
    hours = 36.0 * len(rows) / 3600
    for number, threshold in enumerate(found.threshold):
        wanted = decision_figures(score >= threshold, label)
        assert found.recall[number] == pytest.approx(wanted["recall"])
        assert found.precision[number] == pytest.approx(wanted["precision"])
        alarms = ((score >= threshold) & ~label).sum()
        assert found.false_alarms_per_hour[number] == pytest.approx(alarms / hours)


@given(scored_rows)
def test_the_bins_make_the_calibration_error(rows: list[Row]) -> None:
    found = reliability(rows, resamples=20)
    assert found is not None
    assert sum(b.count for b in found) == len(rows)
    score = np.array([row.score for row in rows], dtype=float)
    label = np.array([row.label for row in rows], dtype=float)
    gap = sum(b.count * abs(b.said - b.was) for b in found) / len(rows)
    assert gap == pytest.approx(expected_calibration_error(score, label))
    for b in found:
        assert b.low - 1e-9 <= b.said <= b.high + 1e-9
        if b.interval is not None:
            assert 0 <= b.interval[0] <= b.interval[1] <= 1


def test_without_scores_there_are_no_curves() -> None:
    rows = [Row("a", 0, True, True, 0.5), Row("a", 1, False, True)]
    assert sweep(rows) is None
    assert reliability(rows) is None
    assert reliability([Row("a", 0, True, True, 0.5)]) is not None
    unclocked = sweep([Row("a", 0, True, True, 0.5), Row("a", 1, False, True, 0.4)])
    assert unclocked is not None and unclocked.false_alarms_per_hour is None


def test_a_ranking_of_its_own_is_what_is_swept() -> None:
    rows = [Row("a", 0, True, True, 0.5, ranking=1.0), Row("a", 1, False, True, 0.5, ranking=2.0)]
    by_rank, by_score = sweep(rows), sweep(rows, by_score=True)
    assert by_rank is not None and by_score is not None
    assert by_rank.threshold == (2, 1)
    assert by_score.threshold == (0.5,)
