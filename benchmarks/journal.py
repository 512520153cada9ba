"""How fast the journal takes events in and gives a window out, beside raw SQLite in the same run.

    python benchmarks/journal.py [--events 1000000] [--json]

Events in: from `append` of finished events, their JSON included, until `flush` says that they are committed.
Beside it: ``executemany`` of the very same rows, ready-made, into the same table, by as many in a transaction.
Window out: `Journal.window` at random times out of all events, opening the file each time; p50 and p99.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from proactive_collectors.event_json import to_json
from proactive_collectors.events import (
    DiagnosticAppeared,
    DocumentSaved,
    EditBurst,
    Event,
    Failure,
    Source,
    TerminalRun,
    Where,
)  # fmt: skip
from proactive_collectors.journal import Journal
from proactive_collectors.journal_writer import BATCH_ROWS
from proactive_collectors.text import Change, Range

START = datetime(2026, 1, 1, tzinfo=UTC)
ROUNDS = 3
SAMPLE = 50_000


def sitting(count: int) -> Iterator[Event]:
    """A mix as a sitting has it: mostly edits, some diagnostics and saves, now and then a failed run."""
    where = Where(uri="file:///home/me/app/src/client.py", workspace="file:///home/me/app", language="python")
    for number in range(count):
        time_ = START + timedelta(seconds=3 * number, microseconds=number)
        if number % 10 < 7:
            change = Change(Range.of(number % 900, 4, number % 900, 12), "old_name", "new_name")
            yield Event(time_, Source.LSP, EditBurst((change,), keystrokes=8, seconds=1.25), where)
        elif number % 10 == 7:
            yield Event(time_, Source.CLIENT, DiagnosticAppeared('"np" is not defined', code="F821"), where)
        elif number % 10 == 8:
            yield Event(time_, Source.LSP, DocumentSaved(), where)
        else:
            failure = Failure("NameError: name 'np' is not defined", "tests/test_api.py", 12, error="NameError")
            run = TerminalRun("pytest -q", "/home/me/app", 1, 2.5, "1 failed in 0.12s\n" * 20, (failure,))
            yield Event(time_, Source.EXEC, run, where)


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def write(folder: Path, events: Iterable[Event]) -> Journal:
    journal = Journal.open(folder / "journal.sqlite3")
    for event in events:
        journal.append(event)
    if not journal.flush(timeout=600) or journal.lost:
        raise SystemExit(f"{journal.lost} events were lost")
    return journal


def write_raw(folder: Path, rows: list[tuple[object, ...]]) -> None:
    connection = sqlite3.connect(folder / "raw.sqlite3", isolation_level=None)
    for statement in (
        "PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL",
        "CREATE TABLE events (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind TEXT NOT NULL, workspace TEXT,"
        " json TEXT NOT NULL)", "CREATE INDEX events_by_time ON events (time)",
    ):  # fmt: skip
        connection.execute(statement)
    for at in range(0, len(rows), BATCH_ROWS):
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO events (time, kind, workspace, json) VALUES (?, ?, ?, ?)", rows[at : at + BATCH_ROWS]
        )
        connection.execute("COMMIT")
    connection.close()


def measure_in() -> dict[str, float]:
    events = list(sitting(SAMPLE))
    rows: list[tuple[object, ...]] = [
        (int(event.time.timestamp() * 1e6), event.kind, event.where.workspace, to_json(event).decode())
        for event in events
    ]
    journal, raw, encode = [], [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as name:
            begun = time.perf_counter()
            opened = write(Path(name), events)
            journal.append(time.perf_counter() - begun)
            opened.close()
            raw.append(seconds(lambda: write_raw(Path(name), rows)))
            encode.append(seconds(lambda: [to_json(event) for event in events]))
    return {
        "events_per_second": SAMPLE / min(journal),
        "raw_rows_per_second": SAMPLE / min(raw),
        "ratio_to_raw": min(journal) / min(raw),
        "json_share": min(encode) / min(journal),
    }


def measure_out(count: int) -> dict[str, float]:
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as name:
        journal = write(Path(name), sitting(count))
        ends = [START + timedelta(seconds=chance.randrange(3 * count)) for _ in range(200)]
        taken = sorted(seconds(lambda end=end: journal.window(end)) * 1e3 for end in ends)
        size = journal.stats().bytes
        journal.close()
    return {
        "window_ms_p50": taken[len(taken) // 2],
        "window_ms_p99": taken[int(len(taken) * 0.99)],
        "bytes_per_event": size / count,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000, help="how many events the window is taken from")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args()
    figures = {**measure_in(), **measure_out(options.events)}
    goals = {"events_per_second": "≥ 50000", "window_ms_p50": "≤ 5", "window_ms_p99": "≤ 5"}
    print(f"{'figure':24}{'value':>14}  goal")
    for name, value in figures.items():
        print(f"{name:24}{value:>14,.2f}  {goals.get(name, '')}")
    if options.json:
        print(json.dumps({"events": options.events, **{name: round(value, 3) for name, value in figures.items()}}))


if __name__ == "__main__":
    main()
