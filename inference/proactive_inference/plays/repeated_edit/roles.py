"""What a spelling is at a place: a variable, an attribute, a definition, part of a string, of prose, …

Languages with a grammar are read from their syntax tree. The others are read line by line, which tells comments,
strings and keys from the rest and knows nothing of scopes.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from attrs import frozen

from proactive_collectors.languages import is_prose, normalized
from proactive_collectors.workspace import Document
from proactive_inference.plays.repeated_edit.tokens import occurrences, words

if TYPE_CHECKING:
    from tree_sitter import Node, Tree


class Role(StrEnum):
    """What a spelling is where it stands."""

    VARIABLE = "variable"
    ATTRIBUTE = "attribute"  #: of an object, a module or a type; also methods and fields where they are defined
    PARAMETER = "parameter"
    KEYWORD = "keyword"  #: the name of a keyword argument or of a field in a literal
    TYPE = "type"
    DEFINITION = "definition"  #: the name in a definition that is no member of a class
    IMPORT = "import"
    KEY = "key"  #: of a mapping literal or a configuration file
    STRING = "string"
    NUMBER = "number"
    COMMENT = "comment"  #: documentation strings too
    PROSE = "prose"
    CODE = "code"  #: a code span or block in a text
    TEXT = "text"  #: anything else


NAMES = frozenset(
    {
        Role.VARIABLE,
        Role.ATTRIBUTE,
        Role.PARAMETER,
        Role.KEYWORD,
        Role.TYPE,
        Role.DEFINITION,
        Role.IMPORT,
    }
)
"""The roles in which a spelling is a name that program code resolves."""

Span = tuple[int, int]

MAX_PLACES = 400
"""How many places of one spelling in one file are looked at."""


@frozen
class Place:
    """A spelling where it stands: offsets in code points, and what it is there."""

    uri: str
    start: int
    end: int
    role: Role
    binds: bool = False  #: whether the name gets its meaning here (definition, assignment, parameter)
    receiver: str = ""  #: what stands before the dot
    scope: Span | None = None  #: the innermost function around it
    owner: str = ""  #: the innermost class around it
    whole: bool = False  #: a string or number of which it is the whole content


_FUNCTIONS = words("""
    function_definition lambda function_declaration function_expression function arrow_function
    method_definition generator_function_declaration generator_function method_declaration func_literal
    function_item closure_expression
    """)
_CLASSES = words("""
    class_definition class_declaration class abstract_class_declaration interface_declaration impl_item struct_item
    trait_item enum_item type_spec enum_declaration
    """)
_MEMBERS = words("""
    method_definition method_declaration method_signature abstract_method_signature method_elem method_spec
    property_signature public_field_definition field_definition field_declaration enum_variant enum_assignment
    """)
_DEFINITIONS = _MEMBERS | words("""
    function_definition class_definition function_declaration class_declaration generator_function_declaration
    interface_declaration type_alias_declaration enum_declaration type_spec type_alias function_item struct_item
    enum_item trait_item type_item const_item static_item mod_item macro_definition abstract_class_declaration
    function_signature internal_module module
    """)
_PARAMETERS = words("""
    parameters lambda_parameters default_parameter typed_parameter typed_default_parameter formal_parameters
    required_parameter optional_parameter parameter_declaration variadic_parameter_declaration parameter
    closure_parameters
    """)
_IMPORTS = words("import_statement import_from_statement import_declaration import_spec use_declaration")
_SELECTIONS = words("""
    attribute member_expression selector_expression field_expression scoped_identifier scoped_type_identifier
    qualified_type nested_type_identifier nested_identifier
    """)
_SELECTED = ("attribute", "property", "field", "name")
_RECEIVERS = ("object", "operand", "value", "path", "package", "module")
_BINDERS = {
    "assignment": "left",
    "for_statement": "left",
    "for_in_clause": "left",
    "for_in_statement": "left",
    "named_expression": "name",
    "variable_declarator": "name",
    "short_var_declaration": "left",
    "range_clause": "left",
    "var_spec": "name",
    "const_spec": "name",
    "let_declaration": "pattern",
    "for_expression": "pattern",
    "catch_clause": "parameter",
}
_PATTERNS = words("""
    pattern_list tuple_pattern list_pattern array_pattern object_pattern expression_list rest_pattern
    list_splat_pattern dictionary_splat_pattern assignment_pattern object_assignment_pattern pair_pattern
    mut_pattern ref_pattern as_pattern_target
    """)
_STRING_PARTS = words("""
    string_content string_fragment string_start string_end escape_sequence interpreted_string_literal_content
    raw_string_literal_content quote_content
    """)
_NAME_NODES = re.compile(r"identifier$|identifier_pattern$|^dotted_name$|^property_name$")
_HASH = re.compile(r"(?:^|\s)#")
_QUOTED = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`[^`\n]*`")
_QUOTES = frozenset("\"'`")
_KEYED = re.compile(r"""["']?\s*[:=](?!=)""")
_FENCE = re.compile(r"^ {0,3}(```|~~~)", re.M)
_SLASHED = words("c cpp csharp java kotlin swift scala dart php objective-c zig")
_HASHED = words("ruby perl r elixir julia shellscript makefile dockerfile yaml toml ini properties")
_CONFIG = words("yaml toml ini properties json jsonc dotenv")


