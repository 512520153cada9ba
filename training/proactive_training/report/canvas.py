"""Drawing with matplotlib: how pictures look, and how they come out as SVG for the page and PNG for Markdown."""

from __future__ import annotations

import io
import re
import textwrap
import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from attrs import frozen

from proactive_training.bench.needs import need

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, RULE, FAINT = "#202428", "#d7dbe0", "#8a9099"
SERIES = ("#0b62a4", "#c4500b", "#0a8558", "#a8327e", "#8a6a00", "#5a4fcf", "#1a8ca0", "#7a4a2b")
"""Colours of lines, told apart by the colour-blind too; past these the dashes differ."""

DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))

DASHED = (0, (4, 2))
"""Of lines to compare with."""

_VARIABLES = {INK: "currentColor", RULE: "var(--rule)", FAINT: "var(--faint)"} | {
    colour: f"var(--s{number})" for number, colour in enumerate(SERIES)
}


@frozen
class Plot:
    """A finished picture."""

    name: str  #: of its files
    title: str
    caption: str  #: what it shows, and what to look for
    told: str  #: what can be seen, in words, for those who do not see it
    svg: str
    png: bytes


def look() -> AbstractContextManager[None]:
    """Everything is drawn inside this.

    Raises:
        TrainingError: matplotlib is not installed.
    """
    matplotlib = need("matplotlib", "report")
    from matplotlib.font_manager import fontManager

    there = {font.name for font in fontManager.ttflist}
    fonts = [_FONT, *(name for name in _WIDE_FONTS if name in there)]
    context: AbstractContextManager[None] = matplotlib.rc_context(_LOOK | {"font.sans-serif": fonts})
    return context


def style(number: int) -> dict[str, Any]:
    """Colour and dashes of the n-th line, counted from zero."""
    return {"color": SERIES[number % len(SERIES)], "linestyle": DASHES[number // len(SERIES) % len(DASHES)]}


def new_figure(width: float, height: float, columns: int = 1, rows: int = 1) -> tuple[Figure, list[Axes]]:
    """A figure (in inches) with its axes, in reading order."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False)
    axes = [one for row in grid for one in row]
    for one in axes:
        one.grid(visible=True, color=RULE, linewidth=0.7)
        one.set_axisbelow(True)
        for side in ("top", "right"):
            one.spines[side].set_visible(False)
    return figure, axes


def finish(figure: Figure, name: str, title: str, caption: str, told: str) -> Plot:
    """Draw it."""
    svg, png = io.BytesIO(), io.BytesIO()
    with warnings.catch_warnings():
        # A letter that no font here has is a box in the PNG; the page's text and the SVG's have it.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
        figure.set_layout_engine("none")  # where everything stands is known now
        figure.savefig(png, format="png", dpi=144, facecolor="white", metadata={"Software": None})
    return Plot(name, title, caption, told, svg.getvalue().decode(), png.getvalue())


def inline(plot: Plot, alternative: str) -> str:
    """The SVG as it stands in a page: its colours follow the page's, its names clash with no other picture's."""
    svg = plot.svg[plot.svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, variable)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{plot.name}-\1"', svg)
    svg = re.sub(r'href="#([^"]+)"', rf'href="#{plot.name}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{plot.name}-\1)", svg)
    width = re.search(r'<svg[^>]*? width="([\d.]+)pt"', svg)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    points = float(width[1]) if width else 600.0  # narrower than that it scrolls, wider it would shout
    largest = f' style="min-width: {points * 0.95:.0f}px; max-width: {points * 1.6:.0f}px"'
    return svg.replace("<svg", f'<svg role="img" aria-label="{alternative}"{largest}', 1)


def labelled_points(axes: Axes, points: Sequence[tuple[float, float, int]], *, width: float = 1.0) -> None:
    """Grey dots with their numbers, which stand together where the dots do; ``width`` is the horizontal range."""
    near_x, near_y = 0.05 * (width or 1.0), 0.04
    clusters: list[list[tuple[float, float, int]]] = []
    for point in points:
        kin = [
            c for c in clusters if any(abs(point[0] - x) < near_x and abs(point[1] - y) < near_y for x, y, _ in c)
        ]
        clusters = [c for c in clusters if c not in kin] + [[point, *(one for c in kin for one in c)]]
    for cluster in clusters:
        axes.scatter([x for x, *_ in cluster], [y for _, y, _ in cluster], s=22, color=FAINT, zorder=3)
        x, y, right = _middle(cluster), max(y for _, y, _ in cluster), max(x for x, *_ in cluster) > 0.85 * width
        numbers = textwrap.fill(runs(sorted(number for *_, number in cluster)), 18)
        axes.annotate(
            numbers, (max(x for x, *_ in cluster) if right else x, y), xytext=(0, 5), textcoords="offset points",
            ha="right" if right else "center", va="bottom", fontsize=8, color=INK, zorder=4,
        )  # fmt: skip


def _middle(cluster: Sequence[tuple[float, float, int]]) -> float:
    return sum(x for x, *_ in cluster) / len(cluster)


def runs(numbers: Sequence[int]) -> str:
    """Numbers as people write them: ``1, 3–5``."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(str(p[0]) if len(p) == 1 else f"{p[0]}{'–' if len(p) > 2 else ', '}{p[-1]}" for p in parts)


_FONT = "DejaVu Sans"
_WIDE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "Microsoft YaHei",
    "PingFang SC",
    "Arial Unicode MS",
)
"""What letters of names are drawn with that the first has not, where they are installed."""

_LOOK = {
    "svg.fonttype": "none",  # text stays text: it can be searched, and takes the page's font
    "svg.hashsalt": "proactive",  # the same numbers, the same file
    "font.family": "sans-serif",
    "text.parse_math": False,  # a dollar sign in a name is one
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "text.color": INK,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.fontsize": 8,
}
