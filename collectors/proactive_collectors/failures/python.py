"""Python tracebacks, chained, grouped or of syntax errors; the place is the innermost frame in own code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from attrs import evolve, frozen

from proactive_collectors.events import Failure
from proactive_collectors.failures.found import Found, Lines, Parser, hint_in, number, one_line

CAUSED = "The above exception was the direct cause of the following exception:"
HANDLING = "During handling of the above exception, another exception occurred:"

PLAIN_MISTAKES = frozenset(
    {"NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError", "AttributeError"}
    | {"SyntaxError", "IndentationError", "TabError"}
)
"""Errors that say which name or which line is wrong: where one of them is the cause, it is what to report."""

_HEAD = re.compile(r"^(?P<prefix>[ |+]{0,200})(?:Exception Group )?Traceback \(most recent call last\):$")
_LOGGED_HEAD = re.compile(r"Traceback \(most recent call last\):$")
_FRAME = re.compile(r'^  File "(?P<path>[^"]+)", line (?P<line>\d{1,9})(?:, in (?P<symbol>.+))?$')
_ERROR = re.compile(r"^(?P<error>[A-Za-z_][\w.]{0,200}(?:\.<locals>\.[\w.]{1,200})?)(?:: (?P<text>.*))?$")
_SYNTAX = re.compile(r"^(?:SyntaxError|IndentationError|TabError): ")
_LIBRARY = re.compile(
    r"^<|[\\/](?:site-packages|dist-packages|_pytest|pluggy)[\\/]|[\\/]lib(?:64)?[\\/]python\d|[\\/]Python\d+[\\/]Lib[\\/]"
)


@frozen
class Frame:
    """One call on the stack."""

    path: str
    line: int | None  #: zero-based
    symbol: str | None = None


@frozen
class Traceback:
    """One exception of a chain."""

    frames: tuple[Frame, ...]
    error: str
    message: str
    first: int
    last: int


def is_library(path: str) -> bool:
    """Whether a path lies in the standard library or an installed package rather than in the user's code."""
    return _LIBRARY.search(path) is not None


def own(frames: tuple[Frame, ...]) -> Frame | None:
    """The innermost frame in the user's code; else the innermost that is in a file at all."""
    return next(
        (frame for frame in reversed(frames) if not is_library(frame.path)),
        next((frame for frame in reversed(frames) if not frame.path.startswith("<")), None),
    )


def failure_of(chain: list[Traceback]) -> Failure:
    """What a chain of exceptions is about: the last one, or the plain mistake that is its declared cause."""
    chosen = next((one for one in chain[:-1] if one.error in PLAIN_MISTAKES), chain[-1])
    frame = own(chosen.frames)
    symbol = frame.symbol if frame else None
    return Failure(
        message=one_line(chosen.message),
        path=frame.path if frame else None,
        line=frame.line if frame else None,
        error=chosen.error,
        symbol=None if symbol is None or symbol.startswith("<") else symbol,
        hint=hint_in(chosen.message),
    )


def chains(lines: Lines, start: int = 0, end: int | None = None) -> Iterator[list[Traceback]]:
    """The tracebacks between two lines, those that belong together in one list, the cause first."""
    end = len(lines) if end is None else end
    chain: list[Traceback] = []
    at = start
    while at < end:
        line = lines[at]
        block = _block(lines, at, end) if "Traceback (" in line else _bare_syntax_error(lines, at, end)
        if block is None:
            at += 1
            continue
        link = _link(lines, chain[-1].last + 1, at) if chain else None
        if chain and link is None:
            yield chain
            chain = []
        elif link == HANDLING:
            chain = []
        chain.append(block)
        at = block.last + 1
    if chain:
        yield chain


def _link(lines: Lines, start: int, end: int) -> str | None:
    if end - start > 6:
        return None
    between = [line.strip(" |") for line in lines[start:end]]
    return next((link for link in (CAUSED, HANDLING) if link in between), None)


def _block(lines: Lines, at: int, end: int) -> Traceback | None:
    head = _HEAD.match(lines[at])
    if head is None and not _LOGGED_HEAD.search(lines[at]):
        return None
    width = len(head["prefix"]) if head else 0
    frames: list[Frame] = []
    for index in range(at + 1, end):
        line = lines[index]
        if "Traceback (" in line:
            return None  # cut off in the middle; the next one is a report of its own
        if width and not line[:width].strip(" |+"):
            line = line[width:]
        if match := _FRAME.match(line):
            frames.append(Frame(match["path"], number(match["line"]), match["symbol"]))
        elif line and not line.startswith(" "):
            error = _ERROR.match(line)
            if error is None:
                return None
            name = error["error"].rsplit(".", 1)[-1]
            return Traceback(tuple(frames), name, line, at, index)
    return None


def _bare_syntax_error(lines: Lines, at: int, end: int) -> Traceback | None:
    """A syntax error in the file that was to be run has no traceback, only its place."""
    frame = _FRAME.match(lines[at].removeprefix("*** ").removeprefix("***")) if 'File "' in lines[at] else None
    if frame is None or frame["symbol"] is not None:
        return None
    for index in range(at + 1, min(at + 6, end)):
        if _SYNTAX.match(lines[index]):
            place = Frame(frame["path"], number(frame["line"]))
            return Traceback((place,), lines[index].split(":", 1)[0], lines[index], at, index)
    return None


def parse_python(lines: Lines) -> Iterator[Found]:
    """Every traceback, one failure for each chain."""
    for chain in chains(lines):
        yield Found(failure_of(chain), chain[0].first, chain[-1].last)


_UNITTEST = re.compile(r"^(?:ERROR|FAIL): (?P<name>\S+) ?(?:\((?P<where>[\w.<>]+)\))?")


def parse_unittest(lines: Lines) -> Iterator[Found]:
    """The reports of ``python -m unittest``: a ruler, the test's name, a ruler, its traceback."""
    heads = [
        index
        for index in range(1, len(lines) - 1)
        if lines[index - 1].startswith("=====")
        and lines[index].startswith(("ERROR: ", "FAIL: "))
        # The docstring's first line may stand between.
        and any(line.startswith("-----") for line in lines[index + 1 : index + 3])
    ]
    for head, end in pairwise([*heads, len(lines)]):
        match = _UNITTEST.match(lines[head])
        chain = next(chains(lines, head, end), None)
        if match is None or chain is None:
            continue
        name, where = match["name"], match["where"]
        # Before Python 3.11 the parentheses hold the class alone.
        test = name if where is None else where if where.endswith("." + name) else f"{where}.{name}"
        yield Found(evolve(failure_of(chain), test=test), head - 1, chain[-1].last)


PYTHON = Parser(
    "python", ("Traceback (most recent", "SyntaxError: ", "IndentationError: ", "TabError: "), parse_python
)
UNITTEST = Parser("unittest", ("\nERROR: ", "\nFAIL: "), parse_unittest)
