"""A small folder in the published layout: a leaking split, traces, models that retell them, scenes and seeds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

Told = list[tuple[str, str, bool]]

TABLE: Told = [
    ("1717000000.5", "The user switches to the web browser.", False),
    ("1717000010", "The user searches for 'how to sort a table'.", True),
    ("1717000020.25", "The user reads 'Sorting – a primer' 中文.", False),
    ("1717000030", "The user switches back to 'table.py'.", False),
]
LOADER: Told = [
    ("Day 1, 11:00 PM", "The user opens the code editor.", False),
    ("Day 1, 11:20 PM", "The user types 'import csv' in 'load.py'.", False),
    ("Day 1, 11:50 PM", "The terminal displays an error message: module not found.", True),
    ("Day 1, 12:05 AM", "The user searches for 'module not found error'.", True),
]
LETTER: Told = [
    ("1718000000", "The user opens 'letter.md'.", False),
    ("1718000030", "The user types a greeting.", False),
    ("1718000060", "The user looks for a synonym of 'glad'.", True),
]


def row(trace: Told, count: int, task: str | None, votes: list[bool]) -> dict[str, Any]:
    """A line of reward data on the first ``count`` events."""
    need = trace[count - 1][2]
    accepted = sum(votes) * 2 > len(votes)
    if task is None:
        category = "Missed-Need (MN)" if need else "Correct-Rejection (CR)"
    else:
        category = "Correct-Detection (CD)" if accepted else "False-Alarm (FA)"
    return {
        "obs": [{"time": time, "event": event} for time, event, _ in trace[:count]],
        "pred_task": task,
        "valid": accepted,
        "help_needed": need,
        "annotation": votes,
        "category": category,
    }


def lines(rows: list[dict[str, Any]]) -> str:
    """Rows as they are published, one a line."""
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows)


def item(time: str, event: str, response: Any, **more: Any) -> dict[str, Any]:
    return {
        "observation": {"time": time, "event": event},
        "agent_response": response,
        "task_status": False,
        **more,
    }


TRAIN = [
    row(TABLE, 1, None, [True, True, False]),
    row(TABLE, 2, "Show how to sort by a column – stably", [True, True, True]),
    row(TABLE, 2, "Open a calculator", [False, False, True]),
    row(TABLE, 3, None, [True, True]),
    row(TABLE, 4, "Sort the table in 'table.py'", [False, True, False]),
    row(LOADER, 1, None, [True, True, True]),
    row(LOADER, 2, "Write the reader", [False, False, False]),
    row(LOADER, 3, "Install the missing module", [True, False, True]),
    row(LOADER, 4, None, [False, False, True]),
    row(LETTER, 3, "Suggest five synonyms", [True, True]),
]
TEST = [
    row(TABLE, 2, "Explain sorting", [True, False, True]),
    row(TABLE, 1, "Close the browser", [False, False, False]),
    row(LOADER, 3, None, [False, False, False]),
]

SCENES = """# two made-up scenes
- environment:
    description: An office with a plant.
    entities: [Laptop, Plant]
  user: {name: Kim}
- environment: {description: "A library: quiet."}
  user: {name: Lee}
"""
SEEDS = "assistant:\n  tasks:\n  - Water the plant.\n  sample_events: []\n"


@pytest.fixture
def published(tmp_path: Path) -> Path:
    root = tmp_path / "published"
    for part in ("reward_data", "test_data", "published_traces/model-a", "published_traces/model-b"):
        (root / part).mkdir(parents=True)
    (root / "reward_data/train_data.jsonl").write_text(lines(TRAIN), encoding="utf-8", newline="")
    (root / "reward_data/test_data.jsonl").write_text(lines(TEST), encoding="utf-8", newline="")
    table = [item(t, e, {"candidate_task": ["Show how", "Sort it"] if need else []}) for t, e, need in TABLE]
    (root / "test_data/code_7.json").write_text(json.dumps(table, indent=4, ensure_ascii=False), encoding="utf-8")
    loader = [item(t, e, {"candidate_task": []}) for t, e, _ in LOADER]
    (root / "test_data/code_8.json").write_text(json.dumps(loader, indent=4), encoding="utf-8")
    thoughts = {"Purpose": "p", "Thoughts": "t – t", "Response": ""}
    retold = [  # the second and third events merged, the first reworded
        item(TABLE[0][0], "The user goes to the browser.", [], other_infomation=thoughts),
        item(
            TABLE[1][0],
            "The user searches how to sort, and reads.",
            ["Explain sorting"],
            other_infomation=thoughts,
        ),
        item(TABLE[3][0], TABLE[3][1], [None], other_infomation=None),
    ]
    (root / "published_traces/model-a/code_7.json").write_text(
        json.dumps(retold, indent=4, ensure_ascii=False), encoding="utf-8"
    )
    exact = [item(t, e, ["Help"] if need else []) for t, e, need in TABLE]
    (root / "published_traces/model-b/code_7.json").write_text(
        json.dumps(exact, indent=2) + "\n", encoding="utf-8"
    )
    (root / "scenes.yaml").write_text(SCENES, encoding="utf-8")
    (root / "seeds.yaml").write_text(SEEDS, encoding="utf-8")
    return root


@pytest.fixture
def dataset(published: Path, tmp_path: Path) -> Path:
    """The same as a dataset."""
    from proactive_training.bench.importing import import_published
    from proactive_training.bench.published import Layout

    import_published(Layout.of(published, "Apache-2.0"), tmp_path / "dataset")
    return tmp_path / "dataset"
