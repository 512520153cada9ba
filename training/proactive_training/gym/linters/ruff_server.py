"""Ruff, asked as a language server: one process for many texts, a few milliseconds each.

Rules: syntax errors and pyflakes' (``E9``, ``F``), whatever the project's own configuration says: only these are
the same for every project, and only they tell of mistakes rather than of taste.
"""

from __future__ import annotations

import contextlib
import itertools
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from proactive_collectors.diagnostics import Item
from proactive_collectors.events import Severity
from proactive_collectors.languages import language_of
from proactive_collectors.text import Range
from proactive_training.errors import DataError
from proactive_training.gym.linters.framed import Framed

_SETTINGS = {
    "configurationPreference": "editorOnly",
    "lineLength": 320,
    "lint": {"select": ["E9", "F"], "preview": False},
    "logLevel": "error",
}
_INITIALIZE = {
    "processId": None,
    "rootUri": None,
    "capabilities": {
        "general": {"positionEncodings": ["utf-32", "utf-16"]},
        "textDocument": {"diagnostic": {}},
    },
    "initializationOptions": {"settings": _SETTINGS, "globalSettings": _SETTINGS},
}
_GRAVE = frozenset({"F821", "F822", "F823", "F704", "F706", "F707"})
_KEPT = 256


class RuffServer:
    """A :class:`~proactive_training.gym.linters.Linter` for Python.

    Args:
        command: the program; found beside the interpreter or on ``PATH`` if not given.

    Raises:
        DataError: there is no ruff.
    """

    def __init__(self, command: str | None = None) -> None:
        self._server = Framed("ruff", [command or ruff(), "server"], "ruff server")
        self._numbers = itertools.count(1)
        self._open: dict[str, int] = {}
        self._known: dict[tuple[str, str], list[Item]] = {}
        try:
            self._ask("initialize", _INITIALIZE)
            self._tell("initialized", {})
        except DataError:
            self.close()
            raise

    def check(self, path: str, text: str, settled: bool = True) -> Sequence[Item] | None:
        """What ruff says of this text."""
        if language_of(path) != "python":
            return None
        known = self._known.get((path, text))
        if known is not None:
            return known
        uri = f"file:///proactive-replay/{path}"
        if path not in self._open:
            self._open[path] = 1
            document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
            self._tell("textDocument/didOpen", {"textDocument": document})
        else:
            self._open[path] += 1
            self._tell(
                "textDocument/didChange",
                {"textDocument": {"uri": uri, "version": self._open[path]}, "contentChanges": [{"text": text}]},
            )
        answer = self._ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        found = [_item(one) for one in (answer or {}).get("items", ())]
        if len(self._known) >= _KEPT:
            self._known.clear()
        self._known[path, text] = found
        return found

    def waits(self, path: str) -> bool:
        """It does not."""
        return False

    def forget(self) -> None:
        """A new sitting begins."""
        for path in self._open:
            self._tell("textDocument/didClose", {"textDocument": {"uri": f"file:///proactive-replay/{path}"}})
        self._open.clear()
        self._known.clear()

    def close(self) -> None:
        """End the process."""
        with contextlib.suppress(DataError):
            self._ask("shutdown", None)
            self._tell("exit", None)
        self._server.end()

    # --- the protocol -----------------------------------------------------------------------------------

    def _tell(self, method: str, params: Any) -> None:
        self._server.write({"jsonrpc": "2.0", "method": method, "params": params})

    def _ask(self, method: str, params: Any) -> Any:
        number = next(self._numbers)
        self._server.write({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        while True:
            message = self._server.read()
            if message.get("id") == number and "method" not in message:
                return message.get("result")
            if "method" in message and "id" in message:  # it asks the client something: there is no client
                self._server.write({"jsonrpc": "2.0", "id": message["id"], "result": None})


def ruff() -> str:
    """The program.

    Raises:
        DataError: there is none.
    """
    beside = Path(sys.executable).with_name("ruff")
    found = str(beside) if beside.exists() else shutil.which("ruff")
    if found is None:
        raise DataError("real diagnostics of Python need ruff; pip install ruff")
    return found


def _item(one: dict[str, Any]) -> Item:
    start, end = one["range"]["start"], one["range"]["end"]
    code = one.get("code")
    range_ = Range.of(start["line"], start["character"], end["line"], end["character"])
    grave = code in (None, "invalid-syntax") or code in _GRAVE or str(code).startswith("E9")
    return Item(range_, one["message"], Severity.ERROR if grave else Severity.WARNING, code, "Ruff")
