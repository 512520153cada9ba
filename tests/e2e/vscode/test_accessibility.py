"""For those who use a screen reader, the keyboard alone, or high contrast."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from vscode_driver import CLIENT, STATUS_ITEM, Window
from vscode_project import OFFER, break_it

from .conftest import Editor

TOKEN = re.compile(r"--vscode-[\w-]+")
LITERAL = re.compile(
    r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(|:\s*(?:white|black|red|green|blue|yellow|gray|grey)\b"
)


def test_the_status_item_and_the_view_can_be_read_and_used_by_keys(edit: Editor, project: Path) -> None:
    window = edit(project)
    break_it(window)
    label = window.until_status("suggestion")
    assert label == f"Proactive: 1 suggestion waits: {OFFER} (sizes.py:11)"
    assert window.page.locator(f"{STATUS_ITEM} a").first.get_attribute("role") == "button"

    window.open_timeline()
    view = window.view
    view.get_by_role("list", name="Latest first").wait_for()
    for name in ("All", "Suggestions", "Silences"):
        assert view.get_by_role("button", name=name, exact=True).get_attribute("aria-pressed") in ("true", "false")
    unnamed = [
        button.evaluate("one => one.outerHTML")
        for button in view.get_by_role("button").all()
        if not (button.get_attribute("aria-label") or button.inner_text()).strip()
    ]
    assert unnamed == []
    assert view.locator("img:not([alt]), svg:not([role]):not([aria-hidden])").count() == 0
    assert view.locator("[aria-live]").count() == 1

    first, second = view.locator("li.row").nth(0), view.locator("li.row").nth(1)
    first.focus()
    window.press("ArrowDown")
    assert second.evaluate("one => one === document.activeElement"), "the arrow keys move through the rows"
    outline = second.evaluate("one => getComputedStyle(one).outlineStyle")
    assert outline != "none", "the row with the focus is to be seen"
    window.press("Home")
    assert first.evaluate("one => one === document.activeElement")
    waits = view.get_by_role("button", name=f"Accept {OFFER}")
    for _ in range(40):
        if waits.evaluate("one => one === document.activeElement"):
            break
        window.press("Tab")
    else:
        pytest.fail("Tab does not lead to the button that accepts")
    window.press("Enter")
    window.until_timeline(f"{OFFER}.*accepted", "suggestion")


def test_high_contrast_has_the_themes_own_colours(edit: Editor, project: Path) -> None:
    server = edit.serve(settings={"workbench.colorTheme": "Default High Contrast"})
    window = edit.window(project)
    break_it(window)
    dark = colours(window, "vscode-high-contrast")
    window.close()
    server.set_settings({"workbench.colorTheme": "Default High Contrast Light"})
    window = edit.window(project)
    window.until_status("watching")
    window.open_file("sizes.py")  # something to tell
    assert colours(window, "vscode-high-contrast-light") != dark, "the colour does not follow the theme"


def colours(window: Window, kind: str) -> str:
    """The colour of the timeline's sentences, which is the theme's."""
    window.open_timeline()
    window.view.locator(f"body.{kind}").wait_for()
    row = window.view.locator("li.row").first
    row.wait_for()
    wanted, shown, border = row.evaluate(COLOURS)
    assert border, "this is no high-contrast theme"
    assert shown == wanted
    window.screenshot(kind.removeprefix("vscode-"))
    return str(shown)


COLOURS = """row => {
    const probe = document.body.appendChild(document.createElement("p"));
    probe.style.color = "var(--vscode-foreground)";
    const wanted = getComputedStyle(probe).color;
    probe.remove();
    const border = getComputedStyle(document.documentElement).getPropertyValue("--vscode-contrastBorder").trim();
    return [wanted, getComputedStyle(row.querySelector("p")).color, border];
}"""


def test_every_colour_of_the_view_is_the_themes() -> None:
    style = re.sub(r"/\*.*?\*/", "", (CLIENT / "media" / "timeline.css").read_text(), flags=re.DOTALL)
    assert len(TOKEN.findall(style)) > 5
    outside = re.sub(r"var\([^()]*(?:\([^()]*\)[^()]*)*\)", "", style)
    assert LITERAL.findall(outside) == []
