"""One line to a failure: ``path:line:column: …`` of compilers, linters and type checkers, and the last resort."""

from __future__ import annotations

import re
from collections.abc import Iterator

from proactive_collectors.events import Failure
from proactive_collectors.failures.found import PATH, Found, Lines, Parser, hint_in, number, one_line

_AT = rf"{PATH}:(?P<line>\d{{1,9}})(?::(?P<column>\d{{1,9}}))?(?::\d{{1,9}}:\d{{1,9}})?"
_ERROR = re.compile(rf"^ {{0,4}}{_AT}(?:: | - )(?:fatal )?error: (?P<text>\S.*)$")
_CODE = re.compile(
    rf"^{_AT}: (?P<code>[A-Z]{{1,4}}\d{{2,5}}|invalid-syntax|SyntaxError):? (?:\[\*\] )?(?P<text>\S.*)$"
)
_BRACKETED = re.compile(r" {1,2}[\[(](?P<code>-?[\w=+.-]{1,60})[\])]$")
_FUNCTION = re.compile(
    r"^[^:]{1,300}: In (?:[\w ]{1,60} )?(?:function|constructor) [‘'](?P<name>[^’']{1,300})[’']:$"
)
_CALLABLE = re.compile(r"(?P<name>[A-Za-z_~][\w:~]{0,200})\s*(?:\([^()]*\).{0,40})?$")
_UNDEFINED = re.compile(rf"^(?:.*ld: )?{PATH}:\(\.\w{{1,60}}\+0x[0-9a-f]+\): (?P<text>undefined reference to .*)$")


def parse_located(lines: Lines) -> Iterator[Found]:
    """gcc, clang, mypy, pyright, flake8, ruff's concise form, pylint: errors only, no warnings or notes."""
    symbol: str | None = None
    for at, line in enumerate(lines):
        if function := _FUNCTION.match(line):
            name = _CALLABLE.search(function["name"])
            symbol = name["name"] if name else None
            continue
        if "error: " in line and (match := _ERROR.match(line)):
            text = match["text"]
            bracketed = _BRACKETED.search(text)
            code = bracketed["code"] if bracketed else None
            text = text[: bracketed.start()] if bracketed else text
            yield Found(_failure(match, text, code, symbol), at, at)
        elif match := _CODE.match(line):
            yield Found(_failure(match, match["text"], match["code"], None), at, at)
        elif "undefined reference" in line and (match := _UNDEFINED.match(line)):
            yield Found(Failure(one_line(match["text"]), path=match["path"], error="ld"), at, at)
        elif not line.startswith((" ", "\t")) and ": At top level:" in line:
            symbol = None


def _failure(match: re.Match[str], text: str, code: str | None, symbol: str | None) -> Failure:
    return Failure(
        one_line(text),
        path=match["path"],
        line=number(match["line"]),
        column=number(match["column"]),
        error=code,
        symbol=symbol,
        hint=hint_in(text),
    )


_ANYWHERE = re.compile(
    rf"^ {{0,4}}{_AT}:? (?P<text>.*\b(?:error|failed|failure|exception|undefined|panic|fatal)\b.*)$", re.I
)
_SAID = re.compile(
    r"^(?:\w[\w.-]{0,60}: ){0,3}(?:fatal|error|(?:\w{1,60})Error)\b[:!]? ?.*$|^(?:error|E): .*$|"
    r"^[^:]{1,100}: .{1,300}(?:command not found|No such file or directory|: not found|Permission denied)$",
    re.I,
)
_FEW = 3


def parse_anything(lines: Lines) -> Iterator[Found]:
    """What at least looks like an error; asked only if no parser found anything."""
    count = 0
    for at, line in enumerate(lines):
        if match := _ANYWHERE.match(line):
            yield Found(_failure(match, match["text"], None, None), at, at)
            count += 1
    if count:
        return
    for at in range(len(lines) - 1, -1, -1):
        if _SAID.match(lines[at]):
            yield Found(Failure(one_line(lines[at]), hint=hint_in(lines[at])), at, at)
            count += 1
            if count == _FEW:
                return


_MARKERS = (": error: ", " - error: ", ": fatal error: ", ".py:", ".ipynb:", "undefined reference")
LOCATED = Parser("located", _MARKERS, parse_located)
