"""Runs the extension's own mocha tests inside the extension host of a real VS Code, and tells how they ended."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from attrs import frozen
from playwright.sync_api import Browser

from vscode_browser import new_context
from vscode_server import CodeServer

OPTIONS = ("--vscode-option", "enable-smoke-test-driver")
"""What code-server must have been started with: without it the payload is silently ignored."""

SECONDS = 480.0
MARK = "mocha|"  # as vscode-client/test/index.ts writes it


@frozen
class Outcome:
    """How the tests ended: VS Code's exit code, what mocha printed, and how many tests it says have passed."""

    code: int | None  #: ``None`` if they did not end in time
    output: str
    passed: int


def run_in_host(browser: Browser, server: CodeServer, folder: Path, extension: Path, runner: Path) -> Outcome:
    """Open ``folder`` with the extension that lies in ``extension`` (built, not installed) and run ``runner``."""
    lines: list[str] = []
    codes: list[int] = []

    def log(_level: str, values: list[Any]) -> None:
        text = " ".join(map(str, values))
        if text.startswith(MARK):
            lines.append(text.removeprefix(MARK))
        elif "dist/test" in text:  # an error on the way to the tests
            lines.append(text)

    host = f"vscode-remote://127.0.0.1:{server.port}"
    payload = [
        ["extensionDevelopmentPath", f"{host}{quote(str(extension))}"],
        ["extensionTestsPath", f"{host}{quote(str(runner))}"],
    ]
    context = new_context(browser)
    try:
        page = context.new_page()
        page.expose_function("codeAutomationLog", log)
        page.expose_function("codeAutomationExit", lambda code, *_: codes.append(int(code)))
        page.goto(f"{server.url}/?folder={quote(str(folder))}&payload={quote(json.dumps(payload))}")
        deadline = time.monotonic() + SECONDS
        while not codes and time.monotonic() < deadline:
            page.wait_for_timeout(50)
    finally:
        context.close()
    output = "\n".join(lines)
    passed = re.search(r"^\s*(\d+) passing", output, re.MULTILINE)
    return Outcome(codes[0] if codes else None, output, int(passed[1]) if passed else 0)
