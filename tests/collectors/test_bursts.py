"""Edit bursts: what is joined, when a burst is over, how it was made, and that nothing gets lost."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from proactive_collectors.buffer import TextBuffer
from proactive_collectors.bursts import (
    APPLIED_PLACES,
    BURST_LONGEST,
    BURST_REST,
    HISTORY,
    PLACES,
    BurstBuilder,
    is_pasted,
    join,
)
from proactive_collectors.events import EditBurst, Manner
from proactive_collectors.text import Change, Position, Range, position_at

TEXTS = st.text(alphabet="ab \n\r\x0c😀", max_size=12) | st.lists(
    st.sampled_from(["\r\n", "\n", "\r", "x"]), max_size=6
).map("".join)
POSITIONS = st.builds(Position, st.integers(0, 5), st.integers(0, 6))
EDITS = st.lists(st.tuples(POSITIONS, POSITIONS, TEXTS), max_size=14)
RESTS = st.lists(st.sampled_from([0.0, 0.0, 0.1, 0.1, 2.0, -1.0]), min_size=14, max_size=14)


class Sitting:
    """A document, its builder and a clock, to type in."""

    def __init__(self, text: str = "") -> None:
        self.buffer = TextBuffer(text)
        self.builder = BurstBuilder()
        self.seconds = 100.0
        self.bursts: list[EditBurst] = []

    def edit(self, start: int, end: int, new_text: str, after: float = 0.1) -> Change:
        """Replace from offset to offset, ``after`` seconds later than the change before."""
        self.seconds += after
        lines = self.buffer.lines
        change = self.buffer.replace(Range(position_at(lines, start), position_at(lines, end)), new_text)
        if burst := self.builder.add(change, self.seconds):
            self.bursts.append(burst)
        return change

    def type(self, at: int, text: str) -> None:
        for index, character in enumerate(text):
            self.edit(at + index, at + index, character)

    def done(self) -> list[EditBurst]:
        if burst := self.builder.finish():
            self.bursts.append(burst)
        return self.bursts


def replay(text: str, bursts: list[EditBurst]) -> str:
    buffer = TextBuffer(text)
    for burst in bursts:
        for change in burst.changes:
            made = buffer.replace(change.range, change.new_text)
            assert made == change
    return buffer.text


@given(TEXTS, EDITS, RESTS)
@example("\rx\n", [(Position(1, 0), Position(1, 1), ""), (Position(1, 0), Position(1, 0), "b")], [0.1] * 14)
@example("ab", [(Position(0, 1), Position(0, 1), "\r"), (Position(1, 0), Position(1, 0), "\n")], [0.1] * 14)
def test_replaying_the_bursts_gives_the_text(
    text: str, edits: list[tuple[Position, Position, str]], rests: list[float]
) -> None:
    buffer, builder = TextBuffer(text), BurstBuilder()
    bursts: list[EditBurst] = []
    seconds = 0.0
    for (start, end, new_text), rest in zip(edits, rests, strict=False):
        seconds += rest
        if burst := builder.add(buffer.replace(Range(start, end), new_text), seconds):
            bursts.append(burst)
    if burst := builder.finish():
        bursts.append(burst)
    assert replay(text, bursts) == buffer.text
    assert sum(burst.keystrokes for burst in bursts) == len(edits)
    assert all(burst.seconds >= 0 for burst in bursts)
    assert not builder.pending and builder.finish() is None


@given(TEXTS, EDITS)
def test_a_joined_change_does_what_the_two_do(text: str, edits: list[tuple[Position, Position, str]]) -> None:
    buffer = TextBuffer(text)
    net: Change | None = None
    for start, end, new_text in edits:
        change = buffer.replace(Range(start, end), new_text)
        joined = join(net, change) if net is not None else change
        if joined is None:
            text = replay(text, [EditBurst(changes=(net,))] if net is not None else [])
            joined = change
        net = joined
    assert replay(text, [EditBurst(changes=(net,))] if net is not None else []) == buffer.text


@given(POSITIONS, st.integers(1, 3), st.integers(0, 3))
def test_changes_apart_are_not_joined(at: Position, lines: int, column: int) -> None:
    first = Change(Range(at, at), "", "x")
    below = Position(at.line + lines, column)
    above = Position(at.line, at.character + 2)
    assert join(first, Change(Range(below, below), "", "y")) is None
    assert join(first, Change(Range(above, above), "", "y")) is None


def test_typing_and_rubbing_out_into_older_text_is_one_change() -> None:
    sitting = Sitting("x = hello\n")
    sitting.edit(8, 9, "")
    sitting.edit(7, 8, "")
    sitting.type(7, "p me")
    [burst] = sitting.done()
    assert burst.changes == (Change(Range.of(0, 7, 0, 9), "lo", "p me"),)
    assert (burst.manner, burst.keystrokes) == (Manner.TYPED, 6)
    assert burst.seconds == pytest.approx(0.5)


def test_deleting_forward_and_across_lines_is_one_change() -> None:
    sitting = Sitting("one\ntwo\nthree")
    for _ in range(5):
        sitting.edit(3, 4, "")
    assert sitting.done()[0].changes == (Change(Range.of(0, 3, 2, 0), "\ntwo\n", ""),)


def test_a_rest_ends_a_burst_and_a_pause_does_not() -> None:
    sitting = Sitting()
    sitting.edit(0, 0, "a")
    sitting.edit(1, 1, "b", after=BURST_REST)
    sitting.edit(2, 2, "c", after=BURST_REST + 0.01)
    assert [burst.changes[0].new_text for burst in sitting.done()] == ["ab", "c"]
    assert sitting.builder.last_time == sitting.seconds


def test_a_burst_ends_after_a_while_though_typing_goes_on() -> None:
    sitting = Sitting()
    for index in range(int(BURST_LONGEST) + 2):
        sitting.edit(index, index, "a", after=1.0)
    assert [burst.keystrokes for burst in sitting.done()] == [int(BURST_LONGEST) + 1, 1]


def test_many_places_end_a_burst() -> None:
    sitting = Sitting("line\n" * 40)
    for index in range(PLACES + 1):
        sitting.edit(15 * index + index, 15 * index + index, "x", after=0.3)
    assert [len(burst.changes) for burst in sitting.done()] == [PLACES, 1]


def test_going_back_to_a_place_goes_on_with_its_change() -> None:
    sitting = Sitting("one\ntwo\nthree\n")
    sitting.type(0, "a\n")
    sitting.type(10, "b")
    sitting.type(2, "c")
    [burst] = sitting.done()
    assert [change.new_text for change in burst.changes] == ["a\nc", "b"]
    assert replay("one\ntwo\nthree\n", [burst]) == sitting.buffer.text


def test_several_cursors_type() -> None:
    sitting = Sitting("a\nb\n\n\nc\n")
    for count in range(3):
        for index, at in enumerate((0, 2, 6)):
            place = at + count * (index + 1) + index
            sitting.edit(place, place, "-", after=0.1 if index == 0 else 0)
    [burst] = sitting.done()
    assert burst.manner is Manner.TYPED
    assert [change.new_text for change in burst.changes] == ["---"] * 3


def test_a_tool_at_work_is_told_from_the_typing_before_it() -> None:
    text = "import os\n\n\n\nclient = x\n"
    sitting = Sitting(text)
    sitting.type(len(text), "os.pa")
    sitting.edit(13, 19, "connection", after=0.1)
    sitting.edit(0, 9, "import sys", after=0)
    sitting.edit(0, 0, "# ", after=0)
    sitting.type(2, "x")
    typed, applied, after = sitting.done()
    assert (typed.manner, applied.manner, after.manner) == (Manner.TYPED, Manner.APPLIED, Manner.TYPED)
    assert (typed.keystrokes, applied.keystrokes, after.keystrokes) == (5, 3, 1)
    assert len(applied.changes) == 2
    assert replay(text, [typed, applied, after]) == sitting.buffer.text


def test_keys_that_a_busy_machine_delivers_together_are_no_tool() -> None:
    text = "cache-dir\n\n\n\ncache-dir\n"
    sitting = Sitting(text)
    for at in (6, 22):
        sitting.edit(at, at + 3, "f", after=0)
        for index, letter in enumerate("older", 1):
            sitting.edit(at + index, at + index, letter, after=0)
    [burst] = sitting.done()
    assert (burst.manner, burst.keystrokes) == (Manner.TYPED, 12)
    assert [(change.old_text, change.new_text) for change in burst.changes] == [("dir", "folder")] * 2
    assert replay(text, [burst]) == sitting.buffer.text


def test_what_a_tool_applies_is_bounded_per_burst() -> None:
    count = APPLIED_PLACES + 10
    sitting = Sitting("word word\n" * (3 * count))
    for index in range(count):
        at = 30 * index + 2 * index
        sitting.edit(at, at + 4, "sketch", after=0)
    bursts = sitting.done()
    assert [len(burst.changes) for burst in bursts] == [APPLIED_PLACES, 10]
    assert {burst.manner for burst in bursts} == {Manner.APPLIED}


def test_an_undo_is_told_though_it_comes_at_once_and_a_redo_too() -> None:
    sitting = Sitting("x = 1\n")
    sitting.type(5, "234")
    sitting.edit(5, 8, "")
    sitting.edit(5, 5, "234", after=3)
    typed, undone, redone = sitting.done()
    assert [burst.manner for burst in (typed, undone, redone)] == [Manner.TYPED, Manner.UNDONE, Manner.UNDONE]
    assert undone.changes == (Change(Range.of(0, 5, 0, 8), "234", ""),)


def test_an_undo_of_an_earlier_burst_is_told_and_only_once() -> None:
    sitting = Sitting("a b\n")
    sitting.edit(0, 1, "alpha")
    sitting.edit(6, 7, "beta", after=3)
    sitting.edit(6, 10, "b", after=3)
    sitting.edit(0, 5, "a")
    assert [burst.manner for burst in sitting.done()] == [Manner.TYPED, Manner.TYPED, Manner.UNDONE]
    assert sitting.buffer.text == "a b\n"


def test_what_is_long_past_is_not_undone() -> None:
    sitting = Sitting("a\n")
    sitting.edit(0, 1, "alpha")
    for _ in range(HISTORY + 1):
        sitting.edit(6, 6, "z", after=3)
    sitting.edit(0, 5, "a", after=3)
    assert sitting.done()[-1].manner is Manner.TYPED


def test_rubbing_out_one_character_is_no_undo_and_net_nothing_is_kept_as_hesitation() -> None:
    sitting = Sitting("x\n")
    sitting.type(1, "ab")
    sitting.edit(2, 3, "")
    sitting.edit(1, 2, "")
    [burst] = sitting.done()
    assert burst == EditBurst(changes=(), manner=Manner.TYPED, keystrokes=4, seconds=burst.seconds)


@pytest.mark.parametrize(
    ("old", "new", "pasted"),
    [
        ("", "x", False),
        ("", "()", False),
        ("", '""""""', False),
        ("", "\n        ", False),
        ("", "\n    \n}", False),
        ("", "\r\n# ", False),
        ("", "\nend", False),
        ("pri", "print", False),
        ("", "read_text()", False),
        ("", "std::collections::HashMap", False),
        ("", "</section>", False),
        ("", "or not", False),  # a few keys in one notification
        ("some_long_line_of_code = call(1, 2)", "some_long_line_of_code = call(1, 2, 3)", False),
        ("", "import pandas as pd", True),
        ("", "a = 1\nb = 2\n", True),
        ("", "https://example.org/some/where", True),
        ("old text here", "quite another sentence", True),
        ("a long deleted paragraph", "", False),
        ("", "x" * 100, True),
    ],
)
def test_a_paste_is_what_no_key_or_completion_inserts(old: str, new: str, pasted: bool) -> None:
    assert is_pasted(Change(Range.of(0, 0, 0, len(old)), old, new)) is pasted


def test_a_paste_is_a_burst_of_its_own() -> None:
    sitting = Sitting("\n")
    sitting.type(0, "# ")
    sitting.edit(2, 2, "import pandas as pd\nimport numpy as np")
    sitting.type(len(sitting.buffer.text) - 1, "!")
    assert [burst.manner for burst in sitting.done()] == [Manner.TYPED, Manner.PASTED, Manner.TYPED]


def test_lines_that_arrive_at_once_in_one_place_are_no_tool() -> None:
    sitting = Sitting()
    for index, character in enumerate("a\nb\nc\nd\ne\n"):
        sitting.edit(index, index, character, after=0)
    [burst] = sitting.done()
    assert burst.manner is Manner.TYPED
    assert burst.changes == (Change(Range.of(0, 0, 0, 0), "", "a\nb\nc\nd\ne\n"),)
