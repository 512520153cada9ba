from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

MODULE = '''"""Prices and totals."""

import json
import math


def rounded(price, digits=2):
    """Round a price."""
    factor = 10 ** digits
    return math.floor(price * factor + 0.5) / factor


def total(prices):
    """Add prices up."""
    amount = 0
    for price in prices:
        if price > 0:
            amount = amount + price
    return rounded(amount)


def load(text):
    """Read prices from JSON."""
    prices = json.loads(text)
    return [rounded(price) for price in prices]
'''

TEST = """from shop.prices import load, rounded, total


def test_total():
    assert total([1.111, 2.0, -5]) == 3.11


def test_load():
    assert load("[1.005, 2]") == [rounded(1.005), 2]
"""

README = """# Shop

This small package adds up prices and rounds them in the usual way. It reads them from a file that another
program has written. There is nothing to configure and nothing to install besides the package itself. Every
function is documented where it is defined.
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small Python project whose one test file passes."""
    root = tmp_path / "shop-project"
    (root / "shop").mkdir(parents=True)
    (root / "tests").mkdir()
    (root / "shop" / "__init__.py").write_text("")
    (root / "shop" / "prices.py").write_text(MODULE)
    (root / "tests" / "test_prices.py").write_text(TEST)
    (root / "README.md").write_text(README)
    return root


TRACE_A = [
    ("Day 1, 11:00 PM", "The user opens the code editor.", False),
    ("Day 1, 11:20 PM", "The user types 'import csv' in 'load.py'.", False),
    ("Day 1, 11:50 PM", "The terminal displays an error message: module not found.", True),
    ("Day 1, 12:05 AM", "The user searches for 'module not found error'.", True),
]
TRACE_B = [
    ("1717000000.5", "The user switches to the web browser.", False),
    ("1717000010", "The user searches for 'how to sort a table'.", True),
    ("1717000020", "The user switches to another application.", False),
]
TRACE_C = [
    ("1718000000", "The user clicks the mouse.", False),
    ("1718000030", "The user runs the script and sees an error.", True),
    ("1718000060", "The user scrolls through the page.", False),
    ("1718000090", "The user searches for the error message.", True),
]


def rows(trace: list[tuple[str, str, bool]]) -> list[dict[str, Any]]:
    """The published form: one line for each beginning of the trace."""
    return [
        {
            "obs": [{"time": time, "event": event} for time, event, _ in trace[: n + 1]],
            "pred_task": None,
            "valid": not need,
            "help_needed": need,
            "annotation": [not need, not need, False],
            "category": "Missed-Need (MN)",
        }
        for n, (_, _, need) in enumerate(trace)
    ]


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """Three labelled traces in the published layout, one of them with a test file that names its domain."""
    root = tmp_path / "bench"
    (root / "reward_data").mkdir(parents=True)
    (root / "test_data").mkdir()
    everything = [row for trace in (TRACE_A, TRACE_B, TRACE_C) for row in rows(trace)]
    (root / "reward_data" / "train_data.jsonl").write_bytes(
        b"\n".join(orjson.dumps(row) for row in everything[:8])
    )
    (root / "reward_data" / "test_data.jsonl").write_bytes(b"\n".join(orjson.dumps(row) for row in everything[8:]))
    items = [
        {
            "observation": {"time": time, "event": event},
            "agent_response": {"candidate_task": ["help"] if need else []},
        }
        for time, event, need in [*TRACE_B, ("1717000040", "The user reads a page.", False)]
    ]
    (root / "test_data" / "code_7.json").write_bytes(orjson.dumps(items))
    return root
