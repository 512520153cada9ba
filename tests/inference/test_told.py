"""What told sentences tell, and what a run of them comes to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_inference.told_acts import ACTS, telling
from proactive_inference.told_features import TOLD_LABELS, TOLD_NAMES, told_features

COMMON = frozenset(["the", "user", "and", "for", "types", "opens", "clicks", "switches", "searches"])


@pytest.mark.parametrize(
    ("sentence", "has", "lacks"),
    [
        (
            "The terminal displays an error message: file not found.",
            {"failed", "in_terminal"},
            {"ran", "searched"},
        ),
        ("The cell shows #REF! after the paste.", {"failed", "clipboard"}, set()),
        ("The user searched for 'pandas filter rows' on Bing.", {"searched", "quoted"}, {"failed", "wrote"}),
        ("The user types 'how to run a marathon' into the search bar.", {"searched", "how_to", "wrote"}, {"ran"}),
        ("The user scrolls through the search results.", {"scrolled", "results"}, {"wrote"}),
        ("The user runs the script again.", {"ran", "again"}, {"failed", "succeeded"}),
        ("The user presses 'ctrl+v' in auth.php.", {"clicked", "file"}, {"closed"}),
        ("The user edits 'close the door.txt' in Word.", {"changed", "file", "in_office"}, {"closed"}),
        ("The user opened a tab titled '新建标签页'.", {"opened", "foreign"}, set()),
    ],
)
def test_acts_are_read_off_the_words(sentence: str, has: set[str], lacks: set[str]) -> None:
    acts = telling(sentence).acts
    assert has <= acts, acts
    assert not lacks & acts


def test_quoted_text_says_nothing_of_what_was_done() -> None:
    assert "closed" in telling("The user closes the window.").acts
    assert "closed" not in telling("The user types 'she closes the window' in Word.").acts


def test_words_that_are_about_something() -> None:
    told = telling("The user searches for 'Sliding-window attention'.", COMMON)
    assert told.words == {"sliding-window", "attention"}
    assert told.quoted_words == 2
    assert telling("The user switches and clicks.", COMMON).words == frozenset()


def test_every_number_has_a_name_and_none_twice() -> None:
    assert len(told_features([])) == len(TOLD_NAMES) == len(set(TOLD_NAMES)) == len(TOLD_LABELS)
    assert {f"last:{name}" for name in ACTS} | {f"trail:{name}" for name in ACTS} <= set(TOLD_NAMES)


def _numbers(*sentences: str) -> dict[str, float]:
    values = told_features([telling(sentence, COMMON) for sentence in sentences])
    return {name: value for name, value in zip(TOLD_NAMES, values, strict=True) if value}


def test_a_search_for_something_is_not_one_for_a_site() -> None:
    assert "sought" in _numbers("The user searches for 'sliding window attention'.")
    assert "sought_site" in _numbers("The user searches for 'github'.")
    assert "sought_again" in _numbers(
        "The user searches for 'attention window'.", "The user searches for 'sliding window size'."
    )


def test_an_error_stands_until_success_is_told_of() -> None:
    broken = ("The user runs the build.", "The terminal displays an error.")
    assert _numbers(*broken)["open_error"] == 1
    assert "open_error" not in _numbers(*broken, "The build succeeded; all tests passed.")
    assert "run_open" in _numbers("The user runs the build.")
    assert "run_open" not in _numbers("The user runs the build; it fails with an error.")


def test_a_matter_that_goes_on() -> None:
    same = _numbers("The user reads about tomato blight.", "The user notes remedies against tomato blight.")
    other = _numbers("The user reads about tomato blight.", "The user notes flight times to Oslo.")
    assert same["overlap"] > other.get("overlap", 0)
    assert same["coherence"] > other.get("coherence", 0)


def test_what_lies_farther_back_weighs_less() -> None:
    search, idle = "The user searches for 'x y z'.", "The user waits."
    near = _numbers(search, idle)["trail:searched"]
    far = _numbers(search, idle, idle, idle, idle, idle)["trail:searched"]
    assert 0 < far < near


@given(st.lists(st.text(max_size=300), max_size=6))
def test_any_text_gives_finite_numbers(sentences: list[str]) -> None:
    values = told_features([telling(sentence, COMMON) for sentence in sentences])
    assert len(values) == len(TOLD_NAMES)
    assert all(abs(value) < 100 for value in values)
