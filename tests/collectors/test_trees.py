"""Trees brought up to date are those of a whole parse, whatever was edited."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tree_sitter import Language, Parser, Tree

from proactive_collectors import trees
from proactive_collectors.trees import Trees

PYTHON = """\
import os
from pathlib import Path


class Häuser:
    \"\"\"A list of them.\"\"\"

    def __init__(self, size: int = 3) -> None:
        self.size = size  # 😀 how many

    def paths(self, base: str) -> list[Path]:
        if not base:
            raise ValueError(f"no {base}")
        return [Path(base) / str(number) for number in range(self.size)]


def main() -> None:
    print(os.sep, Häuser(2).paths("x"))
"""


def python() -> Language:
    import tree_sitter_python

    return Language(tree_sitter_python.language())


def shape(tree: Tree) -> list[tuple[str, int, int, bool]]:
    """Every node, in order."""
    found = []
    cursor = tree.walk()
    while True:
        node = cursor.node
        assert node is not None
        found.append((node.type, node.start_byte, node.end_byte, node.is_missing))
        if cursor.goto_first_child() or cursor.goto_next_sibling():
            continue
        while cursor.goto_parent():
            if cursor.goto_next_sibling():
                break
        else:
            return found


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(PYTHON)),
            st.integers(0, 12),
            st.sampled_from(
                ["", "x", "é😀", "foo(", ")", "\n", "\n    y = 1\n", '"', "'''", "def f():\n", "#", "\r\n"]
            ),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_any_edits_give_the_tree_of_a_whole_parse(edits: list[tuple[int, int, str]]) -> None:
    grammar, kept, text = python(), Trees(), PYTHON
    kept.of(text, text.encode(), "python", grammar)
    for start, length, new in edits:
        text = text[:start] + new + text[start + length :]
        data = text.encode()
        assert shape(kept.of(text, data, "python", grammar)) == shape(Parser(grammar).parse(data))


def test_a_tree_that_was_handed_out_stays_as_it_was() -> None:
    grammar, kept = python(), Trees()
    tree = kept.of(PYTHON, PYTHON.encode(), "python", grammar)
    before = shape(tree)
    longer = "import sys\n" + PYTHON
    assert shape(kept.of(longer, longer.encode(), "python", grammar)) != before
    assert shape(tree) == before
    assert kept.of(PYTHON, PYTHON.encode(), "python", grammar) is tree


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "MAX_BYTES", 1_000)
    grammar, kept = python(), Trees()
    texts = [f"name_{number} = {number}\n" * 20 for number in range(8)]
    first = [kept.of(text, text.encode(), "python", grammar) for text in texts]
    assert kept.of(texts[-1], texts[-1].encode(), "python", grammar) is first[-1]
    assert kept.of(texts[0], texts[0].encode(), "python", grammar) is not first[0]
    large = "x = 1\n" * 500
    assert shape(kept.of(large, large.encode(), "python", grammar))
