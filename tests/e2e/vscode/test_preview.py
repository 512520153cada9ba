"""An edit of several files: VS Code's own preview shows it before anything changes, and applies it."""

from __future__ import annotations

from pathlib import Path

from vscode_project import make_project

from .conftest import Editor

OLD, NEW = "--cache-dir", "--cache-folder"

CLI = f'''"""The command line."""


def usage():
    return "tool [{OLD} PATH]"


def cache(argv):
    return argv[argv.index("{OLD}") + 1]
'''
README = f"# Tool\n\nPass `{OLD} PATH` to say where downloads are kept.\n"
DEPLOY = f"steps:\n  - run: tool {OLD} /var/cache/tool\n"


def test_the_places_left_are_previewed_and_applied_together(edit: Editor, tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", {"cli.py": CLI, "README.md": README, "deploy.yaml": DEPLOY})
    window = edit(project)
    window.until_status("watching")
    window.open_file("cli.py")
    for number, line in enumerate(CLI.splitlines(), 1):
        if OLD in line:
            window.goto(number, line.index(OLD) + len("--cache-") + 1)
            window.press(*["Shift+ArrowRight"] * len("dir"))
            window.type_text("folder")
    window.save()
    assert "README.md" in window.until_status("1 suggestion waits")

    window.press_keys_of("proactive.acceptSuggestion")
    assert set(window.refactor_preview()) == {"README.md", "deploy.yaml"}
    assert (project / "README.md").read_text() == README, "changed before it was confirmed"
    assert all(window.refactor_preview().values()), "all that is offered is ticked"
    window.screenshot("preview")
    window.apply_refactor_preview()
    window.until(
        lambda: window.page.locator(".tab.dirty").count() == 2, "both files changed, in tabs of their own"
    )
    window.palette("File: Save All Files")
    window.until(lambda: (project / "deploy.yaml").read_text() == DEPLOY.replace(OLD, NEW), "deploy.yaml on disk")
    window.until(lambda: (project / "README.md").read_text() == README.replace(OLD, NEW), "README.md on disk")
    assert (project / "cli.py").read_text() == CLI.replace(OLD, NEW)
    window.until_status("watching")
