"""Where an import goes in a file, and the smallest edit that puts it there.

An existing ``from x import a, b`` is extended, kept in its order and manner. Otherwise the import gets a line of
its own among its like: after the documentation string and ``from __future__``, in the block of its section
(standard library, third party, the project's own, relative), sorted as the neighbours are. Blocks below ``if`` or
``try`` and imports further down than the file's head are left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from attrs import frozen

from proactive_collectors.text import TextEdit
from proactive_inference.plays.failed_run.source import Source
from proactive_inference.plays.failed_run.stdlib import Import, is_stdlib

if TYPE_CHECKING:
    from tree_sitter import Node

LINE_LENGTH = 88
"""A line of names grows no longer than this, or than the file's longest line if that is longer."""

_IMPORTS = frozenset({"import_statement", "import_from_statement", "future_import_statement"})
_ENDS_HEAD = frozenset({"function_definition", "class_definition", "decorated_definition"})

Key = tuple[object, ...]


class Section(IntEnum):
    """The blocks that imports are grouped in, in their order."""

    FUTURE = 0
    STDLIB = 1
    THIRD_PARTY = 2
    OWN = 3
    RELATIVE = 4


@frozen(eq=False)
class _Statement:
    node: Node
    module: str
    is_from: bool
    section: Section
    first: int  #: its first line
    last: int  #: its last line


def import_edits(
    source: Source, new: Import, before: int, own: Callable[[str], bool]
) -> tuple[TextEdit, ...] | None:
    """The edits that add an import to a file.

    Args:
        source: The file.
        new: What to import.
        before: The zero-based line that needs the import; it has to come first.
        own: Whether a dotted module belongs to the workspace, to tell its section.

    Returns:
        ``None`` where there is no good place.
    """
    statements = _head(source, before, own)
    if new.name is not None:
        for statement in statements:
            if statement.is_from and statement.module == new.module and statement.section is not Section.FUTURE:
                edits = _extended(source, statement, new)
                if edits is not None:
                    return edits
    return _new_line(source, statements, new, before, own)


def statement_text(new: Import) -> str:
    """The import as a line of Python."""
    renamed = f" as {new.alias}" if new.alias else ""
    if new.name is None:
        return f"import {new.module}{renamed}"
    return f"from {new.module} import {new.name}{renamed}"


def _section(module: str, own: Callable[[str], bool]) -> Section:
    if module.startswith("."):
        return Section.RELATIVE
    if module == "__future__":
        return Section.FUTURE
    if own(module):
        return Section.OWN
    return Section.STDLIB if is_stdlib(module) else Section.THIRD_PARTY


def _head(source: Source, before: int, own: Callable[[str], bool]) -> list[_Statement]:
    """The file's outermost imports above its first function or class and above the line that needs one."""
    found: list[_Statement] = []
    for node in source.root.children:
        if node.type in _ENDS_HEAD:
            break
        if node.type not in _IMPORTS:
            continue
        start, end = source.span(node)
        first, last = source.line_of(start), source.line_of(end)
        if last >= before:
            break
        is_from = node.type != "import_statement"
        if node.type == "future_import_statement":
            module = "__future__"
        else:
            module = source.content(node.child_by_field_name("module_name" if is_from else "name")).split(" as ")[
                0
            ]
        found.append(_Statement(node, module, is_from, _section(module, own), first, last))
    return found


# --- extending a list of names -----------------------------------------------------------------------------


def _plain_order(name: str) -> Key:
    return (name,)


def _caseless_order(name: str) -> Key:
    return (name.lower(),)


def _typed_order(name: str) -> Key:
    # As isort and ruff have it: constants, then classes, then the rest.
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return (kind, name)


_ORDERS = (_typed_order, _caseless_order, _plain_order)


def _slot(names: list[str], new: str) -> int:
    """Where ``new`` belongs among ``names``: by the order they are in, at the end if they are in none."""
    for order in _ORDERS:
        keys = [order(name) for name in names]
        if keys == sorted(keys):
            return next((i for i, key in enumerate(keys) if key > order(new)), len(keys))
    return len(names)


def _extended(source: Source, statement: _Statement, new: Import) -> tuple[TextEdit, ...] | None:
    items = statement.node.children_by_field_name("name")
    if not items:  # from x import *
        return None
    spans = [source.span(item) for item in items]
    names = [source.content(item).split(" as ")[0].strip() for item in items]
    added = f"{new.name} as {new.alias}" if new.alias else str(new.name)
    slot = _slot(names, str(new.name))
    lines = [source.line_of(start) for start, _ in spans]
    one_a_line = len(set(lines)) == len(lines) and lines[0] > statement.first
    if not one_a_line:
        if not _has_room(source, lines[min(slot, len(lines) - 1)], len(added) + 2):
            return None
        if slot < len(items):
            return (_insert(source, spans[slot][0], f"{added}, "),)
        return (_insert(source, spans[-1][1], f", {added}"),)
    end = source.lines[lines[0]][len(source.lines[lines[0]].rstrip("\r\n")) :] or "\n"
    if slot < len(items):
        at = source.line_start(lines[slot])
        indent = source.text[at : spans[slot][0]]
        return (_insert(source, at, f"{indent}{added},{end}"),) if not indent.strip() else None
    at = spans[-1][1]
    line = lines[-1]
    indent = source.text[source.line_start(line) : spans[-1][0]]
    if indent.strip():
        return None
    rest = source.text[at : source.line_start(line + 1)]
    if rest.lstrip().startswith(","):
        return (_insert(source, source.line_start(line + 1), f"{indent}{added},{end}"),)
    if rest.strip() == "":
        return (_insert(source, at, f",{end}{indent}{added}"),)
    if rest.lstrip().startswith("#"):
        return (
            _insert(source, at, ","),
            _insert(source, source.line_start(line + 1), f"{indent}{added}{end}"),
        )
    return (_insert(source, at, f", {added}"),)


