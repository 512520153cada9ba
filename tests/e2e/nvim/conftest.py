"""A sample project, and a real Neovim with the plug-in for each test that asks for one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from neovim_driver import BASHRC, Editor, Start, with_plugin

SIZES = '''"""Sizes of files."""

import os


def names(folder):
    return sorted(os.listdir(folder))


def total(folder):
    return sum(path.stat().st_size for path in Path(folder).iterdir())
'''

TEST_SIZES = """from sizes import total


def test_total(tmp_path):
    (tmp_path / "a").write_text("abc")
    assert total(tmp_path) == 3
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository whose one test fails for want of an import."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "sizes.py").write_text(SIZES)
    (folder / "test_sizes.py").write_text(TEST_SIZES)
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return folder


@pytest.fixture
def start(tmp_path: Path, project: Path) -> Iterator[Start]:
    """Starts an editor; at the end none of its processes is left, and all that it sent was as documented."""
    (tmp_path / ".bashrc").write_text(BASHRC)
    editors: list[Editor] = []

    def begin(options: str = "{}", *, extra: str = "", **env: str) -> Editor:
        init = with_plugin(options, extra)
        editors.append(Editor(tmp_path, project, init, HOME=str(tmp_path), **env))
        return editors[-1]

    yield begin
    for editor in editors:
        editor.finish()
