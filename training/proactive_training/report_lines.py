"""Figures in lines and tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

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

FOLDED = 12
"""A table is drawn where so many characters of the longest name fit on a line."""


def print_table(evaluations: Sequence[Evaluation], console: Console | None = None) -> None:
    """A row for each evaluation, the best F1 first, and one for each baseline of the one with the most events."""
    rows = []

    def row(name: str, figures: dict[str, Any], n: int) -> None:
        plain = (with_interval({**figures, "ci": {}}, column) for column in COLUMNS)
        rows.append((name, [with_interval(figures, "f1"), *plain, str(n)]))

    for one in sorted(evaluations, key=lambda e: -e.figures["f1"]):
        row(one.name, one.figures, one.figures["n"])
    widest = max(evaluations, key=lambda e: int(e.figures["n"]))
    for name, figures in widest.figures["baselines"].items():
        row(name, figures, widest.figures["n"])
    print_rows(["F1", *(column.removeprefix("f1_").replace("_", " ") for column in COLUMNS), "n"], rows, console)


def print_rows(
    headings: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]], console: Console | None = None
) -> None:
    """Names with figures, none of them ever cut: in a pipe a line is as long as it has to be; on a terminal names
    fold, and where there is no room for a table either, the figures stand below the names."""
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    console = console or Console()
    longest = max(cell_len(name) for name, _ in rows)

    def room(told: Sequence[str]) -> int:
        """For the names, beside all figures under these headings."""
        columns = zip(told, *(figures for _, figures in rows), strict=True)
        return console.width - sum(2 + max(map(cell_len, "\n".join(column).split("\n"))) for column in columns)

    if not console.is_terminal:
        console.width += max(0, longest - room(headings))
    elif room(headings) < longest:
        headings = [heading.replace(" ", "\n") for heading in headings]
    if room(headings) < min(longest, FOLDED):
        for name, figures in rows:
            console.print(Text(name, overflow="fold"))
            told = (f"{heading} {figure}" for heading, figure in zip(headings, figures, strict=True))
            for line in _filled((one.replace("\n", " ") for one in told), console.width - 2):
                console.print(Text(f"  {line}"))
        return
    table = Table(Column("", overflow="fold"), box=None, pad_edge=False)
    for heading, *column in zip(headings, *(figures for _, figures in rows), strict=True):
        plain = not any(" " in figure for figure in column)
        table.add_column(Text(heading), justify="right" if plain else "left", no_wrap=True)
    for name, figures in rows:
        table.add_row(Text(name), *map(Text, figures))
    console.print(table)


def _filled(pieces: Iterable[str], width: int) -> Iterator[str]:
    """Lines with as many pieces as fit, none of which is broken."""
    line = ""
    for piece in pieces:
        longer = f"{line}, {piece}" if line else piece
        if line and len(longer) > width:
            yield f"{line},"
            longer = piece
        line = longer
    yield line


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
