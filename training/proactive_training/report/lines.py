"""How evaluations are named and drawn in the pictures of a report."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from proactive_training.evaluation_figures import ranking_of, scores_of
from proactive_training.evaluation_file import Exposure
from proactive_training.report.canvas import runs, style
from proactive_training.report.groups import Entry, Group


def alike(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Entries with the same scores together: they differ in the threshold alone."""
    found: dict[object, list[Entry]] = {}
    for entry in entries:
        ranking = ranking_of(entry.evaluation.rows)
        key = (tuple(ranking), tuple(scores_of(entry.evaluation.rows) or ())) if ranking else entry.number
        found.setdefault(key, []).append(entry)
    return list(found.values())


def name_of(same: Sequence[Entry], longest: int = 44) -> str:
    """Their numbers, and the name of the first."""
    name = same[0].evaluation.name + (" (seen)" if seen(same[0]) else "")
    return (
        f"{runs([entry.number for entry in same])}  {name if len(name) <= longest else name[: longest - 1] + '…'}"
    )


def wrapped(same: Sequence[Entry]) -> str:
    """The same in two lines at most, as a small picture's title."""
    return "\n".join(textwrap.wrap(name_of(same, 48), 26, max_lines=2, placeholder=" …"))


def seen(entry: Entry) -> bool:
    """Whether it was fitted to the very rows it is measured on."""
    return entry.evaluation.exposure is Exposure.SEEN


def line_of(same: Sequence[Entry], place: int) -> dict[str, Any]:
    """How the line at this place is drawn."""
    dots = {"linestyle": (0, (1, 1.5)), "linewidth": 1.2} if seen(same[0]) else {}
    return {"linewidth": 1.6, **style(place), **dots}


def on_common(group: Group) -> str:
    """On which events a picture is drawn, where these are not all."""
    count = group.common[0].evaluation.figures["n"] if group.common else 0
    return f" On the {count} events that all of them answered." if count else ""


def dotted(group: Group) -> str:
    """What dotted lines mean, where there are any."""
    return " Dotted: seen in training." if any(map(seen, group.entries)) else ""
