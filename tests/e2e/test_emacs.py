"""The story in a real Emacs with eglot, set up as docs/editors.md says: break, hint, fix, dismiss, a clean end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sample_project
from emacs_driver import Emacs


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
    editor.terminal.until(lambda: editor.text() == sample_project.BROKEN, "the text as typed")
    editor.save()
    assert (project / "sizes.py").read_text() == sample_project.BROKEN
    failed = sample_project.run_tests(project, editor.terminal.env)
    assert failed.returncode == 1, failed.stdout
    assert "NameError" in failed.stdout


def go_to_the_hint(editor: Emacs) -> None:
    (hint,) = editor.terminal.until(editor.hints, "the hint")
    assert "pathlib" in hint["text"]
    assert hint["line"] == sample_project.BROKEN_LINE
    assert hint["type"] == "eglot-note", "the quietest that flymake has"
    editor.terminal.press("M-<")
    editor.command("flymake-goto-next-error")


def test_the_quick_fix_is_offered_and_right_on_disk(emacs: Emacs, project: Path) -> None:
    break_it(emacs, project)
    go_to_the_hint(emacs)
    emacs.choose("Import")
    emacs.terminal.until(lambda: emacs.text() == sample_project.MENDED, "the edit")
    emacs.save()
    assert (project / "sizes.py").read_text() == sample_project.MENDED
    passed = sample_project.run_tests(project, emacs.terminal.env)
    assert passed.returncode == 0, passed.stdout
    emacs.terminal.until(lambda: not emacs.hints(), "the hint to go")


def test_a_dismissal_is_respected(emacs: Emacs, project: Path) -> None:
    break_it(emacs, project)
    go_to_the_hint(emacs)
    emacs.choose("Dismiss")
    emacs.terminal.until(lambda: not emacs.hints(), "the hint to go")
    decided = emacs.decisions()
    assert sample_project.run_tests(project, emacs.terminal.env).returncode == 1
    emacs.terminal.until(lambda: len(emacs.decisions()) > len(decided), "what comes of the second failed run")
    assert emacs.decisions()[-1]["reason"] in ("backing_off", "dismissed_before")
    assert emacs.hints() == []
    assert (project / "sizes.py").read_text() == sample_project.BROKEN


@pytest.mark.parametrize("emacs", [("0.25", "0.98")], indirect=True)
def test_a_setting_made_as_the_page_says_reaches_the_server(emacs: Emacs, project: Path) -> None:
    break_it(emacs, project)
    (decision,) = emacs.terminal.until(lambda: after_runs(emacs), "what comes of the failed run")
    assert decision["threshold"] >= 0.98
    assert decision["reason"] == "no_need"
    assert emacs.hints() == []


def after_runs(editor: Emacs) -> list[dict[str, Any]]:
    return [decision for decision in editor.decisions() if decision["boundary"] == "run_failed"]
