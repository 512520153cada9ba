"""The small project that the tests in real editors break and mend."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

BIN = Path(sys.executable).parent

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

TYPED = """

def total(folder):
    return sum(path.stat().st_size for path in Path(folder).iterdir())
"""
"""What a person types at the end of sizes.py, having forgotten the import."""

BROKEN = SIZES + TYPED
BROKEN_LINE = len(BROKEN.splitlines())
"""The line that lacks the import, from one."""

MENDED = BROKEN.replace("import os\n", "import os\nfrom pathlib import Path\n")


def create(project: Path) -> None:
    """Write the project, with its history begun, into a new folder."""
    project.mkdir()
    (project / "sizes.py").write_text(SIZES)
    (project / "test_sizes.py").write_text(TEST_SIZES)
    subprocess.run(["git", "init", "--quiet", str(project)], check=True)


def run_tests(project: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the project's tests as the docs say: ``proactive exec -- pytest -q``."""
    return subprocess.run(
        [str(BIN / "proactive"), "exec", "--", sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=project, env=dict(env), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
