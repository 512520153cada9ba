"""Trees, offsets and errors; any text at all is borne."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_collectors.syntax import (
    LONGEST_PARSED,
    byte_at,
    encode,
    has_grammar,
    nodes_at,
    parse,
    range_of,
    syntax_errors,
)
from proactive_collectors.text import Position, Range, offset_at, split_lines

GRAMMARS = ("python", "javascript", "javascriptreact", "typescript", "typescriptreact", "go", "rust")
ANY_TEXT = st.text(st.characters(), max_size=60)  # lone surrogates included


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "def f(x):\n    return x\n"),
        ("javascript", "const f = (x) => x;\n"),
        ("jsx", "const f = () => <b>{1}</b>;\n"),
        ("typescript", "const x = <number>y; function f(a: string): void {}\n"),
        ("typescriptreact", "const f = (a: string) => <b>{a}</b>;\n"),
        ("go", "package a\n\nfunc F() {}\n"),
        ("rust", "fn main() { let x: u8 = 1; }\n"),
    ],
)
def test_each_grammar_reads_its_language_and_notices_errors(language: str, text: str) -> None:
    tree = parse(text, language)
    assert tree is not None and not tree.root_node.has_error
    assert has_grammar(language)
    assert syntax_errors(text, language) == 0
    assert syntax_errors(text + "\n} ) = ?\n", language) > 0


def test_missing_pieces_count_as_errors() -> None:
    assert syntax_errors("int(1\n", "python") >= 1
    assert syntax_errors("f(;\nlet x = ;\n", "javascript") >= 2


def test_no_grammar_no_tree() -> None:
    assert parse("a: 1", "yaml") is None
    assert parse("x", None) is None
    assert syntax_errors("][", "yaml") == 0
    assert not has_grammar("yaml") and not has_grammar(None)


def test_texts_that_are_too_long_are_left_alone() -> None:
    assert parse("x\n" * LONGEST_PARSED, "python") is None


def test_the_same_text_is_parsed_once() -> None:
    text = "x = 1\n"
    assert parse(text, "python") is parse("".join(["x = ", "1\n"]), "py")


def test_nodes_have_ranges_in_code_points_and_protocol_lines() -> None:
    text = "a = '😀é'\rb = '\u2028x'; cé = 1\r\n"
    tree = parse(text, "python")
    assert tree is not None
    byte = encode(text).index("cé".encode())
    assert range_of(text, nodes_at(tree, byte)[-1]) == Range.of(1, 10, 1, 12)


@given(ANY_TEXT, st.integers(-1, 6), st.integers(-1, 30))
def test_byte_offsets_are_those_of_the_encoded_text(text: str, line: int, character: int) -> None:
    lines = split_lines(text)
    at = byte_at(lines, Position(line, character))
    if line < 0:
        assert at == 0
    else:
        assert at == len(encode(text[: offset_at(lines, Position(line, character))]))


@given(ANY_TEXT, st.sampled_from(GRAMMARS), st.integers(0, 70))
def test_any_text_is_parsed_walked_and_counted(text: str, language: str, byte: int) -> None:
    tree = parse(text, language)
    assert tree is not None
    nodes = nodes_at(tree, byte)
    assert nodes[0] == tree.root_node
    assert all(node.start_byte <= byte < node.end_byte for node in nodes[1:])
    assert syntax_errors(text, language) == 0 or tree.root_node.has_error
    for node in nodes:
        range_ = range_of(text, node)
        assert range_.start <= range_.end


@pytest.mark.parametrize("text", ["(" * 50_000, "[" * 50_000 + "]" * 50_000, "\0" * 1000, "'" * 9999])
def test_deep_and_broken_texts_end_in_good_time(text: str) -> None:
    tree = parse(text, "python")
    assert tree is not None
    assert nodes_at(tree, len(text) // 2)
    assert (syntax_errors(text, "python") > 0) == tree.root_node.has_error
