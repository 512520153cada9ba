"""The chain of the worker's thread on poor ground."""

from datetime import UTC, datetime

import pytest

from proactive_collectors.events import DocumentSaved, Event, Source
from proactive_server.documents import Documents
from proactive_server.pipeline import Pipeline
from proactive_server.settings import Settings

NOW = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


def test_without_a_place_for_the_journal_it_still_decides(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PROACTIVE_STATE_DIR", "~nobody-of-this-name/state")
    pipeline = Pipeline(Documents(), (), Settings(), lambda: NOW)
    outcome = pipeline.observe(Event(NOW, Source.LSP, DocumentSaved()))
    assert outcome is not None
    assert outcome.wake_at is not None
    assert "PROACTIVE_STATE_DIR" in caplog.text
    pipeline.close()
