"""``proactive report``, for real: its pages, read as a browser and a person's tools would."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from attrs import evolve
from typer.testing import CliRunner, Result

from proactive_training.commands import report
from proactive_training.evaluation_figures import evaluation_figures
from proactive_training.evaluation_file import Evaluation, Exposure, Task, write_evaluations
from proactive_training.report.canvas import SERIES
from proactive_training.report.html_page import DARK
from proactive_training.report.words import TASKS

Maker = Callable[..., Evaluation]
EVIL = "<script>alert('x')</script> & | [x](y) *b*"


def _report(*arguments: object) -> Result:
    return CliRunner().invoke(report.app, [*map(str, arguments)], env={"COLUMNS": "200"})


class _Page(HTMLParser):
    """What a page is made of; complains where tags do not match."""

    VOID = frozenset({"meta", "br", "link", "img"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def written(make: Maker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A report on gates, published answers on some of the traces, a judge and an agent."""
    root = tmp_path_factory.mktemp("report")
    write_evaluations(
        root / "need.json",
        [
            make("our gate", command="proactive train gate --data bench"),
            make("our gate at best F1", threshold=0.4),
            make("weak gate", skill=0.1, seed=1),
            make("shipped", skill=0.9, exposure=Exposure.SEEN),
            make(EVIL, scored=False, traces=3, seed=3, notes=("Two events have no answer.",)),
        ],
    )
    write_evaluations(root / "reward.json", [make("a judge", Task.REWARD)])
    write_evaluations(root / "agent.json", [make("an agent", Task.AGENT, scored=False)])
    result = _report(
        root / "need.json", root / "reward.json", root / "agent.json", "--out", root / "out", "--json"
    )
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout.splitlines()[-1])
    assert found["evaluations"] == 7
    assert all(Path(path).stat().st_size > 1000 for path in [found["html"], found["markdown"], *found["plots"]])
    yield root


@pytest.fixture(scope="module")
def page(written: Path) -> _Page:
    return _Page((written / "out/report.html").read_text(encoding="utf-8"))


