"""The table of the standard library says what is true of the interpreter that runs the tests."""

from __future__ import annotations

import importlib
import json
import warnings
from pathlib import Path

import pytest

from proactive_inference.plays.failed_run import stdlib, stdlib_table
from proactive_inference.plays.failed_run.stdlib import Import, Use, stdlib_imports

TABLE = json.loads(Path(stdlib.__file__).with_name("stdlib_symbols.json").read_text())


def test_every_symbol_is_where_the_table_says():
    missing = []
    for name, entry in TABLE["symbols"].items():
        for module in entry["from"]:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                if not hasattr(importlib.import_module(module), name):
                    missing.append(f"{module}.{name}")
    assert missing == []


def test_no_symbol_is_offered_from_more_than_two_places():
    assert {name for name, entry in TABLE["symbols"].items() if len(entry["from"]) > 2} == set()
    assert TABLE["symbols"]["Queue"]["from"] == ["queue", "asyncio"]
    assert TABLE["symbols"]["Callable"]["from"] == ["collections.abc"]


def test_the_table_is_made_by_its_script():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made = stdlib_table.table()
    # Other versions of Python have a few names more or less; most are the same for years.
    for part in ("modules", "symbols"):
        assert len(set(made[part]) ^ set(TABLE[part])) <= 0.1 * len(TABLE[part])


@pytest.mark.parametrize(
    ("name", "uses", "imports"),
    [
        ("os", [Use(("path", "join"))], [Import("os")]),
        ("os", [Use(("environ",)), Use(("path", "join"))], [Import("os")]),
        ("urllib", [Use(("parse", "quote"))], [Import("urllib.parse")]),
        ("concurrent", [Use(("futures", "ThreadPoolExecutor"))], [Import("concurrent.futures")]),
        ("logging", [Use(("getLogger",))], [Import("logging")]),
        ("logging", [Use(("handlers", "RotatingFileHandler"))], [Import("logging.handlers")]),
        ("deque", [Use(called=True)], [Import("collections", "deque")]),
        ("Path", [Use()], [Import("pathlib", "Path")]),
        ("time", [Use(("sleep",))], [Import("time")]),
        ("date", [Use(("today",))], [Import("datetime", "date")]),
        ("Queue", [Use(called=True)], [Import("queue", "Queue"), Import("asyncio", "Queue")]),
        ("datetime", [Use(("now",))], [Import("datetime", "datetime")]),
        ("datetime", [Use(("timedelta",))], [Import("datetime")]),
        ("datetime", [Use(("now",)), Use(("timedelta",))], []),
        ("json", [Use(called=True)], []),
        ("nothing", [Use(called=True)], []),
        ("Path", [], []),
    ],
)
def test_the_use_decides_what_is_imported(name, uses, imports):
    assert stdlib_imports(name, uses) == imports
