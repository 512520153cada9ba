"""Tables for people: whole figures and names at every width."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from proactive_training.evaluation_file import Evaluation, Task
from proactive_training.report_lines import print_table

NAMES = ("llama[q4], pred@1", "[red]x", ":smile: a[/b]", "a model of a very long name, pred@3, judge in the loop")
FIGURES = {
    "n": 47, "f1": 0.51, "ci": {"f1": [0.42, 0.63]}, "f1_over_always": 0.14, "false_alarm": 0.25,
    "precision": 0.36, "recall": 0.47, "accuracy": 0.58, "auc": 0.69, "speaks": 0.71,
}  # fmt: skip
TOLD = ("0.51 [0.42 0.63]", "0.14", "0.25", "0.36", "0.47", "0.58", "0.69", "0.71", "47")
HEADINGS = ("F1", "always", "alarm", "precision", "recall", "accuracy", "auc", "speaks", "n")


def _table(*names: str, width: int, terminal: bool) -> str:
    always = {name: value for name, value in FIGURES.items() if name not in ("f1_over_always", "n")}
    found = [Evaluation(Task.AGENT, name, (), {**FIGURES, "baselines": {"always": always}}) for name in names]
    stream = io.StringIO()
    print_table(found, Console(file=stream, width=width, force_terminal=terminal, no_color=True))
    return stream.getvalue().replace("\x1b[1m", "").replace("\x1b[0m", "")


@pytest.mark.parametrize("width", [30, 80, 95, 110, 200])
def test_no_figure_is_ever_cut_on_a_terminal(width: int) -> None:
    told = _table(*NAMES, width=width, terminal=True)
    assert max(map(len, told.splitlines())) <= width
    assert told.count("0.51 [0.42 0.63]") == 5
    assert all(told.count(figure) >= len(NAMES) for figure in TOLD)
    assert all(heading in told for heading in HEADINGS)
    assert "…" not in told and "always" in told


def test_in_a_pipe_a_line_is_as_long_as_it_has_to_be() -> None:
    lines = _table(*NAMES, width=80, terminal=False).splitlines()
    assert [line.split("  ")[0] for line in lines[1:]] == [*NAMES, "always"]
    for line in lines[1:5]:
        assert [part.strip() for part in line.split("  ") if part.strip()][1:] == list(TOLD)


@pytest.mark.parametrize("terminal", [True, False])
def test_names_are_told_as_they_are(terminal: bool) -> None:
    told = _table(*NAMES[:3], width=80, terminal=terminal)
    assert all(name in told for name in NAMES[:3])
