"""The tools that the project installs print what is read here; of the others there are recordings in ``data``."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_collectors.events import Failure
from proactive_collectors.failures import MAX_FAILURES, parse_failures

DATA = Path(__file__).parent / "data" / "terminal"


def run(folder: Path, *argv: str) -> tuple[Failure, ...]:
    """The failures in the output of ``python argv`` in a folder."""
    # A pytest inside shall be as quick as it can, and know nothing of the one around it.
    environment = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment |= {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    done = subprocess.run(
        [sys.executable, *argv], cwd=folder, capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode != 0, done.stdout + done.stderr
    return parse_failures(done.stdout + done.stderr, " ".join(argv))


def brief(failure: Failure) -> dict[str, Any]:
    return {name: value for name, value in attrs.asdict(failure).items() if value is not None}


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return folder


# --- Python ------------------------------------------------------------------------------------------------


def test_a_traceback_names_the_innermost_line_of_the_users_code(tmp_path: Path) -> None:
    write(tmp_path, main="import json\n\ndef load(text):\n    return json.loads(text)\n\nload('{')\n")
    [failure] = run(tmp_path, "main.py")
    assert failure.path == str(tmp_path / "main.py")
    assert (failure.line, failure.symbol, failure.error) == (3, "load", "JSONDecodeError")
    assert failure.message.startswith("json.decoder.JSONDecodeError: Expecting property name")


@pytest.mark.parametrize(
    ("code", "error", "hint"),
    [
        ("total = 1\nprint(totl)\n", "NameError", "total"),
        ("import collections\ncollections.OrderdDict()\n", "AttributeError", "OrderedDict"),
        ("import nothing_like_it\n", "ModuleNotFoundError", None),
        ("\nfrom os import nothing_like_it_at_all\n", "ImportError", None),
        ("1 / 0\n", "ZeroDivisionError", None),
        ("def f(:\n    pass\n", "SyntaxError", None),
        ("if 1:\npass\n", "IndentationError", None),
    ],
)
def test_errors_and_their_hints(tmp_path: Path, code: str, error: str, hint: str | None) -> None:
    [failure] = run(write(tmp_path, main=code), "main.py")
    assert (failure.error, failure.hint) == (error, hint)
    assert failure.message.startswith(error)
    assert failure.path is not None and failure.path.endswith("main.py")
    assert failure.line is not None


def test_a_forgotten_import_is_hinted_as_the_statement() -> None:
    head = 'Traceback (most recent call last):\n  File "a.py", line 3, in f\n    io.x\n'
    [failure] = parse_failures(head + "NameError: name 'io' is not defined. Did you forget to import 'io'?\n")
    assert failure.hint == "import io"
    text = "NameError: name 'io' is not defined. Did you mean: 'o'? Or did you forget to import 'io'?\n"
    [failure] = parse_failures(head + text)
    assert failure.hint == "import io"


@pytest.mark.parametrize(
    ("link", "line", "error"),
    [(" from error", 1, "NameError"), ("", 3, "ValueError"), (" from None", 3, "ValueError")],
)
def test_a_chain_is_one_failure(tmp_path: Path, link: str, line: int, error: str) -> None:
    code = f"try:\n    nothing_here\nexcept NameError as error:\n    raise ValueError('no'){link}\n"
    [failure] = run(write(tmp_path, main=code), "main.py")
    assert (failure.line, failure.error) == (line, error)


def test_a_group_and_its_parts(tmp_path: Path) -> None:
    code = (
        "def bad():\n    raise ValueError('one')\n"
        "try:\n    bad()\nexcept ValueError as error:\n    raise ExceptionGroup('many', [error])\n"
    )
    failures = run(write(tmp_path, main=code), "main.py")
    assert [failure.error for failure in failures] == ["ExceptionGroup", "ValueError"]
    assert (failures[1].line, failures[1].symbol) == (1, "bad")


def test_a_logged_traceback_after_other_text() -> None:
    text = 'ERROR:root:Traceback (most recent call last):\n  File "a.py", line 3, in f\n    x\nKeyError: 3\nnext\n'
    assert [brief(failure) for failure in parse_failures(text)] == [
        {"message": "KeyError: 3", "path": "a.py", "line": 2, "error": "KeyError", "symbol": "f"}
    ]


SHOP = """
def total(prices, discount=0):
    return sum(prices) * (1 - disount)


class Cart:
    def __init__(self):
        self.items = []

    def add(self, item):
        return self.itmes
"""
TESTS = """
import pytest
from shop import Cart, total


def test_total():
    assert total([1, 2]) == 3


