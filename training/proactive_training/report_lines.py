"""Figures in lines for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def summary(name: str, figures: dict[str, Any]) -> str:
    """One line of a model's figures."""
    interval = figures.get("ci", {}).get("f1")
    f1 = f"F1 {figures['f1']:.2f}" + (f" ({interval[0]:.2f} to {interval[1]:.2f})" if interval else "")
    area = "none" if figures.get("auc") is None else f"{figures['auc']:.2f}"
    return (
        f"{name}: {f1}, false alarm {figures['false_alarm']:.2f}, precision {figures['precision']:.2f}, "
        f"recall {figures['recall']:.2f}, accuracy {figures['accuracy']:.2f}, AUC {area}, "
        f"speaks at {figures['speaks']:.0%} of {figures['n']}"
    )


def figure_lines(report: dict[str, Any]) -> Iterator[str]:
    """The figures of an evaluation: overall, always and never beside it, and each domain."""
    yield summary("all", report)
    for name, figures in report["baselines"].items():
        yield summary(name, {**figures, "n": report["n"]})
    for name, figures in report["domains"].items():
        yield summary(name, figures)
