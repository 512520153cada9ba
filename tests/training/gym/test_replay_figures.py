"""The figures of an agent on replayed histories, of sittings that are told."""

from __future__ import annotations

import numpy as np

from proactive_training.gym.replay_evaluation import Judged, SittingResult
from proactive_training.gym.replay_figures import RESAMPLES, report
from proactive_training.metrics import times_drawn


def sitting(repository: str, right: int, wrong: int) -> SittingResult:
    judged = [Judged("play", f"{repository}{n}", "exact", f"c{n}", 1, (), None) for n in range(right)]
    judged += [Judged("play", f"no{n}", "none", "", 1, (), None) for n in range(wrong)]
    return SittingResult(repository, repository, 10, 4, 2.0, 5, tuple(judged), frozenset(), {}, (1.0,), None)


def test_intervals_are_over_repositories_drawn_as_everywhere() -> None:
    right, wrong = np.asarray([3, 1, 2, 5, 0, 4, 2]), np.asarray([1, 3, 0, 2, 3, 9, 1])
    found = report(
        [sitting(f"r{n}", *map(int, one)) for n, one in enumerate(zip(right, wrong, strict=True))], seed=7
    )
    assert (found["suggestions"], found["precision"]) == (36, round(17 / 36, 4))
    assert found["ci_over"] == "repositories"
    times = times_drawn(7, RESAMPLES, 7)
    drawn = sorted(((times @ right) / (times @ (right + wrong))).round(4).tolist())
    assert found["ci"]["precision"] == [drawn[int(0.025 * RESAMPLES)], drawn[int(0.975 * RESAMPLES)]]
    alarms = sorted(((times @ wrong) / 14).round(4).tolist())
    assert found["ci"]["false_alarms_per_hour"][0] == alarms[int(0.025 * RESAMPLES)]


def test_one_sitting_has_no_intervals() -> None:
    assert report([sitting("one", 1, 1)])["ci"] == {}
