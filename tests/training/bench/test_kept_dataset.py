"""A dataset that a small model really played, kept as it was written: 2,017 events, nearly all of them babble.

What it says is worth nothing (docs/log.md, 2026-11-27). That it can be read, audited, split and exported is what
everybody who made a dataset with an earlier version relies on.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from command_reports import report_of
from proactive_collectors.events import IdleBegan, IdleEnded, Observed, SuggestionAccepted, SuggestionShown
from proactive_training.bench.dataset import Dataset, Record
from proactive_training.bench.example import LabelSource
from proactive_training.commands.bench import app
from proactive_training.gym.scene_file import shipped_scenes

PLAYED = Path(__file__).parents[2] / "data" / "played"


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return [record for _, record in Dataset.open(PLAYED).every_record()]


def test_it_holds_what_its_run_counted(records: list[Record]) -> None:
    counted = json.loads((PLAYED / "simulate.json").read_text())["figures"]
    examples = [example for record in records for example in record.examples]
    events = [event for record in records for event in record.sitting.trace.events]
    assert len(events) == counted["events"] >= 2000
    assert len(records) == counted["episodes"] - counted["silent_episodes"]
    offers = [example for example in examples if example.offer is not None]
    assert sum(example.label.accepted is True for example in offers) == counted["labels"]["offer accepted"]
    assert sum(example.label.accepted is False for example in offers) == counted["labels"]["offer rejected"]
    assert len(examples) - len(offers) == counted["labels"]["silence accepted"]
    assert {example.label.source for example in examples} == {LabelSource.JUDGE}


def test_every_sitting_is_one_of_a_shipped_scene_in_order_of_time(records: list[Record]) -> None:
    scenes = {scene.id for scene in shipped_scenes()}
    for record in records:
        times = [event.time for event in record.sitting.trace.events]
        assert times == sorted(times), record.sitting.name
        assert any(record.sitting.name.startswith(name) for name in scenes), record.sitting.name
        assert all(0 <= example.index < len(times) for example in record.examples), record.sitting.name


def test_an_offer_that_was_taken_had_been_shown(records: list[Record]) -> None:
    taken = 0
    for record in records:
        shown: set[str] = set()
        for event in record.sitting.trace.events:
            if isinstance(event.data, SuggestionShown):
                shown.add(event.data.suggestion)
            elif isinstance(event.data, SuggestionAccepted):
                assert event.data.suggestion in shown
                taken += 1
    assert taken > 100


def test_nobody_is_asked_at_what_the_assistant_did(records: list[Record]) -> None:
    asked = {
        type(record.sitting.trace.events[example.index].data) for record in records for example in record.examples
    }
    assert asked <= {Observed, IdleBegan, IdleEnded}
    assert Observed in asked


def test_it_is_audited_split_and_exported(tmp_path: Path, records: list[Record]) -> None:
    assert not report_of(app, "audit", "--data", PLAYED)["leaking"]
    report_of(app, "split", "--data", PLAYED, "--out", tmp_path / "split")
    divided = Dataset.open(tmp_path / "split")
    assert set(divided.splits) == {"train", "validation", "test"}
    assert {r.sitting.name for _, r in divided.every_record()} == {r.sitting.name for r in records}
    assert not report_of(app, "audit", "--data", tmp_path / "split")["leaking"]
    report_of(app, "export", "--data", tmp_path / "split", "--out", tmp_path / "published")
    report_of(app, "import", "--from", tmp_path / "published", "--out", tmp_path / "again")
    again = [r for _, r in Dataset.open(tmp_path / "again").every_record()]
    assert sum(len(r.examples) for r in again) == sum(len(r.examples) for r in records)
