"""The story in a real Vim with ALE, set up as docs/editors.md says: break, hint, fix, dismiss, a clean end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sample_project
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
    editor.terminal.until(lambda: editor.text() == sample_project.BROKEN, "the text as typed")
    editor.save()
    assert (project / "sizes.py").read_text() == sample_project.BROKEN
    failed = sample_project.run_tests(project, editor.terminal.env)
    assert failed.returncode == 1, failed.stdout
    assert "NameError" in failed.stdout


def go_to_the_hint(editor: Vim) -> None:
    (hint,) = editor.terminal.until(editor.hints, "the hint")
    assert "pathlib" in hint["text"]
    assert hint["line"] == sample_project.BROKEN_LINE
    assert hint["type"] == "W", "ALE 3.3 knows no quieter one"
    editor.command("1")
    editor.command("ALENext")


def test_the_quick_fix_is_offered_and_right_on_disk(vim: Vim, project: Path) -> None:
    break_it(vim, project)
    go_to_the_hint(vim)
    vim.choose("Import")
    vim.terminal.until(lambda: vim.text() == sample_project.MENDED, "the edit")
    vim.save()
    assert (project / "sizes.py").read_text() == sample_project.MENDED
    passed = sample_project.run_tests(project, vim.terminal.env)
    assert passed.returncode == 0, passed.stdout
    vim.terminal.until(lambda: not vim.hints(), "the hint to go")


def test_a_dismissal_is_respected(vim: Vim, project: Path) -> None:
    break_it(vim, project)
    go_to_the_hint(vim)
    vim.choose("Dismiss")
    vim.terminal.until(lambda: not vim.hints(), "the hint to go")
    decided = vim.decisions()
    assert sample_project.run_tests(project, vim.terminal.env).returncode == 1
    vim.terminal.until(lambda: len(vim.decisions()) > len(decided), "what comes of the second failed run")
    assert vim.decisions()[-1]["reason"] in ("backing_off", "dismissed_before")
    assert vim.hints() == []
    assert (project / "sizes.py").read_text() == sample_project.BROKEN


@pytest.mark.parametrize("vim", [("0.25", "0.98")], indirect=True)
def test_a_setting_made_as_the_page_says_reaches_the_server(vim: Vim, project: Path) -> None:
    break_it(vim, project)
    (decision,) = vim.terminal.until(lambda: after_runs(vim), "what comes of the failed run")
    assert decision["threshold"] >= 0.98
    assert decision["reason"] == "no_need"
    assert vim.hints() == []


def after_runs(editor: Vim) -> list[dict[str, Any]]:
    return [decision for decision in editor.decisions() if decision["boundary"] == "run_failed"]
