"""The tables of a report as plain values, which the HTML and the Markdown page share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from proactive_training.evaluation_file import Exposure, Task
from proactive_training.report.groups import Entry, Group
from proactive_training.report.words import signed

EXPOSURES = {
    Exposure.NONE: "never fitted to such data",
    Exposure.HELD_OUT: "held out",
    Exposure.SEEN: "seen in training",
    Exposure.UNKNOWN: "not known",
}

_COLUMNS = {
    "f1": "F1",
    "f1_over_always": "F1 over always",
    "false_alarm": "false alarm",
    "precision": "precision",
    "recall": "recall",
    "accuracy": "accuracy",
    "auc": "AUC",
    "within_auc": "AUC in traces",
    "calibration_error": "calibration error",
    "false_alarms_per_hour": "false alarms/h",
    "speaks": "speaks",
}


@frozen
class Cell:
    """What stands in a table at one place."""

    text: str
    interval: str = ""
    mark: str = ""  #: ``seen``, ``best``, ``baseline`` or nothing


@frozen
class Table:
    """Rows under headings; the first column names the row."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


def tables(group: Group) -> list[Table]:
    """All tables of a group."""
    found = [_figures(group, group.entries, "All evaluations")]
    if group.common:
        count = group.common[0].evaluation.figures["n"]
        found.append(_figures(group, group.common, f"On the {count} events that all of them answered"))
    if len({domain for entry in group.entries for domain in entry.evaluation.figures["domains"]}) > 1:
        found.append(_domains(group))
    if parts := _parts(group):
        found.append(parts)
    if any(row.category for entry in group.entries for row in entry.evaluation.rows):
        found.append(_categories(group))
    found.append(_traces(group))
    return found


def _figures(group: Group, entries: Sequence[Entry], title: str) -> Table:
    columns = [key for key in _COLUMNS if any(e.evaluation.figures.get(key) is not None for e in entries)]
    new = [entry for entry in entries if entry.evaluation.exposure is not Exposure.SEEN]
    # On different events F1 cannot be compared.
    same = group.compared is entries
    best = max((entry.evaluation.figures["f1"] for entry in new), default=None) if same else None
    rows = []
    for entry in entries:
        one = entry.evaluation
        seen = one.exposure is Exposure.SEEN
        cells = [figure(one.figures, key, "best" if key == "f1" and not seen and one.figures["f1"] == best else "")
                 for key in columns]  # fmt: skip
        exposure = Cell(EXPOSURES[one.exposure], mark="seen" if seen else "")
        size = Cell(f"{one.figures['n']}", f"{len(one.figures['traces'])} traces")
        rows.append((Cell(f"{entry.number}. {one.name}", mark="seen" if seen else ""), exposure, size, *cells))
    rows += _baselines(group, entries, columns)
    headings = tuple(_heading(group, key) for key in columns)
    return Table(
        title,
        ("", "this data was", "asked" if group.task is Task.REWARD else "events", *headings),
        tuple(rows),
    )


def _baselines(group: Group, entries: Sequence[Entry], columns: Sequence[str]) -> list[tuple[Cell, ...]]:
    """Always and never, for each set of events on which they differ."""
    found: dict[tuple[object, ...], tuple[Cell, ...]] = {}
    for entry in entries:
        figures = entry.evaluation.figures
        for name, baseline in figures["baselines"].items():
            traces = f"{len(figures['traces'])} traces"
            key = (name, figures["n"], traces, *(baseline.get(column) for column in columns))
            cells = (figure(baseline, column) for column in columns)
            found.setdefault(
                key, (Cell(name, mark="baseline"), Cell("–"), Cell(str(figures["n"]), traces), *cells)
            )
    return list(found.values())


