"""TypeScript's own compiler, asked as ``tsserver`` is asked by an editor: one process for many texts.

Works with TypeScript 5 and 6 (``lib/tsserver.js`` of the npm package, run by node); TypeScript 7 has another
server.

A check takes some 40 to 100 ms of CPU on a file of 200 lines, most of it for a new type checker over the standard
library. So only settled texts are checked: as opened, as saved, or left alone for a while. What was said last
is carried along with its lines meanwhile, as editors do.

The files around a replayed text stand nowhere, and the project's own options and type packages are not known. So

- every file is looked at alone, without strictness (``noResolve``, no ``strict``): whatever is imported may be
  anything, and nothing follows from it;
- what says no more than that is not told, nor what only the project's own options decide, nor what is said of
  members where a class or interface here may inherit them from elsewhere
  (:mod:`proactive_training.gym.linters.typescript_codes`);
- what the file had already when the sitting first came to it is not told either: only what is new since.

JavaScript is checked as the compiler checks it without ``checkJs``: its syntax, and little more.
"""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from attrs import define, field

from proactive_collectors.diagnostics import Item
from proactive_collectors.events import Severity
from proactive_collectors.languages import language_of
from proactive_collectors.text import Position, Range, split_lines
from proactive_training.errors import DataError
from proactive_training.gym.linters.carrying import carried
from proactive_training.gym.linters.framed import Framed
from proactive_training.gym.linters.typescript_codes import inherits, telling
from proactive_training.gym.linters.typescript_program import check_version

LANGUAGES = {
    "typescript": "TS",
    "typescriptreact": "TSX",
    "javascript": "JS",
    "javascriptreact": "JSX",
}
"""What is checked, and tsserver's word for it."""

_OPTIONS = {
    "target": "ESNext", "module": "ESNext", "moduleResolution": "bundler", "moduleDetection": "force",
    "noResolve": True, "types": [], "skipLibCheck": True, "strict": False, "allowJs": True, "checkJs": False,
    "jsx": "preserve", "experimentalDecorators": True, "allowImportingTsExtensions": True,
}  # fmt: skip
_FOLDER = "/proactive-replay"
_BREAKS = re.compile("[\u2028\u2029]")  # lines end here for tsserver alone
_KEPT = 256


@define
class _Sheet:
    """What is known of a file in this sitting."""

    text: str
    items: list[Item]
    first: Counter[tuple[str | None, str]]  # what was wrong with it when the sitting came to it
    first_lines: Counter[tuple[str | None, str, str]] = field(factory=Counter)


