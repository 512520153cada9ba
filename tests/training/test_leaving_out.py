"""Two traces are left out at a time, so that base rates do not turn the ranking round."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from proactive_training.leaving_out import own_scores, two_out, without_each
from proactive_training.metrics import auc

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def test_a_base_rate_alone_ranks_nothing_where_one_trace_out_ranks_it_backwards() -> None:
    trace = np.repeat(np.arange(6), 10)
    need = np.concatenate([np.arange(10) < rate for rate in (1, 2, 4, 5, 7, 9)])

    def base_rate(keep: Bools) -> Floats:
        return np.full(len(need), need[keep].mean())

    known = without_each(trace, base_rate)
    pooled = auc(own_scores(trace, known), need)
    assert pooled is not None and pooled < 0.35
    found = two_out(need, trace, known)
    assert (found.auc, found.across, found.ci) == (0.5, 0.5, (0.5, 0.5))


def test_without_learning_it_is_the_plain_auc() -> None:
    rng = np.random.default_rng(3)
    trace, need = rng.integers(5, size=80), rng.random(80) < 0.4
    score = np.round(rng.normal(size=80) + need, 1)  # some are equal
    seen: list[int] = []

    def fixed(keep: Bools) -> Floats:
        seen.append(len(set(trace[keep].tolist())))
        return score

    found = two_out(need, trace, without_each(trace, fixed), resamples=200)
    assert found.auc == pytest.approx(auc(score, need))
    assert found.ci is not None and found.ci[0] < (found.auc or 0) < found.ci[1]
    assert sorted(seen) == [3] * 10 + [4] * 5  # each pair of the five traces, and each one


def test_one_class_or_one_trace_compares_nothing() -> None:
    def nought(keep: Bools) -> Floats:
        return np.zeros(len(keep))

    two, one = np.array([0, 0, 1, 1]), np.array([7, 7])
    silent = two_out(np.zeros(4, dtype=bool), two, without_each(two, nought))
    assert (silent.auc, silent.across, silent.ci) == (None, None, None)
    single = two_out(np.array([True, False]), one, without_each(one, nought))
    assert (single.auc, single.across, single.ci) == (0.5, None, None)


def test_dealt_into_parts_neither_the_trace_nor_the_part_of_an_event_is_learned_from() -> None:
    trace = np.repeat(np.arange(7) + 3, 2)
    asked: list[frozenset[int]] = []

    def learned(keep: Bools) -> Floats:
        """Which traces were learned from, as bits."""
        asked.append(frozenset(trace[keep].tolist()))
        return np.full(len(trace), float(sum(1 << int(n) for n in set(trace[keep]))))

    found = without_each(trace, learned, parts=3)
    assert len(asked) == len(set(asked)) <= 7 + 7 * 3
    for row, own in zip(found, range(3, 10), strict=True):
        for value, other in zip(row, trace, strict=True):
            part = {n for n in range(3, 10) if (n - other) % 3 == 0}
            left_out = {own} if other == own else {own} | part
            assert int(value) == sum(1 << n for n in range(3, 10) if n not in left_out)