class Source:
    """A document with its syntax tree (parsed once, when first asked)."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self._ascii = document.text.isascii()
        self._places: dict[str, list[Place]] = {}

    @cached_property
    def tree(self) -> Tree | None:
        """The syntax tree, or ``None`` where there is no grammar."""
        from proactive_collectors.syntax import parse

        return parse(self.text, self.document.language)

    def forget_tree(self) -> None:
        """Free the tree (some ten times the text's memory); the places that were read out of it stay."""
        self.__dict__.pop("tree", None)

    @cached_property
    def parsed(self) -> bool:
        """Whether there is a grammar for this text."""
        from proactive_collectors.syntax import LONGEST_PARSED, has_grammar

        return has_grammar(self.document.language) and len(self.text) <= LONGEST_PARSED

    @cached_property
    def _quoted_spans(self) -> list[Span]:
        return [match.span() for match in _QUOTED.finditer(self.text)]

    @cached_property
    def _fences(self) -> list[int]:
        return [match.start() for match in _FENCE.finditer(self.text)]

    def place(self, start: int, end: int) -> Place:
        """What ``[start, end)`` is."""
        return self._by_tree(start, end) if self.parsed and self.tree is not None else self._by_lines(start, end)

    def places(self, spelling: str) -> list[Place]:
        """Every whole occurrence of a spelling, the first ``MAX_PLACES`` of them."""
        found = self._places.get(spelling)
        if found is None:
            found = [
                self.place(at, at + len(spelling)) for at in islice(occurrences(self.text, spelling), MAX_PLACES)
            ]
            if len(self._places) >= 64:
                self._places.clear()
            self._places[spelling] = found
        return found

    def line_of(self, offset: int) -> str:
        """The line around ``offset``, without its end."""
        low = self.text.rfind("\n", 0, offset) + 1
        high = self.text.find("\n", offset)
        return self.text[low : high if high >= 0 else len(self.text)]

    def at_version(self, document: Document) -> Source:
        """The same text under another version number; what was read out of it is kept."""
        other = Source(document)
        other.__dict__.update({name: value for name, value in self.__dict__.items() if name != "document"})
        return other

    # --- with a grammar ---

    def _byte(self, offset: int) -> int:
        from proactive_collectors.syntax import encode

        return offset if self._ascii else len(encode(self.text[:offset]))

    def _by_tree(self, start: int, end: int) -> Place:
        from proactive_collectors.syntax import nodes_at

        assert self.tree is not None
        path = nodes_at(self.tree, self._byte(start))
        role, binds, receiver = _classify(path)
        whole = role is Role.NUMBER
        if role is Role.STRING:
            whole = self.text[start - 1 : start] in _QUOTES and self.text[end : end + 1] in _QUOTES
        scope, owner = _surroundings(path)
        return Place(self.document.uri, start, end, role, binds, receiver, scope, owner, whole)

    # --- without ---

    def _by_lines(self, start: int, end: int) -> Place:
        role = self._line_role(start, end)
        receiver = "?" if role is Role.ATTRIBUTE else ""
        return Place(self.document.uri, start, end, role, receiver=receiver)

    def _line_role(self, start: int, end: int) -> Role:
        language = normalized(self.document.language or "")
        low = self.text.rfind("\n", 0, start) + 1
        before = self.text[low:start]
        if not language or is_prose(language):
            if language == "markdown" and sum(1 for at in self._fences if at < start) % 2:
                return Role.CODE
            return Role.CODE if before.count("`") % 2 or before.startswith(("    ", "\t")) else Role.PROSE
        if (language in _HASHED and _HASH.search(before)) or (language in _SLASHED and "//" in before):
            return Role.COMMENT
        if language in _CONFIG:
            first = not before.strip(" \t-\"'[")
            return Role.KEY if first and _KEYED.match(self.text, end) else Role.TEXT
        if any(low <= start < high for low, high in self._quoted_spans if high > start - 400):
            return Role.STRING
        if language not in _SLASHED and language not in _HASHED:
            return Role.TEXT
        return Role.ATTRIBUTE if before.endswith((".", "->", "::")) else Role.VARIABLE


_Path = list[
    "Node"
]  # from the root down to the node in question; `Node.parent` would search from the root each time


def _is_field(node: Node, parent: Node, *names: str) -> bool:
    return any(child is not None and child.id == node.id for child in map(parent.child_by_field_name, names))


def _classify(path: _Path) -> tuple[Role, bool, str]:
    """Role of the last node, whether it binds, and its receiver."""
    node = path[-1]
    if not _NAME_NODES.search(node.type):
        return _classify_literal(path)
    if node.type == "identifier" and len(path) > 1 and path[-2].type == "dotted_name":
        path = path[:-1]
        node = path[-1]
    if len(path) < 2:
        return Role.VARIABLE, False, ""
    if _inside_import(path):
        return Role.IMPORT, True, ""
    parent, kind = path[-2], path[-2].type
    if kind in _DEFINITIONS and _is_field(node, parent, "name", "property"):
        member = kind in _MEMBERS or (kind == "function_definition" and _in_class_body(path[:-1]))
        return (Role.ATTRIBUTE if member else Role.DEFINITION), True, ""
    if kind == "keyword_argument" and _is_field(node, parent, "name"):
        return Role.KEYWORD, False, ""
    if kind == "literal_element" and len(path) > 2 and path[-3].type == "keyed_element":
        if path[-3].named_children[0].id == parent.id:
            return Role.KEYWORD, False, ""
    elif kind in ("field_initializer", "shorthand_field_initializer"):
        return Role.KEYWORD, False, ""
    elif kind in ("pair", "pair_pattern") and _is_field(node, parent, "key"):
        return Role.KEY, False, ""
    if node.type == "shorthand_property_identifier":
        return Role.KEY, False, ""
    if kind in _SELECTIONS and _is_field(node, parent, *_SELECTED):
        return Role.ATTRIBUTE, _bound(path[:-1]), _receiver(parent)
    if node.type == "field_identifier":
        return Role.ATTRIBUTE, True, ""
    if node.type in ("type_identifier", "package_identifier") or kind == "type":
        return Role.TYPE, False, ""
    if _is_parameter(path):
        return Role.PARAMETER, True, ""
    if _bound(path):
        return (Role.ATTRIBUTE if _class_level(path) else Role.VARIABLE), True, ""
    return Role.VARIABLE, False, ""


def _classify_literal(path: _Path) -> tuple[Role, bool, str]:
    for at in range(len(path) - 1, -1, -1):
        node = path[at]
        kind = node.type
        parent = path[at - 1] if at else None
        if kind in _STRING_PARTS:
            continue
        if "comment" in kind:
            return Role.COMMENT, False, ""
        if "string" in kind or kind in ("template_literal", "char_literal", "rune_literal", "regex"):
            if _inside_import(path[: at + 1]):
                return Role.IMPORT, False, ""
            if parent is not None and parent.type == "expression_statement" and kind == "string":
                return Role.COMMENT, False, ""
            if parent is not None and parent.type == "pair" and _is_field(node, parent, "key"):
                return Role.KEY, False, ""
            return Role.STRING, False, ""
        if kind in ("integer", "float", "number", "int_literal", "float_literal", "integer_literal"):
            return Role.NUMBER, False, ""
        if kind == "jsx_text":
            return Role.PROSE, False, ""
        if node.named_child_count > 3 or len(path) - at > 5:
            break
    return Role.TEXT, False, ""


def _inside_import(path: _Path) -> bool:
    for node in reversed(path[-6:-1]):
        if node.type in _IMPORTS:
            return True
        if node.type == "export_statement":
            return node.child_by_field_name("source") is not None
    return False


def _receiver(selection: Node) -> str:
    for name in _RECEIVERS:
        child = selection.child_by_field_name(name)
        if child is not None and child.text is not None:
            return child.text.decode("utf-8", "replace") if len(child.text) <= 80 else "?"
    return "?"


def _is_parameter(path: _Path) -> bool:
    for at in range(len(path) - 1, max(0, len(path) - 4), -1):
        node, parent = path[at], path[at - 1]
        if parent.type in _PARAMETERS:
            if _is_field(node, parent, "value", "type", "default_value"):
                return False
            return not (parent.type == "typed_parameter" and node.type == "type")
        if parent.type == "arrow_function":
            return _is_field(node, parent, "parameter")
        if parent.type not in _PATTERNS:
            return False
    return False


def _bound(path: _Path) -> bool:
    for at in range(len(path) - 1, max(0, len(path) - 5), -1):
        node, parent = path[at], path[at - 1]
        if node.type == "as_pattern_target":
            return True
        field = _BINDERS.get(parent.type)
        if field is not None:
            return any(child.id == node.id for child in parent.children_by_field_name(field))
        if parent.type not in _PATTERNS:
            return False
    return False


def _in_class_body(path: _Path) -> bool:
    """Whether the last node, a definition, stands right in the body of a class (Python)."""
    above = path[:-1]
    if above and above[-1].type == "decorated_definition":
        above = above[:-1]
    return len(above) > 1 and above[-1].type == "block" and above[-2].type == "class_definition"


def _class_level(path: _Path) -> bool:
    above = path[:-1]
    while above and (above[-1].type in ("assignment", "expression_statement") or above[-1].type in _PATTERNS):
        above = above[:-1]
    return len(above) > 1 and above[-1].type == "block" and above[-2].type == "class_definition"


def _surroundings(path: _Path) -> tuple[Span | None, str]:
    """The byte span of the innermost function around the last node, and the name of the innermost class."""
    scope: Span | None = None
    for at in range(len(path) - 1, 0, -1):
        node, parent = path[at], path[at - 1]
        function, holder = parent.type in _FUNCTIONS, parent.type in _CLASSES
        if not (function or holder):
            continue
        named = _is_field(node, parent, "name")
        if function and scope is None and not named:
            scope = (parent.start_byte, parent.end_byte)
        if (
            parent.type == "method_declaration"
            and (receiver := parent.child_by_field_name("receiver")) is not None
        ):
            words_in = re.findall(rb"\w+", receiver.text or b"")
            return scope, words_in[-1].decode("utf-8", "replace") if words_in else ""
        if holder and not named:
            name = parent.child_by_field_name("name") or parent.child_by_field_name("type")
            return scope, (name.text or b"").decode("utf-8", "replace") if name is not None else "?"
    return scope, ""