def test_the_page_loads_nothing_and_links_only_into_itself(page: _Page) -> None:
    ids = [str(attributes["id"]) for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.tags:
        assert tag not in ("script", "img", "link", "iframe")
        for name, value in attributes.items():
            if name in ("href", "xlink:href", "src"):
                assert value is not None and value.startswith("#")
                assert value[1:] in ids
            elif not name.startswith("xmlns"):
                assert "//" not in (value or "").replace("aria-label", "") or name == "aria-label"
            for reference in re.findall(r"url\(#([^)]+)\)", value or ""):
                assert reference in ids
    assert not re.search(r"@import|url\((?!#)", "".join(page.texts))


def test_the_page_can_be_read_by_ear(page: _Page) -> None:
    assert page.all("html")[0]["lang"] == "en"
    assert all(attributes.get("scope") in ("col", "row") for attributes in page.all("th"))
    pictures = page.all("svg")
    assert len(pictures) == 5 + 4 + 1  # judged tasks have no hours, an agent has no curves
    assert all(picture["role"] == "img" and len(str(picture["aria-label"])) > 40 for picture in pictures)
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    scrolled = [attributes for _, attributes in page.tags if attributes.get("class") == "scroll"]
    assert scrolled and all(attributes.get("tabindex") == "0" for attributes in scrolled)


def test_names_are_told_as_they_are_and_never_obeyed(page: _Page, written: Path) -> None:
    assert any(EVIL in text for text in page.texts)
    lines = (written / "out/report.md").read_text(encoding="utf-8").splitlines()
    named = [line for line in lines if "alert" in line and line.startswith("| ")]
    assert named
    for line in named:
        assert re.search(r"(?<!\\)<script", line) is None
        assert re.search(r"(?<!\\)\[x", line) is None


def test_everything_is_there(page: _Page) -> None:
    told = " ".join(page.texts)
    for wanted in (
        *(TASKS[task][0] for task in Task),
        "All evaluations",
        "On the 36 events that all of them answered",
        "F1 by domain",
        "F1 trace by trace",
        "Share answered right, by category",
        "seen in training",
        "always",
        "never",
        "calibration error",
        "What could not be measured, and why",
        "Two events have no answer.",
        "proactive train gate --data bench",
        "Threshold against false alarms per hour",
    ):
        assert wanted in told, wanted


def test_figures_on_the_page_are_those_of_the_file(written: Path, page: _Page, make: Maker) -> None:
    figures = make("our gate").figures
    texts = page.texts
    low, high = figures["ci"]["f1"]
    assert f"{low:.2f} to {high:.2f}" in texts
    assert f"{figures['f1']:.2f}" in texts
    markdown = (written / "out/report.md").read_text(encoding="utf-8")
    assert f"{figures['f1']:.2f} [{low:.2f} {high:.2f}]" in markdown


def test_markdown_shows_its_pictures_and_its_tables_are_square(written: Path) -> None:
    markdown = (written / "out/report.md").read_text(encoding="utf-8")
    pictures = re.findall(r"\]\((plots/[^)]+\.png)\)", markdown)
    assert len(pictures) == 10
    for picture in pictures:
        assert (written / "out" / picture).read_bytes().startswith(b"\x89PNG")
    for block in markdown.split("\n\n"):
        if block.startswith("| "):
            assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1


def test_pictures_are_good_svg_and_the_same_each_time(written: Path) -> None:
    before = {path.name: path.read_bytes() for path in (written / "out/plots").glob("*.svg")}
    assert len(before) == 10
    for content in before.values():
        assert ElementTree.fromstring(content).tag.endswith("svg")
    stale, other = written / "out/plots/need-9-overview.png", written / "out/plots/holiday.png"
    stale.write_bytes(b"")
    other.write_bytes(b"")
    assert _report(written / "reward.json", "--out", written / "again").exit_code == 0
    again = _report(*(written / f"{n}.json" for n in ("need", "reward", "agent")), "--out", written / "out")
    assert "7 evaluations" in again.stdout
    assert {path.name: path.read_bytes() for path in (written / "out/plots").glob("*.svg")} == before
    assert other.exists() and not stale.exists()


def test_every_colour_has_its_dark_one() -> None:
    assert len(DARK) == len(SERIES)
    assert set(TASKS) == set(Task)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file"),
        (b"{}", "is no evaluation file"),
        (b'{"format": "proactive-evaluation", "version": 1, "evaluations": []}', "nothing to report"),
    ],
)
def test_what_cannot_be_reported_is_said_in_one_sentence(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "x.json").write_bytes(content)
    result = _report(tmp_path / "x.json", "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_place_that_cannot_be_written_to_is_said(written: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = _report(written / "agent.json", "--out", tmp_path / "file")
    assert result.exit_code == 1
    assert "give another place with --out" in result.stderr


def test_without_matplotlib_the_remedy_is_named(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = _report(written / "need.json", "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "pip install 'proactive-lsp[report]'" in result.stderr


def test_many_evaluations_are_drawn_as_far_as_they_can_be(make: Maker, tmp_path: Path) -> None:
    many: list[Any] = [make(f"gate number {n}", seed=n, traces=2, skill=n / 40, scored=n < 2) for n in range(15)]
    write_evaluations(tmp_path / "x.json", many)
    assert _report(tmp_path / "x.json", "--out", tmp_path / "out").exit_code == 0
    told = (tmp_path / "out/report.html").read_text(encoding="utf-8")
    assert "The 3 further down the table are not drawn." in told
    assert "15. gate number" in told


@pytest.mark.parametrize("name", ["x$_$", "a$\\frac$b", "模型 é", "costs $5 or $6"])
def test_a_name_is_drawn_whatever_letters_it_has(make: Maker, tmp_path: Path, name: str) -> None:
    write_evaluations(tmp_path / "x.json", [make(name), make("another")])
    result = _report(tmp_path / "x.json", "--out", tmp_path / "out")  # a warning would be an error here
    assert result.exit_code == 0, result.output
    told = _Page((tmp_path / "out/report.html").read_text(encoding="utf-8")).texts
    drawn = ElementTree.parse(next((tmp_path / "out/plots").glob("*overview.svg"))).getroot()
    assert any(name in text for text in told)
    assert any(name in text for text in drawn.itertext())


@pytest.mark.parametrize("task", [Task.NEED, Task.REWARD])
@pytest.mark.parametrize("events", [1, 60])
def test_labels_of_one_class_have_no_auc_and_are_drawn_all_the_same(
    make: Maker, tmp_path: Path, task: Task, events: int
) -> None:
    whole = make("wanted throughout", task)
    rows = tuple(evolve(row, label=True) for row in whole.rows[:events])
    figures = evaluation_figures(rows, task)
    write_evaluations(tmp_path / "x.json", [evolve(whole, rows=rows, figures=figures)])
    result = _report(tmp_path / "x.json", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    told = (tmp_path / "out/report.md").read_text(encoding="utf-8")
    assert "1 wanted throughout: AUC none" in told
    assert "- One class of labels only: no AUC." in told


def test_the_same_scores_with_and_without_hours_are_drawn(make: Maker, tmp_path: Path) -> None:
    clocked = make("clocked")
    rows = tuple(evolve(row, seconds=None) for row in clocked.rows)
    unclocked = evolve(clocked, name="hourless", rows=rows, figures=evaluation_figures(rows))
    write_evaluations(tmp_path / "x.json", [clocked, unclocked])
    result = _report(tmp_path / "x.json", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    told = (tmp_path / "out/report.md").read_text(encoding="utf-8")
    assert "clocked at 0.5: " in told and "hourless at 0.5: " not in told


def test_help_teaches() -> None:
    told = _report("--help").output
    for word in ("report.html", "proactive-lsp[report]", "Example"):
        assert word in told
