"""The projects that the tests of VS Code open."""

from __future__ import annotations

import subprocess
from pathlib import Path

SIZES = '''"""Sizes of files."""

import os


def names(folder):
    return sorted(os.listdir(folder))
'''

TEST_SIZES = """from sizes import names, total


def test_names(tmp_path):
    (tmp_path / "a").write_text("abc")
    assert names(tmp_path) == ["a"]


def test_total(tmp_path):
    (tmp_path / "a").write_text("abc")
    assert total(tmp_path) == 3
"""

BROKEN = """

def total(folder):
    return sum(path.stat().st_size for path in Path(folder).iterdir())
"""
"""What a person types at the end of sizes.py, having forgotten the import."""

MENDED = SIZES.replace("import os\n", "import os\nfrom pathlib import Path\n") + BROKEN

BROKEN_LINE = len(SIZES.splitlines()) + len(BROKEN.splitlines())
"""The line that lacks the import, from one."""

BROKEN_COLUMN = BROKEN.splitlines()[-1].index("Path(") + 1
"""Where in it the name stands, from one: VS Code shows no light bulb for a caret in the indentation."""


def make_project(folder: Path, files: dict[str, str] | None = None) -> Path:
    """Write files (the sizes and their tests, if none are given) and commit them."""
    for name, text in (files or {"sizes.py": SIZES, "test_sizes.py": TEST_SIZES}).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "Start")
    return folder


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder as somebody."""
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)
