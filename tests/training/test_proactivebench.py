from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_collectors.events import Observed, Source
from proactive_training.errors import DataError
from proactive_training.judged_rows import read_judged
from proactive_training.proactivebench import parse_time, read


def test_reads_traces_with_a_label_for_each_event(bench: Path) -> None:
    found = read(bench)
    assert len(found) == 11
    assert found.problems == ()
    by_start = {
        t.trace.events[0].data.sentence: t for t in found.traces if isinstance(t.trace.events[0].data, Observed)
    }
    told = by_start["The user opens the code editor."]
    assert [label.need for label in told.labels if label] == [False, False, True, True]
    assert told.labels[2] is not None and told.labels[2].silence_votes == (False, False, False)
    assert told.domain == "other"
    assert {event.source for event in told.trace.events} == {Source.DATASET}
    assert told.window(1).events == told.trace.events[:2]


def test_events_without_a_label_and_candidates_come_from_the_test_data(bench: Path) -> None:
    (trace,) = [t for t in read(bench).traces if t.domain == "code"]
    assert [label is None for label in trace.labels] == [False, False, False, True]
    assert trace.candidates == (False, True, False, False)
    assert trace.labelled == [0, 1, 2]


def test_times_pass_midnight(bench: Path) -> None:
    trace = next(t for t in read(bench).traces if len(t.labels) == 4 and t.domain == "other"
                 and t.trace.events[0].time.year == 2024 and t.trace.events[0].time.month == 1)  # fmt: skip
    times = [event.time for event in trace.trace.events]
    assert times == sorted(times)
    assert times[-1] - times[0] == timedelta(minutes=65)


def test_reads_both_published_forms_of_time() -> None:
    assert parse_time("Day 2, 12:05 AM") - parse_time("Day 1, 11:55 PM") == timedelta(minutes=10)
    assert parse_time("Day 1, 12:00 PM").hour == 12
    assert parse_time("1717378968.208") == datetime(2024, 6, 3, 1, 42, 48, 208000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("Day 1, 13:00", "2024-01-01T13:00:00+00:00"),
        ("day 3, 0:05:30", "2024-01-03T00:05:30+00:00"),
        ("Day 1, 1:00:30 pm", "2024-01-01T13:00:30+00:00"),
        ("12:00:30", "2024-01-01T12:00:30+00:00"),
        ("23:59", "2024-01-01T23:59:00+00:00"),
        ("9:05 AM", "2024-01-01T09:05:00+00:00"),
        ("2024-06-10T12:00:30Z", "2024-06-10T12:00:30+00:00"),
        ("2024-06-10 12:00:30.25", "2024-06-10T12:00:30.250000+00:00"),
        ("2024-06-10T12:00+02:00", "2024-06-10T10:00:00+00:00"),
        ("1717378968208", "2024-06-03T01:42:48.208000+00:00"),
        ("-5000", "1969-12-31T22:36:40+00:00"),
        ("253402300799", "9999-12-31T23:59:59+00:00"),
    ],
)
def test_reads_other_forms_of_time_that_mean_one_thing(text: str, time: str) -> None:
    assert parse_time(text).isoformat() == time


def test_times_without_days_pass_midnight() -> None:
    before = parse_time("23:59:30")
    assert parse_time("00:00:10", before) - before == timedelta(seconds=40)


@pytest.mark.parametrize(
    "text", ["None", "25:00", "Day 1, 13:00 PM", "12:60", "10/06/2024 12:00", "2024-06-10", "1e17"]
)
def test_times_that_could_mean_several_things_are_refused_with_what_is_read(bench: Path, text: str) -> None:
    row = {"obs": [{"time": text, "event": "The user waits."}], "help_needed": True}
    (bench / "reward_data" / "train_data.jsonl").write_bytes(orjson.dumps(row))
    (bench / "reward_data" / "test_data.jsonl").unlink()
    with pytest.raises(DataError, match=r"ISO 8601.*unix seconds or milliseconds|is not a time of day"):
        read(bench)


@given(st.text(max_size=30))
def test_any_other_time_is_refused_in_words(text: str) -> None:
    try:
        assert parse_time(text).tzinfo is UTC
    except ValueError as error:
        assert "unix seconds" in str(error) or "time of day" in str(error)


def test_broken_lines_are_set_aside_with_file_and_line(bench: Path) -> None:
    path = bench / "reward_data" / "train_data.jsonl"
    lines = path.read_bytes().split(b"\n")
    lines[1:1] = [
        b"{not json",
        b'{"obs": []}',
        b'{"obs": [{"time": "soon", "event": "x"}], "help_needed": true}',
        b"7",
    ]
    path.write_bytes(b"\n".join(lines))
    (bench / "test_data" / "writing_1.json").write_text('{"a": 1}')
    found = read(bench)
    assert len(found) == 11
    assert [(p.file, p.line) for p in found.problems if p.file.endswith("jsonl")] == [
        ("reward_data/train_data.jsonl", n) for n in (2, 3, 4, 5)
    ]
    assert "test_data/writing_1.json:1: " in "\n".join(map(str, found.problems))


