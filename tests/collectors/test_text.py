"""Positions, edits and carried ranges, against plain strings."""

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from proactive_collectors.text import (
    Change,
    Position,
    Range,
    TextEdit,
    apply_edits,
    end_of,
    offset_at,
    position_at,
    shared_ends,
    shift,
    shift_range,
    split_lines,
)

TEXTS = st.text(alphabet="ab_ \n\r\x0c\u2028😀", max_size=25)
CALM = st.text(alphabet="ab_ \n\x0c😀", max_size=25)  # no pair of \r and \n that an edit could make or break


def spans(text: str, edits: list[tuple[int, int, str]]) -> list[TextEdit]:
    lines = split_lines(text)
    return [TextEdit(Range(position_at(lines, a), position_at(lines, b)), new) for a, b, new in edits]


@given(TEXTS)
def test_lines_are_the_text_cut_at_its_ends(text: str) -> None:
    lines = split_lines(text)
    assert "".join(lines) == text
    assert all(line.endswith(("\n", "\r")) for line in lines[:-1])
    assert not lines[-1].endswith(("\n", "\r"))
    assert all(not set(line.removesuffix("\r\n")[:-1]) & set("\r\n") for line in lines)
    assert len(lines) == len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


@given(TEXTS, st.integers(-2, 30))
def test_offsets_and_positions_are_each_others_inverse(text: str, offset: int) -> None:
    lines = split_lines(text)
    position = position_at(lines, offset)
    clipped = min(max(offset, 0), len(text))
    between = text[clipped - 1 : clipped + 1] == "\r\n" and clipped > 0  # no position there, by the protocol
    assert offset_at(lines, position) == clipped - between


@given(TEXTS, st.builds(Position, st.integers(0, 30), st.integers(-2, 30)))
def test_positions_out_of_bounds_are_clipped(text: str, position: Position) -> None:
    lines = split_lines(text)
    offset = offset_at(lines, position)
    assert 0 <= offset <= len(text)
    clipped = position_at(lines, offset)
    assert offset_at(lines, clipped) == offset
    if position.line < len(lines):
        assert clipped.line == position.line
        assert clipped.character <= max(position.character, 0)
    else:
        assert offset == len(text)


def test_no_lines_have_one_position() -> None:
    assert position_at([], 3) == Position(0, 0)
    assert offset_at([], Position(2, 2)) == 0


@given(CALM, CALM, CALM)
def test_the_end_of_a_text_is_where_the_next_begins(before: str, text: str, after: str) -> None:
    lines = split_lines(before + text + after)
    start = position_at(lines, len(before))
    assert end_of(start, text) == position_at(lines, len(before) + len(text))


@given(CALM, st.lists(st.integers(0, 25), min_size=2, max_size=8), st.lists(CALM, min_size=4, max_size=4))
def test_edits_refer_to_the_original_text(text: str, cuts: list[int], news: list[str]) -> None:
    marks = sorted(min(cut, len(text)) for cut in cuts)
    edits = [(a, b, new) for (a, b), new in zip(zip(marks[::2], marks[1::2], strict=False), news, strict=False)]
    assume(all(one[1] < other[0] for one, other in pairwise(edits)))
    expected = text
    for a, b, new in reversed(edits):
        expected = expected[:a] + new + expected[b:]
    assert apply_edits(text, spans(text, edits)) == expected
    assert apply_edits(text, spans(text, edits[::-1])) == expected


def test_edits_that_touch_are_in_order_and_those_that_overlap_are_refused() -> None:
    assert apply_edits("abc", spans("abc", [(1, 1, "x"), (1, 2, "y"), (2, 2, "z")])) == "axyzc"
    assert apply_edits("abc", spans("abc", [(1, 1, "x"), (1, 1, "y")])) == "axybc"
    assert apply_edits("abc", []) == "abc"
    with pytest.raises(ValueError, match="overlap at offset 1"):
        apply_edits("abc", spans("abc", [(0, 2, "x"), (1, 3, "y")]))


@given(CALM, st.tuples(*[st.integers(0, 25)] * 4), CALM)
def test_a_carried_range_holds_the_same_text(text: str, offsets: tuple[int, ...], new: str) -> None:
    a, b, c, d = (min(offset, len(text)) for offset in offsets)
    (a, b), (c, d) = sorted((a, b)), sorted((c, d))
    lines = split_lines(text)
    change = Change(Range(position_at(lines, a), position_at(lines, b)), text[a:b], new)
    range_ = Range(position_at(lines, c), position_at(lines, d))
    after = text[:a] + new + text[b:]
    carried = shift_range(range_, change)
    if carried is not None:
        lines = split_lines(after)
        assert after[offset_at(lines, carried.start) : offset_at(lines, carried.end)] == text[c:d]
        assert d <= a or b <= c
    elif d < a or b < c:
        raise AssertionError("a change elsewhere alters nothing")
    if a < d and c < b:
        assert carried is None


def test_a_word_that_grows_is_not_the_same_word() -> None:
    word = Range.of(0, 4, 0, 7)
    at_start, at_end = Range.of(0, 4, 0, 4), Range.of(0, 7, 0, 7)
    assert shift_range(word, Change(at_end, "", "s")) is None
    assert shift_range(word, Change(at_end, "", "(")) == word
    assert shift_range(word, Change(at_start, "", "_")) is None
    assert shift_range(word, Change(at_start, "", "\n  ")) == Range.of(1, 2, 1, 5)
    assert shift_range(Range.of(0, 4, 0, 4), Change(at_start, "", "x")) == Range.of(0, 4, 0, 4)


def test_shifting_a_position_over_a_change() -> None:
    change = Change(Range.of(1, 2, 3, 4), "…", "x\ny")
    assert shift(Position(3, 9), change) == Position(2, 6)
    assert shift(Position(7, 9), change) == Position(6, 9)


def test_overlap_is_a_shared_character_or_a_caret_at_the_edge() -> None:
    assert Range.of(0, 0, 0, 2).overlaps(Range.of(0, 1, 0, 3))
    assert not Range.of(0, 0, 0, 2).overlaps(Range.of(0, 2, 0, 3))
    assert Range.of(0, 2, 0, 2).overlaps(Range.of(0, 0, 0, 2))
    assert Range.of(0, 2, 0, 2).empty and not Range.of(0, 0, 1, 0).empty


@pytest.mark.parametrize(
    ("one", "other", "ends"),
    [
        (["a", "b", "c"], ["a", "x", "c"], (1, 1)),
        (["a", "b"], ["a", "b"], (2, 0)),
        (["a", "a"], ["a", "a", "a"], (2, 0)),
        ([], ["a"], (0, 0)),
    ],
)
def test_the_ends_that_two_texts_share_do_not_overlap(
    one: list[str], other: list[str], ends: tuple[int, int]
) -> None:
    assert shared_ends(one, other) == ends
