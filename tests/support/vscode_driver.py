"""A VS Code window, driven by keys and clicks as a person would, and read as a person would: from the page."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from playwright.sync_api import Browser, Error, FrameLocator, Locator
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from vscode_browser import SIZE, new_context
from vscode_server import REPOSITORY, CodeServer

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds to wait for anything: ample, since a loaded machine is slow and a condition that holds ends the wait."""

STATUS_ITEM = '.statusbar-item[id*="proactive.status"]'
UNSEEN = '[id="status.workbench.keyboardLayout"], .notifications-toasts { display: none !important; }'
"""What pictures leave out: the keyboard's layout, which no desktop shows, and messages in the way."""

CLIENT = REPOSITORY / "vscode-client"
SCREENSHOTS = REPOSITORY / ".artifacts" / "screenshots"


class Window:
    """A window on a folder or a ``.code-workspace`` file.

    Args:
        browser: where to open it, in a profile of its own.
        server: the running code-server.
        folder: what to open.
        size: width and height in pixels.
    """

    def __init__(
        self, browser: Browser, server: CodeServer, folder: Path, *, size: tuple[int, int] = SIZE
    ) -> None:
        self.server = server
        self.folder = folder
        self._context = new_context(browser, size=size)
        self.page = self._context.new_page()
        self.keys = self.page.keyboard
        what = "workspace" if folder.suffix == ".code-workspace" else "folder"
        self.page.goto(f"{server.url}/?{what}={quote(str(folder))}")
        self.page.locator(".monaco-workbench .part.statusbar").wait_for()
        self.page.locator('.monaco-workbench [id="workbench.parts.editor"]').wait_for()
        if what == "workspace":
            self._wait_for_folders()

    def _wait_for_folders(self) -> None:
        """Wait for the folders of a ``.code-workspace`` file, which the window reads after it is drawn.

        In a browser it sometimes misses that the file's server is there by now, and stays without folders until it
        is loaded again.
        """
        folders = self.page.locator(".explorer-folders-view .monaco-list-row").first
        try:
            folders.wait_for(timeout=15_000)
        except PlaywrightTimeout:
            self.page.reload()
            folders.wait_for()

    # --- waiting ----------------------------------------------------------------------------------------

    def until(self, holds: Callable[[], T], what: str, seconds: float = PATIENCE) -> T:
        """Poll until ``holds`` is true and return what it gave; ``what`` names that in the failure."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                if found := holds():
                    return found
            except Error as error:  # the page was drawn anew while it was being read
                if time.monotonic() > deadline:
                    raise AssertionError(f"waited {seconds:.0f} s in vain for {what}: {error}") from None
            if time.monotonic() > deadline:
                raise AssertionError(
                    f"waited {seconds:.0f} s in vain for {what}; the status item says {self.status!r}"
                )
            self.page.wait_for_timeout(50)

    def until_status(self, words: str, seconds: float = PATIENCE) -> str:
        """Wait until the status item's label matches the regular expression ``words``; returns the label."""
        self.until(lambda: re.search(words, self.status, re.IGNORECASE), f"a status like {words!r}", seconds)
        return self.status

    # --- keys and commands ------------------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        """Press keys one after the other, each in Playwright's spelling: ``Control+S``."""
        for key in keys:
            self.keys.press(key)

    def press_keys_of(self, command: str) -> None:
        """Press the keys that the extension binds to a command by default."""
        (keys,) = [
            binding["key"]
            for binding in json.loads((CLIENT / "package.json").read_text())["contributes"]["keybindings"]
            if binding["command"] == command
        ]
        for chord in keys.split():
            self.press("+".join({"ctrl": "Control"}.get(key, key) for key in chord.split("+")))

    def palette(self, command: str) -> None:
        """Run a command by its title in the command palette."""
        self.press("F1")
        box = self._quick_input()
        box.fill(f">{command}")
        row = self.page.locator(".quick-input-list .monaco-list-row").filter(
            has=self.page.locator(".monaco-highlighted-label", has_text=re.compile(rf"^{re.escape(command)}$"))
        )
        row.first.click()

    def menu(self) -> list[str]:
        """What the open quick pick offers, one label a row."""
        labels = self.page.locator(".quick-input-widget .monaco-list-row .quick-input-list-label .label-name")
        labels.first.wait_for()
        return [label.inner_text().strip() for label in labels.all()]

    def choose(self, words: str) -> None:
        """Take the row of the open quick pick that matches the regular expression ``words``."""
        self._quick_input()
        rows = self.page.locator(".quick-input-widget .monaco-list-row")
        rows.filter(has_text=re.compile(words)).first.click()

    def _quick_input(self) -> Locator:
        box = self.page.locator(".quick-input-widget:visible input.input")
        box.first.wait_for()
        return box.first

    # --- documents --------------------------------------------------------------------------------------

    def open_file(self, name: str) -> None:
        """Open a file by its name (or path within the folder) and put the keyboard's focus into it."""
        self.press("Control+P")
        self._quick_input().fill(name)
        row = self.page.locator(".quick-input-list .monaco-list-row").filter(
            has=self.page.locator(".label-name", has_text=re.compile(rf"^{re.escape(Path(name).name)}$"))
        )
        row.first.click()
        self.page.locator(f'.tab.active[data-resource-name="{Path(name).name}"]').wait_for()
        self.focus_editor()

    def focus_editor(self) -> None:
        """Put the keyboard's focus into the active editor."""
        self.press("Control+1")
        self.page.locator(".editor-group-container.active .monaco-editor.focused").first.wait_for()

    def goto(self, line: int, column: int = 1) -> None:
        """Put the caret there; both count from one."""
        self.press("Control+G")
        box = self._quick_input()
        box.fill(f":{line}:{column}")
        self.press("Enter")
        box.wait_for(state="hidden")
        self.until(lambda: self.caret == (line, column), f"the caret at {line}:{column}")

    @property
    def caret(self) -> tuple[int, int] | None:
        """Line and column as the status bar tells them, from one."""
        item = self.page.locator('.statusbar-item[id="status.editor.selection"]')
        found = re.search(r"Ln (\d+), Col (\d+)", item.inner_text()) if item.count() else None
        return (int(found[1]), int(found[2])) if found else None

    def type_text(self, text: str) -> None:
        """Type into the active editor; lines in it are typed as they are, for nothing indents on its own."""
        for number, line in enumerate(text.split("\n")):
            if number:
                self.press("Enter")
            self.keys.type(line, delay=1)

    def append(self, text: str) -> None:
        """Type at the end of the active document."""
        self.press("Control+End")
        self.type_text(text)

    def save(self) -> None:
        """Save the active document and wait until it is not dirty any more."""
        self.press("Control+S")
        self.page.locator(".tab.active.dirty").wait_for(state="detached")

    @property
    def text(self) -> str:
        """The visible lines of the active editor."""
        lines = self.page.locator(".editor-group-container.active .view-lines .view-line").all()
        drawn = [(line.bounding_box() or {"y": 0.0})["y"] for line in lines]
        texts = [line.inner_text().replace("\xa0", " ") for line in lines]
        return "\n".join(text for _, text in sorted(zip(drawn, texts, strict=True)))

    # --- suggestions ------------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        """What a screen reader says of the status item."""
        link = self.page.locator(f"{STATUS_ITEM} a")
        return (link.first.get_attribute("aria-label") or "") if link.count() else ""

    @property
    def status_text(self) -> str:
        """The status item as drawn."""
        item = self.page.locator(STATUS_ITEM)
        return item.first.inner_text().strip() if item.count() else ""

    def open_status_menu(self) -> list[str]:
        """Click the status item; returns the menu's rows."""
        self.page.locator(f"{STATUS_ITEM} a").first.click()
        return self.menu()

    @property
    def has_light_bulb(self) -> bool:
        """Whether a light bulb stands in the editor."""
        return (
            self.page.locator('.monaco-editor [class*="lightbulb"]:visible, [class*="light-bulb"]:visible').count()
            > 0
        )

    def quick_fixes(self, wanted: str = "", seconds: float = PATIENCE) -> list[str]:
        """Open the list of quick fixes at the caret and leave it open.

        Args:
            wanted: a regular expression that one of them has to match, for the list is asked for until it does.
            seconds: how long to go on asking.
        """

        def rows() -> list[str]:
            widget = self.page.locator(".action-widget:visible")
            if not widget.count():
                self.press("Control+.")
            try:
                widget.locator(".monaco-list-row.action").first.wait_for(timeout=2_000)
            except PlaywrightTimeout:
                return []
            found = [row.inner_text().strip() for row in widget.locator(".monaco-list-row.action").all()]
            if any(re.search(wanted, title) for title in found):
                return found
            self.press("Escape")
            return []

        return self.until(rows, f"a quick fix like {wanted!r}", seconds)

    def quick_fixes_now(self) -> list[str]:
        """The quick fixes at the caret as they are, be there none; the list is closed again."""
        self.press("Control+.")
        answer = self.page.locator(".action-widget .monaco-list-row, .monaco-editor-overlaymessage")
        answer.first.wait_for()
        titles = [
            row.inner_text().strip() for row in self.page.locator(".action-widget .monaco-list-row.action").all()
        ]
        self.press("Escape")
        answer.first.wait_for(state="hidden")
        return titles

    def choose_quick_fix(self, words: str) -> None:
        """Take the quick fix at the caret that matches the regular expression ``words``."""
        self.quick_fixes(words)
        rows = self.page.locator(".action-widget .monaco-list-row.action")
        rows.filter(has_text=re.compile(words)).first.click()
        self.page.locator(".action-widget").first.wait_for(state="hidden")

    def refactor_preview(self) -> dict[str, bool]:
        """Wait for VS Code's preview of an edit; its files, and whether each is ticked."""
        files = self.page.locator('.bulk-edit-panel .monaco-list-row[aria-level="1"]')
        files.first.wait_for()
        return {
            row.locator(".label-name").inner_text(): row.locator(".edit-checkbox.checked").count() > 0
            for row in files.all()
        }

    def apply_refactor_preview(self) -> None:
        """Apply what is ticked in the preview."""
        self.page.locator(".bulk-edit-panel .monaco-button", has_text="Apply").click()
        self.page.locator(".bulk-edit-panel .monaco-list-row").first.wait_for(state="hidden")

    def notifications(self) -> list[str]:
        """The texts of the messages that are up."""
        return [item.inner_text() for item in self.page.locator(".notification-list-item-message:visible").all()]

    def clear_notifications(self) -> None:
        """Take away all messages."""
        self.palette("Notifications: Clear All Notifications")

    # --- the terminal -----------------------------------------------------------------------------------

    def open_terminal(self) -> None:
        """Open the integrated terminal and wait for a prompt that VS Code's shell integration knows of."""
        self.press("Control+Backquote")
        self.page.locator(".xterm-screen:visible").first.wait_for()
        self.page.locator(".terminal-command-decoration").first.wait_for(state="attached")
        self.until(lambda: self.terminal_text.endswith("$"), "a prompt")

    @property
    def terminal_text(self) -> str:
        """The visible rows of the terminal."""
        rows = self.page.locator(".xterm-rows:visible")
        return rows.first.inner_text().replace("\xa0", " ").rstrip() if rows.count() else ""

    def run(self, command: str, expect: str = "") -> str:
        """Type a command into the terminal, wait for the next prompt, and return what is visible then.

        Args:
            command: a shell command; one that is over within some milliseconds may leave no output to extensions.
            expect: a regular expression that the output has to match.
        """
        if not self.page.locator(".terminal.xterm.focus").count():
            self.page.locator(".xterm-screen:visible").first.click()
            self.page.locator(".terminal.xterm.focus").wait_for()
        self.keys.type(command)
        self.until(lambda: self.terminal_text.endswith(f"$ {command}"), "the command at the prompt")
        self.press("Enter")

        def finished() -> str:
            text = self.terminal_text
            return text if text.endswith("\n$") else ""

        output = self.until(finished, f"the end of {command!r}").rpartition(f"$ {command}\n")[2]
        assert re.search(expect, output), f"{command!r} printed: {output}"
        return output

    # --- views ------------------------------------------------------------------------------------------

    @property
    def view(self) -> FrameLocator:
        """The content of the timeline view."""
        return self.page.frame_locator("iframe.webview.ready").frame_locator("#active-frame")

    def open_timeline(self) -> None:
        """Bring the timeline view to the front and wait until it has drawn something."""
        self.palette("Proactive: What Have You Seen?")
        self.view.locator("main .filters, main .blank").first.wait_for()

    def timeline(self, kind: str = "row") -> list[str]:
        """The rows of the open timeline view, newest first, or those of a kind: ``event``, ``silence``."""
        return [" ".join(row.inner_text().split()) for row in self.view.locator(f"li.row.{kind}").all()]

    def until_timeline(self, words: str, kind: str = "row") -> str:
        """Wait for a row of the open timeline view that matches the regular expression ``words``; returns it."""

        def found() -> str:
            return next((row for row in self.timeline(kind) if re.search(words, row)), "")

        return self.until(found, f"a row of the timeline like {words!r}")

    def screenshot(self, name: str, folder: Path = SCREENSHOTS) -> Path:
        """Keep a picture of the window as ``name``.png."""
        folder.mkdir(parents=True, exist_ok=True)
        self.page.mouse.move(640, 400)  # away from what would show a hover
        self.page.screenshot(path=folder / f"{name}.png", animations="disabled", style=UNSEEN)
        return folder / f"{name}.png"

    def close(self) -> None:
        """Close the window as a person would; unsaved documents are lost."""
        self._context.close()
