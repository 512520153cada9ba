"""Imports published data into a dataset, and sets aside what cannot be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from proactive_training.bench.dataset import split_order
from proactive_training.bench.dataset_writer import writing
from proactive_training.bench.published import Layout, read_published
from proactive_training.errors import DataError

BROKEN = "broken.jsonl"
"""Where lines that cannot be read are kept: ``file``, ``line`` (from one), ``reason``, ``text``."""


def import_published(layout: Layout, out: Path) -> dict[str, Any]:
    """Write the dataset; ``splits`` (counts by split), ``files`` (how many were read) and ``problems``.

    Raises:
        DataError: ``out`` is in the way, or nothing could be read.
    """
    published = read_published(layout)
    if not published.records:
        first = f"; the first problem: {published.problems[0]}" if published.problems else ""
        raise DataError(
            f"no trace could be read; give folders with reward_data/*.jsonl or test_data/*.json in them{first}"
        )
    counts: dict[str, dict[str, int]] = {}
    with writing(out) as writer:
        for file in published.files:
            writer.add_file(file)
        for split, record in published.records:
            writer.add(record, split)
            counted = counts.setdefault(split, {"sittings": 0, "events": 0, "examples": 0, "answers": 0})
            counted["sittings"] += 1
            counted["events"] += len(record.sitting.trace.events)
            counted["examples"] += len(record.examples)
            counted["answers"] += len(record.answers)
        if published.problems:
            with (writer.folder / BROKEN).open("wb") as stream:
                for p in published.problems:
                    row = {"file": p.file, "line": p.line, "reason": p.reason, "text": p.text}
                    stream.write(orjson.dumps(row) + b"\n")
    return {
        "splits": {name: counts[name] for name in sorted(counts, key=split_order)},
        "files": len(published.files),
        "problems": [str(problem) for problem in published.problems],
    }
