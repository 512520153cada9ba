"""pytest's report: every ``--tb`` style, collection errors, and the short test summary."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from attrs import evolve, field, mutable

from proactive_collectors.events import Failure
from proactive_collectors.failures.found import PATH, Found, Lines, Parser, hint_in, number, one_line
from proactive_collectors.failures.python import (
    CAUSED,
    HANDLING,
    PLAIN_MISTAKES,
    Frame,
    Traceback,
    chains,
    failure_of,
)

_RULER = re.compile(r"^=+ (?P<title>[^=].{0,300}?) =+$|^=+$")
_HEAD = re.compile(
    r"^_+ (?:ERROR at (?:setup|teardown) of |ERROR collecting |\[doctest\] )?(?P<name>.*?[^_ ]) _+$"
)
_ENOUGH = 400
"""Many more than are reported; the rest of an endless report is passed over."""

_CONFTEST = "ImportError while loading conftest"
_SUMMARY = re.compile(r"^(?P<outcome>FAILED|ERROR) (?P<id>\S.*?)(?: - (?P<message>.*))?$")
_VERBOSE = re.compile(r"^(?P<id>[^\s:]+\.py::\S.*?) (?P<outcome>FAILED|ERROR)(?: +\[ *\d+%\])?$")
_LOCATION = re.compile(rf"^{PATH}:(?P<line>\d{{1,9}})(?:: ?(?P<rest>.*))?$")
_CAUGHT = re.compile(r"^-+ (?:Captured|generated) .* -+$")
_DEF = re.compile(r"^[> ]? {3,}(?:async )?def (?P<name>\w+)")
_E = re.compile(r"^E( {1,}|$)")
_ERROR = re.compile(
    r"^(?P<error>[A-Za-z_][\w.]{0,200}): "
    r"|^(?P<alone>[A-Za-z_][\w.]{0,200}(?:Error|Exception|Exit|Interrupt|Warning))$"
)
_SYNTAX_FILE = re.compile(r'^File "(?P<path>[^"]+)", line (?P<line>\d{1,9})$')
_ASSERT = re.compile(r"^assert\b")


def parse_pytest(lines: Lines) -> Iterator[Found]:
    """The failed and broken tests, those with a traceback first, in the order of the report."""
    report = _Report()
    section = ""
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith("=") and (ruler := _RULER.match(line)):
            section = ruler["title"] or ""
        elif section in ("FAILURES", "ERRORS"):
            end = _section_end(lines, at)
            report.read_section(lines, at, end)
            at = end
            continue
        elif line.startswith(("FAILED ", "ERROR ")) and (summary := _SUMMARY.match(line)):
            report.read_summary(summary, at)
        elif line.startswith(_CONFTEST):
            end = _section_end(lines, at)
            report.add(_body(lines, at + 1, end), at, end - 1)
            at = end
            continue
        elif line.endswith(("%]", "FAILED", "ERROR")) and (verbose := _VERBOSE.match(line)):
            report.verbose.append((verbose["id"], at))
        at += 1
    return report.results()


def _section_end(lines: Lines, start: int) -> int:
    return next(
        (at for at in range(start, len(lines)) if lines[at].startswith("=") and _RULER.match(lines[at])),
        len(lines),
    )


@mutable
class _Body:
    """One test's part of the report, and the test's identifier once the summary has told it."""

    failure: Failure
    name: str | None
    paths: frozenset[str]
    first: int
    last: int


@mutable
class _Report:
    bodies: list[_Body] = field(factory=list)
    by_name: dict[str, list[_Body]] = field(factory=dict)
    brief: list[_Body] = field(factory=list)  #: of ``--tb=line``: places without names, in the summary's order
    summaries: list[tuple[str, str, str, int]] = field(factory=list)  #: outcome, id, message, line
    verbose: list[tuple[str, int]] = field(factory=list)

    def add(
        self, body: tuple[Failure, frozenset[str]] | None, first: int, last: int, name: str | None = None
    ) -> None:
        if body is not None and len(self.bodies) < _ENOUGH:
            one = _Body(body[0], name, body[1], first, last)
            self.bodies.append(one)
            if name is not None:
                self.by_name.setdefault(name, []).append(one)

    def read_section(self, lines: Lines, start: int, end: int) -> None:
        heads: list[tuple[int, str]] = []
        for at in range(start, end):
            if lines[at].startswith("_") and not lines[at].startswith("_ _") and (match := _HEAD.match(lines[at])):
                heads.append((at, match["name"]))
        for (first, name), (last, _) in pairwise([*heads, (end, "")]):
            self.add(_body(lines, first + 1, last), first, last - 1, name)
        if not heads:
            for at in range(start, end):
                match = _LOCATION.match(lines[at])
                if match and match["rest"] and number(match["line"]) is not None:
                    failure = evolve(_failure(match["rest"]), path=match["path"], line=number(match["line"]))
                    self.brief.append(_Body(failure, None, frozenset(), at, at))

    def read_summary(self, match: re.Match[str], at: int) -> None:
        name = match["id"]
        # Without a message, "ERROR something" is as likely a program's own log line.
        if (".py" in name or "::" in name) and len(self.summaries) < _ENOUGH:
            self.summaries.append((match["outcome"], name, match["message"] or "", at))

    def results(self) -> Iterator[Found]:
        brief: dict[int, _Body] = {}
        failed = [summary for summary in self.summaries if summary[0] == "FAILED"]
        if len(failed) == len(self.brief):
            brief = {summary[3]: body for summary, body in zip(failed, self.brief, strict=True)}
        for summary in self.summaries:
            _, test, message, at = summary
            path, _, rest = test.partition("::")
            body = self._body_of(path, rest)
            if body is None:
                body = brief.get(at)
            if body is not None:
                body.failure = evolve(body.failure, test=test)
            else:
                failure = _failure(message) if message else Failure(f"{test} failed")
                self.bodies.append(_Body(evolve(failure, test=test, path=path or None), None, frozenset(), at, at))
        known = {body.failure.test for body in self.bodies} | {body.failure.test for body in self.brief}
        for body in (*self.bodies, *self.brief):
            if body.failure.test is None and body.name and body.name.isidentifier():
                body.failure = evolve(body.failure, test=body.name)
            yield Found(body.failure, body.first, body.last)
        for _, _, _, at in self.summaries:
            # Nothing else may read them once more.
            yield Found(_SEEN, at, at)
        if not self.summaries and not self.bodies:
            for test, at in self.verbose:
                if test not in known:
                    yield Found(Failure(f"{test} failed", path=test.partition("::")[0], test=test), at, at)

    def _body_of(self, path: str, rest: str) -> _Body | None:
        # A header says TestCart.test_add[a b], the summary tests/test_shop.py::TestCart::test_add[a b].
        head, bracket, parameters = rest.partition("[")
        bodies = self.by_name.get(head.replace("::", ".") + bracket + parameters if rest else path, ())
        free = [body for body in bodies if body.failure.test is None]
        return next(
            (body for body in free if any(p.endswith(path) for p in body.paths)), free[0] if free else None
        )


_SEEN = Failure("")


def _body(lines: Lines, start: int, end: int) -> tuple[Failure, frozenset[str]] | None:
    """The failure in one test's part of the report, and the paths it names."""
    end = next((at for at in range(start, end) if lines[at].startswith("-") and _CAUGHT.match(lines[at])), end)
    native = (
        next(chains(lines, start, end), None)
        if any("Traceback (" in lines[at] for at in range(start, end))
        else None
    )
    if native is not None:
        return failure_of(native), frozenset(frame.path for one in native for frame in one.frames)
    links: list[Traceback] = []
    begin = start
    for at in range(start, end + 1):
        if at == end or lines[at] in (CAUSED, HANDLING):
            one = _part(lines, begin, at)
            if one is not None:
                links.append(one)
            if at < end and lines[at] == HANDLING:
                links.clear()
            begin = at + 1
    if not links:
        return None
    failure = failure_of(links)
    return failure, frozenset(frame.path for one in links for frame in one.frames)


