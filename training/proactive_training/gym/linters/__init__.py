"""Real diagnostics for texts that stand in no folder: what linters and parsers say of a file as it is typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from proactive_collectors.diagnostics import Item


class Linter(Protocol):
    """Says what is wrong with a file. One linter serves one sitting after the other; close it at the end."""

    def check(self, path: str, text: str, settled: bool = True) -> Sequence[Item] | None:
        """What is wrong with this text of the file at ``path`` (relative to the workspace).

        ``None`` if this linter does not know the file's language. Positions are in code points. ``settled``: the
        text was opened or saved, or has been left alone for a while; a linter whose checks are slow
        (:meth:`waits`) may otherwise hold to what it said last.
        """

    def waits(self, path: str) -> bool:
        """Whether it looks at such a file anew only when its text has settled."""

    def forget(self) -> None:
        """A new sitting begins: nothing that was told before holds."""

    def close(self) -> None:
        """End what was started."""


class First:
    """Asks the first linter that knows the language."""

    def __init__(self, *linters: Linter) -> None:
        self._linters = linters

    def check(self, path: str, text: str, settled: bool = True) -> Sequence[Item] | None:
        """What the first linter that knows the language says."""
        for linter in self._linters:
            found = linter.check(path, text, settled)
            if found is not None:
                return found
        return None

    def waits(self, path: str) -> bool:
        """Whether one of them does."""
        return any(linter.waits(path) for linter in self._linters)

    def forget(self) -> None:
        """A new sitting begins."""
        for linter in self._linters:
            linter.forget()

    def close(self) -> None:
        """End what was started."""
        for linter in self._linters:
            linter.close()
