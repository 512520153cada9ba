"""Which definition, heading or comment a position is in. ``|`` marks the caret in the samples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_collectors.symbols import LONGEST_NAME, in_comment, symbol_at
from proactive_collectors.text import Position, position_at, split_lines

PYTHON = "python"
LANGUAGES = (
    "python", "javascript", "javascriptreact", "typescript", "typescriptreact", "go", "rust", "markdown",
    "restructuredtext", "yaml", "c", "html", "lua", "sql", "bat", "json", "unheard-of", None,
)  # fmt: skip


def at_caret(sample: str) -> tuple[str, Position]:
    offset = sample.index("|")
    text = sample[:offset] + sample[offset + 1 :]
    return text, position_at(split_lines(text), offset)


@pytest.mark.parametrize(
    ("language", "sample", "symbol"),
    [
        (PYTHON, "class Client:\n    def get(self):\n        x = |1\n", "Client.get"),
        (PYTHON, "class Client:\n    def get(self):\n        return 1|\n", "Client.get"),
        (PYTHON, "class Client:\n    def get(self):\n        return 1\n        |", "Client.get"),
        (PYTHON, "class Client:\n    def get(self):\n        pass\n\n    |\n    def put(self): pass\n", "Client"),
        (PYTHON, "class Client:\n    def get(self):\n        return 1\n\n|\nx = 1\n", None),
        (PYTHON, "def f():\n    a = 1\n|\n    b = 2\n", "f"),
        (PYTHON, "|    def f(): pass\n", "f"),
        (PYTHON, "x = 1\n|", None),
        (PYTHON, "def outer():\n    def inner():\n        '😀'; |x\n", "outer.inner"),
        (PYTHON, "async def go():\r\n    await |x\r\n", "go"),
        (PYTHON, "d = {'a': 1|}\n", None),
        ("javascript", "class A { static run() { ret|urn 1 } }", "A.run"),
        ("javascript", "const f = (a) => { retu|rn a };", "f"),
        ("javascript", "const o = { k: function () { |1 }, m() { } };", "k"),
        ("javascript", "A.prototype.go = function () { |x }", "A.prototype.go"),
        ("javascript", "class A { x = () => |1; }", "A.x"),
        ("javascript", "const n = |1;", None),
        ("javascriptreact", "function App() { return <b>te|xt</b> }", "App"),
        ("typescript", "namespace N { interface I { m(|): void } }", "N.I.m"),
        ("typescript", "abstract class B { abstract q(|): void }", "B.q"),
        ("typescript", "class B { private y = () => |1 }", "B.y"),
        ("typescriptreact", "const App = () => <b>te|xt</b>;", "App"),
        ("go", "package a\n\nfunc (c *Client) Get() {\n\t|\n}\n", "Client.Get"),
        ("go", "package a\n\nfunc (l List[T]) Len() int { return |1 }\n", "List.Len"),
        ("go", "package a\n\ntype T struct {\n\ta |int\n}\n", "T"),
        ("rust", "mod m { impl<T> Q for Vec<T> { fn a() { |1 } } }", "m.Vec.a"),
        ("rust", "impl x::Y { fn b() { |} }", "x::Y.b"),
        ("rust", "struct S { a|: u8 }", "S"),
        ("markdown", "# One\n\ntext\n\n## Two ##\n\nmo|re\n\n# Three\n", "Two"),
        ("markdown", "# One\n\n```sh\n# not a heading\n```\n|\n", "One"),
        ("markdown", "# One\n\n```sh\n# not| a heading\n", "One"),
        ("markdown", "Title\n=====\n\nte|xt\n", "Title"),
        ("markdown", "# One\n\nTi|tle\n---\n", "Title"),
        ("markdown", "# One\n\n- a list\n---\n\n|", "One"),
        ("markdown", "te|xt\n\n# Later\n", None),
        ("restructuredtext", "Title\n=====\n\nte|xt\n\nNext\n----\n", "Title"),
        ("rst", "=====\nTitle\n=====\n\nSub\n~~~\n|\n", "Sub"),
        ("rst", "text\n\n|----\n\nmore\n", None),
        ("rst", "Title\n=====\n\nab|c\n-\n", "Title"),
        ("yaml", "a:\n  b: |1\n", None),
    ],
)  # fmt: skip
def test_the_symbol_of_a_position(language: str, sample: str, symbol: str | None) -> None:
    text, position = at_caret(sample)
    assert symbol_at(text, language, position) == symbol


def test_positions_out_of_bounds_are_clipped() -> None:
    text = "def f():\n    return 1"
    assert symbol_at(text, PYTHON, Position(99, 99)) == "f"
    assert symbol_at(text, PYTHON, Position(-1, -1)) == "f"
    assert symbol_at("", PYTHON, Position(3, 3)) is None
    assert symbol_at(text, None, Position(0, 0)) is None


def test_names_are_cut() -> None:
    assert symbol_at(f"def {'f' * 500}(): pass", PYTHON, Position(0, 9)) == "f" * LONGEST_NAME


@pytest.mark.parametrize(
    ("language", "sample", "inside"),
    [
        (PYTHON, "x = 1  # why|", True),
        (PYTHON, "x = 1  |# why", False),
        (PYTHON, "x = '# not|'", False),
        (PYTHON, "# a\n|x = 1\n", False),
        (PYTHON, '"""Module| doc."""\n', True),
        (PYTHON, '|"""Module doc."""\n', False),
        (PYTHON, '"""Module doc."""|\n', False),
        (PYTHON, 'def f():\n    # first\n    """Do| it."""\n', True),
        (PYTHON, 'class A:\n    r"""Be\n    |\n    it."""\n', True),
        (PYTHON, 'def f():\n    x = 1\n    """no| doc"""\n', False),
        (PYTHON, 'if x:\n    """no| doc"""\n', False),
        (PYTHON, 'print("""no| doc""")\n', False),
        (PYTHON, "f(  # half |\n", True),
        ("javascript", "/* a | b */", True),
        ("javascript", "/* a b */|", False),
        ("javascript", "x = 1 // y|\n", True),
        ("javascript", "x = 1 // y\n|", False),
        ("javascript", "x = 'http://e|x'", False),
        ("javascript", "let a = 1;\n/* being written |\n", True),
        ("typescriptreact", "const a = <b>{/* no|te */}</b>;", True),
        ("go", "package a\n\n// Get ge|ts.\nfunc Get() {}\n", True),
        ("rust", "/// doc|\nfn f() {}\n", True),
        ("rust", "/// doc\n|fn f() {}\n", False),
        ("yaml", "a: 1 # no|te", True),
        ("yaml", "a: 'x # no|te'", False),
        ("yaml", "a: b#c|", False),
        ("yaml", "# note\n|a: 1", False),
        ("c", "int x; /* a\n * b|\n */", True),
        ("c", "/* a */ int x|;", False),
        ("c", "int x; // why|", True),
        ("c", 'char *s = "/*";\nint x|;', False),
        ("html", "<!-- a\n|\n-->", True),
        ("html", "<!-- a -->\n|", False),
        ("css", "/*/ a|", True),
        ("lua", "x = 1 -- a|", True),
        ("lua", "--[[ a\n|b ]]", True),
        ("bat", "echo a REM b|", False),
        ("bat", "REM b|", True),
        ("json", '{"a": "# b|"}', False),
        ("unheard-of", "# a|", False),
    ],
)  # fmt: skip
def test_whether_a_position_is_in_a_comment(language: str, sample: str, inside: bool) -> None:
    text, position = at_caret(sample)
    assert in_comment(text, language, position) is inside


SNIPPETS = st.sampled_from(
    ["def f():\n", "class A:\n", "    ", '"""', "# ", "\n", "\r", "\t", "=====",
     "/*", "*/", "//", "<!--", "```", "😀", "func (", "[", "x"]
)  # fmt: skip


@given(
    st.text(st.characters(), max_size=40) | st.lists(SNIPPETS, max_size=14).map("".join),
    st.sampled_from(LANGUAGES),
    st.builds(Position, st.integers(-1, 9), st.integers(-1, 30)),
)
def test_any_text_and_position_is_borne(text: str, language: str | None, position: Position) -> None:
    symbol = symbol_at(text, language, position)
    assert symbol is None or symbol
    assert in_comment(text, language, position) in (True, False)
    assert in_comment(text, language, Position(0, 0)) is False
