"""Agents learn from replayed histories and from exported datasets as they do from published files: real runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from command_reports import report_of
from proactive_inference.models.local import LocalModel
from proactive_training.commands.bench import app as bench_app
from proactive_training.commands.evaluate import app as evaluate_app
from proactive_training.commands.train import app as train_app
from proactive_training.run_directory import RunDirectory
from small_history import Repository, fill

pytestmark = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing.*:FutureWarning")

OPTIONS = ["--batch", "4", "--epochs", "0.5", "--most-events", "2", "--precision", "float32", "--json"]


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of two repositories' histories, typed again and labelled by hindsight."""
    root = tmp_path_factory.mktemp("replayed")
    repositories = [Repository(root / name) for name in ("tool", "other")]
    for repository in repositories:
        fill(repository)
    given = [part for repository in repositories for part in ("--repo", repository.folder)]
    report_of(bench_app, "replay", *given, "--jobs", 1, "--out", root / "data")
    return root / "data"


def trained(tiny: Path, out: Path, *data: object) -> RunDirectory:
    told = report_of(train_app, "agent", "--model", tiny, "--out", out, *data, *OPTIONS)
    run = RunDirectory(out)
    losses = [row["loss"] for row in run.metrics() if "loss" in row]
    assert run.finished and told["steps"] == len(losses) > 0 and all(loss > 0 for loss in losses)
    assert LocalModel.open(out).settings.most_events == 2
    return run


def test_replayed_histories_are_learned_from_and_held_out_by_repository(
    replayed: Path, tiny: Path, tmp_path: Path
) -> None:
    run = trained(tiny, tmp_path / "run", "--data", replayed, "--held-out", "other")
    data = run.description["data"]
    assert data["learned_from"] == ["tool"] and data["held_out"] == ["other"]
    assert 0 < data["tasks"] < data["moments"]
    measured = report_of(evaluate_app, "need", "--data", replayed, "--model", tmp_path / "run")
    assert measured["valid_json"] == 1 and measured["seen_in_training"] is True


def test_replay_may_stand_beside_peoples_labels(
    replayed: Path, published: Path, tiny: Path, tmp_path: Path
) -> None:
    data = trained(tiny, tmp_path / "run", "--data", published, "--data", replayed).description["data"]
    assert {"tool", "other"} < set(data["learned_from"]) and len(data["held_out"]) == 1
    assert data["name"] == "bench, data"


def test_datasets_are_learned_from_as_the_files_that_they_were_imported_from_or_exported_to(
    replayed: Path, published: Path, tiny: Path, tmp_path: Path
) -> None:
    report_of(bench_app, "import", "--from", published, "--out", tmp_path / "imported")
    report_of(bench_app, "export", "--data", replayed, "--out", tmp_path / "exported")
    marks = [
        trained(tiny, tmp_path / f"run-{number}", "--data", data).description["data"]["fingerprint"]
        for number, data in enumerate((published, tmp_path / "imported"))
    ]
    assert marks[0] == marks[1]
    data = trained(tiny, tmp_path / "run", "--data", tmp_path / "exported").description["data"]
    assert data["tasks"] > 0 and data["held_out"]
