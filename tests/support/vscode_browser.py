"""The Chromium in which VS Code's windows open: no network but loopback, nothing on its own account."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, sync_playwright

SIZE = (1280, 800)
"""The window's width and height in pixels; the README's pictures have it, too."""

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def chromium_path() -> str | None:
    """The machine's Chromium, or the one that ``PROACTIVE_CHROMIUM`` names."""
    named = os.environ.get("PROACTIVE_CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        yield browser
        browser.close()


def new_context(browser: Browser, *, size: tuple[int, int] = SIZE) -> BrowserContext:
    """A browser profile of its own, so that no window knows of another."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=1, reduced_motion="reduce", locale="en-US"
    )
    context.set_default_timeout(60_000)
    return context
