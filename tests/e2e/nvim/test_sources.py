"""What else is seen in a real Neovim: `:make`, other servers' diagnostics, focus, selections, snippets, idling."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from neovim_driver import BIN, Editor, Start

RUFF = f"""
vim.lsp.config('ruff', {{ cmd = {{ {str(BIN / "ruff")!r}, 'server' }}, filetypes = {{ 'python' }} }})
vim.lsp.enable('ruff')
"""


def made(editor: Editor, command: str) -> dict[str, Any]:
    before = len(editor.sent("task.run"))
    editor.nvim.command(f"silent {command}")
    editor.until(lambda: len(editor.sent("task.run")) > before)
    return editor.last_sent("task.run")


def test_a_failing_make_is_a_run_with_its_output(start: Start) -> None:
    editor = start("{ settings = { quietSeconds = 0.3, minimumPauseSeconds = 0 } }")
    editor.open("sizes.py")
    editor.nvim.exec_lua("vim.o.shellpipe = '>%s 2>&1'")
    editor.nvim.exec_lua("vim.o.makeprg = ...", f"{sys.executable} -m pytest -p no:cacheprovider $*")
    run = made(editor, "make! -q")
    assert run["name"] == f"{sys.executable} -m pytest -p no:cacheprovider -q"
    assert (run["exit_code"], run["cwd"]) == (1, str(editor.project))
    assert "E       NameError: name 'Path' is not defined" in run["output"]
    assert "sizes.py:11: NameError" in run["output"]
    assert "failures" not in run
    editor.until(lambda: any("NameError" in sentence for sentence in editor.seen()))
    (hint,) = editor.until(editor.hints)
    assert hint["message"] == "Import 'Path' from pathlib"


def test_an_errorformat_of_ones_own_gives_the_failures(start: Start, project: Path) -> None:
    (project / "check.sh").write_text("echo 'BAD sizes.py 11 3 no such thing'; echo 'fine'; exit 2\n")
    editor = start()
    editor.open("sizes.py")
    editor.nvim.exec_lua("vim.o.shellpipe, vim.o.makeprg = '>%s 2>&1', 'sh check.sh'")
    editor.nvim.exec_lua("vim.o.errorformat = 'BAD %f %l %c %m'")
    run = made(editor, "lmake!")
    assert (run["name"], run["exit_code"]) == ("sh check.sh", 2)
    assert run["failures"] == [{"message": "no such thing", "path": "sizes.py", "line": 10, "column": 2}]
    assert run["output"] == "sizes.py:11:3: no such thing\nfine\n"


def test_behind_a_pipe_how_a_run_ended_is_not_known(start: Start) -> None:
    editor = start()
    editor.open("sizes.py")
    editor.nvim.exec_lua("vim.o.shellpipe, vim.o.makeprg = '2>&1| tee', 'sh -c \"echo out; exit 2\"'")
    run = made(editor, "make!")
    assert "exit_code" not in run
    assert run["output"] == "out\n"


def test_a_search_is_no_run(start: Start) -> None:
    editor = start()
    editor.open("sizes.py")
    editor.nvim.exec_lua("vim.o.grepprg = 'grep -n'")
    editor.nvim.command("silent grep! Path sizes.py")
    editor.nvim.exec_lua("vim.o.makeprg = 'true'")
    made(editor, "make!")
    assert len(editor.sent("task.run")) == 1


def test_diagnostics_of_another_server_arrive(start: Start, project: Path) -> None:
    """Counted in UTF-16 units, gathered, without our own hints, and once as long as nothing changes."""
    (project / "wide.py").write_text('"""Wide."""\n\n\ndef wide():\n    return "𝒳ä", missing\n')
    editor = start(extra=RUFF)
    editor.open("wide.py")
    (item,) = editor.last_sent("diagnostics")["items"]
    assert (item["code"], item["tool"], item["severity"]) == ("F821", "Ruff", "error")
    assert item["range"] == [4, 18, 4, 25]
    before = len(editor.sent("diagnostics"))
    editor.nvim.exec_lua(
        """
        local namespace = vim.api.nvim_create_namespace('linter')
        for count = 1, 5 do
          local one = { lnum = 0, col = 0, message = 'Seen ' .. count, severity = 2, source = 'linter' }
          vim.diagnostic.set(namespace, 0, { one, vim.tbl_extend('force', one, { source = 'proactive' }) })
        end
        """
    )
    editor.until(lambda: len(editor.sent("diagnostics")) > before)
    assert len(editor.sent("diagnostics")) == before + 1
    items = editor.last_sent("diagnostics")["items"]
    assert sorted(item["message"] for item in items if item["tool"] == "linter") == ["Seen 5"]
    editor.nvim.exec_lua("vim.diagnostic.reset(vim.api.nvim_create_namespace('linter'), 0)")
    editor.until(lambda: len(editor.last_sent("diagnostics")["items"]) == 1)


def test_documents_and_the_window_in_front(start: Start) -> None:
    editor = start()
    editor.open("sizes.py")
    editor.open("test_sizes.py")
    editor.nvim.command("edit sizes.py")

    def in_front() -> list[str]:
        return [event["where"]["uri"] for event in editor.sent("document.focused")]

    editor.until(lambda: in_front()[-1:] == [(editor.project / "sizes.py").as_uri()])
    focused = in_front()
    editor.shell()  # and back
    assert len(editor.sent("document.focused")) == len(focused)
    editor.nvim.command("doautocmd FocusLost")
    editor.nvim.command("doautocmd FocusGained")
    editor.until(lambda: len(editor.sent("window.focused")) > 1)
    lost, gained = editor.sent("window.focused")
    assert "data" not in lost
    assert gained["data"] == {"app": "Neovim"}
    editor.until(lambda: any("switched to 'Neovim'" in sentence for sentence in editor.seen()))


def test_selections_and_snippets(start: Start) -> None:
    editor = start()
    editor.open("sizes.py")
    editor.nvim.input("viw")
    assert editor.until(lambda: editor.sent("selection.changed"))[-1]["data"] == {
        "selecting": True,
        "in_snippet": False,
    }
    editor.nvim.input("<Esc>")
    editor.until(lambda: not editor.last_sent("selection.changed")["selecting"])
    editor.nvim.input("Go")
    editor.nvim.exec_lua("vim.snippet.expand('for ${1:x} in ${2:xs}:$0')")
    editor.until(lambda: editor.last_sent("selection.changed") == {"selecting": False, "in_snippet": True})
    editor.nvim.exec_lua("vim.snippet.stop()")
    editor.nvim.input("<Esc>")
    editor.until(lambda: editor.last_sent("selection.changed") == {"selecting": False, "in_snippet": False})


def test_idling_begins_and_ends(start: Start) -> None:
    editor = start("{ idle_minutes = 0.01 }")
    editor.open("sizes.py")
    editor.until(lambda: editor.sent("idle.began"))
    began = len(editor.sent("idle.began"))
    editor.nvim.input("j")
    assert 0.5 < editor.last_sent("idle.ended")["seconds"] < 60
    editor.until(lambda: len(editor.sent("idle.began")) > began)


def test_what_is_switched_off_is_not_sent(start: Start) -> None:
    off = ("terminal", "tasks", "diagnostics", "focus", "idle")
    options = f"{{ idle_minutes = 0.001, sources = {{ {', '.join(f'{name} = false' for name in off)} }} }}"
    editor = start(options, extra=RUFF)
    editor.open("test_sizes.py")
    editor.open("sizes.py")
    editor.until(lambda: editor.nvim.exec_lua("return #vim.diagnostic.get(0)"))
    channel = editor.shell()
    editor.enter(channel, "echo done > done")
    editor.until(lambda: (editor.project / "done").exists())
    editor.nvim.exec_lua("vim.o.makeprg = 'true'")
    editor.nvim.command("silent make!")
    editor.nvim.input("viw<Esc>")
    editor.nvim.command("edit test_sizes.py")
    # What follows is sent at once, so that whatever came before it would have been sent, too.
    editor.nvim.exec_lua(
        """
        local client = vim.lsp.get_clients({ name = 'proactive' })[1]
        client.settings.proactive.sources.focus = true
        require('proactive.clients').send(client, 'focus', { kind = 'window.focused' })
        """
    )
    assert editor.sent("window.focused")
    assert len(editor.nvim.exec_lua("return _G.sent")) == 1
    loaded = editor.nvim.exec_lua("return vim.tbl_keys(package.loaded)")
    assert not [name for name in loaded if name.startswith("proactive.sources.") and "debug" not in name]
