"""What counts as a misspelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_inference.plays.failed_run.closeness import distance, misspelling_of

words = st.text("abcde_", max_size=9)


@pytest.mark.parametrize(
    ("wrong", "candidates", "expected"),
    [
        ("pritn", {"print", "point"}, "print"),
        ("lenght", {"length"}, "length"),
        ("calcualte_totals", {"calculate_totals"}, "calculate_totals"),
        ("recieve_mesage", {"receive_message"}, "receive_message"),
        ("valeu", {"value", "valet"}, None),  # two as near
        ("valeu", {"value", "valuable"}, "value"),
        ("item", {"items"}, None),
        ("items", {"item"}, None),
        ("path", {"Path"}, None),
        ("row1", {"row2"}, None),
        ("np", {"no", "op"}, None),
        ("init", {"__init__"}, None),
        ("__entered", {"__enter__"}, None),
        ("value", {"value"}, None),
        ("value", set(), None),
        ("", {"value"}, None),
    ],
)
def test_only_one_near_name_is_a_correction(wrong, candidates, expected):
    assert misspelling_of(wrong, candidates) == expected


@given(words, words)
def test_the_distance_is_symmetric_and_limited(a, b):
    assert distance(a, b, 3) == distance(b, a, 3)
    assert (distance(a, b, 3) == 0) == (a == b)
    assert distance(a, b, 1) == min(distance(a, b, 20), 2)
