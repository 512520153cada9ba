from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import pytest

from proactive_collectors.events import (
    DiagnosticAppeared,
    DiagnosticLingering,
    EditBurst,
    SuggestionDismissed,
    TerminalRun,
)
from proactive_collectors.text import TextEdit, apply_edits
from proactive_training.errors import DataError
from proactive_training.project_copy import ProjectCopy, project_copy
from proactive_training.sittings import Sitting, sitting
from proactive_training.worker import HUSH
from proactive_training.wrong_turns import inverse, wrong_turns

SITTINGS = 3


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Sitting], dict[str, str], dict[str, str]]:
    """Sittings in a real project, and its files before and after."""
    root = tmp_path_factory.mktemp("src") / "shop-project"
    _write_project(root)
    with project_copy(root) as copy:
        before = _files(copy)
        made = [sitting(copy, seed) for seed in range(SITTINGS)]
        return made, before, _files(copy)


def _files(copy: ProjectCopy) -> dict[str, str]:
    return {path: (copy.root / path).read_text() for path in copy.texts}


def _write_project(root: Path) -> None:
    (root / "shop").mkdir(parents=True)
    (root / "shop" / "__init__.py").write_text("")
    (root / "shop" / "prices.py").write_text(
        "import json\nimport math\n\n\ndef rounded(price, digits=2):\n    factor = 10 ** digits\n"
        "    return math.floor(price * factor + 0.5) / factor\n\n\ndef total(prices):\n    amount = 0\n"
        "    for price in prices:\n        if price > 0:\n            amount = amount + price\n"
        "    return rounded(amount)\n\n\ndef load(text):\n    prices = json.loads(text)\n"
        "    return [rounded(price) for price in prices]\n"
    )
    (root / "test_prices.py").write_text(
        "from shop.prices import load, rounded, total\n\n\ndef test_total():\n"
        "    assert total([1.111, 2.0, -5]) == 3.11\n\n\n"
        "def test_load():\n    assert load('[1.0, 2]') == [rounded(1.0), 2]\n"
    )
    (root / "README.md").write_text(
        "# Shop\n\nThis small package adds up prices and rounds them in the usual way. It reads them "
        "from a file that another program has written. There is nothing to configure and nothing to install "
        "besides the package.\n"
    )


def test_runs_really_fail_and_really_pass(worked: tuple[list[Sitting], dict[str, str], dict[str, str]]) -> None:
    runs = [e.data for s in worked[0] for e in s.trace.events if isinstance(e.data, TerminalRun)]
    checks = [run for run in runs if run.command.startswith("pytest -q test_prices")]
    assert {run.exit_code == 0 for run in checks} == {True, False}
    located = [f for run in checks for f in run.failures if f.path and f.path.endswith("prices.py")]
    assert located
    assert any("Error" in failure.message for failure in located)


def test_what_the_linter_says_is_real(worked: tuple[list[Sitting], dict[str, str], dict[str, str]]) -> None:
    appeared = [e.data for s in worked[0] for e in s.trace.events if isinstance(e.data, DiagnosticAppeared)]
    assert {data.tool for data in appeared} == {"Ruff"}
    assert any(data.code == "F821" for data in appeared)


def test_every_run_that_a_mistake_broke_is_a_need(
    worked: tuple[list[Sitting], dict[str, str], dict[str, str]],
) -> None:
    seen: Counter[bool] = Counter()
    for made in worked[0]:
        hushed = None
        for event, need in zip(made.trace.events, made.needs, strict=True):
            if isinstance(event.data, SuggestionDismissed):
                hushed = event.time
            if isinstance(event.data, TerminalRun) and event.data.command.startswith("pytest -q test_prices"):
                quiet = hushed is not None and event.time - hushed < 2 * HUSH
                if not quiet:
                    seen[need] += 1
                    assert need or event.data.exit_code == 0
    assert seen[True]


def test_most_of_the_time_nothing_is_needed(worked: tuple[list[Sitting], dict[str, str], dict[str, str]]) -> None:
    needs = [need for made in worked[0] for need in made.needs]
    assert 0.02 < sum(needs) / len(needs) < 0.4


def test_times_only_go_forward(worked: tuple[list[Sitting], dict[str, str], dict[str, str]]) -> None:
    for made in worked[0]:
        times = [event.time for event in made.trace.events]
        assert times == sorted(times)


def test_a_dismissal_silences_what_follows(worked: tuple[list[Sitting], dict[str, str], dict[str, str]]) -> None:
    for made in worked[0]:
        dismissed = [e.time for e in made.trace.events if isinstance(e.data, SuggestionDismissed)]
        for event, need in zip(made.trace.events, made.needs, strict=True):
            if any(time < event.time < time + HUSH for time in dismissed):
                assert not need


def test_the_copy_is_left_as_it_was(worked: tuple[list[Sitting], dict[str, str], dict[str, str]]) -> None:
    assert worked[1] == worked[2]


def test_the_same_seed_gives_the_same_sitting(project: Path) -> None:
    def shape(made: Sitting) -> list[tuple[object, ...]]:
        return [
            (event.time, event.kind, event.where, need, getattr(event.data, "exit_code", None))
            for event, need in zip(made.trace.events, made.needs, strict=True)
        ]

    with project_copy(project) as copy:
        assert shape(sitting(copy, 5, 4)) == shape(sitting(copy, 5, 4))
        assert shape(sitting(copy, 5, 4)) != shape(sitting(copy, 6, 4))


def test_a_git_repository_is_worked_on_at_its_newest_commit(project: Path) -> None:
    git = ["git", "-C", str(project), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"]):
        subprocess.run([*git, *arguments], check=True)
    (project / "shop" / "later.py").write_text("x = 1\n" * 30)
    with project_copy(project) as copy:
        assert copy.modules == ("shop/prices.py",)
        assert [check.shown for check in copy.checks][:1] == ["pytest -q tests/test_prices.py"]
        assert copy.root != project
    assert not copy.root.exists()


def test_without_python_there_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("Nothing here.\n")
    with pytest.raises(DataError, match="no Python module"), project_copy(tmp_path):
        pass
    with pytest.raises(DataError, match="neither a project folder nor"), project_copy(tmp_path / "missing"):
        pass


def test_each_wrong_turn_is_one_change_that_can_be_taken_back(project: Path) -> None:
    import random

    source = (project / "shop" / "prices.py").read_text()
    turns = wrong_turns(source, random.Random(0))
    assert {turn.sort for turn in turns} == {"dropped_import", "misspelt", "renamed", "unfinished"}
    for turn in turns:
        wrong = apply_edits(source, [TextEdit(turn.change.range, turn.change.new_text)])
        assert wrong != source
        back = inverse(turn.change)
        assert apply_edits(wrong, [TextEdit(back.range, back.new_text)]) == source
    assert wrong_turns("def broken(:\n", random.Random(0)) == []


def test_bursts_carry_their_text(worked: tuple[list[Sitting], dict[str, str], dict[str, str]]) -> None:
    kinds = Counter(type(event.data) for made in worked[0] for event in made.trace.events)
    assert kinds[EditBurst] > 20
    assert kinds[DiagnosticLingering] > 0
