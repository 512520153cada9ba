"""The story in a real VS Code: break it, run the tests, see the suggestion, take it; the file is right on disk."""

from __future__ import annotations

from pathlib import Path

from sample_project import MENDED
from vscode_project import OFFER, TESTS, break_it, go_to_offer

from .conftest import Editor


def test_break_run_see_accept(edit: Editor, project: Path) -> None:
    window = edit(project)
    break_it(window)
    go_to_offer(window)
    assert window.status == f"Proactive: 1 suggestion waits: {OFFER} (sizes.py:11)"
    window.until(lambda: window.has_light_bulb, "the light bulb")
    titles = window.quick_fixes(OFFER)
    assert titles[:2] == [OFFER, f"Dismiss: {OFFER}"]
    assert titles[-1] == "Why now?"
    window.screenshot("suggestion")
    window.choose_quick_fix(f"^{OFFER}")
    window.until(lambda: "from pathlib import Path" in window.text, "the import in the editor")
    window.save()
    assert (project / "sizes.py").read_text() == MENDED
    window.run(TESTS, expect="2 passed")
    window.until_status("watching")
    (server,) = edit.servers
    assert server.language_servers(), "there was no server whose end could be seen"  # `edit` sees that it ends


def test_the_menu_of_the_status_item_accepts(edit: Editor, project: Path) -> None:
    window = edit(project)
    break_it(window)
    window.until_status("1 suggestion waits")
    rows = window.open_status_menu()
    window.screenshot("menu")
    assert rows[:4] == ["Accept", "Go to", "Dismiss", "Why now?"]
    window.choose("^Accept")
    window.until(lambda: "from pathlib import Path" in window.text, "the import in the editor")
    window.focus_editor()
    window.save()
    assert (project / "sizes.py").read_text() == MENDED


def test_keys_go_there_and_accept(edit: Editor, project: Path) -> None:
    window = edit(project)
    break_it(window)
    window.until_status("1 suggestion waits")  # the focus is still in the terminal
    window.press_keys_of("proactive.goToSuggestion")
    window.until(lambda: window.caret is not None and window.caret[0] == 11, "the caret at the suggestion")
    window.press_keys_of("proactive.acceptSuggestion")
    window.until(lambda: "from pathlib import Path" in window.text, "the import in the editor")
    window.save()
    assert (project / "sizes.py").read_text() == MENDED


def test_nothing_is_offered_while_nothing_is_wrong(edit: Editor, project: Path) -> None:
    (project / "test_sizes.py").write_text(SOUND_TEST)
    window = edit(project)
    window.until_status("watching")
    window.open_file("sizes.py")
    window.append("\n# half a th")
    window.open_terminal()
    window.run(TESTS, expect="1 passed")
    window.open_timeline()
    window.until_timeline("pytest -q", "event")
    assert window.timeline("suggestion") == []
    assert window.status == "Proactive: watching"


SOUND_TEST = """from sizes import names


def test_names(tmp_path):
    assert names(tmp_path) == []
"""
