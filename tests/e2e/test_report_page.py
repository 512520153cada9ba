"""The report's page in a real browser: nothing is loaded, nothing runs over the edge, and dark is dark."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from needed_programs import need
from proactive_training.commands import report
from proactive_training.evaluation_figures import evaluation_figures
from proactive_training.evaluation_file import Evaluation, Row, Task, write_evaluations
from vscode_browser import chromium, chromium_path


@pytest.fixture
def page(tmp_path: Path) -> Path:
    evaluations = []
    for number in range(10):
        rows = [
            Row(f"trace-{n // 10}", n % 10, n % 3 == 0, n % 2 == 0, (n * (number + 1) % 11) / 11, seconds=20)
            for n in range(120)
        ]
        name = f"a model with a name of some length, the {number}th"
        evaluations.append(Evaluation(Task.NEED, name, tuple(rows), evaluation_figures(rows, resamples=50)))
    write_evaluations(tmp_path / "x.json", evaluations)
    result = CliRunner().invoke(report.app, [str(tmp_path / "x.json"), "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    return tmp_path / "out" / "report.html"


def test_the_page_in_a_browser(page: Path) -> None:
    need("chromium", [chromium_path() or "chromium", "--version"])
    with chromium() as browser:
        for width, scheme, dark in ((1280, "light", False), (390, "dark", True)):
            context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
            view = context.new_page()
            asked: list[str] = []
            said: list[str] = []
            view.on("request", lambda request, asked=asked: asked.append(request.url))
            view.on("console", lambda message, said=said: said.append(message.text))
            view.goto(page.as_uri())
            assert asked == [page.as_uri()]
            assert said == []
            assert view.evaluate("document.documentElement.scrollWidth") <= width
            assert (
                view.evaluate("Math.min(...[...document.querySelectorAll('svg')].map(s => s.clientWidth))") > 200
            )
            ground = view.evaluate("getComputedStyle(document.body).backgroundColor")
            ink = view.evaluate("getComputedStyle(document.querySelector('svg text')).fill")
            assert (_light(ground) < 0.3, _light(ink) > 0.7) == (dark, dark)
            view.emulate_media(media="print")
            assert _light(view.evaluate("getComputedStyle(document.body).backgroundColor")) == 1
            context.close()


def _light(colour: str) -> float:
    """0 for black, 1 for white, of ``rgb(1, 2, 3)``."""
    parts = [float(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    return sum(parts) / 765
