"""The story in a real Vim with ALE, set up as docs/editors.md says: break, hint, fix, dismiss, a clean end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import sample_project
from terminal_story import dismiss_it, see_a_high_cost, see_it_fail, take_the_fix, the_hint
from vim_driver import Vim


@pytest.fixture
def project(tmp_path: Path) -> Path:
    sample_project.create(tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture
def vim(tmp_path: Path, project: Path, request: pytest.FixtureRequest) -> Iterator[Vim]:
    editor = Vim(tmp_path, project, "sizes.py", getattr(request, "param", None))
    try:
        editor.start()
        yield editor
    finally:
        ended = editor.quit()
    assert any(line.endswith("proactive serve") for line in ended), "the server was among what has ended"


def break_it(editor: Vim, project: Path) -> None:
    """Add a function that lacks an import, save, run the tests."""
    typed = sample_project.TYPED.removesuffix("\n").replace("    ", "")  # Vim indents Python by itself
    editor.terminal.type(f"Go{typed}")
    editor.terminal.press("Escape")
    see_it_fail(editor, project)


def go_to_the_hint(editor: Vim) -> None:
    assert the_hint(editor)["type"] == "W", "ALE 3.3 knows no quieter one"
    editor.command("1")
    editor.command("ALENext")


def test_the_quick_fix_is_offered_and_right_on_disk(vim: Vim, project: Path) -> None:
    break_it(vim, project)
    go_to_the_hint(vim)
    take_the_fix(vim, project)


def test_a_dismissal_is_respected(vim: Vim, project: Path) -> None:
    break_it(vim, project)
    go_to_the_hint(vim)
    dismiss_it(vim, project)


@pytest.mark.parametrize("vim", [("0.25", "0.98")], indirect=True)
def test_a_setting_made_as_the_page_says_reaches_the_server(vim: Vim, project: Path) -> None:
    break_it(vim, project)
    see_a_high_cost(vim)
