"""A real small model behind a real OpenAI-compatible server plays scenes: the protocol holds, whatever it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from proactive_collectors.sentences import sentence
from proactive_training.bench.audit import audit_folder
from proactive_training.bench.dataset import Dataset
from proactive_training.commands.bench import app
from proactive_training.gym.scene_file import scenes_text, shipped_scenes
from real_servers import llama_cpp

pytest.importorskip("pyarrow")

EVENTS = 2
"""Many a user of so small a model stops at once: scenes are played until there are so many."""


def test_a_small_model_plays_the_user_the_environment_the_assistant_and_the_judge(tmp_path: Path) -> None:
    file, out = tmp_path / "scenes.yaml", tmp_path / "out"
    file.write_text(scenes_text(shipped_scenes()[:24]), encoding="utf-8")
    with llama_cpp() as server:
        done = CliRunner().invoke(
            app,
            [
                "simulate", "--scenes", str(file), "--endpoint", server.url, "--model", "smollm2",
                "--out", str(out), "--events", str(EVENTS), "--most-acts", "3",
                "--tries", "1", "--concurrency", "1", "--json",
            ],
        )  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["spent"]["tokens"] > 0 and told["spent"]["prompt_tokens"] > told["spent"]["tokens"]
    records = list(Dataset.open(out).records("train"))
    events = [event for record in records for event in record.sitting.trace.events]
    assert len(events) >= EVENTS
    assert all(map(sentence, events))
    decided = [one for record in records for one in (*record.examples, *record.answers)]
    assert decided, "at an event the model is asked whether to offer something"
    audited = audit_folder(out)
    assert not audited["problems"] and not audited["leaking"]
