"""JavaScript and TypeScript: stack traces of Node, reports of Jest and Vitest, tsc and ESLint."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from attrs import evolve

from proactive_collectors.events import Failure
from proactive_collectors.failures.found import PATH, Found, Lines, Parser, hint_in, number, one_line

_ERROR = re.compile(
    r"^\s*(?:Uncaught )?(?P<error>[A-Z]\w{0,100}(?:Error|Exception)|Error)(?: \[\w{1,100}\])?(?:: (?P<text>.*))?$"
)
_CALL = re.compile(
    r"^\s+(?:at|❯) (?:async )?(?:(?P<symbol>[^()\n]{1,100}?) )?\(?"
    r"(?P<path>(?:file:///?|node:|[A-Za-z]:[\\/])?[^\s:()][^:()]{0,300}):(?P<line>\d{1,9}):(?P<column>\d{1,9})\)?$"
)
_NODE_HEAD = re.compile(rf"^(?:file://)?{PATH}:(?P<line>\d{{1,9}})$")
_CARET = re.compile(r"^ *\^+ *$")


def _library(path: str) -> bool:
    return path.startswith(("node:", "internal/", "<")) or "node_modules/" in path or "node_modules\\" in path


def _place(lines: Lines, start: int, end: int) -> tuple[Failure, int] | None:
    """Path, line, column and symbol of the innermost call in the user's code, and the last line of the stack."""
    chosen: re.Match[str] | None = None
    last = start
    for at in range(start, end):
        line = lines[at]
        if "at " in line or "❯" in line:
            match = _CALL.match(line)
            if match:
                last = at
                if chosen is None and not _library(match["path"]):
                    chosen = match
    if chosen is None:
        return None
    symbol = (chosen["symbol"] or "").removeprefix("new ").rsplit(" [as", 1)[0].rsplit(".", 1)[-1]
    failure = Failure(
        "",
        path=chosen["path"].removeprefix("file://"),
        line=number(chosen["line"]),
        column=number(chosen["column"]),
        symbol=symbol if symbol.isidentifier() else None,
    )
    return failure, last


def _error(message: str) -> Failure:
    match = _ERROR.match(message)
    return Failure(one_line(message), error=match["error"] if match else None, hint=hint_in(message))


def parse_node(lines: Lines) -> Iterator[Found]:
    """Errors that ended a Node program, or that it printed with their stack."""
    at = 0
    while at < len(lines):
        if not lines[at].lstrip().startswith("at ") or not _CALL.match(lines[at]):
            at += 1
            continue
        first = at
        while at < len(lines) and lines[at].lstrip().startswith("at "):
            at += 1
        error_at = next((i for i in range(first - 1, max(-1, first - 12), -1) if _ERROR.match(lines[i])), None)
        if error_at is None:
            continue
        failure = _error(lines[error_at].strip().removeprefix("Uncaught "))
        place = _place(lines, first, at)
        head = _node_head(lines, error_at)
        if head is not None and (place is None or head.path == place[0].path):
            failure = evolve(failure, path=head.path, line=head.line, column=head.column)
            if place is not None and place[0].line == head.line:
                failure = evolve(failure, symbol=place[0].symbol)
        elif place is not None:
            where = place[0]
            failure = evolve(failure, path=where.path, line=where.line, column=where.column, symbol=where.symbol)
        yield Found(failure, error_at, at - 1)


def _node_head(lines: Lines, error_at: int) -> Failure | None:
    """The place Node prints above an error that ends the program: file and line, the line itself, a caret."""
    for at in range(error_at - 1, max(-1, error_at - 8), -1):
        match = _NODE_HEAD.match(lines[at])
        if match is not None:
            if _library(match["path"]):
                return None
            caret = lines[at + 2] if at + 2 < error_at else ""
            column = caret.index("^") if _CARET.match(caret) else None
            return Failure("", path=match["path"], line=number(match["line"]), column=column)
    return None


_JEST_HEAD = re.compile(r"^ {2,4}● (?P<name>\S.*)$")
_JEST_END = re.compile(r"^(?:Test Suites: |Tests: |Summary of all failing tests|(?:PASS|FAIL) )")
_EXPECTED = re.compile(r"^\s*(?P<text>(?:Expected|Received)[^:]{0,60}: .*)$")


def parse_jest(lines: Lines) -> Iterator[Found]:
    """Jest's ``●`` blocks."""
    head = None
    for at in range(len(lines) + 1):
        ends = at == len(lines) or _JEST_HEAD.match(lines[at]) or _JEST_END.match(lines[at])
        if not ends:
            continue
        if head is not None and (found := _jest_block(lines, head, at)):
            yield found
        head = at if at < len(lines) and _JEST_HEAD.match(lines[at]) else None


