"""How long the gate takes for a decision on a 64-event window, beside a bare numpy dot product of its size.

    python benchmarks/gate.py [--json]

``warm`` is as the server asks: each decision's window has one event that the one before had not. ``cold`` has 64
events that the gate has never seen.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import numpy as np

from proactive_collectors.events import (
    DiagnosticAppeared,
    DiagnosticLingering,
    DocumentSaved,
    EditBurst,
    Event,
    Failure,
    Manner,
    Observed,
    Source,
    TerminalRun,
    Where,
)
from proactive_collectors.text import Change, Range
from proactive_collectors.trace import WINDOW_EVENTS, Window
from proactive_inference.feature_names import NAMES
from proactive_inference.gate import LearnedGate

DECISIONS = 5000


def live_events(count: int) -> list[Event]:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    where = Where("file:///project/app.py", language="python")
    prose = Where("file:///project/README.md", language="markdown")
    failure = Failure("NameError: name 'x' is not defined", "app.py", 3)
    events = []
    for number in range(count):
        line = f"    value_{number} = compute(value_{number - 1}, 'text')\n"
        change = Change(Range.of(number, 0, number, 0), "old_name" if number % 3 == 0 else "", line)
        data, place = (
            (EditBurst((change,), Manner.TYPED, len(line), 3.0), where),
            (EditBurst((change,), Manner.TYPED, len(line), 3.0), prose),
            (DiagnosticAppeared(f"Undefined name {number % 7}"), where),
            (DiagnosticLingering(f"Undefined name {number % 7}", seconds=12.0), where),
            (DocumentSaved(), where),
            (TerminalRun("pytest -q", "/project", number % 2, 1.0, "x" * 2000, (failure,) * (number % 2)), where),
        )[number % 6]
        events.append(Event(start + timedelta(seconds=4 * number), Source.LSP, data, place))
    return events


def told_events(count: int) -> list[Event]:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    sentence = "The user switches back to the web browser and searches for 'read_csv file not found error {}'."
    return [
        Event(start + timedelta(seconds=30 * n), Source.DATASET, Observed(sentence.format(n)))
        for n in range(count)
    ]


def quantiles(calls: list[Callable[[], object]]) -> dict[str, float]:
    """Milliseconds."""
    times = []
    for call in calls:
        began = time.perf_counter_ns()
        call()
        times.append((time.perf_counter_ns() - began) / 1e6)
    return {"p50": float(np.quantile(times, 0.5)), "p99": float(np.quantile(times, 0.99))}


def measure(
    events: list[Event], gate: LearnedGate, fresh: Callable[[], list[Event]]
) -> dict[str, dict[str, float]]:
    windows = [Window(tuple(events[n : n + WINDOW_EVENTS])) for n in range(len(events) - WINDOW_EVENTS)]
    gate.need(windows[0])
    warm = quantiles([partial(gate.need, window) for window in windows])
    cold = quantiles([partial(gate.need, Window(tuple(fresh()))) for _ in range(200)])
    return {"warm_ms": warm, "cold_ms": cold}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    gate = LearnedGate.load()
    began = time.perf_counter_ns()
    LearnedGate.load()
    load = (time.perf_counter_ns() - began) / 1e6
    a, b = np.random.default_rng(0).random((2, len(NAMES)))
    found: dict[str, object] = {
        "load_ms": load,
        "weights_bytes": len(gate.weights.to_json()),
        "features": len(NAMES),
        "live": measure(live_events(DECISIONS), gate, lambda: live_events(WINDOW_EVENTS)),
        "told": measure(told_events(DECISIONS), gate, lambda: told_events(WINDOW_EVENTS)),
        "numpy_dot_ms": quantiles([lambda: a @ b] * DECISIONS),
    }
    for world in ("live", "told"):
        warm, dot = found[world]["warm_ms"], found["numpy_dot_ms"]  # type: ignore[index]
        found[f"{world}_to_dot"] = {key: warm[key] / dot[key] for key in warm}
    if arguments.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
