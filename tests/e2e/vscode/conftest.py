"""One browser and one built extension for all; each test has its own code-server, project and state folder."""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from needed_programs import need
from vscode_browser import chromium, chromium_path
from vscode_driver import Window
from vscode_package import build_vsix
from vscode_project import make_project
from vscode_server import REPOSITORY, CodeServer, program

FAILURES = REPOSITORY / ".artifacts" / "vscode-failures"
LOG_TAIL = 6000


class Editor:
    """A code-server and its windows, for one test.

    Args:
        home: an empty folder.
        browser: where windows open.
        vsix: gives the packaged extension.
    """

    def __init__(self, home: Path, browser: Browser, vsix: Callable[[], Path]) -> None:
        self._home = home
        self._browser = browser
        self._vsix = vsix
        self.servers: list[CodeServer] = []
        self.windows: list[Window] = []

    def __call__(self, folder: Path, **more: Any) -> Window:
        """Start a code-server with the extension and open ``folder`` in it; ``more`` goes to ``CodeServer``."""
        self.serve(**more)
        return self.window(folder)

    def serve(self, *, extension: bool = True, **more: Any) -> CodeServer:
        """Start a code-server; ``more`` goes to ``CodeServer``."""
        home = self._home / str(len(self.servers))
        self.servers.append(CodeServer(home, vsix=self._vsix() if extension else None, **more))
        return self.servers[-1]

    def window(self, folder: Path) -> Window:
        """Open another window of the newest code-server."""
        self.windows.append(Window(self._browser, self.servers[-1], folder))
        return self.windows[-1]

    def close(self) -> None:
        """End everything, and see that it has ended."""
        for window in self.windows:
            window.close()
        left = [line for server in self.servers for line in server.close()]
        assert left == [], f"outlived the editor: {left}"

    def keep(self, name: str) -> str:
        """Keep pictures, logs and the journal of a failure; returns the end of the extension's output."""
        folder = FAILURES / name
        folder.mkdir(parents=True, exist_ok=True)
        for number, window in enumerate(self.windows):
            window.screenshot(f"window-{number}", folder)
        for number, server in enumerate(self.servers):
            for log in server.logs:
                (folder / f"{number}-{log.name}").write_text(log.read_text(errors="replace"))
            if server.state.exists():
                shutil.copytree(server.state, folder / f"{number}-state", ignore=_sockets, dirs_exist_ok=True)
        return "".join(server.channel() for server in self.servers)[-LOG_TAIL:]


def _sockets(folder: str, names: list[str]) -> list[str]:
    """What cannot be copied."""
    return [name for name in names if (Path(folder) / name).is_socket()]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    need(
        "chromium, run scripts/setup_vscode.sh",
        [chromium_path() or "chromium", "--version"],
        [program()[0], "--version"],
    )
    with chromium() as running:
        yield running


@pytest.fixture(scope="package")
def vsix(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Gives the packaged extension, built when first asked for; ``PROACTIVE_VSIX`` names one that is there."""

    @functools.cache
    def build() -> Path:
        named = os.environ.get("PROACTIVE_VSIX")
        return Path(named).absolute() if named else build_vsix(tmp_path_factory.mktemp("vsix"))

    return build


@pytest.fixture
def edit(browser: Browser, vsix: Callable[[], Path], request: pytest.FixtureRequest) -> Iterator[Editor]:
    with tempfile.TemporaryDirectory(prefix="code-", ignore_cleanup_errors=True) as home:
        editor = Editor(Path(home), browser, vsix)
        request.node.stash[EDITOR] = editor
        yield editor
        editor.close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small Python project under git, which works."""
    return make_project(tmp_path / "project")


EDITOR = pytest.StashKey[Editor]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.failed and (editor := item.stash.get(EDITOR, None)):
        tail = editor.keep(item.name)
        report.sections.append(("the extension's output", tail or "(none)"))
        report.sections.append(("kept in", str((FAILURES / item.name).relative_to(REPOSITORY))))
    return report
