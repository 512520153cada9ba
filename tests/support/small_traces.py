"""Six small traces in the published layout: errors alone make a need; with accepted tasks and silences."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

QUIET = ("The user types a line in 'shop.py'.", "The user scrolls down.", "The user saves 'shop.py'.")
NEEDY = ("The user runs the tests and sees an error.", "The user searches for 'name error'.")
TRACES, EVENTS = 6, 6


def reward_rows() -> list[dict[str, Any]]:
    """Every event of every trace: after an error a task was accepted, else silence was right."""
    rows = []
    for trace in range(TRACES):
        told: list[tuple[str, str]] = []
        for number in range(EVENTS):
            needy = (trace + number) % 3 == 2
            pool = NEEDY if needy else QUIET
            text = pool[(trace * number) % len(pool)]
            text = f"{text} ({trace})" if number == 0 else text
            told.append((f"{1717000000 + 1000 * trace + 10 * number}", text))
            obs = [{"time": time, "event": event} for time, event in told]
            common = {"obs": obs, "help_needed": needy}
            if needy:
                offers = (("Fix the error", [True, True, True]), ("Open a chat", [False, False, True]))
                rows += [
                    {
                        **common,
                        "pred_task": task,
                        "valid": sum(votes) > 1,
                        "annotation": votes,
                        "category": "Correct-Detection (CD)" if sum(votes) > 1 else "False-Alarm (FA)",
                    }
                    for task, votes in offers
                ]
            else:
                silence = {"pred_task": None, "valid": True, "annotation": [True, True, False]}
                rows.append({**common, **silence, "category": "Correct-Rejection (CR)"})
    return rows


def write_published(folder: Path, rows: list[dict[str, Any]]) -> Path:
    (folder / "reward_data").mkdir(parents=True)
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "reward_data" / "train_data.jsonl").write_text(lines)
    return folder


def with_a_long_moment(folder: Path, *, welcome: bool) -> Path:
    """The same traces; in the last moment of the first much more was done, and a task may have been welcome."""
    rows = reward_rows()
    asked = [row for row in rows[: EVENTS + 2] if len(row["obs"]) == EVENTS]
    for row in asked:
        row["obs"][-1]["event"] = "The user searches for '" + "žluťoučký kůň " * 20 + "'."
    return write_published(folder, [row for row in rows if welcome or row not in asked or not row["valid"]])
