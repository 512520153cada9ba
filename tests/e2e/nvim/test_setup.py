"""Start, absence and health of the plug-in in a real Neovim; what its pages say is so."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import psutil

from neovim_driver import BIN, PLUGIN, Start

NOWHERE = {"PATH": "/usr/local/bin:/usr/bin:/bin", "VIRTUAL_ENV": "", "CONDA_PREFIX": ""}
HELP = (PLUGIN / "doc" / "proactive.txt").read_text(encoding="utf-8")
README = (PLUGIN / "README.md").read_text(encoding="utf-8")
LOADED = "return vim.tbl_filter(function(name) return name:find('^proactive') end, vim.tbl_keys(package.loaded))"


def test_a_start_without_a_file_loads_nothing_of_it(start: Start) -> None:
    editor = start()
    editor.until(lambda: editor.nvim.eval("v:vim_did_enter"))
    assert sorted(editor.nvim.exec_lua(LOADED)) == ["proactive", "proactive.config"]  # by the call of setup
    assert editor.nvim.exec_lua("return #vim.lsp.get_clients()") == 0
    assert editor.statusline() == ""


def test_it_works_without_setup(start: Start) -> None:
    editor = start(extra="_G.setup = require('proactive').setup; require('proactive').setup = function() end")
    editor.open("sizes.py")
    editor.until(lambda: editor.statusline() == "○ watching")


def test_autostart_can_be_left_to_the_user(start: Start) -> None:
    editor = start("{ autostart = false }")
    editor.nvim.command("edit sizes.py")
    editor.nvim.command("Proactive status")
    editor.until(lambda: "vim.lsp.enable('proactive')" in editor.said())
    editor.nvim.exec_lua("vim.lsp.enable('proactive')")
    editor.until(lambda: editor.statusline() == "○ watching")


def test_without_a_server_nothing_goes_wrong_and_the_next_step_is_named(start: Start) -> None:
    editor = start(**NOWHERE)
    editor.nvim.command(f"edit {editor.project / 'sizes.py'}")
    editor.nvim.input("ihello<Esc>")
    editor.until(lambda: "hello" in editor.shown())
    assert editor.said() == ""
    assert editor.statusline() == ""
    editor.nvim.command("Proactive why")
    editor.until(lambda: "the server was not found: put 'proactive' on your PATH" in editor.said())
    editor.nvim.command("checkhealth proactive")
    editor.until(lambda: "what is kept" in editor.shown())
    (error,) = (line for line in editor.shown().splitlines() if "ERROR" in line)
    assert "the server was not found" in error
    assert "pipx install" in editor.shown()


def test_the_active_environment_is_searched(start: Start) -> None:
    editor = start(**{**NOWHERE, "VIRTUAL_ENV": str(BIN.parent)})
    editor.open("sizes.py")


def test_a_projects_own_environment_runs_only_by_choice(start: Start, project: Path) -> None:
    script = project / ".venv" / "bin" / "proactive"
    script.parent.mkdir(parents=True)
    script.write_text(f'#!/bin/sh\ntouch "{project}/ran"\nexec "{BIN}/proactive" "$@"\n')
    script.chmod(0o755)
    wary = start(**NOWHERE)
    wary.nvim.command(f"edit {project / 'sizes.py'}")
    wary.nvim.command("checkhealth proactive")
    wary.until(lambda: "the option 'project_environment' allows it" in wary.shown())
    assert not (project / "ran").exists()
    find = (
        "require('proactive').setup({ project_environment = true }); return require('proactive.server').find(...)"
    )
    assert wary.nvim.exec_lua(find, str(project))["cmd"] == [str(script), "serve"]


def test_health_finds_no_fault_and_says_what_is_kept(start: Start, tmp_path: Path) -> None:
    editor = start()
    editor.open("sizes.py")
    editor.nvim.command("checkhealth proactive")
    editor.until(lambda: "nothing leaves this machine" in editor.shown())
    told = editor.shown()
    assert "ERROR" not in told
    assert "WARNING" not in told
    assert "running for" in told
    assert str(tmp_path / "state") in told
    assert "terminal: on" in told
    assert "(OSC 133) so far" in told


def test_a_server_that_ends_is_said_to_be_offline_and_comes_back(start: Start) -> None:
    editor = start()
    editor.open("sizes.py")
    editor.until(lambda: editor.statusline() == "○ watching")
    children = psutil.Process(editor.nvim.funcs.getpid()).children(recursive=True)
    (server,) = (child for child in children if "serve" in child.cmdline())
    server.kill()
    editor.until(lambda: editor.statusline() == "✗ offline")
    editor.nvim.command("Proactive status")
    editor.until(lambda: "no server runs" in editor.said())
    editor.open("test_sizes.py")
    editor.until(lambda: editor.statusline() == "○ watching")


def test_wrong_options_and_words_are_named(start: Start) -> None:
    editor = start("{ notfy = true, idle_minutes = 'five' }")
    editor.until(lambda: "there is no option 'notfy'" in editor.said())
    assert "'idle_minutes' must be a number" in editor.said()
    editor.nvim.command("Proactive wy")
    editor.until(lambda: "there is no ':Proactive wy'" in editor.said())
    editor.nvim.command("Proactive snooze soon")
    editor.until(lambda: "not 'soon'" in editor.said())


def test_words_are_completed(start: Start) -> None:
    editor = start()
    assert editor.nvim.funcs.getcompletion("Proactive s", "cmdline") == ["snooze", "status"]
    assert editor.nvim.funcs.getcompletion("Proactive snooze w", "cmdline") == ["workspace"]


def test_no_message_asks_for_a_key(start: Start) -> None:
    """However long a sentence is, Neovim does not wait at a hit-enter prompt."""
    editor = start()
    editor.open("sizes.py")
    editor.nvim.ui_attach(60, 10)
    editor.nvim.exec_lua("require('proactive.messages').say(('word '):rep(100) .. '\\nsecond\\tline')")
    assert editor.nvim.api.get_mode() == {"mode": "n", "blocking": False}
    assert "second line" in editor.said().replace("\n", "")


def test_reading_costs_nothing(start: Start) -> None:
    editor = start()
    editor.open("sizes.py")
    editor.until(lambda: editor.statusline() == "○ watching")
    process = psutil.Process(editor.nvim.funcs.getpid())
    server = [child for child in process.children(recursive=True) if "serve" in child.cmdline()]

    def used() -> float:
        return sum(sum(one.cpu_times()[:2]) for one in (process, *server))

    def settled() -> bool:  # the first quiet moment has been judged, and nothing was used up for two seconds
        before = used()
        editor.nvim.exec_lua("vim.wait(2000)")
        return used() - before <= 0.02

    editor.until(settled)


def test_the_help_has_tags_and_can_be_opened(start: Start, tmp_path: Path) -> None:
    editor = start()
    shutil.copytree(PLUGIN / "doc", tmp_path / "help" / "doc", ignore=shutil.ignore_patterns("tags"))
    editor.nvim.command(f"helptags {tmp_path / 'help' / 'doc'}")
    editor.nvim.exec_lua("vim.opt.runtimepath:append(...)", str(tmp_path / "help"))
    tags = (tmp_path / "help" / "doc" / "tags").read_text().splitlines()
    assert len(tags) > 15
    for tag in (line.split("\t")[0] for line in tags):
        editor.nvim.command(f"help {tag}")
        assert editor.nvim.current.buffer.name.endswith("proactive.txt")
    inside = re.findall(r"\|(proactive-[\w-]+)\|", HELP)
    assert set(inside) <= {line.split("\t")[0] for line in tags}


def test_the_help_and_the_readme_name_all_there_is(start: Start) -> None:
    editor = start()
    commands = editor.nvim.funcs.getcompletion("Proactive ", "cmdline")
    assert len(commands) == 11
    for name in commands:
        assert f":Proactive {name}" in HELP
        assert re.search(rf"[`, ]{name}\b", README)
    config = (PLUGIN / "lua" / "proactive" / "config.lua").read_text(encoding="utf-8")
    options = re.findall(r"^---@field (\w+)\? ", config, re.M)
    assert len(options) >= 8
    for name in options:
        assert f"      {name} = " in HELP
    for source in editor.nvim.exec_lua(
        "return vim.tbl_map(function(e) return e[1] end, require('proactive.sources').MODULES)"
    ):
        assert re.search(rf"^\t{source}\t", HELP, re.M)
        assert f"{source} = true" in README
