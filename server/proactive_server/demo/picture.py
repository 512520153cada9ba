"""The timeline as a person reads it: what happened, how much need was felt, what was decided and why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

BAR = 10
"""How many cells a need of 1 fills."""


def draw(console: Console, path: Path) -> None:
    """Write what a recording console has shown as an SVG that loads nothing from anywhere, fonts included."""
    svg = re.sub(r"@font-face\s*\{[^}]*\}\s*", "", console.export_svg(title="proactive demo"))
    path.write_text(svg, encoding="utf-8", newline="\n")


class Picture:
    """Prints what a timeline has more than at the last look."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._begin: datetime | None = None
        self._seen: set[str] = set()

    def tell(self, words: str) -> None:
        """Say what the person does next."""
        self._console.print()
        self._console.print(Text(words, style="italic"))

    def show(self, timeline: Mapping[str, Any]) -> None:
        """Print the new events and decisions, in the order of time."""
        rows = [(event["time"], 0, event) for event in timeline["events"]]
        rows += [(decision["time"], 1, decision) for decision in timeline["decisions"]]
        for time, sort, row in sorted(rows, key=lambda row: row[:2]):
            mark = f"{time} {sort} {row.get('kind', row.get('boundary'))}"
            if mark in self._seen:
                continue
            self._seen.add(mark)
            at = datetime.fromisoformat(time)
            self._begin = self._begin or at
            line = Text.assemble((f"{(at - self._begin).total_seconds():6.1f} s  ", "dim"))
            line.append_text(decision_text(row) if sort else event_text(row))
            self._console.print(line, soft_wrap=False, overflow="ellipsis", no_wrap=True)


def event_text(event: Mapping[str, Any]) -> Text:
    """An event's sentence."""
    kind = str(event["kind"])
    style = "green" if kind in ("suggestion.accepted", "suggestion.done_alone") else ""
    return Text(str(event["sentence"]), style=style)


def decision_text(decision: Mapping[str, Any]) -> Text:
    """A decision: its boundary, the need as a bar, and what was offered or why nothing was."""
    text = Text.assemble(("└ ", "dim"))
    text.append(f"{decision['boundary'].replace('_', ' '):<11}", style="cyan")
    need = decision.get("need")
    if need is not None:
        filled = round(need * BAR)
        text.append("█" * filled, style="magenta")
        text.append("░" * (BAR - filled), style="dim")
        text.append(f" {need:.2f}  ")
    suggestion = decision.get("suggestion")
    if suggestion:
        text.append(f"suggests: {suggestion['title']}", style="bold yellow")
    else:
        text.append(f"silent: {decision['text']}", style="blue")
    return text
