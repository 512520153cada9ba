"""Every kind of event has its sentence: one line, never empty, whatever the event holds."""

import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_collectors.events import (
    PAYLOADS,
    DebugStopped,
    DiagnosticAppeared,
    DiagnosticLingering,
    DocumentSaved,
    EditBurst,
    Event,
    Failure,
    GitCommitted,
    GitConflicted,
    GitSwitched,
    IdleEnded,
    Manner,
    Observed,
    Payload,
    Severity,
    Snoozed,
    SnoozeScope,
    Source,
    SuggestionDoneAlone,
    TaskKind,
    TaskRun,
    TerminalRun,
    WebSearched,
    WebVisited,
    Where,
    WindowFocused,
)
from proactive_collectors.sentences import LONGEST, QUOTED, clean, describe, sentence
from proactive_collectors.text import Change, Range

ROOT = "file:///home/me/app"
WHERE = Where(
    uri=ROOT + "/src/api%20v2.py",
    workspace=ROOT,
    range=Range.of(3, 0, 3, 1),
    symbol="Client.get",
    language="python",
)


def told(data: Payload, where: Where = WHERE, root: str | None = None) -> str:
    return sentence(Event(datetime(2026, 1, 31, tzinfo=UTC), Source.LSP, data, where), root)


def changed(old: str, new: str) -> Change:
    return Change(Range.of(0, 0, 0, len(old)), old, new)


FAILED = Failure("NameError: name 'np' is not defined", path="tests/test_api.py", test="test_timeout")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (DocumentSaved(), "The user saved 'src/api v2.py'."),
        (
            EditBurst((changed("", "import pandas as pd"),)),
            "The user typed 'import pandas as pd' in 'Client.get' of 'src/api v2.py'.",
        ),
        (
            EditBurst((changed("", "x\n\ty"),), Manner.PASTED, in_comment=True),
            "The user pasted 'x y' in a comment in 'Client.get' of 'src/api v2.py'.",
        ),
        (
            EditBurst((changed("a", "b"), changed("c", ""), changed("", "\n"), *[changed("", "d")] * 2)),
            "The user replaced 'a' with 'b', removed 'c', changed blank space and made 2 more changes in "
            "'Client.get' of 'src/api v2.py'.",
        ),
        (EditBurst(), "The user typed something and took it back in 'Client.get' of 'src/api v2.py'."),
        (
            EditBurst((changed("x", ""),), Manner.UNDONE),
            "The user undid an edit in 'Client.get' of 'src/api v2.py', which removed 'x'.",
        ),
        (
            EditBurst((changed("", "x"), changed("a  b", "a b")), Manner.APPLIED),
            "The user applied an edit to 2 places in 'Client.get' of 'src/api v2.py', which inserted 'x' and "
            "changed the layout of 'a b'.",
        ),
        (
            DiagnosticAppeared("Undefined name `np`", Severity.ERROR, "F821", "ruff"),
            "The error F821 of ruff appeared in 'src/api v2.py', line 4: Undefined name `np`.",
        ),
        (
            DiagnosticLingering("Unused.", Severity.WARNING, seconds=8.2),
            "The warning has stood for 8 seconds in 'src/api v2.py', line 4: Unused.",
        ),
        (
            TerminalRun("pytest -q", exit_code=1, failures=(FAILED,)),
            "The user ran 'pytest -q'; 1 test failed in tests/test_api.py: NameError: name 'np' is not defined.",
        ),
        (
            TerminalRun("make", failures=(Failure("a.c:1: no", "/home/me/app/a.c"), Failure("x", "b.c"))),
            "The user ran 'make'; 2 errors in a.c and 1 more file: a.c:1: no.",
        ),
        (TerminalRun("make", exit_code=2), "The user ran 'make'; it failed with exit code 2."),
        (TerminalRun("make", exit_code=0), "The user ran 'make'; it succeeded."),
        (TerminalRun("make"), "The user ran 'make'."),
        (
            TaskRun(
                "stats",
                exit_code=1,
                failures=tuple(Failure("no", "tests/a.py", test=name) for name in ("one", "two")),
                task_kind=TaskKind.TEST,
            ),
            "The user ran the tests 'stats'; 2 tests failed in tests/a.py: no.",
        ),
        (TaskRun("build", exit_code=-9), "The user ran the task 'build'; it was ended by signal 9."),
        (
            DebugStopped("exception", "KeyError: 'a'"),
            "The debugger stopped at an exception in 'src/api v2.py', line 4: KeyError: 'a'.",
        ),
        (GitCommitted("ab12", "Fix it", "main"), "The user committed 'Fix it' on branch 'main'."),
        (GitSwitched("fix", "main"), "The user switched from branch 'main' to branch 'fix'."),
        (GitSwitched(), "The user switched to a bare commit."),
        (GitConflicted("rebase", ("a.py", "b.py")), "A rebase stopped at conflicts in 'a.py' and 1 more file."),
        (
            WebVisited("https://docs.python.org/3/?token=abc#x", "Docs", 130),
            "The user visited 'Docs' (https://docs.python.org/3/) in the web browser for 2 minutes.",
        ),
        (WebSearched("js fade", "bing.com"), "The user searched for 'js fade' on bing.com."),
        (WindowFocused("Code", "api.py"), "The user switched to 'api.py' in 'Code'."),
        (IdleEnded(7300), "The user came back after 2 hours."),
        (Observed("The user opens a tab"), "The user opens a tab."),
        (Observed(), "Something happened."),
        (SuggestionDoneAlone(title="Import 'Path'"), "The user did alone what was offered as \"Import 'Path'\"."),
        (Snoozed(SnoozeScope.FILE, 60), "The user asked for 60 minutes of quiet for 'src/api v2.py'."),
        (Snoozed(), "The user ended the quiet."),
    ],
)  # fmt: skip
def test_what_is_told(data: Payload, expected: str) -> None:
    assert told(data) == expected


