"""The blocks that rustc draws (and ruff likewise), and the panics of Rust programs and tests."""

from __future__ import annotations

import re
from collections.abc import Iterator

from proactive_collectors.events import Failure
from proactive_collectors.failures.found import PATH, Found, Lines, Parser, number, one_line

_HEAD = re.compile(r"^error(?:\[(?P<code>[\w-]{1,60})\])?: (?P<text>\S.*)$")
_RUFF_HEAD = re.compile(r"^(?P<code>[A-Z]{1,4}\d{2,5}|invalid-syntax):?(?: \[\*\])? (?P<text>\S.*)$")
_ARROW = re.compile(rf"^ *--> {PATH}:(?P<line>\d{{1,9}}):(?P<column>\d{{1,9}})$")
_INLINE_HELP = re.compile(r"help: [^`]{0,200}: `(?P<name>[^`]{1,200})`")
_SIMILAR = re.compile(r"help: .{0,200}similar name")
_IMPORT = re.compile(r"help: consider importing")
_REPLACED = re.compile(r"^ *\d* *(?P<sign>[-+~]) (?P<text>.*)$")
_TOKEN = re.compile(r"\w+|[^\w\s]")
_SUMMARIES = ("could not compile", "aborting due to", "test failed, to rerun", "build failed")


def parse_rustc(lines: Lines) -> Iterator[Found]:
    """Errors drawn as a head, an arrow to the place, and help below."""
    at = 0
    while at < len(lines):
        head = _HEAD.match(lines[at]) or _RUFF_HEAD.match(lines[at])
        if head is None or head["text"].startswith(_SUMMARIES):
            at += 1
            continue
        end = at + 1
        while end < len(lines) and end < at + 80 and _goes_on(lines, end):
            end += 1
        arrow = next((m for line in lines[at + 1 : end] if (m := _ARROW.match(line))), None)
        if arrow is not None:
            yield Found(
                Failure(
                    one_line(head["text"]),
                    path=arrow["path"],
                    line=number(arrow["line"]),
                    column=number(arrow["column"]),
                    error=head["code"],
                    hint=_hint(lines, at, end),
                ),
                at,
                end - 1,
            )
        at = end


def _goes_on(lines: Lines, at: int) -> bool:
    line = lines[at]
    if not line:
        return at + 1 < len(lines) and lines[at + 1].startswith((" ", "help:", "note:"))
    return not (
        _HEAD.match(line) or _RUFF_HEAD.match(line) or line.startswith(("warning", "For more", "Some errors"))
    )


def _hint(lines: Lines, start: int, end: int) -> str | None:
    """The name that the help proposes: named in its sentence, or shown as the line's replacement."""
    for at in range(start, end):
        line = lines[at]
        if "help: " not in line:
            continue
        if (match := _INLINE_HELP.search(line)) and ("similar" in line or "did you mean" in line):
            return match["name"]
        if _SIMILAR.search(line) or _IMPORT.search(line):
            shown = [m for line in lines[at + 1 : min(at + 6, end)] if (m := _REPLACED.match(line))]
            removed = next((m["text"] for m in shown if m["sign"] == "-"), None)
            added = next((m["text"] for m in shown if m["sign"] in "+~"), None)
            if added is None:
                return None
            if removed is None:
                return added.strip() if _IMPORT.search(line) else None
            return _first_difference(removed, added)
    return None


def _first_difference(old: str, new: str) -> str | None:
    for before, after in zip(_TOKEN.findall(old), _TOKEN.findall(new), strict=False):
        if before != after:
            return after if after.isidentifier() else None
    return None


_PANIC = re.compile(
    rf"^thread '(?P<thread>[^']{{1,200}})'(?: \(\d+\))? panicked at "
    rf"(?:'(?P<old>.{0, 300})', )?{PATH}:(?P<line>\d{{1,9}}):(?P<column>\d{{1,9}}):?$"
)
_BACKTRACE = re.compile(rf"^ +at {PATH}:(?P<line>\d{{1,9}})(?::(?P<column>\d{{1,9}}))?$")
_CALL = re.compile(r"^ +\d+: (?P<name>\S.*)$")
_SIDE = re.compile(r"^ *(?:left|right): ")


def parse_panics(lines: Lines) -> Iterator[Found]:
    """Panics, with the test's name where one panicked."""
    for at, line in enumerate(lines):
        if not line.startswith("thread '") or not (match := _PANIC.match(line)):
            continue
        said = [match["old"]] if match["old"] else [text.strip() for text in lines[at + 1 : at + 2]]
        said += [text.strip() for text in lines[at + 2 : at + 5] if _SIDE.match(text)]
        path, row, column = match["path"], number(match["line"]), number(match["column"])
        symbol = None
        last = at + 1
        for index in range(at + 1, min(at + 120, len(lines))):
            if lines[index].startswith(("thread '", "note: ", "----")):
                break
            place = _BACKTRACE.match(lines[index])
            if place is None or "/rustc/" in place["path"] or "/.cargo/" in place["path"]:
                continue
            call = _CALL.match(lines[index - 1])
            symbol = call["name"].rsplit("::", 1)[-1] if call else None
            if "/rustc/" in path or "/.cargo/" in path:
                path, row, column = place["path"], number(place["line"]), number(place["column"])
            last = index
            break
        yield Found(
            Failure(
                one_line(", ".join(said)) or "panic",
                path=path,
                line=row,
                column=column,
                test=None if match["thread"] in ("main", "<unnamed>") else match["thread"],
                error="panic",
                symbol=symbol if symbol and symbol.isidentifier() else None,
            ),
            at,
            min(last, len(lines) - 1),
        )


RUSTC = Parser("rustc", ("--> ",), parse_rustc)
PANIC = Parser("rust panic", (" panicked at ",), parse_panics)
