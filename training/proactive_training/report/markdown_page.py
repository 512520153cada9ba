"""The report as Markdown, with its pictures in files beside it."""

from __future__ import annotations

from collections.abc import Sequence

from proactive_training.report.canvas import Plot
from proactive_training.report.groups import Group
from proactive_training.report.tables import Cell, Table, tables
from proactive_training.report.words import MEANINGS, TASKS, TITLE, gaps, sources, summary, verdict


def markdown_page(groups: Sequence[Group], drawn: dict[str, list[Plot]], pictures: str) -> str:
    """The whole page; ``pictures`` is the folder of the pictures, as seen from the page."""
    parts = [f"# {TITLE}", summary(groups)]
    for group in groups:
        found = tables(group)
        parts += [f"## {TASKS[group.task][0]}", f"{group.data}: {TASKS[group.task][1]}. {verdict(group)}".strip()]
        for table in found[:-1]:
            parts += _table(table)
        for plot in drawn[group.slug]:
            parts += [f"### {plot.title}", f"![{_plain(plot.told)}]({pictures}/{plot.name}.png)", plot.caption]
        parts += _table(found[-1])
        parts.append("### What could not be measured, and why")
        parts.append("\n".join(f"- {gap}" for gap in gaps(group)) or "Nothing is missing.")
    parts += ["## What the figures mean", "\n".join(f"- **{word}**: {told}" for word, told in MEANINGS)]
    rows = [
        (*map(_plain, (name, kind, how, data)), f"`{_plain(command)}`" if command else "")
        for group in groups
        for name, kind, how, data, command in sources(group)
    ]
    parts += ["## Where they come from", _lines(("evaluation", "kind", "measured", "data, day", "command"), rows)]
    return "\n\n".join(parts) + "\n"


def _table(table: Table) -> list[str]:
    rows = [tuple(_cell(cell) for cell in row) for row in table.rows]
    return [f"### {table.title}", *([table.note] if table.note else []), _lines(table.headings, rows)]


def _cell(cell: Cell) -> str:
    text = _plain(cell.text)
    if cell.mark in ("best", "seen"):
        text = f"**{text}**"
    if " to " in cell.interval:
        return f"{text} [{cell.interval.replace(' to ', ' ')}]"
    return f"{text} ({_plain(cell.interval)})" if cell.interval else text


def _lines(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    whole = [tuple(headings), tuple("---" for _ in headings), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in whole)


def _plain(text: str) -> str:
    """Text that means nothing to Markdown's tables and links."""
    for mark in ("\\", "|", "[", "]", "<", "`", "*", "_"):
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())
