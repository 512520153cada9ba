"""Which files of the workspace define a name, and how others import it.

A search reads no more than it must: files that do not mention the name are passed over, the imports and
definitions of those that do are read with regular expressions and kept by the text's own hash.
"""

from __future__ import annotations

import re

from attrs import frozen

from proactive_collectors.workspace import Document, WorkspaceView
from proactive_inference.plays.failed_run.stdlib import Import

MOST_FILES = 5_000
"""Files of one workspace that are looked through."""

MOST_CHARACTERS = 500_000
"""Longer files are not looked through: they are generated."""

MOST_READ = 300
"""Files that mention a name and are read for how they import it; those that seem to define it all are."""

_KEPT = 4_000

_FROM = re.compile(
    r"^[ \t]*from[ \t]+(\.*\w[.\w]*|\.+)[ \t]+import[ \t]*(\([^()]{0,4000}\)|[^\n\r#;(]+)", re.MULTILINE
)
_IMPORT = re.compile(r"^[ \t]*import[ \t]+([^\n\r#;(]+)", re.MULTILINE)
_DEFINITION = re.compile(
    r"^(?:(?:async[ \t]+)?def[ \t]+(\w+)|class[ \t]+(\w+)|type[ \t]+(\w+)[ \t]*[=\[]"
    r"|(\w+)[ \t]*(?::[^=\n]+)?=(?!=))",
    re.MULTILINE,
)
_CONTINUED = re.compile(r"\\\r?\n")
_COMMENT = re.compile(r"#[^\n\r]*")
_ITEM = re.compile(r"^(\w[.\w]*)(?:\s+as\s+(\w+))?$")


@frozen
class Facts:
    """What one file imports and defines at its outermost level, as far as its text shows."""

    imports: tuple[Import, ...]
    early: frozenset[Import]  #: those that stand at the margin, and so run when the file is imported
    defines: frozenset[str]


class Index:
    """Searches a workspace's Python files; keeps what it has read of each while the file stays the same."""

    def __init__(self) -> None:
        self._facts: dict[str, tuple[int, int, Facts]] = {}

    def mentioning(self, workspace: WorkspaceView, *words: str) -> dict[str, Facts]:
        """The facts of every file whose text holds one of ``words``, by URI."""
        found: dict[str, Facts] = {}
        for count, document in enumerate(workspace.documents(".py")):
            if count >= MOST_FILES:
                break
            text = document.text
            if len(text) > MOST_CHARACTERS or not any(word in text for word in words):
                continue
            if len(found) < MOST_READ or any(_may_define(text, word) for word in words):
                found[document.uri] = self.facts(document)
        return found

    def facts(self, document: Document) -> Facts:
        """What a file imports and defines."""
        key = hash(document.text), len(document.text)
        kept = self._facts.get(document.uri)
        if kept is not None and kept[:2] == key:
            return kept[2]
        facts = read_facts(document.text)
        self._facts.pop(document.uri, None)
        if len(self._facts) >= _KEPT:
            del self._facts[next(iter(self._facts))]
        self._facts[document.uri] = (*key, facts)
        return facts


def _may_define(text: str, word: str) -> bool:
    return any(head + word in text for head in ("class ", "def ", "type ", "\n"))


def read_facts(text: str) -> Facts:
    """The imports and outermost definitions in a text; what looks like one in a string is taken for one."""
    if "\\" in text:
        text = _CONTINUED.sub(" ", text)
    imports: list[Import] = []
    early: set[Import] = set()
    for match in _FROM.finditer(text):
        names = _COMMENT.sub("", match[2]).strip("() \t\r\n")
        for item in names.split(","):
            if part := _ITEM.match(item.strip()):
                imports.append(Import(match[1], part[1], part[2] if part[2] != part[1] else None))
                if match[0][0] == "f":
                    early.add(imports[-1])
    for match in _IMPORT.finditer(text):
        for item in match[1].split(","):
            if part := _ITEM.match(item.strip()):
                imports.append(Import(part[1], None, part[2]))
                if match[0][0] == "i":
                    early.add(imports[-1])
    defines = frozenset(name for groups in _DEFINITION.findall(text) for name in groups if name)
    return Facts(tuple(imports), frozenset(early), defines)
