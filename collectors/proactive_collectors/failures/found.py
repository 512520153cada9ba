"""What the parsers of failures share: where a failure was found, paths, and the tools' own hints."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from attrs import frozen

from proactive_collectors.events import Failure

MAX_MESSAGE = 500
"""Characters of a failure's message."""

PATH = r"(?P<path>(?:[A-Za-z]:[\\/])?[^\s:][^:]*?)"
"""A path as tools print it before a colon, Windows drives included."""

Lines = Sequence[str]


@frozen
class Found:
    """A failure and the lines it was read from, ``first`` to ``last`` inclusive."""

    failure: Failure
    first: int
    last: int


@frozen
class Parser:
    """One tool's way of reporting failures."""

    name: str
    markers: tuple[str, ...]  #: the output holds one of these, or the parser need not look
    parse: Callable[[Lines], Iterable[Found]]


_HINTS = (
    # Python 3.12 and later
    (re.compile(r"did you forget to import '([\w.]{1,100})'", re.I), "import {}"),
    # Python, gcc and clang, tsc, mypy
    (re.compile(r"did you mean:? ['\"‘`]([^'\"’`\n]{1,100})['\"’`]\??", re.I), "{}"),
    # Go
    (re.compile(r"but does have (?:field|method) (\w{1,100})"), "{}"),
    # ESLint and others
    (re.compile(r"perhaps you meant ['\"‘`]?([\w.]{1,100})", re.I), "{}"),
)


def hint_in(message: str) -> str | None:
    """What a tool proposes in its message: a name to use instead, or the statement ``import x``."""
    for pattern, form in _HINTS:
        if match := pattern.search(message):
            return form.format(match[1])
    return None


def one_line(message: str) -> str:
    """A message for :attr:`Failure.message`: one line, of bounded length."""
    return " ".join(message.split())[:MAX_MESSAGE]


def number(text: str | None) -> int | None:
    """A one-based line or column as printed, zero-based; ``None`` for what cannot be one."""
    if text is None or not text.isascii() or not text.isdigit() or not 0 < len(text) < 9:
        return None
    return max(0, int(text) - 1)
