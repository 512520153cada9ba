"""Syntax errors, as the grammars of the languages see them: for languages whose own tools are not at hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from proactive_collectors.diagnostics import Item
from proactive_collectors.languages import language_of
from proactive_collectors.syntax import has_grammar, parse, range_of

MOST = 5
"""How many errors of a file are told; more of them follow from the first."""


class Parsers:
    """A :class:`~proactive_training.gym.linters.Linter` for every language that there is a grammar for."""

    def check(self, path: str, text: str, settled: bool = True) -> Sequence[Item] | None:
        """The syntax errors of this text."""
        language = language_of(path)
        if not has_grammar(language):
            return None
        tree = parse(text, language)
        if tree is None or not tree.root_node.has_error:
            return []
        found: list[Item] = []
        for node in _errors(tree.root_node):
            said = f"Missing {node.type}" if node.is_missing else "Syntax error"
            found.append(Item(range_of(text, node), said, code="syntax", tool=f"{language} parser"))
            if len(found) == MOST:
                break
        return found

    def waits(self, path: str) -> bool:
        """It does not."""
        return False

    def forget(self) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """Nothing was started."""


def _errors(node: Node) -> Iterator[Node]:
    """The outermost errors below a node, from the top."""
    pending = [node]
    while pending:
        one = pending.pop()
        if one.is_error or one.is_missing:
            yield one
        elif one.has_error:
            pending += reversed(one.children)
