"""A gate against people's labels, in all and by domain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from proactive_inference.gate import LearnedGate
from proactive_training.metrics import figures
from proactive_training.proactivebench import Bench, read


def evaluate_need(
    folder: Path, gate_path: Path | None, *, threshold: float = 0.25, seed: int = 0
) -> dict[str, Any]:
    """The figures of a gate on the labelled events below ``folder`` (:func:`metrics.figures`), and by domain.

    Raises:
        DataError: nothing there can be used.
        GateError: the weights cannot be used.
    """
    bench = read(folder)
    gate = LearnedGate.load(gate_path)
    report = score(bench, gate, threshold, seed)
    report["domains"] = {
        domain: score(
            Bench(tuple(t for t in bench.traces if t.domain == domain), (), bench.fingerprint),
            gate,
            threshold,
            seed,
        )
        for domain in sorted({trace.domain for trace in bench.traces if trace.labelled})
    }
    trained = gate.weights.metadata.get("data")
    fingerprint = trained.get("fingerprint") if isinstance(trained, dict) else None
    return {
        **report,
        "threshold": threshold,
        "gate": str(gate_path) if gate_path else "shipped",
        "seen_in_training": fingerprint == bench.fingerprint,
        "problems": [str(problem) for problem in bench.problems],
    }


def score(bench: Bench, gate: LearnedGate, threshold: float, seed: int) -> dict[str, Any]:
    """The figures of one gate on one set of traces."""
    import numpy as np

    rows = [
        (gate.need(trace.window(i)).probability, label.need, number)
        for number, trace in enumerate(bench.traces)
        for i, label in enumerate(trace.labels)
        if label is not None
    ]
    probability, need, trace_of = zip(*rows, strict=True)
    return figures(
        np.asarray(probability, dtype=np.float64),
        np.asarray(need, dtype=bool),
        np.asarray(trace_of, dtype=np.int64),
        threshold,
        seed=seed,
    )
