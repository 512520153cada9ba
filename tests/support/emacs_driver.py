"""A real Emacs in a real terminal with eglot, set up as docs/editors.md says and driven by keys."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from docs_blocks import write_blocks
from needed_programs import need
from terminal_driver import Terminal, private_environment

NOTES = """
(vconcat (mapcar (lambda (one) (list :text (flymake-diagnostic-text one)
                                     :line (line-number-at-pos (flymake-diagnostic-beg one))
                                     :type (flymake-diagnostic-type one)))
                 (flymake-diagnostics)))
"""
# Of two requests that wait at a time in Emacs, the answer to the first ends the wait for the second, and
# emacsclient hears no more. So this one is made when nothing is awaited; until then it has no value.
DECISIONS = """
(and (zerop (hash-table-count (jsonrpc--request-continuations (eglot-current-server))))
     (list (plist-get (jsonrpc-request (eglot-current-server) :proactive/timeline (list :limit 256)) :decisions)))
"""


class Emacs:
    """An Emacs of one's own: private folders, the page's blocks as its configuration, one file open."""

    def __init__(self, home: Path, project: Path, file: str, change: tuple[str, str] | None = None) -> None:
        need("emacs-nox elpa-eglot tmux", ["emacs", "--batch", "--eval", "(require 'eglot)"], ["tmux", "-V"])
        write_blocks("editors.md", "elisp", home, change)
        # Emacs would compile its packages anew for every new home, and talk of it.
        (home / ".emacs.d" / "early-init.el").write_text("(setq native-comp-deferred-compilation nil)\n")
        env = private_environment(home)
        self._socket = home / "run" / "emacs"
        listen = f'(progn (setq server-socket-dir "{home / "run"}" server-name "emacs") (server-start))'
        self.terminal = Terminal(["emacs", "-nw", "--eval", listen, file], cwd=project, env=env)

    def start(self) -> None:
        """Wait until Emacs listens and eglot has the server."""
        self.terminal.until(self._socket.exists, "Emacs")
        self.terminal.until(lambda: self.ask("(and (eglot-current-server) t)"), "the server")

    def ask(self, expression: str) -> Any:
        """The value, by way of JSON, of a Lisp expression in the buffer in the window; None if it has none."""
        here = f"(with-current-buffer (window-buffer) (json-encode {expression}))"
        done = subprocess.run(
            ["emacsclient", "--socket-name", str(self._socket), "--eval", here],
            env=self.terminal.env, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        return json.loads(json.loads(done.stdout, strict=False)) if done.returncode == 0 else None

    def command(self, name: str) -> None:
        """Run a command as a person does: M-x and its name."""
        self.terminal.press("M-x")
        self.terminal.sees("\nM-x")
        self.terminal.type(name + "\n")

    def text(self) -> str:
        """The text of the buffer in the window."""
        return str(self.ask("(buffer-string)"))

    def save(self) -> None:
        self.terminal.press("C-x", "C-s")
        self.terminal.until(lambda: self.ask("(not (buffer-modified-p))"), "the file to be saved")

    def hints(self) -> list[dict[str, Any]]:
        """What the server hints at, as flymake shows it: text, line from one, type."""
        return list(self.ask(NOTES) or [])

    def choose(self, start: str) -> None:
        """Choose, from the actions at point, the one whose title begins so."""
        self.command("eglot-code-actions")
        self.terminal.sees("Pick an action")
        self.terminal.type(start)
        self.terminal.press("Tab")
        whole = "(and (minibufferp) (minibuffer-contents))"
        self.terminal.until(lambda: len(self.ask(whole) or "") > len(start), f"a title that begins with {start!r}")
        self.terminal.press("Enter")

    def decisions(self) -> list[dict[str, Any]]:
        """What the server decided up to now, oldest first."""
        (found,) = self.terminal.until(lambda: self.ask(DECISIONS), "the server to owe Emacs no answer")
        return list(found)

    def quit(self) -> list[str]:
        """Leave Emacs; the command lines of all that had run in it, and runs no longer."""
        return self.terminal.close(lambda: self.terminal.press("C-x", "C-c"))
