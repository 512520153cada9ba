"""Events are values in UTC, each of a kind of its own."""

from datetime import UTC, datetime, timedelta, timezone

from proactive_collectors.events import PAYLOADS, DocumentSaved, Event, Source

TIME = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


def test_times_are_kept_in_utc() -> None:
    event = Event(TIME.astimezone(timezone(timedelta(hours=5))), Source.LSP, DocumentSaved())
    assert event.time == TIME and event.time.tzinfo is UTC


def test_kinds_are_named_once_and_dotted() -> None:
    assert all(kind == cls.kind and kind.count(".") <= 1 for kind, cls in PAYLOADS.items())
    assert Event(TIME, Source.LSP, DocumentSaved()).kind == "document.saved"
