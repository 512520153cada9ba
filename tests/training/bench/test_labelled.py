"""One way into a folder of labelled moments, for all that learns from it or is measured on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from proactive_training.bench.labelled import open_labelled
from proactive_training.errors import DataError
from proactive_training.judged_rows import read_judged
from proactive_training.need_data import read_need_data
from proactive_training.proactivebench import read
from proactive_training.stages.agent_examples import read_agent_data
from proactive_training.stages.preference_examples import from_data

READERS: dict[str, Callable[[Path, str], Any]] = {
    "need": read_need_data,
    "gate": read,
    "judge": read_judged,
    "agent": lambda folder, split: read_agent_data([folder], split=split),
    "preference": lambda folder, split: from_data([folder], split=split, most_events=2),
}


@pytest.mark.parametrize("reader", READERS)
def test_a_split_that_is_not_there_is_said_alike_by_all_who_read(reader: str, bench: Path) -> None:
    with pytest.raises(DataError, match="has no split 'tset'; it has train, test, or give 'all'"):
        READERS[reader](bench, "tset")


@pytest.mark.parametrize("reader", READERS)
def test_what_is_no_such_folder_is_told_what_is(reader: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"has neither reward_data.* nor sittings.*; give a folder"):
        READERS[reader](tmp_path, "all")
    with pytest.raises(DataError, match="does not exist; give a folder"):
        READERS[reader](tmp_path / "nowhere", "all")


def test_all_is_every_split(bench: Path) -> None:
    labelled = open_labelled(bench)
    names = [name for name, _ in labelled.records()]
    assert set(names) == {"train", "test"} and labelled.splits == ("train", "test")
    assert [name for name, _ in labelled.records("all")] == names
    assert {name for name, _ in labelled.records("test")} == {"test"}
