"""Whole repositories: into a dataset, resumed, and with the agent that ships."""

import json
import shutil
import subprocess
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from proactive_training.bench.dataset import Dataset
from proactive_training.commands.replay import bench_replay
from proactive_training.errors import DataError
from proactive_training.gym.parts import held
from proactive_training.gym.replay_run import Options, evaluate, known_run, replay

pytest.importorskip("pyarrow")


def _contents(folder: Path) -> list[object]:
    return [(record.sitting, record.examples) for _, record in Dataset.open(folder).every_record()]


def test_a_history_becomes_a_dataset_that_tells_where_it_comes_from(repository: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = []
    figures = replay([repository], out, Options(licence="MIT"), jobs=1, told=told.append)
    records = [record for _, record in Dataset.open(out).every_record()]
    assert figures.sittings == len(records) > 3
    assert figures.events == sum(len(record.sitting.trace.events) for record in records)
    assert {record.sitting.repository for record in records} == {"tool"}
    assert {record.sitting.licence for record in records} == {"MIT"}
    assert figures.repositories["tool"]["skipped"]["merges"] == 1
    assert told[-1].done == told[-1].commits == 12
    assert not out.with_name("out.parts").exists()
    assert known_run(out) == ([repository.resolve()], Options(licence="MIT"))


def test_more_processes_make_the_same_dataset(repository: Path, tmp_path: Path) -> None:
    replay([repository], tmp_path / "one", Options(), jobs=1)
    replay([repository], tmp_path / "two", Options(), jobs=2)
    assert _contents(tmp_path / "one") == _contents(tmp_path / "two")


def test_a_run_that_was_broken_off_goes_on(repository: Path, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("proactive_training.gym.workers.LOT", 1)
    out = tmp_path / "out"

    def stop(progress: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replay([repository], out, Options(), jobs=1, told=stop)
    assert not out.exists()
    assert list(out.with_name("out.parts").glob("*.jsonl"))
    figures = replay([repository], out, Options(), jobs=1)
    assert figures.resumed >= 1
    replay([repository], tmp_path / "whole", Options(), jobs=1)
    assert _contents(out) == _contents(tmp_path / "whole")


def test_another_seed_does_not_take_up_what_was_broken_off(repository: Path, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("proactive_training.gym.workers.LOT", 1)
    out = tmp_path / "out"

    def stop(progress: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replay([repository], out, Options(), jobs=1, told=stop)
    kept = list(out.with_name("out.parts").glob("*.jsonl"))
    with pytest.raises(DataError, match="differs in: seed; give a new folder"):
        replay([repository], out, Options(seed=1), jobs=1)
    other = shutil.copytree(repository, tmp_path / "elsewhere" / repository.name)
    with pytest.raises(DataError, match="differs in: repositories"):
        replay([other], out, Options(), jobs=1)
    assert kept and list(out.with_name("out.parts").glob("*.jsonl")) == kept


def test_a_folder_that_it_did_not_make_is_left_alone(repository: Path, tmp_path: Path) -> None:
    thesis = tmp_path / "out.parts" / "thesis.txt"
    thesis.parent.mkdir()
    thesis.write_text("Years of work.")
    with pytest.raises(DataError, match="holds no parts of a run, but other files; give another --out"):
        replay([repository], tmp_path / "out", Options(), jobs=1)
    simulated = tmp_path / "simulated.parts"
    with held(simulated, {"scenes": "a"}):
        (simulated / "programme.jsonl").write_text("{}\n")
    with pytest.raises(DataError, match="holds parts of a run that differs in: seed"):
        replay([repository], tmp_path / "simulated", Options(), jobs=1)
    assert list(thesis.parent.iterdir()) == [thesis] and (simulated / "programme.jsonl").exists()


def test_what_lies_beside_its_parts_stays(repository: Path, tmp_path: Path) -> None:
    thesis = tmp_path / "out.parts" / "thesis.jsonl"

    def write(progress: object) -> None:
        thesis.write_text("Years of work.")

    replay([repository], tmp_path / "out", Options(), jobs=1, told=write)
    assert list(thesis.parent.iterdir()) == [thesis]


def test_a_limit_takes_the_newest(repository: Path, tmp_path: Path) -> None:
    replay([repository], tmp_path / "out", Options(limit=2), jobs=1)
    names = [record.sitting.name for _, record in Dataset.open(tmp_path / "out").every_record()]
    assert len(names) == 2
    newest = subprocess.run(
        ["git", "-C", str(repository), "log", "-1", "--no-merges", "--format=%h", "--abbrev=12"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    assert any(name.endswith(newest) for name in names)


def test_the_shipped_agent_has_figures_with_every_key(repository: Path) -> None:
    found, bad = evaluate([repository], Options(), jobs=1, worst_count=3)
    assert {
        "sittings", "events", "suggestions", "confirmed_exact", "confirmed_part", "precision", "recall_pooled",
        "false_alarms_per_hour", "commits_helped", "decision_ms", "ci", "plays", "repositories", "silences",
    } <= set(found)  # fmt: skip
    assert set(found["decision_ms"]) == {"p50", "p99"}
    assert found["suggestions"] >= 1, "the rename in many places"
    assert found["confirmed_exact"] >= 1
    assert len(bad) <= 3
    json.dumps(found)


def test_a_dataset_that_was_not_replayed_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="give --repo instead"):
        known_run(tmp_path)


def test_a_repository_that_is_gone_is_named(tmp_path: Path) -> None:
    about = {"options": {"seed": 0}, "repositories": {"x": str(tmp_path / "gone")}}
    (tmp_path / "replay.json").write_bytes(orjson.dumps(about))
    with pytest.raises(DataError, match="gone"):
        known_run(tmp_path)


def test_what_cannot_be_replayed_says_so(tmp_path: Path) -> None:
    import typer

    app = typer.Typer()
    app.command()(bench_replay)
    result = CliRunner().invoke(app, ["--repo", str(tmp_path), "--out", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert "git" in result.output and "Error:" in result.output
