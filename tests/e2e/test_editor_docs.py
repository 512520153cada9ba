"""docs/editors.md: its set-up of a bare Neovim, word for word, in a real one; the rest is well formed."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pynvim
import pytest

from docs_blocks import DOCS, blocks, fenced, write_blocks

BIN = Path(sys.executable).parent


@pytest.fixture
def nvim(tmp_path: Path) -> Iterator[pynvim.Nvim]:
    """A Neovim with its own home, set up as the page says; its server keeps to that home too."""
    write_blocks("editors.md", "lua", tmp_path / "home")
    project = tmp_path / "project"
    project.mkdir()
    (project / "app.py").write_text('name = "Ren\u00e9 \U0001f600"; print(nmae)\n')
    subprocess.run(["git", "init", "--quiet", str(project)], check=True)
    (tmp_path / "run").mkdir(mode=0o700)
    env = {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "PROACTIVE_STATE_DIR": str(tmp_path / "state"),
        "XDG_RUNTIME_DIR": str(tmp_path / "run"),
        **{f"XDG_{name}_HOME": str(tmp_path / name.lower()) for name in ("DATA", "STATE", "CACHE")},
        "XDG_CONFIG_HOME": str(tmp_path / "home" / ".config"),
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
    psutil.wait_procs(children, timeout=60)


def until(holds: Callable[[], Any], what: str, seconds: float = 60.0) -> Any:
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


def test_the_page_has_the_blocks_that_are_tested() -> None:
    assert set(blocks("editors.md", "lua")) == {"~/.config/nvim/lsp/proactive.lua", "~/.config/nvim/init.lua"}
    assert set(blocks("editors.md", "elisp")) == {"~/.emacs.d/init.el"}
    assert set(blocks("editors.md", "vim")) == {"~/.vimrc"}


@pytest.mark.parametrize(("language", "number"), [("toml", 3), ("json", 2)])
def test_the_untested_blocks_are_at_least_well_formed(language: str, number: int) -> None:
    load = {"toml": tomllib.loads, "json": json.loads}[language]
    found = [load(block) for block in fenced("editors.md", language)]
    assert len(found) == number
    for block in found:
        assert isinstance(block, dict)


def test_what_the_page_links_to_is_there() -> None:
    page = (DOCS / "editors.md").read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^\w -]", "", title).replace(" ", "-").lower() for title in re.findall(r"^#+ (.+)$", page, re.M)
    }
    for link in re.findall(r"\]\(([^)]+)\)", page):
        if link.startswith("#"):
            assert link[1:] in headings, link
        else:
            assert (DOCS / link).exists(), link


def test_each_editor_of_the_table_has_a_section_and_says_whether_it_is_tested() -> None:
    page = (DOCS / "editors.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[[^]]+\]\(#([^)]+)\)[^|]*\|[^|]*\| ([^|]+) \|$", page, re.M)
    assert len(rows) == len(re.findall(r"^## ", page, re.M))
    for anchor, tested in rows:
        assert anchor.endswith("-untested") == (tested == "no"), anchor
