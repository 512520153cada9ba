"""An audit's figures as tables for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from proactive_training.bench.agreement import NAMES


def print_audit(report: dict[str, Any], console: Console | None = None) -> None:
    """Print the report of :func:`proactive_training.bench.audit.audit`."""
    console = console or Console(highlight=False)
    _verdict(report, console)
    names = ["sittings", "traces", "events", "contexts", "examples", "answers"]
    rows = ([split, *(f"{part[name]:,}" for name in names)] for split, part in report["splits"].items())
    _print(console, "Splits", ["split", *names], rows)
    _print(
        console,
        "Shared between splits",
        ["splits", "contexts", "traces", "near duplicates"],
        (
            [" and ".join(leak["splits"]), *(f"{leak[n]:,}" for n in ("contexts", "traces", "near_duplicates"))]
            for leak in report["leaks"]
        ),
    )
    _print(
        console,
        f"Near duplicates of different traces (similarity from {report['near_duplicates']['similarity']})",
        ["sittings", "similarity"],
        ([" and ".join(n["sittings"]), f"{n['similarity']:.2f}"] for n in report["near_duplicates"]["named"]),
    )
    _print(
        console,
        "Balance",
        ["split", "domain", "moments", "help needed", "judged offers", "accepted"],
        (
            [split, domain, f"{b['moments']:,}", _share(b["need"]), f"{b['offers']:,}", _share(b["accepted"])]
            for split, domains in report["balance"].items()
            for domain, b in domains.items()
        ),
    )
    for name, found in report["agreement"].items():
        if found["items"]:
            told = f"{found['items']:,} items, {found['votes']:,} votes, {found['traces']:,} traces"
            rows = ([words, _number(found[key]), _interval(found["ci"].get(key))] for key, words in NAMES.items())
            _print(console, f"Agreement on {name} ({told})", ["figure", "value", "95 %"], rows)
    for name, found in report["baselines"].items():
        if found:
            columns = ["f1", "precision", "recall", "accuracy", "false_alarm"]
            rows = ([n, *(f"{found[n][c]:.2f}" for c in columns)] for n in ("table", "always", "never"))
            what = "Help is needed" if name == "need" else "The offer is accepted"
            title = (
                f"{what}: what needs no model, on {found['n']:,} of test, {found['known']:.0%} known from train"
            )
            _print(console, title, ["told by", *columns], rows)


def _verdict(report: dict[str, Any], console: Console) -> None:
    console.print(
        Text(
            f"{report['test_contexts_in_train']:,} of {report['test_contexts']:,} test contexts and "
            f"{report['test_traces_in_train']:,} of {report['test_traces']:,} test traces also stand in train."
        )
    )
    if report["leaking"]:
        console.print(Text("The splits leak; make others: proactive bench split"), style="bold red")
    else:
        console.print(Text("No split leaks into another."), style="bold green")


def _print(console: Console, title: str, columns: list[str], rows: Iterable[list[str]]) -> None:
    table = Table(title=Text(title), title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(Text(column), justify="left" if number == 0 or column == "domain" else "right")
    for row in rows:
        table.add_row(*map(Text, row))  # Text, so that nothing in a name is taken for a style
    if table.row_count:
        console.print(table)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


def _number(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.2f}"


def _interval(interval: list[float] | None) -> str:
    return f"{interval[0]:.2f} to {interval[1]:.2f}" if interval else ""