def _part(lines: Lines, start: int, end: int) -> Traceback | None:
    frames: list[Frame] = []
    symbol: str | None = None
    said: list[str] = []
    error: str | None = None
    at = start
    while at < end:
        line = lines[at]
        if _E.match(line):
            said = []
            while at < end and _E.match(lines[at]):
                said.append(lines[at][1:].strip())
                at += 1
            continue
        if match := _DEF.match(line):
            symbol = match["name"]
        elif (match := _LOCATION.match(line)) and number(match["line"]) is not None:
            rest = match["rest"] or ""
            if rest.startswith("in "):
                frames.append(Frame(match["path"], number(match["line"]), rest[3:]))
            else:
                frames.append(Frame(match["path"], number(match["line"]), symbol))
                error = rest or None
            symbol = None
        at += 1
    message = next((text for text in said if text), None)
    if message is None:
        return None
    for index, text in enumerate(said):
        if place := _SYNTAX_FILE.match(text):
            wrong = next((one for one in said[index:] if one.split(":", 1)[0] in PLAIN_MISTAKES), None)
            if wrong is not None:
                message = wrong
                frames = [Frame(place["path"], number(place["line"]))]
    failure = _failure(message)
    return Traceback(tuple(frames), failure.error or error or "AssertionError", message, start, end)


def _failure(message: str) -> Failure:
    match = _ERROR.match(message)
    error = (match["error"] or match["alone"]).rsplit(".", 1)[-1] if match else None
    if error is None and _ASSERT.match(message):
        error = "AssertionError"
    return Failure(one_line(message), error=error, hint=hint_in(message))


PYTEST = Parser(
    "pytest",
    ("= FAILURES =", "= ERRORS =", "= short test summary info =", _CONFTEST, ".py::"),
    parse_pytest,
)
