"""The story in an editor that runs in a terminal, the same for Emacs and Vim: break, hint, fix, dismissal."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import sample_project
from terminal_driver import Terminal


class TerminalEditor(Protocol):
    """What the story asks of an editor's driver."""

    @property
    def terminal(self) -> Terminal:
        """Where it runs."""

    def text(self) -> str:
        """The text as the editor shows it."""

    def save(self) -> None:
        """Write it to disk."""

    def hints(self) -> list[dict[str, Any]]:
        """The hints in the text."""

    def choose(self, start: str) -> None:
        """Take the code action that begins so."""

    def decisions(self) -> list[dict[str, Any]]:
        """What the server has decided so far."""


def see_it_fail(editor: TerminalEditor, project: Path) -> None:
    """Save what was typed, and run the tests that fail by it."""
    editor.terminal.until(lambda: editor.text() == sample_project.BROKEN, "the text as typed")
    editor.save()
    assert (project / "sizes.py").read_text() == sample_project.BROKEN
    failed = sample_project.run_tests(project, editor.terminal.env)
    assert failed.returncode == 1, failed.stdout
    assert "NameError" in failed.stdout


def the_hint(editor: TerminalEditor) -> dict[str, Any]:
    """Wait for the hint, which stands where the import is missed."""
    (hint,) = editor.terminal.until(editor.hints, "the hint")
    assert "pathlib" in hint["text"]
    assert hint["line"] == sample_project.BROKEN_LINE
    found: dict[str, Any] = hint
    return found


def take_the_fix(editor: TerminalEditor, project: Path) -> None:
    """Choose the quick fix at the hint: the file is right on disk, the tests pass, the hint goes."""
    editor.choose("Import")
    editor.terminal.until(lambda: editor.text() == sample_project.MENDED, "the edit")
    editor.save()
    assert (project / "sizes.py").read_text() == sample_project.MENDED
    passed = sample_project.run_tests(project, editor.terminal.env)
    assert passed.returncode == 0, passed.stdout
    editor.terminal.until(lambda: not editor.hints(), "the hint to go")


def dismiss_it(editor: TerminalEditor, project: Path) -> None:
    """Dismiss what is offered at the hint: another failed run brings nothing."""
    editor.choose("Dismiss")
    editor.terminal.until(lambda: not editor.hints(), "the hint to go")
    decided = editor.decisions()
    assert sample_project.run_tests(project, editor.terminal.env).returncode == 1
    editor.terminal.until(lambda: len(editor.decisions()) > len(decided), "what comes of the second failed run")
    assert editor.decisions()[-1]["reason"] in ("backing_off", "dismissed_before")
    assert editor.hints() == []
    assert (project / "sizes.py").read_text() == sample_project.BROKEN


def see_a_high_cost(editor: TerminalEditor) -> None:
    """With an interruption at 0.98, the failed run brings nothing."""
    (decision,) = editor.terminal.until(lambda: _after_runs(editor), "what comes of the failed run")
    assert decision["threshold"] >= 0.98
    assert decision["reason"] == "no_need"
    assert editor.hints() == []


def _after_runs(editor: TerminalEditor) -> list[dict[str, Any]]:
    return [decision for decision in editor.decisions() if decision["boundary"] == "run_failed"]
