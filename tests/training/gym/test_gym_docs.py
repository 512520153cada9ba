"""The code of docs/gym.md runs as it stands, with a fake model in the server's place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from docs_blocks import fenced

pytest.importorskip("gymnasium")

ANSWER = {
    "Thought": "", "Act": "rest", "Seconds": 60, "Judgement": "accepted", "Proactive Task": "Make tea.",
    "Allowed": True, "Events": [], "Changes": [],
}  # fmt: skip
"""Fits every form of question."""


def test_the_code_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "answers.txt").write_text(json.dumps(ANSWER) + "\n")
    (tmp_path / "shapes").mkdir()
    (tmp_path / "shapes" / "test_shapes.py").write_text("def test_nothing():\n    pass\n")
    monkeypatch.chdir(tmp_path)
    blocks = fenced("gym.md", "python")
    assert len(blocks) == 4
    names: dict[str, Any] = {}
    for block in blocks:
        exec(block.replace("http://localhost:8080/v1", "fake:answers.txt"), names)
    assert names["reward"] in (0.75, -0.25, 0.0)
    assert names["again"].episode.ended is not None
