"""What edits tell the gate."""

from datetime import UTC, datetime

import pytest

from proactive_collectors.events import Change, EditBurst, Event, Source
from proactive_collectors.text import Range
from proactive_inference.signals import signals


def replacements(old: str, new: str) -> tuple[tuple[str, str], ...]:
    change = Change(Range.of(0, 0, 0, len(old)), old, new)
    event = Event(datetime(2026, 3, 2, tzinfo=UTC), Source.LSP, EditBurst((change,), keystrokes=1))
    return signals(event).replacements


def test_several_replacements_told_of_as_one_change_are_as_many() -> None:
    line = '{}", default=None, help="where --cache-{}'
    both = replacements(line.format("dir", "di"), line.format("folder", "folde"))
    assert both == (("di", "folde"), ("di", "folde"))
    assert both[0] in replacements("di", "folde"), "as one alone is told of"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("cfg", "config"),
        ("old name", "new name"),
        ("a list of words", "the heap in question"),
        ("f(a)", "f(a, 1)"),
    ],
)
def test_any_other_change_stays_whole(old: str, new: str) -> None:
    assert replacements(old, new) == ((old, new),)


def test_a_letter_for_another_is_a_correction() -> None:
    assert replacements("a", "b") == ()
    assert replacements("a = a + a", "b = b + b") == ()