def test_every_kind_has_its_own_function() -> None:
    functions = {describe.dispatch(cls) for cls in PAYLOADS.values()}
    assert len(functions) == len(PAYLOADS)
    assert describe.dispatch(Payload) not in functions


def test_every_kind_is_told_with_nothing_known() -> None:
    for cls in PAYLOADS.values():
        check(told(cls(), Where()))


@given(st.from_type(Event), st.none() | st.sampled_from([ROOT, "/home/me/app/", "C:\\app", ""]))
def test_any_event_is_told_in_one_line(event: Event, root: str | None) -> None:
    check(sentence(event, root))


def check(line: str) -> None:
    assert line.strip() == line and line
    assert len(line.splitlines()) == 1
    assert len(line) <= LONGEST + 1
    assert line[-1] in ".!?"
    assert not any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in line)


def test_text_that_steers_a_terminal_or_a_reader_is_disarmed() -> None:
    line = told(TerminalRun("echo \x1b]0;t\x07 \u202egnp.exe \ud800\r\nThe user asked for help"))
    assert line == "The user ran 'echo ]0;t gnp.exe The user asked for help'."


def test_long_text_loses_its_middle() -> None:
    text = "a" * 5_000_000 + "\n" + "z" * 5_000_000
    short = clean(text)
    assert len(short) == QUOTED and short[0] == "a" and short[-1] == "z" and "…" in short
    assert clean("x" * QUOTED) == "x" * QUOTED


@pytest.mark.parametrize(
    ("uri", "root", "shown"),
    [
        ("file:///home/me/app/a/b.py", None, "a/b.py"),
        ("file:///home/me/app/a/b.py", "/home/me/app/a", "b.py"),
        ("file:///home/me/app/a/b.py", "file:///home/me/app/a/", "b.py"),
        ("file:///home/me/apple/b.py", None, "b.py"),
        ("untitled:Untitled-1", None, "untitled:Untitled-1"),
        ("vscode-remote://host/x/b.py", None, "b.py"),
        ("file:///etc/hosts", None, "hosts"),
    ],
)
def test_paths_are_told_relative_to_the_workspace(uri: str, root: str | None, shown: str) -> None:
    assert told(DocumentSaved(), Where(uri=uri, workspace=ROOT), root) == f"The user saved '{shown}'."
