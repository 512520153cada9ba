"""The debugger's stops, with the real nvim-dap and debugpy, where they are at hand.

Set PROACTIVE_NVIM_DAP to a clone of nvim-dap, which is on no package registry, and PROACTIVE_DEBUGPY to a Python
that has debugpy.
"""

from __future__ import annotations

import os

import pytest

from neovim_driver import Start

DAP, PYTHON = os.environ.get("PROACTIVE_NVIM_DAP"), os.environ.get("PROACTIVE_DEBUGPY")


@pytest.mark.skipif(not DAP or not PYTHON, reason="set PROACTIVE_NVIM_DAP and PROACTIVE_DEBUGPY")
def test_a_stop_at_an_exception_is_told(start: Start) -> None:
    editor = start(extra=f"vim.opt.runtimepath:append({DAP!r})")
    (editor.project / "crash.py").write_text("def crash():\n    return {}['absent']\n\n\ncrash()\n")
    editor.open("crash.py")
    editor.nvim.exec_lua(
        """
        local python, program = ...
        local dap = require('dap')
        dap.adapters.python = { type = 'executable', command = python, args = { '-m', 'debugpy.adapter' } }
        dap.defaults.fallback.exception_breakpoints = { 'uncaught' }
        local run = { type = 'python', request = 'launch', name = 'crash', program = program }
        dap.run(vim.tbl_extend('error', run, { console = 'internalConsole' }))
        """,
        PYTHON,
        str(editor.project / "crash.py"),
    )
    (stopped,) = editor.until(lambda: editor.sent("debug.stopped"))
    assert stopped["data"]["reason"] == "exception"
    assert "absent" in stopped["data"]["message"]
    assert stopped["where"] == {"uri": (editor.project / "crash.py").as_uri(), "range": [1, 0, 1, 0]}
    editor.until(lambda: any("stopped at an exception" in sentence for sentence in editor.seen()))
    editor.nvim.exec_lua("require('dap').terminate()")
    editor.until(lambda: editor.nvim.exec_lua("return require('dap').session() == nil"))
