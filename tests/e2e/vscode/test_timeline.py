"""The view in the side bar: what was seen, what became of the suggestion, and why it was silent."""

from __future__ import annotations

from pathlib import Path

from vscode_project import OFFER, TESTS, break_it, go_to_offer

from .conftest import Editor


def test_the_view_tells_events_fates_and_silences(edit: Editor, project: Path) -> None:
    window = edit(project)
    window.until_status("watching")
    window.open_timeline()
    break_it(window)
    go_to_offer(window)
    assert "waiting" in window.until_timeline(OFFER, "suggestion")
    window.until_timeline(r"ran 'pytest -q'; .*1 .*failed", "event")
    window.choose_quick_fix(f"^{OFFER}")
    window.until_timeline(f"{OFFER}.*accepted", "suggestion")
    window.save()
    window.run(TESTS, expect="2 passed")
    window.until_timeline("ran 'pytest -q'; it succeeded", "event")
    window.until_timeline("saved", "event")
    window.until_timeline("Silent . Help did not seem wanted", "silence")
    window.screenshot("timeline")
    window.view.get_by_role("button", name="Suggestions").click()
    window.until(lambda: window.timeline("event") == [], "the suggestions alone")
    assert len(window.timeline("suggestion")) == 1


def test_the_view_answers_a_suggestion(edit: Editor, project: Path) -> None:
    window = edit(project)
    break_it(window)
    window.open_timeline()
    window.until_timeline(OFFER, "suggestion")
    window.view.get_by_role("button", name=f"Dismiss {OFFER}").click()
    window.until_timeline(f"{OFFER}.*dismissed", "suggestion")
    window.until_status("watching")
