"""One Python text with its syntax tree: where a name stands, and in which role.

Built on tree-sitter, so that text in the middle of being edited, and syntax newer than the running
interpreter, can still be read. Offsets are code points; tree-sitter's own are bytes of UTF-8.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from enum import StrEnum
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from attrs import frozen

from proactive_collectors.syntax import encode, parse
from proactive_collectors.text import Position, Range, TextEdit, apply_edits, split_lines

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

MOST_OCCURRENCES = 400
"""A name that stands in a file more often than this is not looked at further."""


class Role(StrEnum):
    """What an identifier does where it stands."""

    LOAD = "load"  #: is looked up
    STORE = "store"  #: is bound by an assignment, loop, ``with``, ``except``, pattern, ``global`` or ``del``
    PARAMETER = "parameter"
    DEFINITION = "definition"  #: is a function's or class's own name
    IMPORT = "import"  #: is bound by an import
    ATTRIBUTE = "attribute"  #: stands behind a dot
    KEYWORD = "keyword"  #: names an argument in a call
    OTHER = "other"  #: part of a module's path, and the like


BINDINGS = frozenset({Role.STORE, Role.PARAMETER, Role.DEFINITION, Role.IMPORT})
"""The roles that give a name its meaning."""

_LONE_RETURN = re.compile(r"\r(?!\n)")
_SCOPES = frozenset({"function_definition", "class_definition", "lambda", "module"})
_COMPREHENSIONS = frozenset(
    {"list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression"}
)
_PATTERNS = frozenset(
    {"pattern_list", "tuple_pattern", "list_pattern", "as_pattern_target", "global_statement"}
    | {"nonlocal_statement", "delete_statement", "list_splat_pattern", "splat_pattern"}
)
_LEFT = frozenset({"assignment", "augmented_assignment", "for_statement", "for_in_clause"})
_PARAMETERS = frozenset({"parameters", "lambda_parameters", "typed_parameter"})
_NAMED = {
    "function_definition": Role.DEFINITION,
    "class_definition": Role.DEFINITION,
    "keyword_argument": Role.KEYWORD,
    "default_parameter": Role.PARAMETER,
    "typed_default_parameter": Role.PARAMETER,
    "named_expression": Role.STORE,
}


@frozen(eq=False)
class Occurrence:
    """An identifier in the text."""

    name: str
    start: int  #: offset in code points
    role: Role
    node: Node

    @property
    def end(self) -> int:
        """The offset behind its last character."""
        return self.start + len(self.name)


class Source:
    """A Python text, parsed when first asked."""

    def __init__(self, uri: str, text: str) -> None:
        self.uri = uri
        self.text = text
        self._ascii = text.isascii()
        self._occurrences: dict[str, list[Occurrence]] = {}

    @cached_property
    def lines(self) -> list[str]:
        """The text's lines with their ends."""
        return split_lines(self.text)

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate(map(len, self.lines), initial=0))

    @cached_property
    def _bytes(self) -> bytes:
        # A lone surrogate cannot be encoded, and tree-sitter knows no line that ends at a carriage return alone:
        # both give way to another single byte, so that offsets stay.
        return encode(self._parsed)

    @cached_property
    def _parsed(self) -> str:
        return _LONE_RETURN.sub("\n", self.text) if "\r" in self.text else self.text

    @cached_property
    def _tree(self) -> Tree:
        tree = parse(self._parsed, "python") or parse("", "python")
        assert tree is not None
        return tree

    @property
    def root(self) -> Node:
        """The tree's root; empty for a text that is too long."""
        return self._tree.root_node

    def offset(self, byte: int) -> int:
        """The code point at a byte of the tree."""
        return byte if self._ascii else len(self._bytes[:byte].decode("utf-8", "replace"))

    def byte(self, offset: int) -> int:
        """The byte of the tree at a code point."""
        return offset if self._ascii else len(self.text[:offset].encode("utf-8", "replace"))

    def line_of(self, offset: int) -> int:
        """The zero-based line an offset lies in."""
        return min(max(bisect_right(self._starts, offset) - 1, 0), len(self.lines) - 1)

    def line_start(self, line: int) -> int:
        """The offset at which a line begins; one past the last line is the text's end."""
        return self._starts[min(line, len(self.lines))]

    def position(self, offset: int) -> Position:
        """The position of an offset."""
        line = self.line_of(offset)
        return Position(line, offset - self._starts[line])

    def range(self, start: int, end: int) -> Range:
        """The range between two offsets."""
        return Range(self.position(start), self.position(end))

    def span(self, node: Node) -> tuple[int, int]:
        """A node's first and last offset."""
        return self.offset(node.start_byte), self.offset(node.end_byte)

    def content(self, node: Node | None) -> str:
        """A node's text; empty for none."""
        if node is None:
            return ""
        return self._bytes[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def occurrences(self, name: str) -> list[Occurrence]:
        """Every place where ``name`` stands as an identifier, in order; strings and comments hold none."""
        if name in self._occurrences:
            return self._occurrences[name]
        found: list[Occurrence] = []
        if not name.isidentifier():
            return found
        for count, match in enumerate(re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", self.text)):
            if count >= MOST_OCCURRENCES:
                break
            start = self.byte(match.start())
            node = self.root.descendant_for_byte_range(start, self.byte(match.end()))
            if node is not None and node.type == "identifier" and node.start_byte == start:
                found.append(Occurrence(name, match.start(), role(node), node))
        self._occurrences[name] = found
        return found

    def bindings(self, name: str) -> list[Occurrence]:
        """The places that give ``name`` a meaning."""
        return [occurrence for occurrence in self.occurrences(name) if occurrence.role in BINDINGS]

    def visible(self, name: str, at: Node) -> bool:
        """Whether ``name`` is bound in a scope that is seen from ``at``."""
        around = set()
        here: Node | None = scope(at)
        own_class = here.id if here is not None and here.type == "class_definition" else None
        while here is not None:
            if here.type != "class_definition" or here.id == own_class:
                around.add(here.id)
            here = scope(here) if here.parent is not None else None
        return any(
            binding_scope(binding).id in around and _inside_its_comprehension(binding.node, at)
            for binding in self.bindings(name)
        )

    @cached_property
    def errors(self) -> int:
        """How many places of the text cannot be parsed."""
        count, stack = 0, [self.root]
        while stack and count < 1000:
            node = stack.pop()
            if node.is_error or node.is_missing:
                count += 1
            stack += [child for child in node.children if child.has_error]
        return count

    def accepts(self, edits: tuple[TextEdit, ...]) -> bool:
        """Whether the text changes by these edits and parses no worse after them."""
        try:
            after = apply_edits(self.text, edits)
        except ValueError:
            return False
        return after != self.text and Source(self.uri, after).errors <= self.errors


def role(node: Node) -> Role:
    """The role of an identifier."""
    parent = node.parent
    if parent is None:
        return Role.OTHER
    kind = parent.type
    if kind == "attribute":
        return Role.ATTRIBUTE if parent.child_by_field_name("attribute") == node else Role.LOAD
    if kind in _NAMED:
        return _NAMED[kind] if parent.child_by_field_name("name") == node else Role.LOAD
    if kind in _PARAMETERS:
        return Role.PARAMETER
    if kind in ("list_splat_pattern", "dictionary_splat_pattern"):
        above = parent.parent
        return Role.PARAMETER if above is not None and above.type in _PARAMETERS else Role.STORE
    if kind in _PATTERNS:
        return Role.STORE
    if kind in _LEFT:
        return Role.STORE if parent.child_by_field_name("left") == node else Role.LOAD
    if kind == "aliased_import":
        return Role.IMPORT
    if kind == "dotted_name":
        return _role_in_path(node, parent)
    if kind == "type":
        return _role_in_type(parent)
    if kind == "generic_type" and parent.parent is not None:
        return _role_in_type(parent.parent) if parent.named_children[0] == node else Role.LOAD
    return Role.LOAD


def _role_in_type(type_: Node) -> Role:
    """The role of an identifier that is a type: the grammar has one form for ``def f[T]`` and ``list[T]``."""
    above = type_.parent
    if above is None:
        return Role.LOAD
    if above.type == "type_alias_statement":
        return Role.STORE if above.named_children[0] == type_ else Role.LOAD
    if above.type == "type_parameter" and above.parent is not None:
        owner = above.parent
        if owner.type == "generic_type" and owner.parent is not None:
            return _role_in_type(owner.parent) if owner.parent.type == "type" else Role.LOAD
        return Role.STORE
    return Role.LOAD


def _role_in_path(node: Node, path: Node) -> Role:
    above = path.parent
    if above is None:
        return Role.OTHER
    if above.type == "import_statement":
        return Role.IMPORT if path.named_children[0] == node else Role.OTHER
    if above.type == "import_from_statement":
        return Role.OTHER if above.child_by_field_name("module_name") == path else Role.IMPORT
    if above.type == "case_pattern":
        return Role.STORE if path.named_child_count == 1 else Role.LOAD
    if above.type == "class_pattern":
        return Role.LOAD if path.named_children[0] == node else Role.ATTRIBUTE
    return Role.OTHER


def scope(node: Node) -> Node:
    """The innermost function, class, lambda or module around a node (not the node itself)."""
    here = node
    while here.parent is not None:
        here = here.parent
        if here.type in _SCOPES:
            return here
    return here


def binding_scope(binding: Occurrence) -> Node:
    """The scope that a binding belongs to: a function's own name belongs to the scope around the function."""
    inner = scope(binding.node)
    return scope(inner) if binding.role is Role.DEFINITION else inner


def _inside_its_comprehension(binding: Node, at: Node) -> bool:
    clause = binding
    while clause.parent is not None and clause.type not in _SCOPES:
        if clause.type == "for_in_clause":
            whole = clause.parent
            return whole.type not in _COMPREHENSIONS or (
                whole.start_byte <= at.start_byte and at.end_byte <= whole.end_byte
            )
        clause = clause.parent
    return True
