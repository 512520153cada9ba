"""Silence in words."""

import pytest

from proactive_inference.decision import Reason, Silence
from proactive_inference.reasons import why_silent


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_one_sentence_with_its_detail(reason):
    plain = why_silent(Silence(reason))
    assert plain[0].isupper()
    assert plain.endswith(".")
    assert plain.count(".") == 1
    assert "_" not in plain
    assert "42 of them" in why_silent(Silence(reason, "42 of them"))


def test_the_numbers_are_told():
    assert why_silent(Silence(Reason.NO_NEED, "p = 0.12 below 0.25")) == (
        "Help did not seem wanted: p = 0.12 below 0.25."
    )
    assert why_silent(Silence(Reason.SNOOZED, "until 09:30 UTC")) == "You asked for quiet until 09:30 UTC."
    assert why_silent(Silence(Reason.DISABLED, "switched off for python")) == (
        "Suggestions are switched off for python."
    )
