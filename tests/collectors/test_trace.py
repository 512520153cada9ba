"""Windows: what is known at an event, of a sitting that goes on and of one that is read afterwards."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from proactive_collectors.events import Event, Observed, Source
from proactive_collectors.trace import WINDOW_EVENTS, WINDOW_SPAN, RollingWindow, Trace

START = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


def told(*minutes: float) -> Trace:
    return Trace(
        "sitting",
        tuple(
            Event(START + timedelta(minutes=at), Source.ACTIVITYWATCH, Observed(f"The user does thing {number}."))
            for number, at in enumerate(sorted(minutes))
        ),
    )


@given(st.lists(st.floats(0, 300), min_size=1, max_size=3 * WINDOW_EVENTS))
def test_read_afterwards_a_window_is_what_it_was_when_the_event_came(minutes: list[float]) -> None:
    trace, rolling = told(*minutes), RollingWindow()
    for index, event in enumerate(trace.events):
        rolling.append(event)
        assert trace.window(index) == rolling.view()


def test_it_ends_at_the_event_and_reaches_so_far_back_and_no_further() -> None:
    span = WINDOW_SPAN.total_seconds() / 60
    trace = told(0, 1, span, span + 1, span + 2)
    assert [len(trace.window(index)) for index in range(5)] == [1, 2, 3, 3, 3]
    assert trace.window(3).events == trace.events[1:4]
    many = told(*(number / 100 for number in range(2 * WINDOW_EVENTS)))
    assert trace.window(0).events == trace.events[:1]
    assert many.window(100).events == many.events[101 - WINDOW_EVENTS : 101]
