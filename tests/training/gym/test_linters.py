import pytest

from proactive_collectors.events import Severity
from proactive_training.errors import DataError
from proactive_training.gym.linters import Linter
from proactive_training.gym.linters.parsers import Parsers
from proactive_training.gym.linters.ruff_server import RuffServer


def test_ruff_says_what_is_undefined_and_where(linter: Linter) -> None:
    (found,) = linter.check("a.py", 'x = "😀"; y = missing\n') or ()
    assert (found.code, found.severity, found.tool) == ("F821", Severity.ERROR, "Ruff")
    assert (found.range.start.line, found.range.start.character) == (0, 13), "code points"


def test_a_text_that_is_mended_has_no_diagnostics_left(linter: Linter) -> None:
    assert linter.check("b.py", "print(missing)\n")
    assert linter.check("b.py", "print(1)\n") == []
    assert linter.check("b.py", "print(missing)\n")


def test_what_is_half_typed_is_a_syntax_error(linter: Linter) -> None:
    assert any(item.severity is Severity.ERROR for item in linter.check("c.py", "def f(:\n") or ())


def test_unused_imports_are_warnings(linter: Linter) -> None:
    assert [item.severity for item in linter.check("d.py", "import os\n") or ()] == [Severity.WARNING]


def test_a_projects_own_rules_do_not_matter(linter: Linter) -> None:
    assert linter.check("e.py", "x=1;y  = 2\n" + "z = 'very long'" * 1 + "\n") == []


@pytest.mark.parametrize(
    ("path", "good", "bad"),
    [
        ("a.go", "package a\n\nfunc f() {}\n", "package a\n\nfunc f( {\n"),
        ("a.rs", "fn f() {}\n", "fn f( {\n"),
        ("a.ts", "const a: number = 1;\n", "const a: = ;\n"),
        ("a.js", "let a = 1;\n", "let = = 1;\n"),
    ],
)
def test_other_languages_are_parsed(linter: Linter, path: str, good: str, bad: str) -> None:
    assert linter.check(path, good) == []
    found = linter.check(path, bad)
    assert found and found[0].severity is Severity.ERROR


def test_a_language_without_a_tool_is_passed_over(linter: Linter) -> None:
    assert linter.check("a.md", "# Title\n") is None
    assert Parsers().check("a.unknown", "(") is None


def test_a_new_sitting_begins_with_nothing_open() -> None:
    server = RuffServer()
    try:
        assert server.check("a.py", "print(missing)\n")
        server.forget()
        assert server.check("a.py", "print(missing)\n")
    finally:
        server.close()


def test_a_program_that_is_no_linter_is_named() -> None:
    with pytest.raises(DataError, match="ruff ended"):
        RuffServer("true")
