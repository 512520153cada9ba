"""Figures in lines and tables for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from proactive_training.evaluation_file import Evaluation


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


COLUMNS = ("f1_over_always", "false_alarm", "precision", "recall", "accuracy", "auc", "speaks")
NARROW = ("f1_over_always", "false_alarm", "recall", "speaks")
"""What fits into 80 characters beside a name, F1 with its interval, and how many events."""


def print_table(evaluations: Sequence[Evaluation]) -> None:
    """A row for each evaluation, the best F1 first, and one for each baseline of the one with the most events."""
    from rich.console import Console
    from rich.table import Column, Table

    console = Console()
    columns = COLUMNS if console.width >= 110 else NARROW
    headings = [column.removeprefix("f1_").replace("_", " ") for column in columns]
    whole = [Column(name, no_wrap=True) for name in ("", "F1")]
    table = Table(*whole, *headings, "n", box=None, pad_edge=False)

    def row(name: str, figures: dict[str, Any], n: int) -> None:
        plain = [with_interval({**figures, "ci": {}}, column) for column in columns]
        table.add_row(name, with_interval(figures, "f1"), *plain, str(n))

    for one in sorted(evaluations, key=lambda e: -e.figures["f1"]):
        row(one.name, one.figures, one.figures["n"])
    widest = max(evaluations, key=lambda e: int(e.figures["n"]))
    for name, figures in widest.figures["baselines"].items():
        row(name, figures, widest.figures["n"])
    console.print(table)


def note_lines(evaluations: Sequence[Evaluation]) -> Iterator[str]:
    """What could not be measured, each note once, with whom it is about."""
    about: dict[str, list[str]] = {}
    for one in evaluations:
        for note in one.notes:
            about.setdefault(note, []).append(one.name)
    for note, names in about.items():
        yield note if len(names) == len(evaluations) else f"{', '.join(names)}: {note}"


def with_interval(figures: dict[str, Any], name: str) -> str:
    """A figure with its interval, ``0.52 [0.40 0.63]``; a dash where there is none."""
    value, interval = figures.get(name), figures.get("ci", {}).get(name)
    if value is None:
        return "–"
    return f"{value:.2f}" + (f" [{interval[0]:.2f} {interval[1]:.2f}]" if interval else "")
