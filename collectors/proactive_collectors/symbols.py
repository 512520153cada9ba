"""What a position is in: the innermost named definition or heading, and whether it is a comment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from proactive_collectors.languages import CommentStyle, comment_style, normalized
from proactive_collectors.syntax import byte_at, nodes_at, parse
from proactive_collectors.text import Position, split_lines

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

LONGEST_NAME = 80
"""Names in a symbol are cut at this many characters."""

# The field that names a definition, by node type. The five grammars share no type with another meaning.
_NAMED_BY = {
    # Python
    "function_definition": "name", "class_definition": "name",
    # JavaScript, TypeScript
    "function_declaration": "name", "generator_function_declaration": "name", "class_declaration": "name",
    "class": "name", "method_definition": "name", "abstract_class_declaration": "name",
    "interface_declaration": "name", "enum_declaration": "name", "type_alias_declaration": "name",
    "internal_module": "name", "module": "name", "function_signature": "name", "method_signature": "name",
    "abstract_method_signature": "name",
    # Go (method_declaration is named with its receiver)
    "method_declaration": "name", "type_spec": "name",
    # Rust
    "function_item": "name", "function_signature_item": "name", "impl_item": "type", "trait_item": "name",
    "struct_item": "name", "enum_item": "name", "union_item": "name", "mod_item": "name",
    "macro_definition": "name",
}  # fmt: skip

# JavaScript names functions by what they are assigned to: node type, then its name and value fields.
_NAMED_VALUES = {
    "variable_declarator": ("name", "value"),
    "pair": ("key", "value"),
    "field_definition": ("property", "value"),
    "public_field_definition": ("name", "value"),
    "assignment_expression": ("left", "right"),
}
_FUNCTIONS = frozenset({"arrow_function", "function_expression", "generator_function", "class"})

_ATX = re.compile(r" {0,3}#{1,6}(?:[ \t]+(.*))?$")
_SETEXT = re.compile(r" {0,3}(?:=+|-{2,})[ \t]*$")
_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_RULE = re.compile(r"([!-/:-@\[-`{-~])\1{2,}[ \t]*$")


def symbol_at(text: str, language: str | None, position: Position) -> str | None:
    """The dotted innermost named definition (``Client.get``), or the nearest heading above; ``None`` if none.

    Definitions are known for the languages with a grammar, headings for Markdown and reStructuredText. A blank
    line below a Python definition that is indented as its body belongs to it: that is where the next line of it
    is about to be typed.
    """
    if language is None:
        return None
    language = normalized(language)
    lines = split_lines(text)
    if language in ("markdown", "mdx"):
        return _markdown_heading(lines, position.line)
    if language == "restructuredtext":
        return _rest_heading(lines, position.line)
    tree = parse(text, language)
    if tree is None:
        return None
    number = min(max(position.line, 0), len(lines) - 1)
    line = lines[number].rstrip("\r\n")
    names = _definitions(tree, byte_at(lines, Position(number, _touching(line, position.character))))
    if language == "python" and not line.strip():
        column = min(max(position.character, 0), len(line))
        above = next((n for n in range(number - 1, -1, -1) if lines[n].strip()), None)
        if above is not None:
            end = max(len(lines[above].rstrip()) - 1, 0)
            inside = _definitions(tree, byte_at(lines, Position(above, end)), left_of=column)
            names = max(names, inside, key=len)
    return ".".join(names) or None


def _touching(line: str, character: int) -> int:
    """The character of the line that a caret is about: the one after it, else the one before, never margins."""
    margin = len(line) - len(line.lstrip())
    return min(max(character, margin), max(len(line.rstrip()) - 1, 0))


def _definitions(tree: Tree, byte: int, *, left_of: int | None = None) -> list[str]:
    names: list[str] = []
    for node in nodes_at(tree, byte)[1:]:
        if left_of is not None and node.start_point.column >= left_of:
            continue
        name = _name(node)
        if name:
            names.append(name)
    return names


def _name(node: Node) -> str | None:
    kind = node.type
    if kind in _NAMED_VALUES:
        field, value = _NAMED_VALUES[kind]
        held = node.child_by_field_name(value)
        if held is None or held.type not in _FUNCTIONS:
            return None
    elif kind in _NAMED_BY:
        field = _NAMED_BY[kind]
    else:
        return None
    named = node.child_by_field_name(field)
    if named is None:
        return None
    if named.type == "generic_type":
        named = named.child_by_field_name("type") or named
    name = _written(named)
    receiver = node.child_by_field_name("receiver") if kind == "method_declaration" else None
    if receiver is not None and (match := re.search(r"(\w+)\s*(?:\[[^\]]*\]\s*)?,?\s*\)$", _written(receiver))):
        name = f"{match[1]}.{name}"
    return name


def _written(node: Node) -> str:
    written = (node.text or b"")[: 4 * LONGEST_NAME].decode("utf-8", "ignore")
    return " ".join(written.split()).strip("\"'")[:LONGEST_NAME]


def _markdown_heading(lines: Sequence[str], number: int) -> str | None:
    heading: str | None = None
    fence = ""
    above = ""
    # One line further: the underline of a heading that the position is in.
    for index, raw in enumerate(lines[: max(number, 0) + 2]):
        line = raw.rstrip("\r\n")
        mark = _FENCE.match(line)
        if mark:
            if not fence:
                fence = mark[1]
            elif mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
            above = ""
        elif fence:
            continue
        elif index <= number and (match := _ATX.match(line)):
            heading = (match[1] or "").strip().rstrip("#").rstrip() or heading
            above = ""
        elif above and _SETEXT.match(line):
            heading = above
            above = ""
        else:
            above = line.strip() if not line.startswith(("    ", "\t", ">", "|", "- ", "* ")) else ""
    return heading[:LONGEST_NAME] if heading else None


def _rest_heading(lines: Sequence[str], number: int) -> str | None:
    for index in range(min(max(number, 0), len(lines) - 1), -1, -1):
        title = lines[index].rstrip()
        below = lines[index + 1].rstrip() if index + 1 < len(lines) else ""
        if title and not title[0].isspace() and not _RULE.match(title) and _RULE.match(below):
            # An underline as long as its title is a heading; anything shorter is an error of docutils too.
            if len(below) >= len(title):
                return title[:LONGEST_NAME]
        elif _RULE.match(title) and index + 2 < len(lines) and lines[index + 2].rstrip() == title:
            return lines[index + 1].strip()[:LONGEST_NAME] or None  # on the overline
    return None


def in_comment(text: str, language: str | None, position: Position) -> bool:
    """Whether typing at the position writes a comment, or in Python a documentation string.

    By the grammar where there is one; else, and where the grammar cannot make sense of the place, by the marks
    that the language's comments begin and end with.
    """
    style = comment_style(language)
    lines = split_lines(text)
    number = min(max(position.line, 0), len(lines) - 1)
    tree = parse(text, language)
    if tree is None:
        return _marked(lines, number, position.character, style)
    byte = byte_at(lines, Position(number, position.character))
    if byte == 0:
        return False
    nodes = nodes_at(tree, byte - 1)  # by the character before the caret: a comment begins behind its mark
    for index, node in enumerate(nodes):
        if "comment" in node.type or node.type == "hash_bang_line":
            # A comment to the line's end goes on where it ends, unless its line is over.
            return byte < node.end_byte or (not (node.text or b"").startswith(b"/*") and not _ends_line(node))
        if node.type == "string" and byte < node.end_byte and _is_docstring(nodes[: index + 1]):
            return True
    if any(node.is_error for node in nodes):
        return _marked(lines, number, position.character, style)
    return False


def _ends_line(node: Node) -> bool:
    return (node.text or b"").endswith((b"\n", b"\r"))


def _is_docstring(nodes: Sequence[Node]) -> bool:
    if len(nodes) < 3 or nodes[-2].type != "expression_statement":
        return False
    body = nodes[-3]
    owned = body.type == "block" and len(nodes) > 3 and nodes[-4].type in _OWNERS
    if body.type != "module" and not owned:
        return False
    first = next((child for child in body.named_children if child.type != "comment"), None)
    return first == nodes[-2]


_OWNERS = frozenset({"function_definition", "class_definition"})


def _marked(lines: Sequence[str], number: int, character: int, style: CommentStyle) -> bool:
    before = lines[number].rstrip("\r\n")[: max(character, 0)]
    if any(_opens(before, mark, trailing=style.trailing) for mark in style.line):
        return True
    if style.block is None:
        return False
    begin, end = style.block
    for index in range(number, -1, -1):
        line = before if index == number else lines[index]
        at, closed = line.rfind(begin), line.rfind(end)
        # The end mark may share characters with the begin mark, as in "/*/".
        if at >= 0 and closed < at + len(begin):
            return _outside_quotes(line[:at])
        if closed >= 0:
            return False
    return False


def _opens(line: str, mark: str, *, trailing: bool) -> bool:
    """Whether a comment mark begins the line or, ``trailing``, stands behind a blank and outside quotes."""
    if line.lstrip().startswith(mark):
        return True
    at = line.find(mark) if trailing else -1
    while at > 0:
        if line[at - 1].isspace() and _outside_quotes(line[:at]):
            return True
        at = line.find(mark, at + 1)
    return False


def _outside_quotes(line: str) -> bool:
    quote = ""
    escaped = False
    for character in line:
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "\"'`":
            quote = character
    return not quote
