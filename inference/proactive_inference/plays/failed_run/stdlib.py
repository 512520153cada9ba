"""Which module of the standard library a name comes from, judged by how it is used.

The table is ``stdlib_symbols.json``, made by :mod:`proactive_inference.plays.failed_run.stdlib_table`; it is read
when first needed, and nothing of the library itself is imported.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from proactive_inference.plays.failed_run.source import Occurrence, Source

if TYPE_CHECKING:
    from tree_sitter import Node


@frozen
class Import:
    """An import that binds one name: ``import module as alias``, or ``from module import name as alias``."""

    module: str  #: dotted, with leading dots if relative
    name: str | None = None  #: ``None`` for ``import module``
    alias: str | None = None

    @property
    def binds(self) -> str:
        """The name that the import gives a meaning."""
        return self.alias or self.name or self.module.split(".", 1)[0]


@frozen
class Use:
    """How a name is used in one place."""

    path: tuple[str, ...] = ()  #: the attributes taken of it: ``("path", "join")`` for ``os.path.join``
    called: bool = False  #: the name itself is called, or stands as a decorator or type
    awaited: bool = False  #: what the call gives is awaited


def use_of(source: Source, occurrence: Occurrence) -> Use:
    """How the name is used at an occurrence."""
    path: list[str] = []
    node: Node = occurrence.node
    while (parent := node.parent) is not None and parent.type == "attribute":
        if parent.child_by_field_name("object") != node:
            break
        path.append(source.content(parent.child_by_field_name("attribute")))
        node = parent
    called = parent is not None and (
        (parent.type == "call" and parent.child_by_field_name("function") == node)
        or (parent.type == "subscript" and parent.child_by_field_name("value") == node)
        or parent.type in ("decorator", "type", "generic_type")
    )
    awaited = called and parent is not None and parent.parent is not None and parent.parent.type == "await"
    return Use(tuple(path), called and not path, awaited)


def is_stdlib(module: str) -> bool:
    """Whether the first part of a dotted module names a module of the standard library."""
    return module.split(".", 1)[0] in sys.stdlib_module_names


def stdlib_imports(name: str, uses: list[Use]) -> list[Import]:
    """The imports from the standard library that make every use of ``name`` good, the likeliest first.

    A name written small may well be somebody's forgotten variable; it counts only if it is used as what the
    library means by it: called, or asked for an attribute that it has.
    """
    if not uses:
        return []
    found: list[Import] = []
    modules = [_module_for(name, use) for use in uses]
    if all(modules):
        longest = max((module for module in modules if module), key=len)
        found.append(Import(longest))
    symbol = _table()["symbols"].get(name)
    if any(use.awaited for use in uses):
        # Nothing else in the library that is commonly imported by name is awaited: not time's sleep.
        found += [Import("asyncio", name)] if name in module_names("asyncio") else []
    elif symbol is not None and all(_fits(name, symbol, use) for use in uses):
        found += [Import(home, name) for home in symbol["from"]]
    return found


def contradicts(statement: Import, uses: list[Use]) -> bool:
    """Whether an import gives the name a meaning in which it cannot be used so: a module is not called."""
    if statement.name is None:
        if any(use.called for use in uses):
            return True
        known = statement.alias is None and statement.module in _table()["modules"]
        return known and any(_module_for(statement.binds, use) != statement.module for use in uses)
    if statement.alias is not None or not is_stdlib(statement.module):
        return False
    has = _table()["symbols"].get(statement.name, {}).get("has")
    if has is not None:
        return any(use.path and use.path[0] not in has for use in uses)
    # ``from time import time`` gives no ``time.sleep``.
    return statement.name in _table()["modules"] and all(_module_for(statement.name, use) for use in uses)


def module_names(module: str) -> tuple[str, ...]:
    """The public names of a module of the table; none for any other."""
    return tuple(_table()["modules"].get(module, ()))


def _module_for(name: str, use: Use) -> str | None:
    """The longest known module that a use such as ``os.path.join`` goes through and that has the rest."""
    modules = _table()["modules"]
    for length in range(len(use.path) - 1, -1, -1):
        dotted = ".".join((name, *use.path[:length]))
        if dotted in modules:
            # ``os.path`` comes with ``os``; a submodule that its package brings along needs no import of its own.
            names = modules[dotted]
            if use.path[length] in names:
                above, _, last = dotted.rpartition(".")
                return above if above and last in modules.get(above, ()) and above == "os" else dotted
    return None


def _fits(name: str, symbol: dict[str, list[str]], use: Use) -> bool:
    if use.path:
        return use.path[0] in symbol["has"] if "has" in symbol else name[0].isupper()
    return use.called or name[0].isupper()


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    import orjson

    table: dict[str, Any] = orjson.loads(Path(__file__).with_name("stdlib_symbols.json").read_bytes())
    return table
