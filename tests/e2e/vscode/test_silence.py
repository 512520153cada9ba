"""When it is silent: after a dismissal, while snoozed, while paused; and the timeline says why."""

from __future__ import annotations

from pathlib import Path

from vscode_driver import Window
from vscode_project import OFFER, TESTS, break_it, go_to_offer

from .conftest import Editor

SECOND = """

def text(folder):
    return json.dumps(names(folder))
"""
"""Another function that lacks its import."""

TEST_SECOND = """from sizes import text


def test_text(tmp_path):
    assert text(tmp_path) == "[]"
"""


def test_what_is_dismissed_does_not_return_and_its_kind_rests(edit: Editor, project: Path) -> None:
    window = edit(project)
    break_it(window)
    go_to_offer(window)
    window.choose_quick_fix(f"^Dismiss: {OFFER}")
    window.until_status("watching")
    window.open_timeline()
    window.until_timeline("dismissed", "suggestion")

    run_and_see_silence(window, "1 failed, 1 passed", "You dismissed a suggestion|was dismissed before")
    window.open_file("sizes.py")
    assert not [title for title in window.quick_fixes_now() if OFFER in title]

    (project / "test_text.py").write_text(TEST_SECOND)
    window.append(SECOND)
    window.save()
    run_and_see_silence(window, "2 failed, 1 passed", "You dismissed a suggestion|was dismissed before")


def test_a_key_snoozes_and_the_menu_ends_it(edit: Editor, project: Path) -> None:
    window = edit(project)
    break_it(window)
    window.until_status("1 suggestion waits")
    window.press_keys_of("proactive.snoozeAll")
    window.until_status(r"snoozed until .*\d\d:\d\d")  # after eleven at night the day stands before it
    window.open_timeline()
    run_and_see_silence(window, "1 failed, 1 passed", "You asked for quiet until")

    assert "End snooze" in window.open_status_menu()
    window.choose("End snooze")
    window.until_status("watching|suggestion")
    window.run(TESTS, expect="1 failed, 1 passed")
    window.until_status("1 suggestion waits")


def test_pausing_is_for_this_workspace_and_can_be_ended(edit: Editor, project: Path) -> None:
    window = edit(project)
    window.until_status("watching")
    window.open_status_menu()
    window.choose("Pause for this workspace")
    window.until_status("paused")
    assert "false" in (project / ".vscode" / "settings.json").read_text()
    window.open_status_menu()
    window.choose("Resume for this workspace")
    window.until_status("watching")


def run_and_see_silence(window: Window, expect: str, reason: str) -> None:
    """Run the tests, and see that the decision after that run is to be silent, for this reason."""
    known = len(window.timeline("silence"))
    window.run(TESTS, expect=expect)
    window.until(lambda: len(window.timeline("silence")) > known, "a decision after the run")
    window.until_timeline(reason, "silence")
    assert "suggestion waits" not in window.status
