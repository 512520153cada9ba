"""Diagnostics over time: moved ones are the same, flicker does not make them younger, and memory is bounded."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from proactive_collectors.diagnostics import (
    DOCUMENTS,
    FLICKER,
    LINGER,
    PER_DOCUMENT,
    DiagnosticTracker,
    Item,
    Report,
)
from proactive_collectors.events import DiagnosticAppeared, DiagnosticLingering, DiagnosticResolved, Severity
from proactive_collectors.text import Range

URI = "file:///app/a.py"
START = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def item(line: int, message: str = "undefined name 'x'", severity: Severity = Severity.ERROR) -> Item:
    return Item(Range.of(line, 4, line, 5), message, severity, "F821", "ruff")


def kinds(reports: list[Report]) -> list[tuple[str, int]]:
    return [(payload.kind.partition(".")[2], where.range.start.line) for where, payload in reports if where.range]


def test_what_comes_and_goes_is_reported_with_its_words() -> None:
    tracker = DiagnosticTracker()
    [(where, appeared)] = tracker.update(URI, [item(3)], at(0))
    assert (where.uri, where.range) == (URI, item(3).range)
    assert appeared == DiagnosticAppeared("undefined name 'x'", Severity.ERROR, "F821", "ruff")
    assert tracker.update(URI, [item(3)], at(1)) == []
    [(_, resolved)] = tracker.update(URI, [], at(2.5))
    assert resolved == DiagnosticResolved("undefined name 'x'", Severity.ERROR, "F821", "ruff", seconds=2.5)
    assert tracker.update(URI, [], at(3)) == []


def test_a_line_inserted_above_resolves_nothing() -> None:
    tracker = DiagnosticTracker()
    tracker.update(URI, [item(3), item(7), item(9, "already defined on line 3")], at(0))
    assert tracker.update(URI, [item(4), item(8), item(10, "already defined on line 4")], at(5)) == []
    assert kinds(tracker.lingering(at(8))) == [("lingering", 4), ("lingering", 8), ("lingering", 10)]


def test_of_several_alike_the_nearest_is_the_same_one() -> None:
    tracker = DiagnosticTracker()
    tracker.update(URI, [item(3), item(30), item(60)], at(0))
    assert kinds(tracker.update(URI, [item(31), item(61)], at(1))) == [("resolved", 3)]
    assert kinds(tracker.update(URI, [item(31), item(61), item(61)], at(2))) == [("appeared", 61)]


def test_what_stays_lingers_once() -> None:
    tracker = DiagnosticTracker()
    assert tracker.due() is None
    tracker.update(URI, [item(3)], at(0))
    tracker.update("file:///app/b.py", [item(1)], at(2))
    assert tracker.due() == at(0) + LINGER
    assert tracker.lingering(at(7.9)) == []
    [(where, lingering)] = tracker.lingering(at(8.5))
    assert where.uri == URI
    assert isinstance(lingering, DiagnosticLingering) and lingering.seconds == 8.5
    assert tracker.due() == at(2) + LINGER
    assert kinds(tracker.lingering(at(60))) == [("lingering", 1)]
    assert tracker.due() is None and tracker.lingering(at(120)) == []
    tracker.update(URI, [item(5)], at(130))
    assert tracker.lingering(at(200)) == []


def test_hints_and_information_do_not_linger() -> None:
    tracker = DiagnosticTracker()
    assert (
        len(tracker.update(URI, [item(1, severity=Severity.HINT), item(2, severity=Severity.INFORMATION)], at(0)))
        == 2
    )
    assert tracker.due() is None and tracker.lingering(at(60)) == []


def test_flicker_does_not_make_younger() -> None:
    tracker = DiagnosticTracker()
    tracker.update(URI, [item(3)], at(0))
    tracker.update(URI, [], at(6))
    assert tracker.due() is None
    assert kinds(tracker.update(URI, [item(4)], at(6) + FLICKER)) == [("appeared", 4)]
    assert tracker.due() == at(0) + LINGER
    assert kinds(tracker.lingering(at(8))) == [("lingering", 4)]
    tracker.update(URI, [], at(20))
    tracker.update(URI, [item(4)], at(21))
    assert tracker.lingering(at(100)) == []
    [(_, resolved)] = tracker.update(URI, [], at(100))
    assert isinstance(resolved, DiagnosticResolved) and resolved.seconds == 100


def test_what_was_away_for_longer_is_new() -> None:
    tracker = DiagnosticTracker()
    tracker.update(URI, [item(3)], at(0))
    tracker.update(URI, [], at(6))
    tracker.update(URI, [item(3)], at(6) + FLICKER + timedelta(milliseconds=1))
    assert tracker.lingering(at(9)) == []


def test_the_gravest_are_followed_when_there_are_too_many() -> None:
    tracker = DiagnosticTracker()
    crowd = [item(line, f"m{line}", Severity.WARNING) for line in range(5 * PER_DOCUMENT)]
    reports = tracker.update(URI, [*crowd, item(9999, "grave")], at(0))
    assert len(reports) == PER_DOCUMENT
    assert kinds(reports)[0] == ("appeared", 9999)


def test_documents_long_unreported_are_forgotten() -> None:
    tracker = DiagnosticTracker()
    for number in range(DOCUMENTS + 3):
        tracker.update(f"file:///{number}", [item(1)], at(number))
    assert len(tracker.lingering(at(10_000))) == DOCUMENTS
    assert kinds(tracker.update("file:///1", [item(1)], at(10_000))) == [("appeared", 1)]
    tracker.forget("file:///1")
    assert tracker.due() is None and tracker.update("file:///1", [], at(10_001)) == []


ITEMS = st.lists(st.builds(item, st.integers(0, 6), st.sampled_from("ab"), st.sampled_from(Severity)), max_size=6)


@given(st.lists(st.tuples(st.sampled_from("uv"), ITEMS, st.floats(-1, 12)), max_size=12))
def test_appeared_less_resolved_is_what_stands(steps: list[tuple[str, list[Item], float]]) -> None:
    tracker = DiagnosticTracker()
    balance = {"u": 0, "v": 0}
    last: dict[str, list[Item]] = {}
    seconds = 0.0
    for uri, items, rest in steps:
        seconds += rest
        for where, payload in tracker.update(uri, items, at(seconds)):
            assert where.uri == uri
            balance[uri] += isinstance(payload, DiagnosticAppeared) - isinstance(payload, DiagnosticResolved)
        last[uri] = items
        assert balance[uri] == len(items)
        due = tracker.due()
        reports = tracker.lingering(at(seconds))
        assert bool(reports) == (due is not None and due <= at(seconds))
        for where, _ in reports:
            assert where.range in [one.range for one in last[str(where.uri)]]
        assert tracker.lingering(at(seconds)) == []
