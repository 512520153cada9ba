"""The server's own troubles and places: it is killed, cannot be found, serves several folders, distrusts one."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from sample_project import MENDED
from vscode_driver import Window
from vscode_project import OFFER, break_it, go_to_offer, make_project
from vscode_server import BIN

from .conftest import Editor


def test_a_killed_server_comes_back_once(edit: Editor, project: Path) -> None:
    window = edit(project)
    window.until_status("watching")
    (server,) = edit.servers
    (before,) = server.language_servers()
    before.kill()
    after = window.until(
        lambda: [process for process in server.language_servers() if process.pid != before.pid], "another server"
    )
    window.until_status("watching")
    assert len(after) == 1
    assert server.language_servers() == after
    assert not [text for text in window.notifications() if "Proactive" in text]
    break_it(window)  # it serves as before
    window.until_status("1 suggestion waits")


def test_a_wrong_command_is_told_in_a_sentence_and_the_menu_helps(edit: Editor, project: Path) -> None:
    window = edit(project, settings={"proactive.server.command": ["/nowhere/proactive", "serve"]})
    told = window.until_status("error")
    assert "proactive.server.command" in told
    assert "correct the setting or empty it" in told
    (text,) = window.until(
        lambda: [text for text in window.notifications() if "/nowhere/proactive" in text],
        "one message that says so",
    )
    assert text.startswith("Proactive: ")
    rows = window.open_status_menu()
    assert {"Restart the server", "Set up the server", "Settings", "Show log"} <= set(rows)
    window.choose("Show log")
    window.page.locator(".output-view-container, .panel .output", has_text="/nowhere/proactive").first.wait_for()
    edit.servers[-1].set_settings({})
    window.until_status("watching")


def test_the_second_of_two_folders_is_served_as_well(edit: Editor, tmp_path: Path) -> None:
    first = make_project(tmp_path / "first", {"notes.md": "# Notes\n"})
    second = make_project(tmp_path / "second")
    workspace = tmp_path / "both.code-workspace"
    workspace.write_text(json.dumps({"folders": [{"path": str(first)}, {"path": str(second)}]}))
    window = edit(workspace)
    break_it(window, folder="second")
    go_to_offer(window)
    window.choose_quick_fix(f"^{OFFER}")
    window.until(lambda: "from pathlib import Path" in window.text, "the import in the editor")
    window.save()
    assert (second / "sizes.py").read_text() == MENDED
    assert len(edit.servers[-1].language_servers()) == 1


CHOOSER = """
const path = require("node:path");
exports.activate = () => {
  const vscode = require("vscode");
  const python = path.join(vscode.workspace.workspaceFolders[0].uri.fsPath, ".venv", "bin", "python");
  return {
    environments: {
      getActiveEnvironmentPath: () => ({ path: python }),
      resolveEnvironment: async () => ({ executable: { uri: vscode.Uri.file(python) } }),
    },
  };
};
"""
"""An extension that answers as the Python extension does when the folder's own environment has been chosen."""


@pytest.mark.parametrize("trust", [True, False])
def test_a_folders_own_interpreter_is_run_only_where_it_is_trusted(
    edit: Editor, project: Path, tmp_path: Path, trust: bool
) -> None:
    ran = tmp_path / "ran"
    python = project / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\necho \"$@\" >> '{ran}'\nexec '{BIN / 'python'}' \"$@\"\n")
    python.chmod(0o755)
    settings = {
        "security.workspace.trust.enabled": True,
        "proactive.server.command": None if trust else [str(BIN / "proactive"), "serve"],
    }
    chooser = make_extension(tmp_path / "chooser.vsix", "ms-python", "python", CHOOSER)
    window = edit(project, settings=settings, trust=not trust, more_extensions=[chooser])
    assert_trust(window, trusted=trust)
    window.until_status("watching")
    assert ran.exists() == trust
    if not trust:
        edit.servers[-1].set_settings({**settings, "proactive.server.command": None})
        window.until_status("offline|error")
        assert not ran.exists(), f"run in a folder that is not trusted: {ran.read_text()}"


def test_an_untrusted_folder_gets_suggestions_and_its_settings_do_not_count(edit: Editor, project: Path) -> None:
    (project / ".vscode").mkdir()
    (project / ".vscode" / "settings.json").write_text(json.dumps({"proactive.enable": False}))
    window = edit(project, settings={"security.workspace.trust.enabled": True}, trust=True)
    assert_trust(window, trusted=False)
    window.until_status("watching")


def assert_trust(window: Window, *, trusted: bool) -> None:
    item = window.page.locator(".statusbar-item", has_text="Restricted Mode")
    if trusted:
        assert item.count() == 0
    else:
        item.first.wait_for()


def make_extension(vsix: Path, publisher: str, name: str, code: str) -> Path:
    """Pack a one-file extension."""
    package = {
        "name": name,
        "publisher": publisher,
        "version": "0.0.1",
        "engines": {"vscode": "^1.90.0"},
        "main": "./main.js",
        "activationEvents": [],
        "capabilities": {"untrustedWorkspaces": {"supported": True}},
        "extensionKind": ["workspace"],
    }
    manifest = f"""<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
<Metadata><Identity Language="en-US" Id="{name}" Version="0.0.1" Publisher="{publisher}"/></Metadata>
</PackageManifest>"""
    with zipfile.ZipFile(vsix, "w") as archive:
        archive.writestr("extension.vsixmanifest", manifest)
        archive.writestr("extension/package.json", json.dumps(package))
        archive.writestr("extension/main.js", code)
    return vsix