def _domains(group: Group) -> Table:
    domains = sorted({domain for entry in group.entries for domain in entry.evaluation.figures["domains"]})
    rows = []
    for entry in group.entries:
        found = entry.evaluation.figures["domains"]
        cells = (figure(found[d], "f1") if d in found else Cell("–") for d in domains)
        rows.append((Cell(f"{entry.number}. {entry.evaluation.name}"), *cells))
    for entry in group.entries[:1]:
        found = entry.evaluation.figures["domains"]
        always = (found[d]["baselines"].get("always") if d in found else None for d in domains)
        if group.settled:
            rows.append((Cell("always", mark="baseline"), *(figure(one or {}, "f1") for one in always)))
    return Table("F1 by domain", ("", *domains), tuple(rows))


def _parts(group: Group) -> Table | None:
    """F1 and AUC of the parts that whoever wrote the files measured by themselves, such as the published split."""
    names = list(
        dict.fromkeys(
            key
            for entry in group.entries
            for key, value in entry.evaluation.figures.items()
            if isinstance(value, dict) and {"n", "f1", "ci"} <= value.keys()
        )
    )
    if not names:
        return None
    headings = [f"{name.replace('_', ' ')}, {what}" for name in names for what in ("F1", "AUC")]
    rows = {
        f"{entry.number}. {entry.evaluation.name}": [
            figure(entry.evaluation.figures.get(name) or {}, key) for name in names for key in ("f1", "auc")
        ]
        for entry in group.entries
    }
    models = set(rows)
    for place, name in enumerate(names):
        part = next(found for entry in group.entries if (found := entry.evaluation.figures.get(name)))
        for baseline, figures in part.get("baselines", {}).items():
            rows.setdefault(baseline, [Cell("–") for _ in headings])[2 * place] = figure(figures, "f1")
    lines = tuple((Cell(name, mark="" if name in models else "baseline"), *cells) for name, cells in rows.items())
    return Table("On parts of it", ("", *headings), lines)


def _categories(group: Group) -> Table:
    names = sorted({row.category for entry in group.entries for row in entry.evaluation.rows if row.category})
    rows = []
    for entry in group.entries:
        cells = []
        for name in names:
            here = [row for row in entry.evaluation.rows if row.category == name]
            right = sum(row.speaks == row.label for row in here)
            cells.append(Cell(f"{right / len(here):.2f}", f"of {len(here)}") if here else Cell("–"))
        rows.append((Cell(f"{entry.number}. {entry.evaluation.name}"), *cells))
    return Table("Share answered right, by category", ("", *names), tuple(rows))


def _traces(group: Group) -> Table:
    """A row for each trace, a column for each evaluation."""
    traces: dict[str, dict[str, Any]] = {}
    found: dict[tuple[str, int], Cell] = {}
    does = _heading(group, "speaks")
    for entry in group.entries:
        for trace in entry.evaluation.figures["traces"]:
            traces.setdefault(trace["trace"], trace)
            found[trace["trace"], entry.number] = Cell(f"{trace['f1']:.2f}", f"{does} {trace['speaks']:.0%}")
    what = {Task.NEED: "needed", Task.REWARD: "accepted", Task.AGENT: "right to speak"}[group.task]
    rows = tuple(
        (
            Cell(name), Cell(trace["domain"]), Cell(f"{trace['labels'] / trace['n']:.0%}", f"of {trace['n']}"),
            *(found.get((name, entry.number), Cell("–")) for entry in group.entries),
        )
        for name, trace in sorted(traces.items(), key=lambda item: (item[1]["domain"], item[0]))
    )  # fmt: skip
    headings = ("trace", "domain", what, *(str(entry.number) for entry in group.entries))
    return Table("F1 trace by trace", headings, rows, "Columns are the numbers of the evaluations.")


def figure(figures: dict[str, Any], key: str, mark: str = "") -> Cell:
    """A figure with its interval."""
    value, interval = figures.get(key), figures.get("ci", {}).get(key)
    if value is None:
        return Cell("–")
    digits = 1 if key == "false_alarms_per_hour" else 2

    def told(number: float) -> str:
        return signed(number) if key == "f1_over_always" else f"{number:.{digits}f}"

    return Cell(told(value), f"{told(interval[0])} to {told(interval[1])}" if interval else "", mark)


def _heading(group: Group, key: str) -> str:
    return "accepts" if key == "speaks" and group.task is Task.REWARD else _COLUMNS[key]
