import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_collectors.terminal_text import plain, tail

PIECES = st.one_of(
    st.sampled_from(
        ["a", "bc ", "ü", "🎉", "\n", "\r", "\r\n", "\b", "\t", "\x00", "\x9b", "\x1b", "\x1b[", "\x1b\\"]
    ),
    st.sampled_from(["\x1b[31m", "\x1b[0m", "\x1b[K", "\x1b[2K", "\x1b[1K", "\x1b[5D", "\x1b[999C", "\x1b[P"]),
    st.sampled_from(["\x1b[40G", "\x1b]133;A\x07", "\x1b]0;t", "\x1b[?1049h", "\x1b[?1049l"]),
)


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ("\x1b[1;31merror\x1b[0m: no\n", "error: no\n"),
        (" 10%\r 50%\r100%\ndone", "100%\ndone"),
        ("downloading the file\rready\x1b[K\n", "ready\n"),
        ("downloading\rready", "readyoading"),
        ("abc\b\bX", "aXc"),
        ("one\r\r\ntwo\r\n", "one\ntwo\n"),
        ("\x1b]633;A\x07$ \x1b]633;B\x07ls\x1b]633;E;ls;0\x07\x1b]633;C\x07file\n\x1b]633;D;0\x07", "$ lsfile\n"),
        ("\x1b]133;C\x1b\\out\x1b]133;D;1\x1b\\", "out"),
        ("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;a title\nof two lines\x07text", "text"),
        ("cut \x1b]0;off\nnext line", "cut \nnext line"),
        ("a\x1b(Bb\x1b7c\x1b[?25ld\x1b=e", "abcde"),
        ("x\x00y\x07z", "xyz"),
        ("col\tumn", "col\tumn"),
        ("before\x1b[?1049h a whole editor \n\x1b[?1049lafter", "beforeafter"),
        ("two\x1b[3Gx", "twx"),
        ("\x1b[3Cx", "   x"),
    ],
)
def test_what_a_terminal_would_show(output: str, text: str) -> None:
    assert plain(output) == text


@given(st.lists(PIECES, max_size=60).map("".join))
def test_nothing_but_text_is_left_of_any_output(output: str) -> None:
    text = plain(output)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)
    assert plain(text) == text


@given(st.text(max_size=200))
def test_any_string_is_taken(output: str) -> None:
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", plain(output))


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from("\n\t")))
def test_text_without_controls_stays_as_it_is(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    "piece", ["\x1b]", "\x1b[", "\r", "\x1b[4096G x", "a\x1b[P", "\x1b[2K\x1b[80Cx", "\x1b]x\n"]
)
def test_hostile_output_does_not_grow(piece: str) -> None:
    output = piece * (60_000 // len(piece)) + "\rend"
    assert len(plain(output)) <= 20 * len(output)


def test_the_tail_keeps_whole_lines() -> None:
    output = "".join(f"line {number}\n" for number in range(100))
    assert tail(output, 30) == "line 97\nline 98\nline 99\n"
    assert tail(output, len(output)) == output
    assert tail("x" * 50, 10) == "x" * 10
    assert tail("x" * 50 + "\n", 10) == "x" * 9 + "\n"


@given(st.text(st.sampled_from("ab\n"), max_size=80), st.integers(1, 40))
def test_the_tail_is_an_end_that_fits(output: str, size: int) -> None:
    assert output.endswith(tail(output, size))
    assert len(tail(output, size)) <= size
    assert tail(output, size) or not output
