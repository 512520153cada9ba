"""The benchmark on real histories, run as its users run it, on small histories made with the real git."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "history.py"
STORE = """\
class Store:
    def __init__(self, rows):
        self.rows = rows


def fetch_rows(store):
    return list(store.rows)


def first(store):
    return fetch_rows(store)[0]


def last(store):
    return fetch_rows(store)[-1]


def count(store):
    return len(fetch_rows(store))
"""
NOTES = """\
The limit is set by --max-items on the command line.

In the file of settings `--max-items` is not read.

Old releases know --max-items alone.

This release still takes --max-items as well.
"""


def git(folder: Path, *arguments: str) -> None:
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "core.autocrlf=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, env=env, check=True, capture_output=True)


def commit(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8", newline="\n")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "A change")


def measure(*arguments: str | Path) -> tuple[str, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, SCRIPT, *arguments, "--json"],
        capture_output=True,
        check=True,
        text=True,
        encoding="utf-8",
    )
    return done.stdout, json.loads(done.stdout.splitlines()[-1])


def outcome(row: dict[str, Any]) -> dict[str, int]:
    return {key: row[key] for key in ("proposals", "right", "nearly", "some", "none", "gone")}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "--quiet")
    commit(folder, store_py=STORE, notes_md=NOTES)
    return folder


def test_a_rename_that_the_commit_completes_is_right(project: Path) -> None:
    commit(project, store_py=STORE.replace("fetch_rows", "load_rows"))
    _, found = measure(project)
    for rule in ("repeated_edit", "naive"):
        row = found[rule]["project"]
        assert (row["commits"], row["chances"], row["met"]) == (1, 1, 1)
        assert outcome(row) == {"proposals": 1, "right": 1, "nearly": 0, "some": 0, "none": 0, "gone": 0}
        assert row["fully"] == 1.0


def test_places_that_the_commit_leaves_are_wrong(project: Path) -> None:
    changed = NOTES.replace("--max-items", "--item-limit", 2)
    commit(project, notes_md=changed)
    said, found = measure(project, "--worst", "5")
    row = found["repeated_edit"]["project"]
    assert (row["commits"], row["chances"]) == (1, 0)
    assert outcome(row) == {"proposals": 1, "right": 0, "nearly": 0, "some": 0, "none": 1, "gone": 0}
    assert row["fully_or_nearly"] == 0.0
    assert "notes.md:5: Old releases know --max-items alone." in said


def test_a_place_rewritten_otherwise_is_left_out_of_the_precision(project: Path) -> None:
    text = STORE.replace("fetch_rows", "load_rows").replace("len(load_rows(store))", "store.count()")
    commit(project, store_py=text)
    _, found = measure(project)
    row = found["repeated_edit"]["project"]
    assert outcome(row) == {"proposals": 1, "right": 0, "nearly": 1, "some": 0, "none": 0, "gone": 0}
    assert row["fully"] == 0.0 and row["fully_or_nearly"] == 1.0


def test_what_cannot_be_judged_is_left_out_and_counted(project: Path) -> None:
    (project / "image.bin").write_bytes(b"\0\1\2")
    (project / "old.txt").write_text("Something that moves.\nIn two lines.\n", encoding="utf-8")
    commit(project, notes_md=NOTES + "One hunk.\n")
    (project / "image.bin").write_bytes(b"\0\1\3")
    (project / "old.txt").rename(project / "new.txt")
    commit(project, store_py=STORE.replace("fetch_rows", "load_rows"))
    git(project, "checkout", "--quiet", "-b", "side", "HEAD^")
    commit(project, notes_md=NOTES + "Another hunk.\n")
    git(project, "merge", "--quiet", "-")
    _, found = measure(project)
    row = found["repeated_edit"]["project"]
    assert row["commits"] == 1
    assert row["skipped"] == {
        "merges": 1,
        "commits with fewer than two hunks": 2,
        "unreadable or incomparable files": 1,
        "renamed files": 1,
    }


def test_a_bare_repository_and_two_at_once(project: Path, tmp_path: Path) -> None:
    commit(project, store_py=STORE.replace("fetch_rows", "load_rows"))
    git(tmp_path, "clone", "--quiet", "--bare", "project", "copy.git")
    said, found = measure(project, tmp_path / "copy.git", "--order", "random")
    rows = found["repeated_edit"]
    assert list(rows) == ["project", "copy", "all"]
    assert rows["all"]["commits"] == 2
    assert outcome(rows["project"]) == outcome(rows["copy"])
    assert "| all | 2 |" in said


def test_help_teaches_the_rule() -> None:
    done = subprocess.run([sys.executable, SCRIPT, "--help"], capture_output=True, check=True, text=True)
    assert "The rule." in done.stdout and "Biases." in done.stdout