class TestCart:
    @pytest.mark.parametrize("item", [1, "a b"])
    def test_add(self, item):
        assert Cart().add(item) == [item]


def test_compare():
    print("Traceback (most recent call last):")
    assert {"a": 1} == {"a": 2}, "carts differ"


def test_plain():
    assert 1 == 2


@pytest.fixture
def broken():
    raise OSError("no disk")


def test_fixture(broken):
    pass


def test_chained():
    try:
        total([1])
    except NameError as error:
        raise RuntimeError("no total") from error
"""
PLAIN_PYTEST = ("-m", "pytest", "-p", "no:cacheprovider")
IDS = [
    "test_shop.py::test_fixture",
    "test_shop.py::test_total",
    "test_shop.py::TestCart::test_add[1]",
    "test_shop.py::TestCart::test_add[a b]",
    "test_shop.py::test_compare",
    "test_shop.py::test_plain",
    "test_shop.py::test_chained",
]


@pytest.mark.parametrize("style", ["auto", "long", "short", "line", "native", "no"])
def test_every_style_of_pytest(tmp_path: Path, style: str) -> None:
    write(tmp_path, shop=SHOP, test_shop=TESTS)
    failures = {one.test: one for one in run(tmp_path, *PLAIN_PYTEST, f"--tb={style}", "-q", ".")}
    assert sorted(str(test) for test in failures) == sorted(IDS)
    total, add, plain_assert = (failures[IDS[index]] for index in (1, 3, 5))
    assert total.error == "NameError"
    assert total.message == "NameError: name 'disount' is not defined"
    assert add.error == "AttributeError"
    assert plain_assert.error == "AssertionError"
    assert failures[IDS[4]].message == "AssertionError: carts differ"
    assert failures[IDS[0]].message == "OSError: no disk"
    if style == "no":
        assert total.path == "test_shop.py"
        return
    assert total.path is not None and total.path.endswith("shop.py") and total.line == 2
    assert add.path is not None and add.path.endswith("shop.py") and add.line == 10
    assert plain_assert.line == 21
    if style != "line":
        assert (total.symbol, add.symbol) == ("total", "add")
        assert failures[IDS[0]].line == 26
        chained = failures[IDS[6]]
        assert (chained.error, chained.line) == ("NameError", 2), "the mistake, not its wrapping"


def test_what_pytest_cannot_collect(tmp_path: Path) -> None:
    write(tmp_path, shop=SHOP, test_shop="from shop import Carr\n", test_bad="def test(:\n    pass\n")
    failures = {one.test: one for one in run(tmp_path, *PLAIN_PYTEST, ".")}
    assert failures["test_shop.py"].error == "ImportError"
    assert failures["test_shop.py"].line == 0
    assert failures["test_bad.py"].error == "SyntaxError"
    assert failures["test_bad.py"].path == str(tmp_path / "test_bad.py")
    assert len(failures) == 2


def test_a_conftest_that_cannot_be_imported(tmp_path: Path) -> None:
    [failure] = run(write(tmp_path, conftest="import nothing_like_it\n"), *PLAIN_PYTEST, ".")
    assert (failure.error, failure.line) == ("ModuleNotFoundError", 0)
    assert failure.path is not None and failure.path.endswith("conftest.py")


def test_a_file_that_pytest_does_not_find(tmp_path: Path) -> None:
    [failure] = run(tmp_path, *PLAIN_PYTEST, "nothing.py")
    assert failure.message == "ERROR: file or directory not found: nothing.py"


def test_unittest(tmp_path: Path) -> None:
    code = (
        "import unittest\n\ndef price(item):\n    return item.cots\n\nclass TestCart(unittest.TestCase):\n"
        "    def test_total(self):\n        self.assertEqual(1 + 1, 3)\n\n"
        '    def test_price(self):\n        """The price of an item."""\n        price("x")\n'
    )
    failures = run(write(tmp_path, test_cart=code), "-m", "unittest", "test_cart")
    assert [(one.test, one.line, one.error, one.symbol) for one in failures] == [
        ("test_cart.TestCart.test_price", 3, "AttributeError", "price"),
        ("test_cart.TestCart.test_total", 7, "AssertionError", "test_total"),
    ]


LINTED = "import os\n\n\ndef f(x: int) -> str:\n    return x + pritn(x)\n"


@pytest.mark.parametrize("form", ["concise", "full"])
def test_ruff(tmp_path: Path, form: str) -> None:
    write(tmp_path, main=LINTED)
    failures = run(
        tmp_path, "-m", "ruff", "check", "--isolated", "--no-cache", f"--output-format={form}", "main.py"
    )
    assert [(one.path, one.line, one.column, one.error) for one in failures] == [
        ("main.py", 0, 7, "F401"),
        ("main.py", 4, 15, "F821"),
    ]
    assert failures[1].message == "Undefined name `pritn`"


def test_mypy(tmp_path: Path) -> None:
    write(tmp_path, main=LINTED)
    failures = run(tmp_path, "-m", "mypy", "--show-column-numbers", "--no-incremental", "main.py")
    assert [brief(failure) for failure in failures] == [
        {
            "message": 'Name "pritn" is not defined; did you mean "print"?',
            "path": "main.py",
            "line": 4,
            "column": 15,
            "error": "name-defined",
            "hint": "print",
        }
    ]


# --- other languages, as recorded --------------------------------------------------------------------------

RECORDED: dict[str, list[dict[str, Any]]] = {
    "cargo.txt": [
        {"path": "src/main.rs", "line": 0, "column": 4, "error": "E0432", "hint": "HashMap"},
        {"path": "src/main.rs", "line": 5, "column": 8, "error": "E0425", "hint": "sum"},
        {"path": "src/main.rs", "line": 11, "column": 20, "error": "E0308"},
        {"path": "src/main.rs", "line": 12, "column": 31, "error": "E0599", "hint": "pow"},
    ],
    "cargo_test.txt": [
        {"path": "src/main.rs", "line": 15, "column": 8, "test": "tests::adds", "error": "panic", "symbol": "adds"}
    ],
    "cargo_types.txt": [
        {"path": "src/main.rs", "line": 1, "column": 20, "error": "E0308"},
        {"path": "src/main.rs", "line": 3, "column": 24, "error": "E0599", "hint": "pow"},
    ],
    "rust_panic.txt": [{"path": "src/main.rs", "line": 6, "column": 24, "error": "panic", "symbol": "main"}],
    "go_build.txt": [
        {"path": "./main.go", "line": 2, "column": 7},
        {"path": "./main.go", "line": 7, "column": 2},
        {"path": "./main.go", "line": 13, "column": 1},
    ],
    "go_test.txt": [
        {"path": "main_test.go", "line": 6, "test": "TestTotal"},
        {"path": "main_test.go", "line": 9, "test": "TestTotal/empty_list"},
        {"path": "/home/me/shop/main.go", "line": 13, "test": "TestPick", "error": "panic", "symbol": "pick"},
    ],
    "go_panic.txt": [{"path": "/home/me/shop/main.go", "line": 13, "error": "panic", "symbol": "pick"}],
    "gcc.txt": [
        {"path": "cart.c", "line": 6, "column": 22, "symbol": "total", "hint": "items"},
        {"path": "cart.c", "line": 7, "column": 4, "symbol": "total"},
    ],
    "gcc_include.txt": [{"path": "cart.c", "line": 1, "column": 9}],
    "gcc_link.txt": [{"path": "link.c", "error": "ld"}],
    "node.txt": [
        {"path": "/home/me/shop/src/cart.js", "line": 8, "column": 14, "error": "TypeError", "symbol": "main"}
    ],
    "node_module.txt": [{"path": "/home/me/shop/src/req.js", "line": 0, "column": 0, "error": "Error"}],
    "node_syntax.txt": [{"path": "/home/me/shop/src/bad.js", "line": 0, "column": 10, "error": "SyntaxError"}],
    "tsc.txt": [
        {"path": "src/cart.ts", "line": 3, "column": 6, "error": "TS2322"},
        {"path": "src/cart.ts", "line": 5, "column": 16, "error": "TS2551", "hint": "price"},
        {"path": "src/cart.ts", "line": 7, "column": 9, "error": "TS2552", "hint": "length"},
    ],
    "eslint.txt": [
        {"path": "/home/me/shop/src/cart.js", "line": 2, "column": 12, "error": "eqeqeq"},
        {"path": "/home/me/shop/src/cart.js", "line": 2, "column": 28, "error": "no-undef"},
        {"path": "/home/me/shop/src/cart.js", "line": 10, "column": 0, "error": "no-undef"},
        {"path": "/home/me/shop/src/cart.js", "line": 11, "column": 4, "error": "no-undef"},
        {"path": "/home/me/shop/src/cart.js", "line": 11, "column": 21, "error": "no-undef"},
    ],
    "jest.txt": [
        {"path": "src/cart.test.js", "line": 3, "column": 24, "test": "cart › adds an item"},
        {"path": "src/cart.js", "line": 8, "column": 14, "test": "cart › has a length", "error": "TypeError"},
    ],
    "vitest.txt": [
        {
            "path": "src/cart.vitest.mjs",
            "line": 4,
            "column": 24,
            "test": "src/cart.vitest.mjs > cart > adds an item",
            "error": "AssertionError",
        },
        {
            "path": "src/cart.js",
            "line": 8,
            "column": 14,
            "test": "src/cart.vitest.mjs > cart > has a length",
            "error": "TypeError",
            "symbol": "main",
        },
    ],
}
RECORDED["tsc_pretty.txt"] = RECORDED["tsc.txt"]


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_recorded_output(name: str) -> None:
    found = [brief(failure) for failure in parse_failures((DATA / name).read_text())]
    for failure in found:
        assert failure.pop("message")
    assert found == RECORDED[name]


def test_every_recording_is_looked_at() -> None:
    assert {path.name for path in DATA.iterdir()} == set(RECORDED)


def test_messages_are_the_tools_own_words() -> None:
    assert [one.message for one in parse_failures((DATA / "go_build.txt").read_text())] == [
        'imported and not used: "os"',
        "undefined: summ",
        "undefined: fmt",
    ]
    [panic] = parse_failures((DATA / "cargo_test.txt").read_text())
    assert panic.message == "assertion `left == right` failed, left: 3, right: 4"


# --- all together ------------------------------------------------------------------------------------------


def test_several_tools_in_one_run() -> None:
    text = (DATA / "tsc.txt").read_text() + (DATA / "go_build.txt").read_text()
    assert [one.path for one in parse_failures(text)] == ["src/cart.ts"] * 3 + ["./main.go"] * 3


def test_the_command_decides_what_the_text_cannot() -> None:
    text = (DATA / "gcc.txt").read_text()
    assert parse_failures(text, "make -j2")
    assert parse_failures(text, "rg error: build.log") == ()
    assert parse_failures(text, "git diff") == ()
    assert parse_failures(text, "git commit") != ()
    assert parse_failures(text, "cat build.ninja | ninja -f -") != ()


def test_the_last_resort() -> None:
    assert parse_failures("sh: 1: nope: not found\n")[0].message == "sh: 1: nope: not found"
    assert parse_failures("fatal: not a git repository\n")[0].message == "fatal: not a git repository"
    [failure] = parse_failures("doing\nconfig/site.yml:12: unexpected token, failed\n")
    assert (failure.path, failure.line) == ("config/site.yml", 11)
    assert parse_failures("all is well\n0 errors\n") == ()


def test_the_same_failure_counts_once_and_the_number_is_bounded() -> None:
    line = "a.c:1:2: error: no\n"
    assert len(parse_failures(line * 50)) == 1
    assert len(parse_failures("".join(f"a.c:{n}:2: error: no\n" for n in range(1, 99)))) == MAX_FAILURES


def test_numbers_that_no_file_has_are_no_lines() -> None:
    [failure] = parse_failures("a.c:0:0: error: no\n")
    assert (failure.line, failure.column) == (0, 0)
    assert all(one.line is None for one in parse_failures("a.c:99999999999999:1: error: no\n"))


LINES = [line for path in sorted(DATA.glob("*.txt")) for line in path.read_text().splitlines()] + [
    "Traceback (most recent call last):",
    '  File "a.py", line 3, in f',
    "    x = 1",
    "KeyError: 'a'",
    "  | Traceback (most recent call last):",
    "The above exception was the direct cause of the following exception:",
    "=" * 20 + " FAILURES " + "=" * 20,
    "=" * 20 + " short test summary info " + "=" * 20,
    "_" * 20 + " test_a " + "_" * 20,
    "_ _ _ _ _",
    ">       assert x",
    "E       assert 1 == 2",
    "a.py:3: AssertionError",
    "FAILED a.py::test_a - assert 1 == 2",
    "ERROR: test_a (a.T.test_a)",
    "-" * 70,
    "=" * 70,
    "ImportError while loading conftest 'conftest.py'.",
]


@given(st.lists(st.sampled_from(LINES) | st.text(max_size=30), max_size=60))
def test_any_mixture_of_reports_is_taken(lines: list[str]) -> None:
    failures = parse_failures("\n".join(lines))
    assert len(failures) <= MAX_FAILURES
    for failure in failures:
        assert failure.message
        assert "\n" not in failure.message
        assert failure.line is None or failure.line >= 0
        assert failure.column is None or failure.column >= 0


@given(st.text(max_size=300), st.text(max_size=60))
def test_any_text_and_any_command_are_taken(output: str, command: str) -> None:
    assert isinstance(parse_failures(output, command), tuple)
