"""Pictures with a small one for each evaluation: reliability, and trace by trace."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from proactive_training.evaluation_figures import scores_of
from proactive_training.evaluation_file import Task
from proactive_training.report.canvas import DASHED, FAINT, INK, RULE, Plot, finish, new_figure, style
from proactive_training.report.curves import reliability
from proactive_training.report.groups import Group
from proactive_training.report.lines import alike, name_of, seen, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_PANELS = 12
"""How many small pictures stand in one plot at most; those further down the table are left out, and it is said."""


def reliability_diagrams(group: Group) -> Plot | None:
    """What was said against what was; ``None`` without scores."""
    scored = [same for same in alike(group.entries) if scores_of(same[0].evaluation.rows) is not None]
    if not scored:
        return None
    shown, left = scored[:MOST_PANELS], len(scored) - MOST_PANELS
    columns, rows = _grid(len(shown))
    figure, axes = new_figure(max(3.4, 2.4 * columns), 0.4 + 2.5 * rows, columns, rows)
    told = []
    for place, (one, same) in enumerate(zip(axes, shown, strict=False)):
        found, colour = reliability(same[0].evaluation.rows) or [], style(place)["color"]
        most = max(b.count for b in found)
        one.bar(
            [(b.low + b.high) / 2 for b in found],
            [0.22 * b.count / most for b in found],
            0.085,
            color=RULE,
            zorder=1,
        )
        one.plot([0, 1], [0, 1], color=FAINT, linewidth=0.9, linestyle=DASHED, zorder=2)
        for b in found:
            one.plot([b.said, b.said], b.interval or (b.was, b.was), color=colour, linewidth=1, zorder=3)
        one.plot(
            [b.said for b in found], [b.was for b in found], marker="o", markersize=3.5, linewidth=1.4, zorder=4,
            color=colour,
        )  # fmt: skip
        error = f"calibration error {same[0].evaluation.figures['calibration_error']:.2f}"
        one.set(xlim=(0, 1), ylim=(0, 1.02), title=f"{wrapped(same)}\n{error}")
        told.append(f"{name_of(same)}: {error}")
    _outside(axes, len(shown), columns, "score", "needed" if group.task is Task.NEED else "accepted")
    more = f" The {left} further down the table are not drawn." if left > 0 else ""
    return finish(
        figure, f"{group.slug}-reliability", "Reliability",
        "How often what a score says came true: on the dashed line it means what it says. Blocks on the ground: "
        f"how many events have such a score. Upright lines: 95 % over traces.{more}",
        "; ".join(told),
    )  # fmt: skip


def trace_by_trace(group: Group) -> Plot:
    """Of each trace, how much it needs against how much is spoken."""
    shown, left = group.entries[:MOST_PANELS], len(group.entries) - MOST_PANELS
    columns, rows = _grid(len(shown))
    figure, axes = new_figure(max(3.4, 2.3 * columns), 0.4 + 2.2 * rows, columns, rows)
    told = []
    for one, entry in zip(axes, shown, strict=False):
        traces = entry.evaluation.figures["traces"]
        needed = [trace["labels"] / trace["n"] for trace in traces]
        spoke = [trace["speaks"] for trace in traces]
        one.plot([0, 1], [0, 1], color=FAINT, linewidth=0.9, linestyle=DASHED, zorder=1)
        one.scatter(
            needed, spoke, s=[10 + trace["n"] ** 0.5 * 4 for trace in traces], zorder=2, alpha=0.75,
            linewidths=0.4, color=FAINT if seen(entry) else style(0)["color"], edgecolors=INK,
        )  # fmt: skip
        one.set(xlim=(-0.04, 1.04), ylim=(-0.04, 1.04), title=wrapped([entry]))
        told.append(f"{entry.evaluation.name} speaks at {min(spoke):.0%} to {max(spoke):.0%} of a trace's events")
    words = ("needed", "spoken at") if group.task is Task.NEED else ("accepted", "taken for acceptable")
    _outside(axes, len(shown), columns, f"share {words[0]}", f"share {words[1]}")
    more = f" The {left} further down the table are not drawn." if left > 0 else ""
    return finish(
        figure, f"{group.slug}-traces", "Trace by trace",
        f"Each dot is a trace: the share {words[0]} against the share {words[1]}. Whoever knows which traces want "
        f"help is near the dashed line; a flat row is a habit.{more}",
        "; ".join(told),
    )  # fmt: skip


def _grid(count: int) -> tuple[int, int]:
    columns = min(4, count)
    return columns, math.ceil(count / columns)


def _outside(axes: Sequence[Axes], shown: int, columns: int, x: str, y: str) -> None:
    """Labels at the left and at the bottom alone; axes without a picture are taken away."""
    for place, one in enumerate(axes):
        if place >= shown:
            one.remove()
            continue
        if place + columns >= shown:
            one.set_xlabel(x)
        if place % columns == 0:
            one.set_ylabel(y)
