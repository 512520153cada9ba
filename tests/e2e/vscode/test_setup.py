"""The first start without a server: one question, and an environment of its own from the extension's wheel."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from vscode_package import CLIENT
from vscode_server import BIN

from .conftest import Editor

SECONDS = 180.0


@pytest.fixture
def wheels() -> dict[str, str]:
    """What lets pip do without the network."""
    folder = os.environ.get("PROACTIVE_WHEELHOUSE", "")
    if not folder or not list(Path(folder).glob("pygls-*.whl")) or not list((CLIENT / "server").glob("*.whl")):
        message = "PROACTIVE_WHEELHOUSE must name a folder of wheels, as scripts/test.sh makes it"
        pytest.fail(message) if os.environ.get("PROACTIVE_ALL_EDITORS") else pytest.skip(message)
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": folder}


def test_a_server_is_set_up_after_asking(edit: Editor, project: Path, wheels: dict[str, str]) -> None:
    window = edit(project, settings={"proactive.server.command": None}, environment=wheels, on_path=False)
    asked = window.until(lambda: window.notifications(), "the question")
    assert len(asked) == 1
    assert "Proactive" in asked[0]
    assert not edit.servers[-1].language_servers(), "before anybody agreed"
    window.page.locator(".notification-list-item .monaco-button", has_text="Set Up").first.click()
    window.until_status("watching", SECONDS)
    (server,) = edit.servers[-1].language_servers()
    python = server.cmdline()[0]
    assert "globalStorage" in python
    assert not Path(python).is_relative_to(BIN)
    told = subprocess.run(
        [python, "-m", "pip", "show", "proactive-lsp"], capture_output=True, text=True, check=True
    )
    assert "Version: 0.1.0" in told.stdout
    assert len(window.notifications()) <= 1, "nothing is asked again"
