"""Carries a replacement over to the indentation that a file really has."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise

_TAB = 4


def indent_of(line: str) -> str:
    """The blanks and tabs a line begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def shifted(wanted: Sequence[str], found: Sequence[str], replace: Sequence[str]) -> list[str] | None:
    """``replace`` shifted as far as ``found`` is from ``wanted``; ``None`` if not all lines are as far.

    ``wanted`` and ``found`` are the same lines but for their indentation.
    """
    pairs = {(indent_of(w), indent_of(f)) for w, f in zip(wanted, found, strict=True) if w.strip()}
    more = {f.removesuffix(w) if f.endswith(w) else None for w, f in pairs}
    if len(more) == 1 and (add := more.pop()) is not None:
        return [add + line if line.strip() else line for line in replace]
    less = {w.removesuffix(f) if w.endswith(f) else None for w, f in pairs}
    if len(less) == 1 and (take := less.pop()) is not None:
        lines = [
            line.removeprefix(take) if line.startswith(take) or not line.strip() else None for line in replace
        ]
        return [line for line in lines if line is not None] if None not in lines else None
    return None


def mapped(wanted: Sequence[str], found: Sequence[str], replace: Sequence[str], *, tabs: bool) -> list[str] | None:
    """``replace`` in the file's own indentation, where blanks differ otherwise; ``None`` if that is not clear.

    A line that is the same in ``wanted`` and ``replace`` stays as the file has it. ``tabs`` says whether the file
    is indented by tabs.
    """
    known: dict[str, str] = {}
    for want, line in zip(wanted, found, strict=True):
        if want.strip() and known.setdefault(indent_of(want), indent_of(line)) != indent_of(line):
            return None
    kept: dict[int, int] = {}
    for tag, i1, i2, j1, _ in SequenceMatcher(None, list(wanted), list(replace), autojunk=False).get_opcodes():
        if tag == "equal":
            kept.update({j1 + n: i1 + n for n in range(i2 - i1)})
    return [
        found[kept[n]]
        if n in kept
        else _indented(line.lstrip(" \t"), indent_of(line), known, tabs)
        if line.strip()
        else ""
        for n, line in enumerate(replace)
    ]


def _indented(text: str, indent: str, known: dict[str, str], tabs: bool) -> str:
    if indent in known:
        return known[indent] + text
    depth = _width(indent)
    below = [one for one in known if _width(one) <= depth]
    base = max(below, key=_width) if below else min(known, key=_width)
    extra = depth - _width(base)
    unit = _unit(known, base)
    if tabs:
        depth_in_tabs = known[base].count("\t") + round(extra / unit)
        return "\t" * max(depth_in_tabs, 0) + text
    return " " * max(_width(known[base]) + round(extra * _scale(known)), 0) + text


def _unit(known: dict[str, str], base: str) -> int:
    """By how many columns the model indents one step."""
    widths = sorted({_width(one) for one in known})
    steps = [high - low for low, high in pairwise(widths)]
    return min(steps, default=_width(base) or _TAB)


def _scale(known: dict[str, str]) -> float:
    """How many columns of the file one of the model's is."""
    low, high = min(known, key=_width), max(known, key=_width)
    span = _width(high) - _width(low)
    return (_width(known[high]) - _width(known[low])) / span if span else 1.0


def _width(indent: str) -> int:
    return len(indent.expandtabs(_TAB))
