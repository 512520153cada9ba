"""A real Vim in a real terminal with ALE, set up as docs/editors.md says and driven by keys."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from docs_blocks import write_blocks
from needed_programs import need
from terminal_driver import Terminal, private_environment

# ALE talks to servers by jobs, which Debian's smallest Vim lacks.
CHECK = "packadd ale | if !has('job') || !exists(':ALECodeAction') | cquit | endif"

HINTS = """map(filter(copy(ale#engine#GetLoclist(bufnr(''))), {_, one -> one.linter_name is# 'proactive'}),
 {_, one -> {'text': one.text, 'line': one.lnum, 'type': one.type}})""".replace("\n", "")


class Vim:
    """A Vim of one's own: private folders, the page's block as its configuration, one file open."""

    def __init__(self, home: Path, project: Path, file: str, change: tuple[str, str] | None = None) -> None:
        need("vim-nox vim-ale tmux", ["vim", "-u", "NONE", "-N", "-es", "-c", CHECK, "-c", "qall"], ["tmux", "-V"])
        write_blocks("editors.md", "vim", home, change)
        self._told = home / "told.json"
        self.terminal = Terminal(["vim", file], cwd=project, env=private_environment(home))

    def start(self) -> None:
        """Wait until Vim shows the file and ALE has the server."""
        self.terminal.sees('"""')
        server = "len(filter(values(ale#lsp#GetConnections()), {_, one -> one.initialized}))"
        self.terminal.until(lambda: self.ask(server), "the server")

    def ask(self, expression: str) -> Any:
        """The value of an expression in normal mode, by way of JSON."""
        return self._told_by(f"eval {self._tell(expression)}")

    def decisions(self) -> list[dict[str, Any]]:
        """What the server decided up to now, oldest first."""
        request, answer = "[0,'proactive/timeline',{'limit':256}]", self._tell("answer.result.decisions")
        send = f"ale#lsp_linter#SendRequest(bufnr(''),'proactive',{request},{{answer -> {answer}}})"
        return list(self._told_by(f"eval {send}"))

    def _tell(self, expression: str) -> str:
        """An expression that tells the value of another: the file appears when it is whole."""
        part = self._told.with_suffix(".part")
        return f"[writefile([json_encode({expression})],'{part}'),rename('{part}','{self._told}')]->len()"

    def _told_by(self, command: str) -> Any:
        self._told.unlink(missing_ok=True)
        self.command(f"silent {command}")
        self.terminal.until(self._told.exists, f"what is told by {command}")
        return json.loads(self._told.read_text(encoding="utf-8"))

    def command(self, words: str) -> None:
        """Run a command as a person does: a colon, its words, Enter."""
        self.terminal.type(f":{words}\n")

    def text(self) -> str:
        """The text of the buffer."""
        return "".join(f"{line}\n" for line in self.ask("getline(1, '$')"))

    def save(self) -> None:
        self.command("write")
        self.terminal.until(lambda: not self.ask("&modified"), "the file to be saved")

    def hints(self) -> list[dict[str, Any]]:
        """What the server hints at, as ALE lists it: text, line from one, type."""
        return list(self.ask(HINTS))

    def choose(self, start: str) -> None:
        """Choose, from the actions at the cursor, the one whose title begins so."""
        self.command("ALECodeAction")
        self.terminal.sees("Type number and <Enter>")
        offered = re.findall(r"^(\d+)\) (.+)$", self.terminal.screen(), re.M)
        (number,) = [number for number, title in offered if title.startswith(start)]
        self.terminal.type(f"{number}\n")

    def quit(self) -> list[str]:
        """Leave Vim; the command lines of all that had run in it, and runs no longer."""
        return self.terminal.close(lambda: self.command("qall!"))
