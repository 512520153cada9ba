"""The story in a real Neovim: break, suggestion, accept, file right on disk; dismiss and back-off; snooze; why."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pynvim
import pytest

BIN = Path(sys.executable).parent

SIZES = '''"""Sizes of files."""

import os


def names(folder):
    return sorted(os.listdir(folder))
'''

TEST_SIZES = """from sizes import names, total


def test_names(tmp_path):
    (tmp_path / "a").write_text("abc")
    assert names(tmp_path) == ["a"]


def test_total(tmp_path):
    (tmp_path / "a").write_text("abc")
    assert total(tmp_path) == 3
"""

INIT = """
vim.o.swapfile = false
vim.o.autoindent = false
vim.bo.indentexpr = ''
vim.g.messages = {{}}
vim.lsp.handlers['window/showMessage'] = function(_, result)
  local all = vim.g.messages
  table.insert(all, result.message)
  vim.g.messages = all
end
vim.lsp.config('proactive', {{
  cmd = {{ {proactive!r}, 'serve' }},
  root_markers = {{ '.git', 'sizes.py' }},
  settings = {{ proactive = {{ quietSeconds = 0.3, minimumPauseSeconds = {pause} }} }},
}})
vim.lsp.enable('proactive')
"""


class Editor:
    """A real Neovim with the server attached, driven by keys as a person would."""

    def __init__(self, home: Path, project: Path, *, pause: float) -> None:
        self.project = project
        self.env = {
            **os.environ,
            "PROACTIVE_STATE_DIR": str(home / "state"),
            "XDG_RUNTIME_DIR": str(home / "run"),
            **{f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")},
        }
        (home / "run").mkdir(mode=0o700)
        init = home / "init.lua"
        init.write_text(INIT.format(proactive=str(BIN / "proactive"), pause=pause))
        old = dict(os.environ)
        os.environ.update(self.env)  # pynvim has no way to hand an environment to its child
        try:
            argv = [
                shutil.which("nvim", path=str(BIN)) or "nvim",
                "--clean",
                "--embed",
                "--headless",
                "-u",
                str(init),
            ]
            self.nvim = pynvim.attach("child", argv=argv)
        finally:
            os.environ.clear()
            os.environ.update(old)
        self.nvim.command(f"cd {project}")

    def open(self, name: str) -> None:
        self.nvim.command(f"edit {self.project / name}")
        self.until(lambda: self.nvim.exec_lua("return #vim.lsp.get_clients({ name = 'proactive', bufnr = 0 })"))

    def type(self, keys: str) -> None:
        for key in keys:
            self.nvim.input("<lt>" if key == "<" else "<CR>" if key == "\n" else key)
            time.sleep(0.002)
        self.nvim.input("<Esc>")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(BIN / "proactive"), "exec", "--", *command],
            cwd=self.project, env=self.env, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def hints(self) -> list[dict[str, Any]]:
        found = self.nvim.exec_lua("return vim.diagnostic.get(0)")
        return [hint for hint in found if hint.get("source") == "proactive"]

    def actions(self) -> list[str]:
        script = """
            local params = vim.lsp.util.make_range_params(0, 'utf-16')
            params.context = { diagnostics = {}, triggerKind = 1 }
            local answer = vim.lsp.buf_request_sync(0, 'textDocument/codeAction', params, 2000)
            local titles = {}
            for _, one in pairs(answer or {}) do
              for _, action in ipairs(one.result or {}) do table.insert(titles, action.title) end
            end
            return titles
        """
        return list(self.nvim.exec_lua(script))

    def choose(self, start: str) -> None:
        self.nvim.exec_lua(
            """
            local start = ...
            vim.lsp.buf.code_action({ apply = true, filter = function(action)
              return action.title:sub(1, #start) == start
            end })
            """,
            start,
        )

    def decisions(self) -> list[dict[str, Any]]:
        script = """
            local client = vim.lsp.get_clients({ name = 'proactive' })[1]
            local answer = client:request_sync('proactive/timeline', vim.empty_dict(), 2000)
            return vim.json.encode(answer.result)
        """
        timeline = json.loads(self.nvim.exec_lua(script))
        return list(timeline["decisions"])

    def silence_after_a_run(self) -> str:
        def last() -> str | None:
            decision = self.decisions()[-1]
            return decision.get("reason") if decision["boundary"] == "run_failed" else None

        return str(self.until(last))

    def messages(self) -> list[str]:
        return list(self.nvim.exec_lua("return vim.g.messages"))

    def until(self, holds: Callable[[], Any], seconds: float = 15.0) -> Any:
        deadline = time.monotonic() + seconds
        while not (found := holds()):
            if time.monotonic() > deadline:
                log = self.nvim.exec_lua("return vim.lsp.get_log_path()")
                tail = Path(log).read_text()[-3000:] if Path(log).exists() else ""
                pytest.fail(f"waited {seconds} s in vain; messages: {self.messages()}; log: {tail}")
            time.sleep(0.05)
        return found

    def quit(self) -> None:
        children = psutil.Process(os.getpid()).children(recursive=True)
        with contextlib.suppress(OSError, EOFError):  # the answer cannot come back from an editor that has ended
            self.nvim.command("qall!")
        self.nvim.close()
        _, alive = psutil.wait_procs(children, timeout=10)
        assert alive == [], "a process outlived the editor"


@pytest.fixture
def edit(tmp_path: Path) -> Iterator[Callable[..., Editor]]:
    project = tmp_path / "project"
    project.mkdir()
    (project / "sizes.py").write_text(SIZES)
    (project / "test_sizes.py").write_text(TEST_SIZES)
    subprocess.run(["git", "init", "--quiet", str(project)], check=True)
    editors: list[Editor] = []

    def start(pause: float = 0.0) -> Editor:
        editors.append(Editor(tmp_path, project, pause=pause))
        return editors[-1]

    yield start
    for editor in editors:
        editor.quit()


BROKEN = """


def total(folder):
    return sum(path.stat().st_size for path in Path(folder).iterdir())
"""


def break_it(editor: Editor) -> None:
    editor.open("sizes.py")
    editor.nvim.input("Go")
    editor.type(BROKEN.strip("\n"))
    editor.nvim.command("write")
    failed = editor.run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert failed.returncode == 1, failed.stdout
    assert "NameError" in failed.stdout


def test_break_accept_and_the_file_is_right_on_disk(edit: Callable[..., Editor]) -> None:
    editor = edit()
    break_it(editor)
    (hint,) = editor.until(editor.hints)
    assert "pathlib" in hint["message"]
    editor.nvim.current.window.cursor = (hint["lnum"] + 1, 0)
    assert any(title.startswith("Import") for title in editor.actions())
    editor.choose("Import")
    editor.until(lambda: "from pathlib import Path" in "\n".join(editor.nvim.current.buffer[:]))
    editor.nvim.command("write")
    on_disk = (editor.project / "sizes.py").read_text()
    assert on_disk.startswith('"""Sizes of files."""\n\nimport os\nfrom pathlib import Path\n\n\ndef names')
    assert editor.run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider").returncode == 0
    editor.until(lambda: not editor.hints())


def test_a_dismissal_is_respected(edit: Callable[..., Editor]) -> None:
    editor = edit(pause=20.0)
    break_it(editor)
    (hint,) = editor.until(editor.hints)
    editor.nvim.current.window.cursor = (hint["lnum"] + 1, 0)
    editor.choose("Dismiss")
    editor.until(lambda: not editor.hints())
    editor.run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert editor.silence_after_a_run() in ("backing_off", "dismissed_before")
    assert editor.hints() == []


def test_snooze_silences_everything(edit: Callable[..., Editor]) -> None:
    editor = edit()
    break_it(editor)
    (hint,) = editor.until(editor.hints)
    editor.nvim.current.window.cursor = (hint["lnum"] + 1, 0)
    editor.choose("Snooze")
    editor.until(lambda: not editor.hints())
    editor.run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert editor.silence_after_a_run() == "snoozed"


def test_why_names_the_events_that_led_to_it(edit: Callable[..., Editor]) -> None:
    editor = edit()
    break_it(editor)
    (hint,) = editor.until(editor.hints)
    editor.nvim.current.window.cursor = (hint["lnum"] + 1, 0)
    editor.choose("Why")
    (told, *_) = editor.until(lambda: [m for m in editor.messages() if "pytest" in m])
    assert "NameError" in told or "failed" in told


def test_what_is_about_a_closed_file_is_offered_where_the_work_is(edit: Callable[..., Editor]) -> None:
    editor = edit()
    (editor.project / "sizes.py").write_text(SIZES + BROKEN)
    editor.open("test_sizes.py")
    failed = editor.run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert failed.returncode == 1
    (hint,) = editor.until(editor.hints)
    assert hint["message"].endswith("(in sizes.py)")
    editor.nvim.current.window.cursor = (hint["lnum"] + 1, 0)
    editor.choose("Import")
    editor.until(lambda: not editor.hints())
    editor.nvim.command("wall")
    assert "from pathlib import Path\n" in (editor.project / "sizes.py").read_text()


def test_half_typed_code_gets_no_suggestion(edit: Callable[..., Editor]) -> None:
    """Nothing ran and nothing lingers: whatever the text looks like in between is the person's own business."""
    editor = edit()
    editor.open("sizes.py")
    editor.nvim.input("Go")
    editor.type("def half(folder:\n    return Paht(")
    editor.until(editor.decisions)  # the quiet moment was considered
    assert editor.hints() == []
    assert editor.actions() == []
