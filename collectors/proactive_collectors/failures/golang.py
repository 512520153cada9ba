"""Go: compiler and vet errors, failed tests, panics."""

from __future__ import annotations

import re
from collections.abc import Iterator

from proactive_collectors.events import Failure
from proactive_collectors.failures.found import Found, Lines, Parser, hint_in, number, one_line

_BUILD = re.compile(
    r"^(?:vet: )?(?P<path>[^\s:][^:]*?\.go):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?: (?P<text>\S.*)$"
)
_FAIL = re.compile(r"^(?P<indent> *)--- FAIL: (?P<name>\S+)")
_SAID = re.compile(r"^ +(?P<path>[^\s:][^:]*?\.go):(?P<line>\d{1,9}): (?P<text>.*)$")
_PANIC = re.compile(r"^(?:panic|fatal error): (?P<text>.+?)(?: \[recovered.*\])?$")
_CALL = re.compile(r"^(?P<name>[\w./*()·\[\]-]{1,300}?)\([^()]*\)$")
_FRAME = re.compile(r"^\t(?P<path>\S.*?\.go):(?P<line>\d{1,9})(?: \+0x[0-9a-f]+)?$")
_LIBRARY = re.compile(r"/src/(?:runtime|testing|internal|reflect|sync|net|os|fmt)/|/pkg/mod/|/go[-\d.]*/src/")


def parse_go(lines: Lines) -> Iterator[Found]:
    """Everything the go command reports as failed."""
    waiting: tuple[int, str] | None = None  # a failed test that has not said why
    after_panic = -1
    for at, line in enumerate(lines):
        if fail := _FAIL.match(line):
            if waiting and waiting[0] >= 0 and not fail["name"].startswith(waiting[1] + "/"):
                yield _silent(waiting)
            waiting = (at, fail["name"])
        elif (said := _SAID.match(line)) and waiting is not None:
            failure = Failure(
                one_line(said["text"]) or f"{waiting[1]} failed",
                path=said["path"],
                line=number(said["line"]),
                test=waiting[1],
            )
            yield Found(failure, at, at)
            waiting = (-1, waiting[1])
        elif line.startswith(("panic: ", "fatal error: ")) and at > after_panic and (panic := _PANIC.match(line)):
            found = _panic(lines, at, panic["text"], waiting[1] if waiting else None)
            if found is not None:
                yield found
                after_panic = found.last
                waiting = None
        elif build := _BUILD.match(line):
            yield Found(
                Failure(
                    one_line(build["text"]),
                    path=build["path"],
                    line=number(build["line"]),
                    column=number(build["column"]),
                    hint=hint_in(build["text"]),
                ),
                at,
                at,
            )
        elif waiting and line.startswith(("FAIL", "ok ", "=== RUN")):
            if waiting[0] >= 0:
                yield _silent(waiting)
            waiting = None
    if waiting and waiting[0] >= 0:
        yield _silent(waiting)


def _silent(waiting: tuple[int, str]) -> Found:
    return Found(Failure(f"{waiting[1]} failed", test=waiting[1]), waiting[0], waiting[0])


def _panic(lines: Lines, at: int, text: str, test: str | None) -> Found | None:
    """The innermost call in the user's code of the goroutine that panicked."""
    last = at
    path, line, symbol = None, None, None
    for index in range(at + 1, min(at + 200, len(lines))):
        if lines[index].startswith(("exit status", "FAIL\t", "panic: ", "fatal error: ")):
            break
        frame = _FRAME.match(lines[index])
        if frame is None:
            if not lines[index] and path is not None:
                break
            continue
        last = index
        if path is None and not _LIBRARY.search(frame["path"]):
            path, line = frame["path"], number(frame["line"])
            call = _CALL.match(lines[index - 1])
            symbol = call["name"].rsplit("/", 1)[-1].rsplit(".", 1)[-1] if call else None
    return Found(
        Failure(one_line(f"panic: {text}"), path=path, line=line, test=test, error="panic", symbol=symbol),
        at,
        last,
    )


GO = Parser("go", (".go:", "--- FAIL: ", "panic: "), parse_go)