def _jest_block(lines: Lines, head: int, end: int) -> Found | None:
    match = _JEST_HEAD.match(lines[head])
    first = next((at for at in range(head + 1, end) if lines[at].strip()), None)
    if match is None or first is None or match["name"].startswith("Console"):
        return None
    said = [lines[first].strip()]
    if said[0].startswith("expect("):
        said += [m["text"] for at in range(first + 1, min(first + 8, end)) if (m := _EXPECTED.match(lines[at]))]
    message = said[0].split(" // ", 1)[0] + (": " + ", ".join(said[1:]) if said[1:] else "")
    failure = _error(message)
    place = _place(lines, first, end)
    test = None if match["name"] == "Test suite failed to run" else match["name"]
    if place is None:
        return Found(evolve(failure, test=test), head, end - 1)
    where = place[0]
    # No symbol: Jest's source maps name the last identifier before the place, not the function.
    failure = evolve(failure, test=test, path=where.path, line=where.line, column=where.column)
    return Found(failure, head, end - 1)


_VITEST_HEAD = re.compile(r"^ FAIL {2}(?:\|[^|]{1,60}\| )?(?P<name>\S.*)$")


def parse_vitest(lines: Lines) -> Iterator[Found]:
    """Vitest's ``FAIL`` blocks: ``FAIL  file > suite > test``, the error, its places."""
    heads = [at for at, line in enumerate(lines) if line.startswith(" FAIL  ") and _VITEST_HEAD.match(line)]
    for head, limit in pairwise([*heads, len(lines)]):
        end = next((at for at in range(head + 1, limit) if lines[at].startswith("⎯⎯⎯")), limit)
        match = _VITEST_HEAD.match(lines[head])
        first = next((at for at in range(head + 1, end) if lines[at].strip()), None)
        if match is None or first is None:
            continue  # several tests with one error: the last head has it
        place = _place(lines, first, end)
        failure = evolve(_error(lines[first].strip()), test=match["name"])
        if place is not None:
            where = place[0]
            failure = evolve(failure, path=where.path, line=where.line, column=where.column, symbol=where.symbol)
        yield Found(failure, head, end - 1)


_TSC = re.compile(
    rf"^ ?(?:{PATH}\((?P<line>\d{{1,9}}),(?P<column>\d{{1,9}})\): |{PATH.replace('path', 'pretty')}"
    r":(?P<pretty_line>\d{1,9}):(?P<pretty_column>\d{1,9}) - )?error (?P<code>TS\d{1,6}): (?P<text>.*)$"
)


def parse_tsc(lines: Lines) -> Iterator[Found]:
    """tsc's errors, plain and pretty."""
    for at, line in enumerate(lines):
        if "error TS" in line and (match := _TSC.match(line)):
            failure = Failure(
                one_line(match["text"]),
                path=match["path"] or match["pretty"],
                line=number(match["line"] or match["pretty_line"]),
                column=number(match["column"] or match["pretty_column"]),
                error=match["code"],
                hint=hint_in(match["text"]),
            )
            yield Found(failure, at, at)


_ESLINT = re.compile(r"^ +(?P<line>\d{1,9}):(?P<column>\d{1,9}) +error +(?P<text>\S.*)$")
_ESLINT_RULE = re.compile(r"^[@\w/-]{1,200}$")


def parse_eslint(lines: Lines) -> Iterator[Found]:
    """ESLint's default ("stylish") report: a path, then its problems, indented. Warnings are passed over."""
    path: str | None = None
    for at, line in enumerate(lines):
        if line and not line.startswith(" "):
            path = line if "  " not in line else None
        elif path is not None and "error" in line and (match := _ESLINT.match(line)):
            text, gap, rule = match["text"].rpartition("  ")
            if not gap or not _ESLINT_RULE.match(rule):
                text, rule = match["text"], ""
            failure = Failure(
                one_line(text),
                path=path,
                line=number(match["line"]),
                column=number(match["column"]),
                error=rule or None,
                hint=hint_in(text),
            )
            yield Found(failure, at, at)


NODE = Parser("node", ("    at ",), parse_node)
JEST = Parser("jest", ("● ",), parse_jest)
VITEST = Parser("vitest", (" FAIL  ",), parse_vitest)
TSC = Parser("tsc", ("error TS",), parse_tsc)
ESLINT = Parser("eslint", ("  error  ",), parse_eslint)
