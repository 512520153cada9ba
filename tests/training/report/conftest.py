"""Evaluations of made-up gates, judges and agents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from proactive_training.evaluation_figures import evaluation_figures
from proactive_training.evaluation_file import Evaluation, Exposure, Row, Task

Maker = Callable[..., Evaluation]
CATEGORIES = ("False-Alarm (FA)", "Correct-Detection (CD)")


@pytest.fixture(scope="session")
def make() -> Maker:
    """An evaluation of some traces of 12 events; scores lean towards the label by ``skill``."""

    def made(
        name: str = "a gate",
        task: Task = Task.NEED,
        *,
        traces: int = 5,
        skill: float = 0.4,
        scored: bool = True,
        threshold: float = 0.5,
        seed: int = 0,
        **more: Any,
    ) -> Evaluation:
        rng = np.random.default_rng(seed)
        rows = []
        for trace in range(traces):
            for index in range(12):
                label = bool(np.random.default_rng([trace, index]).random() < 0.2 + 0.1 * trace)
                score = float(np.clip(rng.random() * (1 - skill) + skill * label, 0, 1))
                rows.append(
                    Row(
                        f"trace-{trace}", index, label, score >= threshold, score if scored else None,
                        domain="code" if trace % 2 else "writing", seconds=30.0 if index else 0.0,
                        task=f"task {index}" if task is Task.REWARD else None,
                        category=CATEGORIES[label] if task is Task.REWARD else "",
                    )
                )  # fmt: skip
        settings: dict[str, Any] = {
            "exposure": Exposure.HELD_OUT, "kind": "gate",
            "data": {"name": "small bench", "fingerprint": task.value},
            "threshold": threshold if scored else None, "created": datetime(2026, 11, 26, tzinfo=UTC),
        }  # fmt: skip
        return Evaluation(
            task, name, tuple(rows), evaluation_figures(rows, task, resamples=100), **settings | more
        )

    return made
