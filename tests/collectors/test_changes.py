"""Widening a change to the words it is in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_collectors.changes import whole_words
from proactive_collectors.text import Change, Range, TextEdit, apply_edits, split_lines


def made(before: str, start: int, end: int, new: str) -> tuple[Change, list[str]]:
    after = before[:start] + new + before[end:]
    return Change(Range.of(0, start, 0, end), before[start:end], new), split_lines(after)


@pytest.mark.parametrize(
    ("before", "start", "end", "new", "words"),
    [
        ("x = typedkey(1)", 9, 9, "_", ("typedkey", "typed_key")),
        ("x = typed_key(1)", 9, 10, "", ("typed_key", "typedkey")),
        ("x = cache_dir", 10, 13, "root", ("cache_dir", "cache_root")),
        ("x = dir_name", 4, 7, "folder", ("dir_name", "folder_name")),
        ("x = dir", 4, 7, "folder", ("dir", "folder")),
        ("prin", 4, 4, "t", ("", "t")),  # still being typed
        ("f(a)", 2, 2, "b, ", ("", "b, ")),  # no word is made of both
        ("say it", 3, 3, " to", ("", " to")),
        ("größe = 1", 5, 5, "n", ("", "n")),
        ("größe = 1", 3, 3, "ö", ("größe", "grööße")),
    ],
)
def test_a_change_inside_a_word_is_a_change_of_the_word(
    before: str, start: int, end: int, new: str, words: tuple[str, str]
) -> None:
    widened = whole_words(*made(before, start, end, new))
    assert (widened.old_text, widened.new_text) == words


def test_what_spans_lines_or_does_not_fit_is_left_alone() -> None:
    change = Change(Range.of(0, 1, 1, 1), "a\nb", "c")
    assert whole_words(change, ["xcy"]) is change
    other = Change(Range.of(3, 0, 3, 0), "", "word")
    assert whole_words(other, ["a\n", "b"]) is other
    unfit = Change(Range.of(0, 0, 0, 0), "", "word")
    assert whole_words(unfit, ["else"]) is unfit


@given(st.text(alphabet="ab_ .ä\n", max_size=20), st.text(alphabet="ab_ .", max_size=4), st.data())
def test_the_widened_change_does_the_same(before: str, new: str, data: st.DataObject) -> None:
    lines = split_lines(before)
    row = data.draw(st.integers(0, len(lines) - 1))
    length = len(lines[row].rstrip("\n"))
    start = data.draw(st.integers(0, length))
    end = data.draw(st.integers(start, length))
    change = Change(Range.of(row, start, row, end), lines[row][start:end], new)
    after = apply_edits(before, [TextEdit(change.range, new)])
    widened = whole_words(change, split_lines(after))
    assert apply_edits(before, [TextEdit(widened.range, widened.new_text)]) == after
    place = widened.range
    assert lines[row][place.start.character : place.end.character] == widened.old_text
