"""The Neovim set-up of docs/editors.md, word for word, in a real Neovim."""

from __future__ import annotations

import contextlib
import json
import os
import re
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
DOCS = Path(__file__).parents[2] / "docs"


def lua_blocks(page: str) -> dict[str, str]:
    """The page's Lua blocks by the file that their first line names."""
    blocks = re.findall(
        r"```lua\n-- ~/\.config/nvim/(\S+)\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.S
    )
    return dict(blocks)


@pytest.fixture
def nvim(tmp_path: Path) -> Iterator[pynvim.Nvim]:
    """A Neovim with its own home, set up as the page says; its server keeps to that home too."""
    for name, text in lua_blocks("editors.md").items():
        path = tmp_path / "config" / "nvim" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    project = tmp_path / "project"
    project.mkdir()
    (project / "app.py").write_text('name = "Ren\u00e9 \U0001f600"; print(nmae)\n')
    subprocess.run(["git", "init", "--quiet", str(project)], check=True)
    (tmp_path / "run").mkdir(mode=0o700)
    env = {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "PROACTIVE_STATE_DIR": str(tmp_path / "state"),
        "XDG_RUNTIME_DIR": str(tmp_path / "run"),
        **{f"XDG_{name}_HOME": str(tmp_path / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")},
    }
    old = dict(os.environ)
    os.environ.update(env)  # pynvim has no way to hand an environment to its child
    try:
        argv = [shutil.which("nvim", path=str(BIN)) or "nvim", "--embed", "--headless", "-n"]
        editor = pynvim.attach("child", argv=argv)
    finally:
        os.environ.clear()
        os.environ.update(old)
    editor.command(f"edit {project / 'app.py'}")
    yield editor
    children = psutil.Process(os.getpid()).children(recursive=True)
    with contextlib.suppress(OSError, EOFError):  # the answer cannot come back from an editor that has ended
        editor.command("qall!")
    editor.close()
    psutil.wait_procs(children, timeout=10)


def until(holds: Callable[[], Any], what: str, seconds: float = 20.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, f"waited {seconds} s in vain for {what}"
        time.sleep(0.05)
    return found


def events(nvim: pynvim.Nvim, kind: str) -> list[str]:
    script = """
        local client = vim.lsp.get_clients({ name = 'proactive' })[1]
        local answer = client:request_sync('proactive/timeline', vim.empty_dict(), 5000)
        return vim.json.encode(answer and answer.result or { events = {} })
    """
    timeline = json.loads(nvim.exec_lua(script))
    return [event["sentence"] for event in timeline["events"] if event["kind"] == kind]


def kept_ranges(home: Path) -> list[list[int]]:
    journal = home / "state" / "journal.sqlite3"
    exported = subprocess.run(
        [BIN / "proactive", "events", "export", "--journal", journal, "--kind", "diagnostic.appeared"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [json.loads(line)["where"]["range"] for line in exported.stdout.splitlines()]


def test_the_blocks_attach_the_server_and_pass_on_what_others_say(nvim: pynvim.Nvim, tmp_path: Path) -> None:
    until(lambda: nvim.exec_lua("return #vim.lsp.get_clients({ name = 'proactive', bufnr = 0 })"), "the server")
    settings = nvim.exec_lua("return vim.lsp.get_clients({ name = 'proactive' })[1].config.settings")
    assert settings == {"proactive": {"interruptionCost": 0.25}}
    nvim.exec_lua(
        """
        vim.diagnostic.set(vim.api.nvim_create_namespace('checker'), 0, {
          { lnum = 0, col = 27, end_lnum = 0, end_col = 31, message = "'nmae' is not defined",
            severity = vim.diagnostic.severity.ERROR, source = 'checker', code = 'F821' },
        })
        """
    )
    (appeared,) = until(lambda: events(nvim, "diagnostic.appeared"), "the diagnostic")
    assert "'nmae' is not defined" in appeared
    (range_,) = until(lambda: kept_ranges(tmp_path), "the journal")
    assert range_ == [0, 23, 0, 27], "bytes in Neovim, UTF-16 on the way, code points in what is kept"
    (lingers,) = until(lambda: events(nvim, "diagnostic.lingering"), "its lingering")
    assert "'nmae' is not defined" in lingers
    nvim.exec_lua("vim.diagnostic.reset(vim.api.nvim_create_namespace('checker'), 0)")
    until(lambda: events(nvim, "diagnostic.resolved"), "its end")


def test_the_page_has_both_blocks() -> None:
    assert set(lua_blocks("editors.md")) == {"lsp/proactive.lua", "init.lua"}
