"""The whole story in a real Neovim with the plug-in, the tests run in a real terminal with bash."""

from __future__ import annotations

import sys

from neovim_driver import Editor, Start

QUICK = "{ settings = { quietSeconds = 0.3, minimumPauseSeconds = 0 } }"
UNHURRIED = "{ settings = { quietSeconds = 0.3, minimumPauseSeconds = 20 } }"
PYTEST = f"{sys.executable} -m pytest -q -p no:cacheprovider"


def fail(editor: Editor) -> int:
    """Open the file, run its test in a terminal, and wait until the run has been seen."""
    editor.open("sizes.py")
    channel = editor.shell()
    rerun(editor, channel)
    return channel


def rerun(editor: Editor, channel: int) -> None:
    before = len(editor.sent("terminal.run"))
    editor.enter(channel, PYTEST)
    editor.until(lambda: len(editor.sent("terminal.run")) > before)


def offered(editor: Editor) -> None:
    fail(editor)
    editor.until(lambda: editor.statusline() == "● suggestion")


def test_break_accept_and_the_file_is_right_on_disk(start: Start) -> None:
    editor = start(QUICK)
    channel = fail(editor)
    run = editor.last_sent("terminal.run")
    assert (run["command"], run["exit_code"], run["cwd"]) == (PYTEST, 1, str(editor.project))
    assert "NameError: name 'Path' is not defined" in run["output"]
    assert 0 < run["seconds"] < 60
    editor.until(lambda: editor.statusline() == "● suggestion")
    assert any("1 test failed in sizes.py: NameError" in sentence for sentence in editor.seen())
    (hint,) = editor.until(editor.hints)
    assert hint["message"] == "Import 'Path' from pathlib"
    editor.nvim.command("Proactive accept")
    editor.until(lambda: "from pathlib import Path" in editor.shown())
    editor.nvim.command("write")
    text = (editor.project / "sizes.py").read_text()
    assert text.startswith('"""Sizes of files."""\n\nimport os\nfrom pathlib import Path\n\n\ndef names')
    editor.until(lambda: editor.statusline() == "○ watching")
    editor.until(lambda: any("accepted the offer" in sentence for sentence in editor.seen()))
    rerun(editor, channel)
    assert editor.last_sent("terminal.run")["exit_code"] == 0
    assert editor.hints() == []


def test_a_dismissal_is_respected(start: Start) -> None:
    editor = start(UNHURRIED)
    channel = fail(editor)
    editor.until(editor.hints)
    editor.until(lambda: editor.statusline() == "● suggestion")
    editor.nvim.command("Proactive dismiss")
    editor.until(lambda: not editor.hints())
    editor.until(lambda: any("dismissed the offer" in sentence for sentence in editor.seen()))
    rerun(editor, channel)
    assert editor.silence_after_a_run() in ("backing_off", "dismissed_before")
    assert editor.hints() == []
    assert "from pathlib" not in editor.shown()


def test_snooze_and_wake(start: Start) -> None:
    editor = start(QUICK)
    channel = fail(editor)
    editor.until(editor.hints)
    editor.nvim.command("Proactive snooze 30")
    editor.until(lambda: editor.statusline().startswith("◌ snoozed until "))
    editor.until(lambda: not editor.hints())
    rerun(editor, channel)
    assert editor.silence_after_a_run() == "snoozed"
    editor.nvim.command("Proactive wake")
    editor.until(lambda: not editor.statusline().startswith("◌ snoozed"))
    assert any("30 minutes of quiet" in sentence for sentence in editor.seen())


def test_pause_is_for_this_project_and_ends_with_resume(start: Start) -> None:
    editor = start(QUICK)
    editor.open("sizes.py")
    editor.nvim.command("Proactive pause")
    editor.until(lambda: editor.statusline() == "◌ off")
    channel = editor.shell()
    rerun(editor, channel)
    assert editor.silence_after_a_run() == "disabled"
    editor.nvim.command("Proactive resume")
    editor.until(lambda: editor.statusline() == "○ watching")
    rerun(editor, channel)
    editor.until(editor.hints)


def test_why_is_told_in_a_window_that_q_closes(start: Start) -> None:
    editor = start(QUICK)
    offered(editor)
    windows = len(editor.nvim.windows)
    editor.nvim.command("Proactive why")
    editor.until(lambda: len(editor.nvim.windows) == windows + 1)
    told = " ".join(editor.shown().split())
    assert "Import 'Path' from pathlib" in told
    assert "pytest" in told
    assert "NameError" in told
    editor.nvim.input("q")
    editor.until(lambda: len(editor.nvim.windows) == windows)
    assert editor.nvim.current.buffer.name.endswith("sizes.py")


def test_why_there_is_nothing(start: Start) -> None:
    editor = start(QUICK)
    editor.open("sizes.py")
    editor.nvim.command("Proactive why")
    editor.until(lambda: "There is no suggestion" in editor.said() + editor.shown())


