import random

from hypothesis import given
from hypothesis import strategies as st

from proactive_collectors.text import TextEdit, apply_edits, split_lines
from proactive_training.gym.hunks import MAX_LINES, Hunk, Modified, comparable, hunks
from proactive_training.gym.keystrokes import bursts

LINE = st.text(alphabet="abcdef ({é😀\t.", max_size=24)
TEXT = st.builds(
    lambda lines, end, last: end.join(lines) + (end if lines and last else ""),
    st.lists(LINE, max_size=12),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)


@given(TEXT, TEXT, st.integers(), st.booleans(), st.booleans())
def test_the_bursts_of_a_texts_hunks_make_the_other_text(
    old: str, new: str, seed: int, prose: bool, known: bool
) -> None:
    rng = random.Random(seed)
    text = old
    for hunk in reversed(hunks(split_lines(old), split_lines(new))):
        for burst in bursts(hunk, hunk.start, rng, prose=prose, known=known, slips=False):
            assert burst.after > 0 and burst.lasts >= 0 and burst.keystrokes >= 1
            for change in burst.changes:
                edited = apply_edits(text, [TextEdit(change.range, change.new_text)])
                assert len(text) - len(change.old_text) + len(change.new_text) == len(edited), (
                    "old_text stood there"
                )
                text = edited
    assert text == new


@given(TEXT, TEXT, st.randoms(use_true_random=False))
def test_hunks_can_be_made_in_any_order(old: str, new: str, rng: random.Random) -> None:
    lines = split_lines(old)
    file = Modified(lines, hunks(lines, split_lines(new)))
    order = list(range(len(file.hunks)))
    rng.shuffle(order)
    for number in order:
        file.make(number)
    assert file.text == new
    assert file.pending() == []


@given(st.lists(LINE, min_size=1, max_size=30), st.integers())
def test_slips_keep_the_number_of_lines(lines: list[str], seed: int) -> None:
    new = "".join(line + "\n" for line in lines)
    text = "top\n"
    for burst in bursts(Hunk(1, 1, "", new), 1, random.Random(seed), prose=True):
        for change in burst.changes:
            text = apply_edits(text, [TextEdit(change.range, change.new_text)])
    assert text.count("\n") == new.count("\n") + 1


def test_slips_are_made_and_told() -> None:
    new = "".join(f"a line about something number {number}\n" for number in range(20))
    told = 0
    for seed in range(40):
        for burst in bursts(Hunk(0, 0, "", new), 0, random.Random(seed), prose=True):
            told += burst.slip
            written = burst.changes[0].new_text
            assert burst.slip == (written not in new)
    assert 0 < told < 100


def test_a_stretch_that_is_too_long_to_compare_is_one_hunk() -> None:
    old = [f"{number}\n" for number in range(MAX_LINES + 2)]
    new = ["top\n", *(f"{number} changed\n" for number in range(MAX_LINES + 2))]
    (hunk,) = hunks(old, new)
    assert hunk.new == "".join(new)


def test_lone_carriage_returns_are_not_compared() -> None:
    assert comparable("a\r\nb\n", "a\r\n")
    assert not comparable("a\rb\n", "a\n")
