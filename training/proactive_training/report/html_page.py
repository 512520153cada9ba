"""The report as one HTML file: no script, nothing loaded from elsewhere, light and dark, fit for paper."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.resources import files

from proactive_training.report.canvas import SERIES, Plot, inline
from proactive_training.report.groups import Group
from proactive_training.report.tables import Cell, Table, tables
from proactive_training.report.words import MEANINGS, TASKS, TITLE, gaps, sources, summary, verdict

DARK = ("#6db3f2", "#f0935a", "#4fc79b", "#e58bc4", "#d3b04a", "#a79cff", "#5cc6d8", "#c99a7c")
"""The lines' colours on a dark page, in the order of the light ones."""


def html_page(groups: Sequence[Group], drawn: dict[str, list[Plot]]) -> str:
    """The whole page; ``drawn`` holds the pictures by the groups' slugs."""
    links = "".join(f'<li><a href="#{group.slug}">{escape(_title(group, groups))}</a></li>' for group in groups)
    sections = "".join(_section(group, groups, drawn[group.slug]) for group in groups)
    meanings = "".join(f"<dt>{escape(word)}</dt><dd>{escape(told)}</dd>" for word, told in MEANINGS)
    sheet = (files("proactive_training.report") / "page.css").read_text(encoding="utf-8")
    style = sheet.replace("LIGHT", _series(SERIES)).replace("DARK", _series(DARK))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n<title>{TITLE}</title>\n<style>{style}</style>\n'
        "</head>\n"
        f'<body>\n<header><h1>{TITLE}</h1><p class="lead">{escape(summary(groups))}</p>\n'
        f'<nav aria-label="Sections"><ul>{links}<li><a href="#meanings">What the figures mean</a></li>'
        f'<li><a href="#sources">Where they come from</a></li></ul></nav></header>\n<main>\n{sections}\n'
        f'<section id="meanings" aria-labelledby="h-meanings"><h2 id="h-meanings">What the figures mean</h2>'
        f"<dl>{meanings}</dl></section>\n"
        f'<section id="sources" aria-labelledby="h-sources"><h2 id="h-sources">Where they come from</h2>'
        f"{_sources(groups)}</section>\n</main>\n"
        "<footer><p>Made by proactive report; recall, precision, accuracy, false alarm and F1 are defined as in "
        "arXiv 2410.12361.</p></footer>\n</body>\n</html>\n"
    )


def _section(group: Group, groups: Sequence[Group], drawn: Sequence[Plot]) -> str:
    found = tables(group)
    told = verdict(group)
    missing = gaps(group)
    parts = [
        f'<section id="{group.slug}" aria-labelledby="h-{group.slug}">',
        f'<h2 id="h-{group.slug}">{escape(_title(group, groups))}</h2>',
        f'<p class="lead">{escape(group.data)}: {escape(TASKS[group.task][1])}.</p>',
        f'<p class="verdict">{escape(told)}</p>' if told else "",
        *(_table(table) for table in found[:-1]),
        *(_figure(plot) for plot in drawn),
        _table(found[-1]),
        "<h3>What could not be measured, and why</h3>",
        f"<ul>{''.join(f'<li>{escape(gap)}</li>' for gap in missing)}</ul>"
        if missing
        else "<p>Nothing is missing.</p>",
        "</section>",
    ]
    return "\n".join(part for part in parts if part)


def _title(group: Group, groups: Sequence[Group]) -> str:
    title = TASKS[group.task][0]
    alone = sum(other.task is group.task for other in groups) == 1
    return title if alone else f"{title} ({group.data})"


def _figure(plot: Plot) -> str:
    picture = inline(plot, escape(f"{plot.title}. {plot.told}", quote=True))
    return (
        f'<h3>{escape(plot.title)}</h3>\n<figure class="scroll" tabindex="0">{picture}'
        f"<figcaption>{escape(plot.caption)}</figcaption></figure>"
    )


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(one) or "<span></span>"}</th>' for one in table.headings)
    body = "".join(_row(row) for row in table.rows)
    note = f"<caption>{escape(table.note)}</caption>" if table.note else ""
    return (
        f'<h3>{escape(table.title)}</h3>\n<div class="scroll" role="region" tabindex="0" '
        f'aria-label="{escape(table.title, quote=True)}"><table>{note}<thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(row: Sequence[Cell]) -> str:
    first, *rest = row
    cells = "".join(f"<td{_class(cell)}>{escape(cell.text)}{_small(cell.interval)}</td>" for cell in rest)
    baseline = ' class="baseline"' if first.mark == "baseline" else ""
    return f'<tr{baseline}><th scope="row">{escape(first.text)}</th>{cells}</tr>'


def _small(text: str) -> str:
    return f"<small>{escape(text)}</small>" if text else ""


def _class(cell: Cell) -> str:
    return f' class="{cell.mark}"' if cell.mark else ""


def _sources(groups: Sequence[Group]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(kind)}</td><td class="words">{escape(how)}</td>'
        f'<td>{escape(data)}</td><td class="words"><code>{escape(command)}</code></td></tr>'
        for group in groups
        for name, kind, how, data, command in sources(group)
    )
    head = "".join(
        f'<th scope="col">{one}</th>' for one in ("evaluation", "kind", "measured", "data, day", "command")
    )
    return (
        '<div class="scroll" role="region" tabindex="0" aria-label="Where the figures come from"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _series(colours: Sequence[str]) -> str:
    return " ".join(f"--s{number}: {colour};" for number, colour in enumerate(colours))
