"""What modules, classes and functions offer: names, attributes, parameters, as the workspace defines them.

Only as much as the text shows: nothing inherited. Where it cannot be told (``__getattr__``, several definitions of
one name) the answer is empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from proactive_collectors.workspace import WorkspaceView
from proactive_inference.plays.failed_run.index import read_facts
from proactive_inference.plays.failed_run.source import Role, Source
from proactive_inference.plays.failed_run.stdlib import is_stdlib, module_names

if TYPE_CHECKING:
    from tree_sitter import Node

MOST_FILES = 2_000
"""Files that are looked through for a definition."""

_SELF = re.compile(r"(?<!\w)self\.([^\W\d]\w*)[ \t]*(?::[^=\n]+)?=(?!=)")


class Definitions:
    """Looks definitions up in a workspace."""

    def __init__(self, workspace: WorkspaceView) -> None:
        self._workspace = workspace

    def module_names(self, module: str) -> frozenset[str]:
        """What can be had from a dotted module; nothing if it is not known."""
        found = list(self._modules(module))
        if not found:
            return frozenset(module_names(module)) if is_stdlib(module) else frozenset()
        if len(found) > 1:
            return frozenset()
        facts = read_facts(found[0])
        return facts.defines | {statement.binds for statement in facts.imports}

    def _modules(self, module: str) -> Iterator[str]:
        tail = "/" + module.replace(".", "/")
        for uri, text in self._files():
            if uri.endswith((tail + ".py", tail + "/__init__.py")):
                yield text

    def modules(self, package: str, near: str) -> frozenset[str]:
        """The modules of the workspace in a dotted package; without one, those next to ``near`` or in a root."""
        if package:
            tail = "/" + package.replace(".", "/") + "/"
            return frozenset(
                uri.rsplit("/", 1)[-1].removesuffix(".py")
                for uri, _ in self._files()
                if uri.rsplit("/", 1)[0].endswith(tail[:-1])
            )
        homes = {near.rsplit("/", 1)[0]}
        for folder in self._workspace.folders():
            homes |= {folder.rstrip("/"), folder.rstrip("/") + "/src"}
        found = set()
        for uri, _ in self._files():
            directory, _, name = uri.rpartition("/")
            if directory in homes:
                found.add(name.removesuffix(".py"))
            elif name == "__init__.py" and directory.rpartition("/")[0] in homes:
                found.add(directory.rpartition("/")[2])
        return frozenset(found)

    def class_names(self, name: str, near: Source) -> frozenset[str]:
        """The attributes and methods of the one class of that name; nothing if its text does not show them all."""
        found = list(self._definitions(name, near, "class")) if name else []
        if len(found) != 1:
            return frozenset()
        return attributes(*found[0])

    def parameters(self, function: str, near: Source) -> frozenset[str]:
        """The parameters that a function, method or class takes by name; nothing if several bear its name."""
        *owners, name = function.replace("<locals>.", "").split(".")
        if name == "__init__" and owners:
            name, owners = owners[-1], []
        found = [
            (source, node)
            for source, node in self._definitions(name, near, "def", "class")
            if not owners or owners[-1] in _around(source, node)
        ]
        if len(found) != 1:
            return frozenset()
        source, node = found[0]
        if node.type == "class_definition":
            init = [
                child
                for child in _statements(node.child_by_field_name("body"))
                if child.type == "function_definition"
                and source.content(child.child_by_field_name("name")) == "__init__"
            ]
            if len(init) != 1:
                return _fields(source, node)
            node = init[0]
        return _parameters(source, node)

    def _definitions(self, name: str, near: Source, *keywords: str) -> Iterator[tuple[Source, Node]]:
        heads = [f"{keyword} {name}" for keyword in keywords]
        kinds = {"def": "function_definition", "class": "class_definition"}
        wanted = {kinds[keyword] for keyword in keywords}
        for uri, text in self._files():
            if not any(head in text for head in heads):
                continue
            source = near if uri == near.uri else Source(uri, text)
            for binding in source.bindings(name):
                parent = binding.node.parent
                if binding.role is Role.DEFINITION and parent is not None and parent.type in wanted:
                    yield source, parent

    def _files(self) -> Iterator[tuple[str, str]]:
        for count, document in enumerate(self._workspace.documents(".py")):
            if count >= MOST_FILES:
                return
            yield document.uri, document.text


def attributes(source: Source, class_: Node) -> frozenset[str]:
    """The attributes and methods that a class's own text shows; nothing where it makes them up as it goes."""
    body = source.content(class_.child_by_field_name("body"))
    if "__getattr__" in body or "setattr(" in body:
        return frozenset()
    names = set(_SELF.findall(body))
    for child in _statements(class_.child_by_field_name("body")):
        if child.type in ("function_definition", "class_definition"):
            names.add(source.content(child.child_by_field_name("name")))
        elif child.type == "assignment":
            names.add(source.content(child.child_by_field_name("left")))
    return frozenset(word for word in names if word.isidentifier())


def _statements(body: Node | None) -> Iterator[Node]:
    for child in body.named_children if body is not None else ():
        if child.type == "decorated_definition":
            yield from (inner for inner in child.named_children if inner.type != "decorator")
        elif child.type == "expression_statement":
            yield from child.named_children
        else:
            yield child


def _around(source: Source, node: Node) -> set[str]:
    names = set()
    here: Node | None = node.parent
    while here is not None:
        if here.type in ("class_definition", "function_definition"):
            names.add(source.content(here.child_by_field_name("name")))
        here = here.parent
    return names


def _parameters(source: Source, function: Node) -> frozenset[str]:
    names: set[str] = set()
    parameters = function.child_by_field_name("parameters")
    for parameter in parameters.named_children if parameters is not None else ():
        if parameter.type in ("dictionary_splat_pattern", "list_splat_pattern", "comment"):
            continue
        if parameter.type == "positional_separator":
            names.clear()
            continue
        named = parameter.child_by_field_name("name")
        if named is None and parameter.type == "typed_parameter":
            named = next((child for child in parameter.named_children if child.type == "identifier"), None)
        names.add(source.content(named if named is not None else parameter))
    return frozenset(name for name in names if name.isidentifier() and name not in ("self", "cls"))


def _fields(source: Source, class_: Node) -> frozenset[str]:
    """The annotated names of a class, which a dataclass takes as arguments."""
    return frozenset(
        source.content(child.child_by_field_name("left"))
        for child in _statements(class_.child_by_field_name("body"))
        if child.type == "assignment" and child.child_by_field_name("type") is not None
    )
