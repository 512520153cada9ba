"""What the tests of VS Code do with the sample project, and the other projects that they open."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from sample_project import BROKEN_LINE, SIZES, TEST_SIZES, TYPED
from vscode_driver import Window

BROKEN_COLUMN = TYPED.splitlines()[-1].index("Path(") + 1
"""Where in the broken line the name stands, from one: a caret in the indentation gets no light bulb."""

TESTS = "pytest -q"
OFFER = "Import 'Path' from pathlib"

SAMPLE = {"sizes.py": SIZES, "test_sizes.py": TEST_SIZES}


def make_project(folder: Path, files: Mapping[str, str] = SAMPLE) -> Path:
    """Write files, each under its path in the folder, and commit them."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for command in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "."],
        ["commit", "--quiet", "-m", "Start"],
    ):
        git(folder, *command)
    return folder


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder as somebody."""
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


def break_it(window: Window) -> None:
    """Type the function that lacks its import, save, and see the tests fail in the terminal."""
    window.until_status("watching")
    window.open_file("sizes.py")
    window.append(TYPED)
    window.save()
    window.open_terminal()
    window.run(TESTS, expect="1 failed, 1 passed")


def go_to_offer(window: Window) -> None:
    """Wait for the suggestion and put the caret where it is."""
    window.until_status("1 suggestion waits")
    window.focus_editor()
    window.goto(BROKEN_LINE, BROKEN_COLUMN)
