"""What failed in a run, read out of what it printed.

:func:`parse_failures` knows Python tracebacks, pytest and unittest, go, tsc, ESLint, Jest, Vitest, Node, cargo and
rustc, gcc and clang, ruff, mypy, flake8 and their like, each by a small parser that recognises its own. A parser
that has read a line keeps others off it, so a traceback inside a test report counts once.

``line`` and ``column`` are zero-based. Python prints source lines without their indentation, so a traceback has no
column. ``hint`` is a name to use instead, or a whole statement to add (``import x``, ``use a::B;``).
"""

from __future__ import annotations

import re

from proactive_collectors.events import Failure
from proactive_collectors.failures.found import Found, Lines
from proactive_collectors.failures.golang import GO
from proactive_collectors.failures.javascript import ESLINT, JEST, NODE, TSC, VITEST
from proactive_collectors.failures.located import LOCATED, parse_anything
from proactive_collectors.failures.pytest import PYTEST
from proactive_collectors.failures.python import PYTHON, UNITTEST
from proactive_collectors.failures.rust import PANIC, RUSTC
from proactive_collectors.terminal_text import plain

__all__ = ["MAX_FAILURES", "parse_failures"]

MAX_FAILURES = 20
"""A run reports at most so many."""

MAX_LINE = 1000
"""Longer lines are cut before a pattern sees them."""

MAX_HEAD, MAX_TAIL = 256_000, 768_000
"""Of longer output, the middle is passed over (characters)."""

# The order says who may claim a line first.
_PARSERS = (PYTEST, UNITTEST, PYTHON, JEST, VITEST, NODE, GO, RUSTC, PANIC, TSC, ESLINT, LOCATED)

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_PROGRAM = re.compile(
    r"^(?:\w+=\S* +)*(?:(?:sudo|time|env|nice) +)*(?:\S*/)?(?P<name>[\w.+-]+)(?: +(?P<first>[\w-]+))?"
)

SHOWS_FILES = frozenset(
    {
        "ack",
        "ag",
        "awk",
        "bat",
        "cat",
        "diff",
        "egrep",
        "fd",
        "fgrep",
        "find",
        "grep",
        "head",
        "less",
        "ls",
        "more",
    }
    | {"rg", "sed", "tail", "tree"}
)
SHOWS_HISTORY = frozenset({"blame", "diff", "grep", "log", "show"})
"""Programs (and subcommands of git) that show what stands in files: an error they print is not theirs."""


def parse_failures(output: str, command: str = "") -> tuple[Failure, ...]:
    """The failures in a run's output, in the order in which they were printed, at most `MAX_FAILURES`.

    Escape sequences may still be in ``output``. ``command`` decides where the text alone cannot: what ``grep`` or
    ``cat`` shows is no failure. Never raises; takes time linear in the output.
    """
    if _shows_text(command):
        return ()
    if len(output) > MAX_HEAD + MAX_TAIL:
        output = output[:MAX_HEAD] + "\n" + output[-MAX_TAIL:]
    text = plain(output) if _CONTROL.search(output) else output
    lines = [line[:MAX_LINE].rstrip() for line in text.split("\n")]
    found = _claimed(text, lines)
    if not any(one.failure.message for one in found):
        found = list(parse_anything(lines))
    failures: dict[tuple[object, ...], Failure] = {}
    for one in sorted(found, key=lambda one: one.first):
        failure = one.failure
        if failure.message:
            failures.setdefault((failure.path, failure.line, failure.message, failure.test), failure)
    return tuple(failures.values())[:MAX_FAILURES]


def _claimed(text: str, lines: Lines) -> list[Found]:
    claimed = bytearray(len(lines))
    found: list[Found] = []
    for parser in _PARSERS:
        if not any(marker in text for marker in parser.markers):
            continue
        mine = [one for one in parser.parse(lines) if not claimed[one.first]]
        for one in mine:
            claimed[one.first : one.last + 1] = b"\1" * (one.last + 1 - one.first)
        found += mine
    return found


def _shows_text(command: str) -> bool:
    match = _PROGRAM.match(command.strip()[:MAX_LINE])
    if match is None or any(sign in command for sign in "|;&"):
        return False
    return match["name"] in SHOWS_FILES or (match["name"] == "git" and match["first"] in SHOWS_HISTORY)