class TypeScriptServer:
    """A :class:`~proactive_training.gym.linters.Linter` for TypeScript and JavaScript.

    Args:
        tsserver: ``tsserver.js``, as :func:`~proactive_training.gym.linters.typescript_program.tsserver` finds it.

    Raises:
        DataError: there is no node, or it is none of the versions that this can talk to.
    """

    def __init__(self, tsserver: Path) -> None:
        node = shutil.which("node")
        if node is None:
            raise DataError("the diagnostics of TypeScript need node on PATH; install Node.js")
        check_version(tsserver)
        arguments = [
            "--disableAutomaticTypingAcquisition", "--suppressDiagnosticEvents", "--useSingleInferredProject",
            "--noGetErrOnBackgroundUpdate", "--canUseWatchEvents", "--locale", "en",
        ]  # fmt: skip
        environment = {key: value for key, value in os.environ.items() if key in ("PATH", "SYSTEMROOT")}
        self._server = Framed("tsserver", [node, str(tsserver), *arguments], f"node {tsserver}", environment)
        self._number = 0
        self._sheets: dict[str, _Sheet] = {}
        self._open: set[str] = set()
        self._known: dict[tuple[str, str], list[Item]] = {}
        try:
            self._ask("compilerOptionsForInferredProjects", {"options": _OPTIONS})
        except DataError:
            self._server.end()
            raise

    def check(self, path: str, text: str, settled: bool = True) -> Sequence[Item] | None:
        """What the compiler says of this text that is new since the sitting first came to the file."""
        if language_of(path) not in LANGUAGES:
            return None
        sheet = self._sheets.get(path)
        if sheet is None:
            found = self._found(path, text)
            first = Counter((item.code, item.message) for item in found)
            self._sheets[path] = _Sheet(text, [], first, Counter(_with_lines(found, text)))
            return []
        if settled:
            sheet.items = _fresh(sheet, self._found(path, text), text)
        elif text != sheet.text:
            sheet.items = carried(sheet.items, sheet.text, text)
        sheet.text = text
        return sheet.items

    def waits(self, path: str) -> bool:
        """It does, for its languages."""
        return language_of(path) in LANGUAGES

    def forget(self) -> None:
        """A new sitting begins."""
        if self._open:
            closed = [f"{_FOLDER}/{path}" for path in sorted(self._open)]
            self._ask("updateOpen", {"openFiles": [], "changedFiles": [], "closedFiles": closed})
        self._open.clear()
        self._sheets.clear()
        self._known.clear()

    def close(self) -> None:
        """End the process."""
        self._server.end()

    # --- the server -------------------------------------------------------------------------------------

    def _found(self, path: str, text: str) -> list[Item]:
        """What it says of a text, less what follows from the surroundings."""
        if (path, text) in self._known:
            return self._known[path, text]
        file = f"{_FOLDER}/{path}"
        opened = {"file": file, "fileContent": _BREAKS.sub(" ", text), "projectRootPath": _FOLDER}
        if path not in self._open:
            self._open.add(path)
            opened["scriptKindName"] = LANGUAGES[language_of(path) or ""]
        self._ask("updateOpen", {"openFiles": [opened], "changedFiles": [], "closedFiles": []})
        said = [
            *self._ask("syntacticDiagnosticsSync", {"file": file}),
            *self._ask("semanticDiagnosticsSync", {"file": file}),
        ]
        lines = split_lines(text)
        base = inherits(text)
        found = [_item(one, lines) for one in said if telling(one, base)]
        if len(self._known) >= _KEPT:
            self._known.clear()
        self._known[path, text] = found
        return found

    def _ask(self, command: str, arguments: dict[str, Any]) -> Any:
        self._number += 1
        request = {"seq": self._number, "type": "request", "command": command, "arguments": arguments}
        self._server.write_bytes(orjson.dumps(request) + b"\n")
        while True:
            message = self._server.read()
            if message.get("type") == "response" and message.get("request_seq") == self._number:
                # What fails inside the compiler (it does, on some half-typed texts) says nothing of the text.
                return message.get("body", []) if message.get("success") else []


# --- what it says --------------------------------------------------------------------------------------------


def _item(one: dict[str, Any], lines: list[str]) -> Item:
    range_ = Range(_position(one["start"], lines), _position(one["end"], lines))
    severity = Severity.ERROR if one["category"] == "error" else Severity.WARNING
    return Item(range_, one["text"], severity, str(one["code"]), "ts")


def _position(told: dict[str, int], lines: list[str]) -> Position:
    """One-based line and UTF-16 unit to zero-based line and code point."""
    row = min(told["line"], len(lines)) - 1
    line = lines[row]
    units = told["offset"] - 1
    if line.isascii():
        return Position(row, min(units, len(line)))
    at = 0
    while units > 0 and at < len(line):
        units -= 2 if ord(line[at]) > 0xFFFF else 1
        at += 1
    return Position(row, at)


def _with_lines(items: Sequence[Item], text: str) -> list[tuple[str | None, str, str]]:
    lines = split_lines(text)
    return [(item.code, item.message, lines[item.range.start.line].strip()) for item in items]


def _fresh(sheet: _Sheet, items: list[Item], text: str) -> list[Item]:
    """Those that the file had not at first: what stands on a line that had it goes first, then any of its sort."""
    had, lines_had = Counter(sheet.first), Counter(sheet.first_lines)
    left: list[tuple[Item, bool]] = []
    for item, key in zip(items, _with_lines(items, text), strict=True):
        old = lines_had[key] > 0
        if old:
            lines_had[key] -= 1
            had[item.code, item.message] -= 1
        left.append((item, old))
    found = []
    for item, old in left:
        if old:
            continue
        if had[item.code, item.message] > 0:
            had[item.code, item.message] -= 1
            continue
        found.append(item)
    return found