def test_files_that_the_system_does_not_give_are_set_aside(bench: Path) -> None:
    (bench / "reward_data" / "dev_data.jsonl").mkdir()
    (bench / "reward_data" / "more_data.jsonl").symlink_to("nowhere")
    (bench / "test_data" / "code_8.json").mkdir()
    (bench / "test_data" / "code_9.json").symlink_to("nowhere")
    found = read(bench)
    assert len(found) == 11
    assert list(map(str, found.problems)) == [
        "reward_data/dev_data.jsonl:1: cannot be read: Is a directory",
        "reward_data/more_data.jsonl:1: cannot be read: No such file or directory",
        "test_data/code_8.json:1: cannot be read: Is a directory",
        "test_data/code_9.json:1: cannot be read: No such file or directory",
    ]
    assert read_judged(bench).problems == tuple(map(str, found.problems))


OFFER = {
    "obs": [{"time": "1719000000", "event": "The user opens a letter."}],
    "pred_task": "Answer the letter",
    "valid": True,
    "help_needed": True,
    "annotation": [True, True, False],
}


@pytest.mark.parametrize(
    ("row", "task", "accepted", "votes"),
    [
        ({"valid": 0}, "Answer the letter", False, (True, True, False)),
        ({"valid": 1.0, "help_needed": 1, "annotation": [1, 0]}, "Answer the letter", True, (True, False)),
        ({"valid": None}, "Answer the letter", True, (True, True, False)),
        ({"valid": "no", "annotation": [False, 0]}, "Answer the letter", False, (False, False)),
        ({"pred_task": " ", "valid": 0}, None, False, ()),
        ({"pred_task": None, "valid": None, "annotation": [True, True]}, None, False, ()),  # help is needed
    ],
)
def test_a_judgement_is_read_however_it_is_written(
    bench: Path, row: dict[str, Any], task: str | None, accepted: bool, votes: tuple[bool, ...]
) -> None:
    (bench / "reward_data" / "more_data.jsonl").write_bytes(orjson.dumps(OFFER | row))
    data = read_judged(bench, "more")
    assert [(one.task, one.accepted, one.votes) for one in data.rows] == [(task, accepted, votes)]
    assert data.problems == ()
    assert [label.need for trace in read(bench, "more").traces for label in trace.labels if label] == [True]


@pytest.mark.parametrize("row", [{"valid": None, "annotation": [True, False]}, {"valid": 2, "annotation": None}])
def test_a_task_that_nobody_judged_is_told(bench: Path, row: dict[str, Any]) -> None:
    (bench / "reward_data" / "more_data.jsonl").write_bytes(b"\n" + orjson.dumps(OFFER | row))
    data = read_judged(bench)
    assert len(data.rows) == 11
    assert data.problems == (
        "reward_data/more_data.jsonl:2: neither 'valid' nor a majority of 'annotation' says whether it was right",
    )


def test_files_that_are_compressed_are_told(bench: Path) -> None:
    (bench / "reward_data" / "more_data.jsonl.gz").write_bytes(gzip.compress(orjson.dumps(OFFER)))
    (bench / "test_data" / "code_8.json.gz").write_bytes(gzip.compress(b"[]"))
    found = read(bench)
    assert len(found) == 11
    assert list(map(str, found.problems)) == [
        "reward_data/more_data.jsonl.gz:1: compressed files are not read; unpack it",
        "test_data/code_8.json.gz:1: compressed files are not read; unpack it",
    ]


def test_a_line_that_contradicts_its_trace_is_set_aside(bench: Path) -> None:
    path = bench / "reward_data" / "test_data.jsonl"
    row = orjson.loads(path.read_bytes().split(b"\n")[-1])
    row["obs"] = [row["obs"][0], {"time": "1718000031", "event": "Something else."}]
    path.write_bytes(path.read_bytes() + b"\n" + orjson.dumps(row))
    found = read(bench)
    assert [problem.line for problem in found.problems] == [4]
    assert "do not agree" in found.problems[0].reason


def test_the_fingerprint_is_of_the_labels_not_of_the_files(bench: Path) -> None:
    before = read(bench).fingerprint
    train, test = bench / "reward_data" / "train_data.jsonl", bench / "reward_data" / "test_data.jsonl"
    train.write_bytes(test.read_bytes() + b"\n" + train.read_bytes())
    test.unlink()
    assert read(bench).fingerprint == before
    train.write_bytes(train.read_bytes().replace(b'"help_needed":false', b'"help_needed":true'))
    assert read(bench).fingerprint != before


@pytest.mark.parametrize("content", [None, b"", b"{broken"])
def test_nothing_to_read_is_an_error_with_the_next_step(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "reward_data").mkdir()
        (tmp_path / "reward_data" / "train_data.jsonl").write_bytes(content)
    step = "; give rows with 'obs' and 'help_needed' in reward_data"
    with pytest.raises(DataError, match=rf"ProactiveBench|train_data\.jsonl:1: .*{step}|from [^;]*{step}"):
        read(tmp_path)
