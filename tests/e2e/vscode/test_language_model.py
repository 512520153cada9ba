"""A language model's offers in a real VS Code: written when they are taken; a command stands in the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from misbehaving_server import MisbehavingServer, hangs
from sums_project import EDIT, RUN, SUMS, TEST_SUMS, says
from vscode_driver import Window
from vscode_project import TESTS, make_project

from .conftest import Editor

OFFER = "Add each number in sums.py"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "project", {"sums.py": SUMS, "test_sums.py": TEST_SUMS})


@pytest.fixture
def server() -> Iterator[MisbehavingServer]:
    with MisbehavingServer(says()) as server:
        yield server


def offered(edit: Editor, project: Path, server: MisbehavingServer) -> Window:
    """Open the project and fail its test, and wait for the model's offer."""
    # What the gate makes of so short a sitting is not the question here.
    settings = {"proactive.model.name": f"{server.url}#small", "proactive.interruptionCost": 0.01}
    window = edit(project, settings=settings)
    window.until_status("watching")
    window.open_file("sums.py")
    window.open_terminal()
    window.run(TESTS, expect="1 failed")
    window.until_status(f"1 suggestion waits: {OFFER}")
    return window


def message(window: Window, words: str) -> str:
    """Wait for a message that matches the regular expression ``words``."""

    def found() -> str:
        return next((text for text in window.notifications() if re.search(words, text)), "")

    return window.until(found, f"a message like {words!r}")


def test_an_edit_is_written_when_its_quick_fix_is_taken(
    edit: Editor, project: Path, server: MisbehavingServer
) -> None:
    window = offered(edit, project, server)
    window.press_keys_of("proactive.goToSuggestion")
    window.until(lambda: window.has_light_bulb, "the light bulb")
    window.choose_quick_fix(f"^{OFFER}.*…$")
    window.until(lambda: "result += number" in window.text, "the edit in the editor")
    window.save()
    assert (project / "sums.py").read_text() == SUMS.replace("-=", "+=")
    window.until_status("watching")
    window.run(TESTS, expect="1 passed")
    window.open_status_menu()
    row = window.page.locator(".quick-input-widget .monaco-list-row", has_text="Language model")
    assert re.search(r"small@127\.0\.0\.1: \w+, \d of 120 calls this hour", row.inner_text()), row.inner_text()
    assert window.notifications() == []


def test_what_cannot_be_verified_is_not_applied_and_a_message_says_why(
    edit: Editor, project: Path, server: MisbehavingServer
) -> None:
    block = {"file": "sums.py", "search": "result *= number", "replace": "result += number"}
    server.behaviour = says({**EDIT, "edits": [block]})
    window = offered(edit, project, server)
    window.press_keys_of("proactive.goToSuggestion")
    window.choose_quick_fix(f"^{OFFER}.*…$")
    assert "does not stand in 'sums.py'" in message(window, OFFER)
    window.focus_editor()
    assert window.quick_fixes("^Why now")[0].startswith("Dismiss: "), "VS Code leaves out what is disabled"
    window.press("Escape")
    server.behaviour = says()
    window.append("# another text, another chance")
    window.press_keys_of("proactive.goToSuggestion")
    window.choose_quick_fix(f"^{OFFER}.*…$")
    window.until(lambda: "result += number" in window.text, "the edit in the editor")


def test_a_command_that_is_written_stands_in_the_terminal_and_is_not_run(
    edit: Editor, project: Path, server: MisbehavingServer
) -> None:
    window = offered(edit, project, server)
    server.behaviour = hangs()
    before = len(server.asked)
    window.press_keys_of("proactive.acceptSuggestion")
    assert server.wait_for(lambda: len(server.asked) > before)
    writing = window.page.locator(".statusbar-item", has_text=f"Writing: {OFFER}")
    writing.click()
    window.page.locator(".notification-list-item", has_text="Writing").get_by_text("Cancel").click()
    assert server.wait_for(lambda: server.asked[-1].broken_off), "the question is taken back"

    server.behaviour = says(RUN)
    window.until_status(f"1 suggestion waits: {OFFER}")
    window.press_keys_of("proactive.acceptSuggestion")
    assert RUN["command"] in message(window, RUN["command"])
    window.page.get_by_role("button", name="Put into Terminal").click()
    window.until(lambda: window.terminal_text.endswith(f"$ {RUN['command']}"), "the command at a prompt")
    window.until_status("watching")
    assert window.terminal_text.endswith(f"$ {RUN['command']}"), "the user's own Enter runs it"
    window.page.locator(".terminal.xterm.focus").wait_for()
    window.press("Enter")
    window.until(lambda: re.search(r"1 failed.*\n\$$", window.terminal_text), "the end of the command")
    assert (project / "sums.py").read_text() == SUMS
