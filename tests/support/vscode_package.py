"""Builds the extension, as a .vsix or for the tests inside the extension host."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from vscode_server import REPOSITORY

CLIENT = REPOSITORY / "vscode-client"


def build_vsix(folder: Path) -> Path:
    """Package the extension into ``folder`` and return the .vsix.

    Raises:
        AssertionError: it does not build; holds the output.
    """
    vsix = folder / "proactive.vsix"
    _npm("run", "package", "--", "--out", str(vsix))
    return vsix


def build_tests() -> Path:
    """Build the extension and its own tests where VS Code can load them from; returns the runner.

    Raises:
        AssertionError: it does not build; holds the output.
    """
    _npm("run", "build")
    _npm("run", "build:test")
    return CLIENT / "dist" / "test" / "index.js"


def _npm(*arguments: str) -> None:
    assert shutil.which("npm"), "there is no npm; run: apt-get install nodejs npm"
    installed, wanted = CLIENT / "node_modules" / ".package-lock.json", CLIENT / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < wanted.stat().st_mtime:
        _run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
    _run("npm", *arguments)


def _run(*command: str) -> None:
    done = subprocess.run(
        command, cwd=CLIENT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)} failed: {done.stdout[-4000:]}{done.stderr[-4000:]}"
