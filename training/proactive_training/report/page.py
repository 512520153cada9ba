"""Writes a report: one HTML page, the same in Markdown, and the pictures of both."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from proactive_training.errors import DataError
from proactive_training.evaluation_file import Evaluation
from proactive_training.report.groups import groups
from proactive_training.report.html_page import html_page
from proactive_training.report.markdown_page import markdown_page
from proactive_training.report.plots import plots

HTML, MARKDOWN, PICTURES = "report.html", "report.md", "plots"
"""What is written into the report's folder."""


_OURS = re.compile(r"(need|reward|agent)-\d+-[a-z-]+\.(svg|png)")


@frozen
class Written:
    """Where a report stands."""

    html: Path
    markdown: Path
    pictures: tuple[Path, ...]


def write_report(evaluations: Sequence[Evaluation], out: Path) -> Written:
    """Write the pages and pictures into a folder; those of an earlier report are replaced, other files stay.

    Raises:
        DataError: there is nothing to report, or the folder cannot be written to.
        TrainingError: matplotlib is not installed.
    """
    evaluations = [one for one in evaluations if one.rows]
    if not evaluations:
        raise DataError("the files hold no evaluation with rows; there is nothing to report")
    found = groups(evaluations)
    drawn = {group.slug: plots(group) for group in found}
    folder = out / PICTURES
    pictures = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            if _OURS.fullmatch(old.name):
                old.unlink()
        for plot in (plot for group in found for plot in drawn[group.slug]):
            for name, content in ((f"{plot.name}.svg", plot.svg.encode()), (f"{plot.name}.png", plot.png)):
                (folder / name).write_bytes(content)
                pictures.append(folder / name)
        (out / HTML).write_text(html_page(found, drawn), encoding="utf-8")
        (out / MARKDOWN).write_text(markdown_page(found, drawn, PICTURES), encoding="utf-8")
    except OSError as error:
        raise DataError(f"{out} cannot be written to: {error.strerror}; give another folder with --out") from error
    return Written(out / HTML, out / MARKDOWN, tuple(pictures))
