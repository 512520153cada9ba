"""The line buffer equals plain string replacement, whatever the text and the ranges are made of."""

from hypothesis import example, given
from hypothesis import strategies as st

from proactive_collectors.buffer import TextBuffer
from proactive_collectors.text import Change, Position, Range, end_of, offset_at, split_lines

TEXTS = st.text(alphabet="ab \n\r\x0c\u2028😀", max_size=25) | st.lists(
    st.sampled_from(["\r\n", "\n", "\r", "x", "é😀"]), max_size=12
).map("".join)
POSITIONS = st.builds(Position, st.integers(0, 8), st.integers(0, 9))
EDITS = st.lists(st.tuples(POSITIONS, POSITIONS, TEXTS), max_size=8)


def replaced(text: str, start: Position, end: Position, new_text: str) -> str:
    lines = split_lines(text)
    begin, stop = sorted((offset_at(lines, start), offset_at(lines, end)))
    return text[:begin] + new_text + text[stop:]


@given(TEXTS, EDITS)
@example("\rx\n", [(Position(1, 0), Position(1, 1), "")])  # a deletion makes one line end of two
@example("a\n", [(Position(0, 1), Position(0, 1), "\r")])
@example("a\r", [(Position(1, 0), Position(1, 0), "\n")])
@example("\rx\n", [(Position(1, 0), Position(1, 1), "\n\r")])
@example("\r\n", [(Position(0, 0), Position(1, 0), "\n")])
def test_a_buffer_is_a_string_that_is_replaced_in(text: str, edits: list[tuple[Position, Position, str]]) -> None:
    buffer = TextBuffer(text)
    for start, end, new_text in edits:
        expected = replaced(text, start, end, new_text)
        change = buffer.replace(Range(start, end), new_text)
        assert buffer.text == expected
        assert buffer.lines == split_lines(expected)
        check_change(change, text, expected)
        text = expected


def check_change(change: Change, before: str, after: str) -> None:
    lines = split_lines(before)
    begin, stop = offset_at(lines, change.range.start), offset_at(lines, change.range.end)
    assert before[begin:stop] == change.old_text
    assert before[:begin] + change.new_text + before[stop:] == after
    # and it can be taken back by its own account of itself
    back = TextBuffer(after)
    back.replace(Range(change.range.start, change.new_end), change.old_text)
    assert back.text == before
    assert change.new_end == end_of(change.range.start, change.new_text)


def test_ranges_out_of_bounds_are_clipped_and_turned_round() -> None:
    buffer = TextBuffer("one\ntwo\r\nthree")
    change = buffer.replace(Range.of(9, 9, 1, 90), "!")
    assert change == Change(Range.of(1, 3, 2, 5), "\r\nthree", "!")
    assert buffer.text == "one\ntwo!"
    assert buffer.replace(Range.of(-1, 0, 0, -3), ">").range == Range.of(0, 0, 0, 0)
    assert buffer.text == ">one\ntwo!"


def test_lines_are_live_and_the_text_is_joined_once() -> None:
    buffer = TextBuffer("a\nb")
    lines = buffer.lines
    buffer.replace(Range.of(0, 1, 0, 1), "\nx")
    assert lines == ["a\n", "x\n", "b"]
    assert buffer.text is buffer.text


def test_form_feeds_and_unicode_separators_end_no_line() -> None:
    assert TextBuffer("a\x0cb\u2028c\x85d\x1ce").lines == ["a\x0cb\u2028c\x85d\x1ce"]