def _has_room(source: Source, line: int, more: int) -> bool:
    longest = max(len(text.rstrip("\r\n")) for text in source.lines)
    return len(source.lines[line].rstrip("\r\n")) + more <= max(LINE_LENGTH, longest)


def _insert(source: Source, offset: int, text: str) -> TextEdit:
    return TextEdit(source.range(offset, offset), text)


# --- a line of its own -------------------------------------------------------------------------------------


def _forms_apart(module: str, is_from: bool) -> Key:
    return (is_from, module.lower())


def _forms_mixed(module: str, is_from: bool) -> Key:
    return (module.lower(), is_from)


def _new_line(
    source: Source, statements: list[_Statement], new: Import, before: int, own: Callable[[str], bool]
) -> tuple[TextEdit, ...] | None:
    text, end = statement_text(new), _line_end(source)
    if not statements:
        return _first_import(source, text, end, before)
    section = _section(new.module, own)
    alike = [statement for statement in statements if statement.section is section]
    if alike:
        alike = _first_run(source, alike)
        after = _neighbour(alike, new)
        if after is None:
            return _line_at(source, alike[0].first, text + end, before)
        return _line_at(source, after.last + 1, text + end, before)
    # A new block between the sections before and after, with a blank line between if the others have one.
    earlier = [statement for statement in statements if statement.section < section]
    apart = end if _blocks_are_apart(source, statements) else ""
    if earlier:
        last = earlier[-1]
        gap = end if last.section is Section.FUTURE else apart
        return _line_at(source, last.last + 1, gap + text + end, before)
    return _line_at(source, statements[0].first, text + end + apart, before)


def _first_run(source: Source, alike: list[_Statement]) -> list[_Statement]:
    """Of the statements of one section, those of the first block that stand together without a blank line."""
    run = [alike[0]]
    for statement in alike[1:]:
        between = source.lines[run[-1].last + 1 : statement.first]
        if any(not line.strip() for line in between):
            break
        run.append(statement)
    return run


def _neighbour(block: list[_Statement], new: Import) -> _Statement | None:
    """The statement of a block after which the new one goes; ``None`` to go before them all."""
    is_from = new.name is not None
    for order in (_forms_apart, _forms_mixed):
        keys = [order(statement.module, statement.is_from) for statement in block]
        if keys == sorted(keys):
            key = order(new.module, is_from)
            slot = next((i for i, other in enumerate(keys) if other > key), len(keys))
            return block[slot - 1] if slot else None
    return next((s for s in reversed(block) if s.is_from is is_from), block[-1])


def _blocks_are_apart(source: Source, statements: list[_Statement]) -> bool:
    """Whether imports of different sections have a blank line between them; yes if none differ."""
    for one, other in pairwise(statements):
        if one.section is not other.section and Section.FUTURE not in (one.section, other.section):
            between = source.lines[one.last + 1 : other.first]
            return any(not line.strip() for line in between)
    return True


def _line_at(source: Source, line: int, text: str, before: int) -> tuple[TextEdit, ...] | None:
    if line > before:
        return None
    offset = source.line_start(line)
    if offset and source.text[offset - 1] not in "\r\n":
        return None  # the failing line comes after, so the file does not end here
    return (_insert(source, offset, text),)


def _first_import(source: Source, text: str, end: str, before: int) -> tuple[TextEdit, ...] | None:
    """The edit for a file without imports: below its documentation string or leading comments."""
    first: Node | None = None
    below = 0  # the line after the documentation string
    for node in source.root.children:
        _, stop = source.span(node)
        if node.type == "comment":
            continue
        if below == 0 and first is None and _is_docstring(node):
            below = source.line_of(stop) + 1
            continue
        first = node
        break
    if first is None:
        return None
    needs = source.line_of(source.span(first)[0])
    gap = end * (3 if first.type in _ENDS_HEAD else 2)
    if below:
        following = source.lines[below] if below < len(source.lines) else ""
        if following.strip():
            return _line_at(source, below, end + text + gap, before)
        return _line_at(source, below, end + text + end, before)
    # Comments right above the first statement belong to it; a shebang, encoding or licence ends with a blank line.
    line = needs
    while line > 0 and source.lines[line - 1].lstrip().startswith("#"):
        line -= 1
    if line == 0:
        while line < needs and source.lines[line].startswith(("#!", "# -*-", "# vim", "# coding", "#coding")):
            line += 1
        return _line_at(source, line, text + gap, before)
    return _line_at(source, line, text + gap, before)


def _is_docstring(node: Node) -> bool:
    return (
        node.type == "expression_statement"
        and node.named_child_count == 1
        and node.named_children[0].type in ("string", "concatenated_string")
    )


def _line_end(source: Source) -> str:
    first = source.lines[0]
    return first[len(first.rstrip("\r\n")) :] or "\n"
