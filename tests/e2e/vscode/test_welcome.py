"""The first run: one line on what is seen and where it stays, and a way to be shown around; once."""

from __future__ import annotations

from pathlib import Path

from .conftest import Editor

GREETING = "all of it stays on this machine"


def test_the_first_run_greets_once_and_shows_around(edit: Editor, project: Path) -> None:
    window = edit(project, environment={"CI": ""})
    window.until_status("watching")
    (line,) = window.until(lambda: [text for text in window.notifications() if GREETING in text], "the greeting")
    assert "\n" not in line.strip()
    window.page.locator(".notification-list-item", has_text=GREETING).get_by_role(
        "button", name="Show Me Around"
    ).click()
    window.page.locator(".gettingStartedContainer", has_text="Proactive").first.wait_for()
    window.screenshot("walkthrough")
    window.page.reload()
    window.until_status("watching")
    window.open_file("sizes.py")
    assert not [text for text in window.notifications() if GREETING in text]
