"""Syntax trees of the languages there is a grammar for, by tree-sitter, in this project's positions.

tree-sitter counts UTF-8 bytes, and lines at ``\\n`` only; everything here goes by byte offsets and converts.
Grammars are imported when first asked for. Nothing here raises, whatever the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from proactive_collectors.languages import normalized
from proactive_collectors.text import Position, Range, position_at, split_lines
from proactive_collectors.trees import Trees

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Tree

LONGEST_PARSED = 500_000
"""Texts with more characters than this are not parsed: they are data or generated, and it takes over 50 ms."""

_TREES = Trees()

_GRAMMARS = {
    "python": ("tree_sitter_python", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "javascriptreact": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "typescriptreact": ("tree_sitter_typescript", "language_tsx"),
    "go": ("tree_sitter_go", "language"),
    "rust": ("tree_sitter_rust", "language"),
}


def has_grammar(language: str | None) -> bool:
    """Whether there is a grammar for the language."""
    return language is not None and normalized(language) in _GRAMMARS


def parse(text: str, language: str | None) -> Tree | None:
    """The syntax tree; ``None`` without a grammar for the language, or for a text that is too long.

    The last trees are kept, so asking again for the same text costs nothing. Do not call ``Tree.edit`` on it.
    """
    if language is None or len(text) > LONGEST_PARSED:
        return None
    language = normalized(language)
    if language not in _GRAMMARS or (grammar := _grammar(*_GRAMMARS[language])) is None:
        return None
    return _TREES.of(text, encode(text), language, grammar)


@cache
def _grammar(module: str, function: str) -> Language | None:
    from importlib import import_module

    from tree_sitter import Language

    try:
        return Language(getattr(import_module(module), function)())
    except (ImportError, OSError, ValueError):  # not installed, not for this machine, of another ABI
        return None


def encode(text: str) -> bytes:
    """The bytes that trees of ``text`` count in; lone surrogates stand as ``?``."""
    return text.encode("utf-8", "replace")


def byte_at(lines: Sequence[str], position: Position) -> int:
    """The byte offset of a position in a text cut by :func:`split_lines`; positions out of bounds are clipped."""
    number = min(max(position.line, 0), len(lines) - 1)
    line = lines[number]
    character = min(max(position.character, 0), len(line.rstrip("\r\n")))
    if position.line != number:
        character = 0 if position.line < 0 else len(line)
    return len(encode("".join(lines[:number]) + line[:character]))


def range_of(text: str, node: Node) -> Range:
    """Where a node stands in the text its tree was parsed from."""
    lines, data = split_lines(text), encode(text)
    start = len(data[: node.start_byte].decode("utf-8", "ignore"))
    length = len(data[node.start_byte : node.end_byte].decode("utf-8", "ignore"))
    return Range(position_at(lines, start), position_at(lines, start + length))


def nodes_at(tree: Tree, byte: int) -> list[Node]:
    """The nodes that contain the byte, from the root down to the leaf."""
    cursor = tree.walk()
    nodes = [tree.root_node]
    # Node.parent searches from the root each time; a cursor goes down once, however deep the nesting.
    while cursor.goto_first_child_for_byte(byte) is not None:
        node = cursor.node
        if node is None or not node.start_byte <= byte < node.end_byte:
            break
        nodes.append(node)
    return nodes


def syntax_errors(text: str, language: str | None) -> int:
    """How many places the grammar cannot make sense of; 0 where there is no grammar to tell.

    ``Tree.root_node.has_error`` may be true all the same: it also minds missing tokens that no tree shows.
    """
    tree = parse(text, language)
    if tree is None or not tree.root_node.has_error:
        return 0
    count = 0
    cursor = tree.walk()
    while True:
        node = cursor.node
        if node is not None and node.has_error:
            count += node.is_error or node.is_missing
            if cursor.goto_first_child():
                continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return count
