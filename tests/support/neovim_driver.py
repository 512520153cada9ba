"""A real Neovim, started with a configuration of the test's own and driven by keys as a person would."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pynvim
import pytest

BIN = Path(sys.executable).parent

BARE = """
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


def bare(pause: float) -> str:
    """A configuration with the server alone, as one has it without the plug-in."""
    return BARE.format(proactive=str(BIN / "proactive"), pause=pause)


class Editor:
    """A Neovim of one's own: private folders, the given ``init.lua``, the project as its working directory."""

    def __init__(self, home: Path, project: Path, init: str, **env: str) -> None:
        self.project = project
        self.env = {
            **os.environ,
            "PROACTIVE_STATE_DIR": str(home / "state"),
            "XDG_RUNTIME_DIR": str(home / "run"),
            **{f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")},
            **env,
        }
        (home / "run").mkdir(mode=0o700)
        configuration = home / "init.lua"
        configuration.write_text(init)
        old = dict(os.environ)
        os.environ.update(self.env)  # pynvim has no way to hand an environment to its child
        try:
            argv = [
                shutil.which("nvim", path=str(BIN)) or "nvim",
                "--clean",
                "--embed",
                "--headless",
                "-u",
                str(configuration),
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
        return list(self.nvim.exec_lua("return vim.g.messages or {}"))

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
