"""Scenes and their variety as tables for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from proactive_training.gym.scene import Level, Scene
from proactive_training.gym.scene_check import BANDS, variety


def print_list(scenes: Sequence[Scene], console: Console | None = None) -> None:
    """One row for each scene."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("id", "domain", "title", "trade", "country", "age", "language", "level"):
        table.add_column(name, justify="right" if name == "age" else "left", no_wrap=name == "id")
    for scene in scenes:
        who = scene.persona
        cells = (
            scene.id,
            scene.domain,
            scene.title,
            who.trade,
            who.country,
            str(who.age),
            who.language,
            who.level,
        )
        table.add_row(*(Text(cell) for cell in cells))
    (console or Console(highlight=False)).print(table)


def print_variety(scenes: Sequence[Scene], console: Console | None = None) -> None:
    """For each domain, how many different values there are; of ages and levels, how often each is met."""
    found = variety(scenes)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    for domain in found:
        table.add_column(domain, justify="right")
    table.add_row("scenes", *(str(sum(scene.domain is domain for scene in scenes)) for domain in found))
    for name in ("countries", "languages", "trades", "tools", "programming"):
        table.add_row(name, *(str(len(aspects[name])) for aspects in found.values()))
    for name, values in (("ages", BANDS), ("levels", tuple(Level))):
        for value in values:
            table.add_row(f"{name}: {value}", *(str(aspects[name][value]) for aspects in found.values()))
    (console or Console(highlight=False)).print(table)
