"""The extension's own mocha tests, inside the extension host of a real VS Code, with the real API."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from vscode_host import OPTIONS, run_in_host
from vscode_package import CLIENT, build_tests

from .conftest import Editor


def test_the_mocha_tests_pass_inside_the_extension_host(edit: Editor, browser: Browser, project: Path) -> None:
    server = edit.serve(extension=False, options=OPTIONS)
    outcome = run_in_host(browser, server, project, CLIENT, build_tests())
    print(outcome.output)
    assert outcome.code == 0, f"ended with {outcome.code}: {outcome.output}"
    assert outcome.passed > 0
