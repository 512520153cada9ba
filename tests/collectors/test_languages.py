"""File names and editors' own names tell the language."""

import pytest

from proactive_collectors.languages import comment_style, is_prose, language_of, normalized


@pytest.mark.parametrize(
    ("file", "language"),
    [
        ("file:///home/me/app/main.py", "python"),
        ("/home/me/App.TSX", "typescriptreact"),
        ("C:\\Users\\me\\app.jsx", "javascriptreact"),
        ("src/lib.rs", "rust"),
        ("a/b.ts", "typescript"),
        ("a.go", "go"),
        ("x.h", "c"),
        ("x.hpp", "cpp"),
        ("Main.java", "java"),
        ("docs/guide.rst", "restructuredtext"),
        ("file:///docs/read%20me.md", "markdown"),
        ("ci.yml", "yaml"),
        ("pyproject.toml", "toml"),
        ("run.sh", "shellscript"),
        ("init.lua", "lua"),
        ("Rakefile", "ruby"),
        ("Dockerfile.dev", "dockerfile"),
        ("CMakeLists.txt", "cmake"),
        (".gitignore", "ignore"),
        ("README", "plaintext"),
        ("untitled:Untitled-1", None),
        ("file:///tmp/noext", None),
        (".env", None),
        ("", None),
    ],
)
def test_the_name_tells_the_language(file: str, language: str | None) -> None:
    assert language_of(file) == language


def test_editors_names_become_the_protocols() -> None:
    assert normalized("sh") == "shellscript"
    assert normalized("rst") == "restructuredtext"
    assert normalized("typescript.tsx") == "typescriptreact"
    assert normalized("Python") == "python"
    assert normalized("brainfuck") == "brainfuck"


def test_prose_is_text_for_people() -> None:
    assert is_prose("markdown") and is_prose("rst") and is_prose("gitcommit")
    assert not is_prose("python") and not is_prose(None)


def test_comment_marks_are_known_by_either_name() -> None:
    assert comment_style("sh") == comment_style("shellscript")
    assert comment_style("sh").line == ("#",)
    assert comment_style(None) == comment_style("json")
    assert comment_style("json").line == ()
