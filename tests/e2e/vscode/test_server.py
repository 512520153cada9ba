"""The server's own troubles and places: it is killed, cannot be found, serves several folders, distrusts one."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from sample_project import MENDED, TYPED, run_tests
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
        "one message",
    )
    assert text.startswith("Proactive: ")
    rows = window.open_status_menu()
    assert {"Restart the server", "Set up the server", "Settings", "Show log"} <= set(rows)
    window.choose("Show log")
    window.page.locator(".part.panel .view-line", has_text="/nowhere/proactive").first.wait_for()
    edit.servers[-1].set_settings({})
    window.until_status("watching")


def test_the_second_of_two_folders_is_served_as_well(edit: Editor, tmp_path: Path) -> None:
    first = make_project(tmp_path / "first", {"notes.md": "# Notes\n"})
    second = make_project(tmp_path / "second")
    workspace = tmp_path / "both.code-workspace"
    workspace.write_text(json.dumps({"folders": [{"path": str(first)}, {"path": str(second)}]}))
    window = edit(workspace)
    break_it(window)  # the terminal opens in the folder of the document
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


def test_a_trusted_folders_own_interpreter_serves(edit: Editor, project: Path, tmp_path: Path) -> None:
    """What the next test forbids would happen otherwise."""
    ran, chooser = own_interpreter(project, tmp_path)
    window = edit(project, settings={"proactive.server.command": None}, more_extensions=[chooser])
    window.until_status("watching")
    assert "proactive_server serve" in ran.read_text()


def test_a_folder_that_is_not_trusted_is_served_but_nothing_of_it_runs(
    edit: Editor, project: Path, tmp_path: Path
) -> None:
    ran, chooser = own_interpreter(project, tmp_path)
    (project / ".vscode").mkdir()
    (project / ".vscode" / "settings.json").write_text(json.dumps({"proactive.enable": False}))
    trust = {"security.workspace.trust.enabled": True}
    window = edit(project, settings=trust, trust=True, more_extensions=[chooser])
    window.page.locator(".statusbar-item", has_text="Restricted Mode").first.wait_for()
    window.until_status("watching")  # which the folder's settings would switch off
    window.open_file("sizes.py")
    window.append(TYPED)
    window.save()
    run_tests(project, edit.servers[-1].env)  # elsewhere: here is no terminal without trust
    window.until_status("1 suggestion waits")
    edit.servers[-1].set_settings({**trust, "proactive.server.command": None})
    window.until_status("offline")  # looked for, and not found on this PATH
    assert not ran.exists(), f"run in a folder that is not trusted: {ran.read_text()}"


def own_interpreter(project: Path, elsewhere: Path) -> tuple[Path, Path]:
    """Give a project a Python of its own that notes each call; where, and the extension that chooses it."""
    ran = elsewhere / "ran"
    python = project / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\necho \"$@\" >> '{ran}'\nexec '{BIN / 'python'}' \"$@\"\n")
    python.chmod(0o755)
    return ran, make_extension(elsewhere / "chooser.vsix", "ms-python", "python", CHOOSER)


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
