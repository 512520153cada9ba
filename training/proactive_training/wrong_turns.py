"""Small mistakes as people make them, each one real change to real Python source."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable, Iterator

from attrs import frozen

from proactive_collectors.text import Change, Range, split_lines


@frozen
class WrongTurn:
    """A mistake: what was done, as one change to the module's text."""

    sort: str  #: ``dropped_import``, ``misspelt``, ``renamed``, ``unfinished``
    change: Change


def wrong_turns(source: str, rng: random.Random) -> list[WrongTurn]:
    """Mistakes that can be made in this module, in random order; none if it is not valid Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return []
    lines = split_lines(source)
    found: list[WrongTurn] = []
    for finder in _FINDERS:
        options = list(finder(tree, lines, rng))
        found += rng.sample(options, min(len(options), 6))
    rng.shuffle(found)
    return found


def inverse(change: Change) -> Change:
    """The change that takes this one back."""
    return Change(Range(change.range.start, change.new_end), change.new_text, change.old_text)


def _replace(line: int, start: int, old: str, new: str) -> Change:
    return Change(Range.of(line, start, line, start + len(old)), old, new)


def _dropped_imports(tree: ast.Module, lines: list[str], rng: random.Random) -> Iterator[WrongTurn]:
    source = "".join(lines)
    for node in tree.body:
        if not isinstance(node, ast.Import | ast.ImportFrom) or node.lineno != node.end_lineno:
            continue
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            continue
        names = [(alias.asname or alias.name).split(".")[0] for alias in node.names]
        if all(len(re.findall(rf"\b{re.escape(name)}\b", source)) < 2 for name in names if name != "*"):
            continue
        line = node.lineno - 1
        change = Change(Range.of(line, 0, line + 1, 0), lines[line], "")
        yield WrongTurn("dropped_import", change)


def _misspelt(tree: ast.Module, lines: list[str], rng: random.Random) -> Iterator[WrongTurn]:
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                name, end = node.id, node.end_col_offset or 0
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                name, end = node.attr, node.end_col_offset or 0
            else:
                continue
            line = (node.end_lineno or 1) - 1
            start = end - len(name)
            # ast counts columns in UTF-8 bytes: only lines where that is the same are used.
            if len(name) < 4 or not lines[line].isascii() or lines[line][start:end] != name:
                continue
            yield WrongTurn("misspelt", _replace(line, start, name, _misspell(name, rng)))


def _misspell(name: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(name) - 1)
    swapped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return swapped if swapped != name and rng.random() < 0.5 else name[:at] + name[at + 1 :]


def _renamed(tree: ast.Module, lines: list[str], rng: random.Random) -> Iterator[WrongTurn]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and len(node.name) > 3:
            line = node.lineno - 1
            start = lines[line].find(node.name)
            if start > 0:
                new = f"{node.name}_{rng.choice(('all', 'new', 'text', 'items'))}"
                yield WrongTurn("renamed", _replace(line, start, node.name, new))


def _unfinished(tree: ast.Module, lines: list[str], rng: random.Random) -> Iterator[WrongTurn]:
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.For | ast.FunctionDef) and node.body:
            line = node.body[0].lineno - 2
            bare = lines[line].rstrip() if line >= 0 else ""
            if bare.endswith(":") and not bare.lstrip().startswith(("#", "'", '"')):
                yield WrongTurn("unfinished", _replace(line, len(bare) - 1, ":", ""))


_FINDERS: tuple[Callable[[ast.Module, list[str], random.Random], Iterator[WrongTurn]], ...] = (
    _dropped_imports,
    _misspelt,
    _renamed,
    _unfinished,
)
