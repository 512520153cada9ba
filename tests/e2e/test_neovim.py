"""The story in a real Neovim: break, suggestion, accept, file right on disk; dismiss and back-off; snooze; why."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from neovim_driver import Editor, bare
from sample_project import SIZES, TEST_SIZES


@pytest.fixture
def edit(tmp_path: Path) -> Iterator[Callable[..., Editor]]:
    project = tmp_path / "project"
    project.mkdir()
    (project / "sizes.py").write_text(SIZES)
    (project / "test_sizes.py").write_text(TEST_SIZES)
    subprocess.run(["git", "init", "--quiet", str(project)], check=True)
    editors: list[Editor] = []

    def start(pause: float = 0.0) -> Editor:
        editors.append(Editor(tmp_path, project, bare(pause)))
        return editors[-1]

    yield start
    for editor in editors:
        editor.quit()


BROKEN = """


def total(folder):
    return sum(path.stat().st_size for path in Path(folder).iterdir())
"""


def break_it(editor: Editor) -> None:
    editor.open("sizes.py")
    editor.nvim.input("Go")
    editor.type(BROKEN.strip("\n"))
    editor.nvim.command("write")
    failed = editor.run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert failed.returncode == 1, failed.stdout
    assert "NameError" in failed.stdout


def test_break_accept_and_the_file_is_right_on_disk(edit: Callable[..., Editor]) -> None:
    editor = edit()
    break_it(editor)
    (hint,) = editor.until(editor.hints)
    assert "pathlib" in hint["message"]
    editor.nvim.current.window.cursor = (hint["lnum"] + 1, 0)
    assert any(title.startswith("Import") for title in editor.actions())
    editor.choose("Import")
    editor.until(lambda: "from pathlib import Path" in "\n".join(editor.nvim.current.buffer[:]))
    editor.nvim.command("write")
    on_disk = (editor.project / "sizes.py").read_text()
    assert on_disk.startswith('"""Sizes of files."""\n\nimport os\nfrom pathlib import Path\n\n\ndef names')
    assert editor.run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider").returncode == 0
    editor.until(lambda: not editor.hints())


def test_a_dismissal_is_respected(edit: Callable[..., Editor]) -> None:
    editor = edit(pause=20.0)
    break_it(editor)
    (hint,) = editor.until(editor.hints)
    editor.nvim.current.window.cursor = (hint["lnum"] + 1, 0)
    editor.choose("Dismiss")
    editor.until(lambda: not editor.hints())
    editor.run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert editor.silence_after_a_run() in ("backing_off", "dismissed_before")
    assert editor.hints() == []


def test_snooze_silences_everything(edit: Callable[..., Editor]) -> None:
    editor = edit()
    break_it(editor)
    (hint,) = editor.until(editor.hints)
    editor.nvim.current.window.cursor = (hint["lnum"] + 1, 0)
    editor.choose("Snooze")
    editor.until(lambda: not editor.hints())
    editor.run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert editor.silence_after_a_run() == "snoozed"


def test_why_names_the_events_that_led_to_it(edit: Callable[..., Editor]) -> None:
    editor = edit()
    break_it(editor)
    (hint,) = editor.until(editor.hints)
    editor.nvim.current.window.cursor = (hint["lnum"] + 1, 0)
    editor.choose("Why")
    (told, *_) = editor.until(lambda: [m for m in editor.messages() if "pytest" in m])
    assert "NameError" in told or "failed" in told


def test_what_is_about_a_closed_file_is_offered_where_the_work_is(edit: Callable[..., Editor]) -> None:
    editor = edit()
    (editor.project / "sizes.py").write_text(SIZES + BROKEN)
    editor.open("test_sizes.py")
    failed = editor.run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert failed.returncode == 1
    (hint,) = editor.until(editor.hints)
    assert hint["message"].endswith("(in sizes.py)")
    editor.nvim.current.window.cursor = (hint["lnum"] + 1, 0)
    editor.choose("Import")
    editor.until(lambda: not editor.hints())
    editor.nvim.command("wall")
    assert "from pathlib import Path\n" in (editor.project / "sizes.py").read_text()


def test_half_typed_code_gets_no_suggestion(edit: Callable[..., Editor]) -> None:
    """Nothing ran and nothing lingers: whatever the text looks like in between is the person's own business."""
    editor = edit()
    editor.open("sizes.py")
    editor.nvim.input("Go")
    editor.type("def half(folder:\n    return Paht(")
    editor.until(editor.decisions)  # the quiet moment was considered
    assert editor.hints() == []
    assert editor.actions() == []
