"""Taking changes back from the current text, and what they come to in the end."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from proactive_collectors.text import Change, Position, Range, offset_at, position_at, split_lines
from proactive_inference.plays.rewind import net, rewind

TEXT = st.lists(st.sampled_from(["a", "b", " ", "\n", "\r\n", "é", "😀"]), max_size=30).map("".join)


def change(text: str, start: int, end: int, new: str) -> tuple[str, Change]:
    lines = split_lines(text)
    low, high = (
        offset_at(lines, position_at(lines, offset)) for offset in (start, end)
    )  # never inside a line end
    range_ = Range(position_at(lines, low), position_at(lines, high))
    return text[:low] + new + text[high:], Change(range_, text[low:high], new)


@st.composite
def histories(draw: st.DrawFn) -> tuple[str, str, list[Change]]:
    before = text = draw(TEXT)
    changes = []
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, len(text)))
        text, made = change(text, start, end, draw(st.text(alphabet="ab \né😀", max_size=6)))
        changes.append(made)
    return before, text, changes


@settings(max_examples=60)
@given(histories())
def test_rewinding_gives_the_text_before_and_the_net_hunks_rebuild_the_text_now(
    history: tuple[str, str, list[Change]],
) -> None:
    before, now, changes = history
    rewound, steps = rewind(now, [(0, changes, True)])
    assert len(steps) == len(changes)
    assert rewound == before
    rebuilt, at = [], 0
    for hunk in net(steps):
        assert hunk.old_start >= at
        rebuilt += [before[at : hunk.old_start], now[hunk.start : hunk.end]]
        at = hunk.old_end
    assert "".join([*rebuilt, before[at:]]) == now


def test_what_was_undone_leaves_no_difference() -> None:
    text, there = change("cache_dir = 1\n", 0, 9, "cache_root")
    text, back = change(text, 0, 10, "cache_dir")
    before, steps = rewind(text, [(3, [there, back], True)])
    (hunk,) = net(steps)
    assert before[hunk.old_start : hunk.old_end] == text[hunk.start : hunk.end]
    assert hunk.events == {3}


def test_history_ends_where_a_change_does_not_fit() -> None:
    text, first = change("one two\n", 0, 3, "1")
    elsewhere = "zzz " + text
    text, second = change(elsewhere, 4, 5, "uno")
    before, steps = rewind(text, [(0, [first], True), (1, [second], True)])
    assert before == elsewhere
    assert [step.event for step in steps] == [1]


@settings(max_examples=60)
@given(histories(), st.integers(-3, 9), st.integers(-3, 9))
def test_changes_that_never_happened_do_no_harm(
    history: tuple[str, str, list[Change]], line: int, character: int
) -> None:
    _, now, changes = history
    wrong = Change(Range(Position(line, character), Position(line, character)), "x", "not there")
    _, steps = rewind(now, [(0, [*changes, wrong], True)])
    assert not any(step.new_text == "not there" for step in steps) or "not there" in now
