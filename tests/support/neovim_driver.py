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

import jsonschema
import psutil
import pynvim
import pytest

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "nvim-client"
SCHEMA = ROOT / "docs" / "proactive-event.schema.json"

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


BASHRC = """
HISTFILE=
PS1='$ '
[ -n "$PROACTIVE_NVIM_SHELL" ] && . "$PROACTIVE_NVIM_SHELL/proactive.bash"
"""
"""Of the shell in a terminal."""


def bare(pause: float) -> str:
    """A configuration with the server alone, as one has it without the plug-in."""
    return BARE.format(proactive=str(BIN / "proactive"), pause=pause)


# Notes each event that the plug-in sends; that the notification goes on its way is left alone.
PLUGGED = """
vim.o.swapfile = false
vim.o.autoindent = false
vim.o.shell = '/bin/bash'
vim.opt.runtimepath:prepend({plugin!r})
_G.sent = {{}}
vim.api.nvim_create_autocmd('LspAttach', {{
  callback = function(args)
    local client = vim.lsp.get_client_by_id(args.data.client_id)
    if client.name ~= 'proactive' or client.noted then return end
    client.noted = true
    local notify = client.notify
    client.notify = function(self, method, params)
      if method == 'proactive/event' then table.insert(_G.sent, vim.json.encode(params)) end
      return notify(self, method, params)
    end
  end,
}})
{extra}
require('proactive').setup({options})
"""


def with_plugin(options: str, extra: str = "") -> str:
    """A configuration with the plug-in of this repository.

    Args:
        options: a Lua table for its ``setup``.
        extra: Lua that runs before.
    """
    return PLUGGED.format(plugin=str(PLUGIN), options=options, extra=extra)


class Editor:
    """A Neovim of one's own: private folders, the given ``init.lua``, the project as its working directory."""

    def __init__(self, home: Path, project: Path, init: str, **env: str) -> None:
        self.project = project
        self.env = {
            **os.environ,
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
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

    def shell(self) -> int:
        """A ``:terminal`` with a shell that has shown its first prompt; the channel to type into.

        The cursor stays in the window it was in.
        """
        self.nvim.command("belowright split | terminal")
        channel, buffer = int(self.nvim.eval("&channel")), self.nvim.current.buffer
        self.until(lambda: "$" in "".join(buffer[:]))
        self.nvim.command("wincmd p")
        return channel

    def enter(self, channel: int, line: str) -> None:
        """Type a line into a terminal; the terminal echoes it amid the output of what still runs there."""
        self.nvim.call("chansend", channel, line + "\n")

    def enter_at_prompt(self, channel: int, line: str) -> None:
        """Type a line into a terminal once its shell waits for one behind the prompt ``$``."""
        buffer = self.nvim.api.get_chan_info(channel)["buffer"]

        def last() -> str:
            return next((row for row in reversed(self.nvim.api.buf_get_lines(buffer, 0, -1, True)) if row), "")

        self.until(lambda: last().rstrip() == "$")
        self.enter(channel, line)

    def sent(self, kind: str) -> list[dict[str, Any]]:
        """The events of a kind that the plug-in has sent."""
        events = [json.loads(one) for one in self.nvim.exec_lua("return _G.sent")]
        return [event for event in events if event["kind"] == kind]

    def last_sent(self, kind: str) -> dict[str, Any]:
        """The ``data`` of the newest event of a kind, once there is one."""
        return dict(self.until(lambda: self.sent(kind))[-1].get("data", {}))

    def seen(self) -> list[str]:
        """What the server has seen, a sentence each."""
        return [event["sentence"] for event in self.timeline()["events"]]

    def statusline(self) -> str:
        """What the plug-in puts into the status line of the current window."""
        return str(self.nvim.exec_lua("return require('proactive').statusline()"))

    def shown(self) -> str:
        """The text of the current buffer."""
        return "\n".join(self.nvim.current.buffer[:])

    def said(self) -> str:
        """All of ``:messages``."""
        return str(self.nvim.command_output("messages"))

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

    def timeline(self) -> dict[str, Any]:
        script = """
            local client = vim.lsp.get_clients({ name = 'proactive' })[1]
            local answer = client:request_sync('proactive/timeline', { limit = 256 }, 20000)
            return vim.json.encode(answer.result)
        """
        return dict(json.loads(self.nvim.exec_lua(script)))

    def decisions(self) -> list[dict[str, Any]]:
        return list(self.timeline()["decisions"])

    def silence_after_a_run(self) -> str:
        def last() -> str | None:
            decisions = self.decisions()  # none yet, if the run is the first and the server still takes it in
            return decisions[-1].get("reason") if decisions and decisions[-1]["boundary"] == "run_failed" else None

        return str(self.until(last))

    def messages(self) -> list[str]:
        return list(self.nvim.exec_lua("return vim.g.messages or {}"))

    def until(self, holds: Callable[[], Any], seconds: float = 60.0) -> Any:
        deadline = time.monotonic() + seconds
        while not (found := holds()):
            if time.monotonic() > deadline:
                log = self.nvim.exec_lua("return vim.lsp.get_log_path()")
                tail = Path(log).read_text()[-3000:] if Path(log).exists() else ""
                pytest.fail(f"waited {seconds} s in vain; messages: {self.messages()} {self.said()}; log: {tail}")
            time.sleep(0.05)
        return found

    def finish(self) -> None:
        """Leave the editor of a test with the plug-in: nothing went wrong unseen."""
        sent = [json.loads(one) for one in self.nvim.exec_lua("return _G.sent")]
        said = self.said()
        self.quit()
        validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
        for event in sent:
            validator.validate(event)
        assert "Error" not in said and "stack traceback" not in said, said

    def quit(self) -> None:
        own = psutil.Process(self.nvim.call("getpid"))
        children = [own, *own.children(recursive=True)]
        with contextlib.suppress(OSError, EOFError):  # the answer cannot come back from an editor that has ended
            self.nvim.command("qall!")
        self.nvim.close()
        _, alive = psutil.wait_procs(children, timeout=30)
        assert alive == [], "a process outlived the editor"


Start = Callable[..., Editor]
"""What a fixture hands to a test that starts editors of its own."""