def test_the_timeline_tells_events_silences_and_fates(start: Start) -> None:
    editor = start(QUICK)
    offered(editor)
    editor.nvim.command("Proactive accept")
    editor.until(lambda: any("accepted the offer" in sentence for sentence in editor.seen()))
    editor.until(lambda: editor.timeline()["decisions"][-1].get("reason"))
    editor.nvim.command("Proactive timeline")
    editor.until(lambda: "Newest last" in editor.shown())
    lines = editor.shown().splitlines()
    assert any("seen" in line and "NameError" in line for line in lines)
    (offer,) = (line for line in lines if line[10:].startswith("offered "))
    assert offer.endswith("Import 'Path' from pathlib – accepted")
    (silence, *_) = (line for line in lines if line[10:].startswith("silent "))
    assert "(at: " in silence
    editor.until(lambda: editor.timeline()["decisions"])
    before = len(lines)
    editor.nvim.command("wincmd p")
    editor.nvim.command("write")
    editor.until(lambda: any("saved" in sentence for sentence in editor.seen()))
    editor.nvim.command("wincmd p")
    editor.nvim.input("R")
    editor.until(lambda: len(editor.shown().splitlines()) > before)
    editor.nvim.input("q")
    editor.until(lambda: "Newest last" not in editor.shown())


def test_status_names_what_waits_and_what_is_watched(start: Start) -> None:
    editor = start("{ sources = { idle = false }, settings = { quietSeconds = 0.3, minimumPauseSeconds = 0 } }")
    offered(editor)
    editor.nvim.command("Proactive")
    editor.until(lambda: "Watched here" in editor.shown())
    told = editor.shown()
    assert "● Import 'Path' from pathlib (sizes.py:" in told
    assert "terminal" in told
    assert "Switched off: idle" in told


def test_goto_goes_there_and_leaves_the_suggestion(start: Start) -> None:
    editor = start(QUICK)
    offered(editor)
    editor.nvim.command("edit test_sizes.py")
    editor.nvim.command("Proactive goto")
    editor.until(lambda: editor.nvim.current.buffer.name.endswith("/sizes.py"))
    assert "Path(folder)" in editor.nvim.current.line
    assert editor.statusline() == "● suggestion"


def test_the_keys_do_what_the_commands_do(start: Start) -> None:
    editor = start(QUICK, extra="vim.keymap.set('n', 'ga', '<Plug>(proactive-accept)')")
    offered(editor)
    editor.nvim.input("ga")
    editor.until(lambda: "from pathlib import Path" in editor.shown())


def test_an_edit_of_several_files_is_all_or_nothing_and_told_of(start: Start) -> None:
    """As the server asks for it; the second file is open, but out of sight."""
    editor = start(QUICK)
    editor.open("test_sizes.py")
    editor.open("sizes.py")
    apply = """
        local ahead, client = ..., vim.lsp.get_clients({ name = 'proactive' })[1]
        local changes = {}
        for _, name in ipairs({ 'sizes.py', 'test_sizes.py' }) do
          local buf = vim.fn.bufnr('/' .. name .. '$')
          local top = { line = 0, character = 0 }
          table.insert(changes, {
            textDocument = {
              uri = vim.uri_from_bufnr(buf),
              version = vim.lsp.util.buf_versions[buf] - (name == 'test_sizes.py' and ahead or 0),
            },
            edits = { { range = { start = top, ['end'] = top }, newText = '# new\\n' } },
          })
        end
        local params = { label = 'Add a comment', edit = { documentChanges = changes } }
        local handler = client.handlers['workspace/applyEdit']
        local answer = handler(nil, params, { client_id = client.id, method = 'workspace/applyEdit' })
        return answer.applied
    """
    editor.nvim.command("buffer test_sizes.py | normal! Gox = 1")
    editor.nvim.command("edit sizes.py")
    assert editor.nvim.exec_lua(apply, 1) is False
    assert "# new" not in editor.shown()
    assert "The text has changed in the meantime" in editor.said()
    assert editor.nvim.exec_lua(apply, 0) is True
    assert "Add a comment, in 2 files; :wall writes them." in editor.said()
    editor.nvim.command("wall")
    for name in ("sizes.py", "test_sizes.py"):
        assert (editor.project / name).read_text().startswith("# new\n")


def test_several_that_wait_are_told_apart(start: Start) -> None:
    """What is chosen of two is the one in the cursor's line; elsewhere one is asked."""
    editor = start(QUICK)
    offered(editor)
    choose = """
        local suggestions = require('proactive.suggestions')
        local status = require('proactive.status')
        local client = vim.lsp.get_clients({ name = 'proactive' })[1]
        local real = status.of(client.id).suggestions[1]
        local other = vim.tbl_extend('force', real, { id = 'other', title = 'Other', line = 0 })
        status.changed(client.id, { state = 'suggestion', suggestions = { real, other }, counts = {} })
        local asked, chosen
        vim.ui.select = function(items, options, done)
          asked = vim.tbl_map(options.format_item, items)
          done(nil)
        end
        vim.api.nvim_win_set_cursor(0, { ..., 0 })
        suggestions.choose('Accept', function(one) chosen = one.suggestion.title end)
        return { asked = asked, chosen = chosen }
    """
    assert editor.nvim.exec_lua(choose, 1) == {"chosen": "Other"}
    assert editor.statusline() == "● suggestion (2)"
    asked = editor.nvim.exec_lua(choose, 9)
    assert asked == {"asked": ["Import 'Path' from pathlib (sizes.py:11)", "Other (sizes.py:1)"]}
