"""The chain of the worker's thread on poor ground."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from proactive_collectors.events import (
    DocumentSaved,
    EditBurst,
    Event,
    Failure,
    Manner,
    Source,
    SuggestionAccepted,
    TerminalRun,
    Where,
)
from proactive_collectors.journal import Journal
from proactive_collectors.text import Change, Range
from proactive_collectors.uris import to_uri
from proactive_inference.gate_weights import GateWeights, Head
from proactive_inference.life import outcome_event
from proactive_inference.proposal import Suggestion
from proactive_server.configuration import Configuration
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


def test_the_edit_of_an_accepted_suggestion_is_not_the_persons_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PROACTIVE_STATE_DIR", str(tmp_path / "state"))
    project = (tmp_path / "project").resolve()
    project.mkdir()
    file = project / "sizes.py"
    file.write_text("def of(name):\n    return Path(name).stat().st_size\n")
    where = Where(uri=file.as_uri(), language="python")
    pipeline = Pipeline(Documents(), [project], Settings(), lambda: NOW)

    failure = Failure("NameError: name 'Path' is not defined", "sizes.py", 1, error="NameError", symbol="of")
    run = TerminalRun("pytest -q", str(project), 1, 0.5, "", (failure,))
    decided = pipeline.observe(Event(NOW, Source.EXEC, run))
    assert decided is not None
    assert decided.decision is not None
    suggestion = decided.decision.outcome
    assert isinstance(suggestion, Suggestion)

    def burst(seconds: float, text: str) -> Manner:
        change = Change(Range.of(0, 0, 0, 0), "", text)
        data = EditBurst((change,), Manner.PASTED, keystrokes=1)
        kept = pipeline.observe(Event(NOW + timedelta(seconds=seconds), Source.LSP, data, where), (text, "x"))
        assert kept is not None
        assert kept.event is not None
        assert isinstance(kept.event.data, EditBurst)
        return kept.event.data.manner

    assert burst(1, "# by hand\n") is Manner.PASTED
    (offered,) = suggestion.proposal.edits[0].edits
    assert burst(1.5, offered.new_text) is Manner.APPLIED, "just what is offered, at one instant"
    pipeline.observe(outcome_event(NOW + timedelta(seconds=2), suggestion, SuggestionAccepted))
    assert burst(2.1, "from pathlib import Path\n") is Manner.APPLIED
    assert burst(2.2, "# by hand\n") is Manner.PASTED
    pipeline.close()


def test_a_gate_of_ones_own_decides_and_a_broken_one_is_told_of(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PROACTIVE_STATE_DIR", str(tmp_path / "state"))
    shipped = GateWeights.load()
    never = Head(tuple(0.0 for _ in shipped.live.weights), -30.0)
    GateWeights(never, shipped.told).save(tmp_path)
    run = Event(
        NOW, Source.EXEC, TerminalRun("pytest -q", str(tmp_path), 1, 0.5, "", (Failure("boom", "a.py", 1),))
    )

    def need(pipeline: Pipeline) -> float:
        outcome = pipeline.observe(run)
        assert outcome is not None
        assert outcome.decision is not None
        assert outcome.decision.need is not None
        return outcome.decision.need.probability

    own = Settings(gate=str(tmp_path))
    pipeline = Pipeline(Documents(), [tmp_path], own, lambda: NOW)
    assert need(pipeline) < 0.001
    pipeline.configure(Settings())
    assert need(pipeline) > 0.1
    (tmp_path / "gate.json").write_text("{}")
    pipeline.configure(own)
    assert need(pipeline) > 0.1
    assert "not a gate's weights file" in caplog.text
    pipeline.close()


def saved(folder: Path, days: float) -> Event:
    return Event(NOW - timedelta(days=days), Source.LSP, DocumentSaved(), Where(workspace=to_uri(folder)))


def ages(path: Path, folder: Path, now: datetime = NOW) -> list[int]:
    """Of the events that are kept of a folder, the oldest first."""
    journal = Journal.open(path / "journal.sqlite3")
    return [(now - event.time).days for event in journal.events(workspace=to_uri(folder))]


def test_what_a_project_says_of_its_time_to_keep_holds_for_its_own_events(folder: Path, state: Path) -> None:
    other = folder.parent / "other"
    journal = Journal.open()
    for days in (0, 2, 5, 20, 40):
        journal.append(saved(other, days))
        journal.append(saved(folder, days))
    journal.close()
    (folder / ".proactive.toml").write_text('locked = ["journal"]\n[journal]\nretentionDays = 4\n')
    configuration = Configuration(lambda _: None)
    configuration.load_project([other, folder])
    configuration.take_editor({"journal": {"retentionDays": 25}})
    pipeline = Pipeline(
        Documents(), [other, folder], configuration.current, lambda: NOW, retention=lambda: configuration.retention
    )
    pipeline.close()
    assert ages(state, folder) == [2, 0]
    assert ages(state, other) == [20, 5, 2, 0]


def test_a_server_that_is_left_open_removes_what_grows_old(folder: Path, state: Path) -> None:
    now = NOW
    pipeline = Pipeline(Documents(), [folder], Settings(), lambda: now)
    pipeline.observe(saved(folder, 0))
    now = NOW + timedelta(days=29)
    pipeline.observe(saved(folder, -29))
    assert ages(state, folder, now) == [29, 0]
    now = NOW + timedelta(days=30, seconds=1)
    pipeline.observe(saved(folder, -30))
    pipeline.close()
    assert ages(state, folder, now) == [1, 0]


def test_nothing_is_removed_before_it_is_known_how_long_it_is_kept(folder: Path, state: Path) -> None:
    journal = Journal.open()
    journal.append(saved(folder, 60))
    journal.close()
    days: dict[str | None, int] = {}
    pipeline = Pipeline(Documents(), [folder], Settings(), lambda: NOW, retention=lambda: days)
    pipeline.observe(saved(folder, 0))
    days = {None: 90}
    pipeline.observe(saved(folder, 0))
    pipeline.flush()
    assert ages(state, folder) == [60, 0, 0]
    days = {None: 50}
    pipeline.observe(saved(folder, 0))
    pipeline.close()
    assert ages(state, folder) == [0, 0, 0]
