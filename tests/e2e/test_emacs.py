"""The story in a real Emacs with eglot, set up as docs/editors.md says: break, hint, fix, dismiss, a clean end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import sample_project
from emacs_driver import Emacs
from terminal_story import dismiss_it, see_a_high_cost, see_it_fail, take_the_fix, the_hint


@pytest.fixture
def project(tmp_path: Path) -> Path:
    sample_project.create(tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture
def emacs(tmp_path: Path, project: Path, request: pytest.FixtureRequest) -> Iterator[Emacs]:
    editor = Emacs(tmp_path, project, "sizes.py", getattr(request, "param", None))
    try:
        editor.start()
        yield editor
    finally:
        ended = editor.quit()
    assert any(line.endswith("proactive serve") for line in ended), "the server was among what has ended"


def break_it(editor: Emacs, project: Path) -> None:
    """Add a function that lacks an import, save, run the tests."""
    editor.terminal.press("M->")
    editor.terminal.type(sample_project.TYPED.replace("    ", ""))  # python-mode indents by itself
    see_it_fail(editor, project)


def go_to_the_hint(editor: Emacs) -> None:
    assert the_hint(editor)["type"] == "eglot-note", "the quietest that flymake has"
    editor.terminal.press("M-<")
    editor.command("flymake-goto-next-error")


def test_the_quick_fix_is_offered_and_right_on_disk(emacs: Emacs, project: Path) -> None:
    break_it(emacs, project)
    go_to_the_hint(emacs)
    take_the_fix(emacs, project)


def test_a_dismissal_is_respected(emacs: Emacs, project: Path) -> None:
    break_it(emacs, project)
    go_to_the_hint(emacs)
    dismiss_it(emacs, project)


@pytest.mark.parametrize("emacs", [("0.25", "0.98")], indirect=True)
def test_a_setting_made_as_the_page_says_reaches_the_server(emacs: Emacs, project: Path) -> None:
    break_it(emacs, project)
    see_a_high_cost(emacs)
