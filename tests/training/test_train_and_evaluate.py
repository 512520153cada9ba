"""The commands, on tiny data, for real."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from proactive_inference.gate import LearnedGate
from proactive_training.commands import evaluate, train
from proactive_training.evaluation_file import Exposure, read_evaluations
from small_traces import reward_rows, write_published

KEYS = {"n", "recall", "precision", "accuracy", "false_alarm", "f1", "auc", "speaks", "ci", "baselines"}


def _train(out: Path, *arguments: str) -> Result:
    return CliRunner().invoke(train.app, ["gate", "--out", str(out), *arguments])


def test_trains_a_gate_on_traces_and_activity_and_measures_it(bench: Path, project: Path, tmp_path: Path) -> None:
    result = _train(
        tmp_path / "out",
        "--data",
        str(bench),
        "--activity",
        str(project),
        "--sittings",
        "2",
        "--seed",
        "3",
        "--json",
    )
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout.splitlines()[-1])
    for name, count in (("traces", 11), ("activity", None)):
        found = report[name]["at_0.25"]
        assert found.keys() >= KEYS
        assert found["n"] == (count or found["n"])
        assert report[name]["at_best_f1"].keys() >= KEYS
        assert 0 <= report[name]["calibration_error"] <= 1
    assert report["activity"]["at_0.25"]["auc"] > 0.7

    gate = LearnedGate.load(tmp_path / "out" / "gate.json")
    assert gate.weights.metadata["seed"] == 3
    assert gate.weights.metadata["activity"]["projects"] == ["shop-project"]
    assert gate.weights.metadata["data"]["traces"] == 3
    assert json.loads((tmp_path / "out" / "figures.json").read_bytes()).keys() == {"traces", "activity"}

    held, alone = read_evaluations(tmp_path / "out" / "held-out.json")
    assert (held.exposure, len(held.rows)) == (Exposure.HELD_OUT, 11)
    assert held.figures["f1"] == pytest.approx(report["traces"]["at_best_f1"]["f1"])
    assert held.figures["auc"] == pytest.approx(report["traces"]["at_best_f1"]["auc"])
    assert alone.figures["f1"] == pytest.approx(report["traces"]["scenes_alone"]["f1"])

    measured = CliRunner().invoke(
        evaluate.app, ["need", "--data", str(bench), "--gate", str(tmp_path / "out" / "gate.json"), "--json"]
    )
    assert measured.exit_code == 0, measured.output
    figures = json.loads(measured.stdout.splitlines()[-1])
    assert figures["seen_in_training"] is True
    assert "This gate was trained on 3 of these 3 traces" in measured.stderr


def test_the_same_seed_trains_the_same_gate(bench: Path, tmp_path: Path) -> None:
    weights = []
    for name in ("one", "two"):
        assert _train(tmp_path / name, "--data", str(bench), "--seed", "1").exit_code == 0
        gate = LearnedGate.load(tmp_path / name / "gate.json")
        weights.append((gate.weights.live, gate.weights.told))
    assert weights[0] == weights[1]


def test_a_traces_own_labels_have_no_say_in_what_is_decided_of_it(tmp_path: Path) -> None:
    """Neither in its scores nor, by the fits that score the others, in its calibration and threshold."""
    rows = reward_rows()
    own = rows[0]["obs"][0]
    turned = [
        {**row, "help_needed": not row["help_needed"], "annotation": [not vote for vote in row["annotation"]]}
        if row["obs"][0] == own
        else row
        for row in rows
    ]
    told = []
    for name, some in (("as they are", rows), ("turned", turned)):
        data = write_published(tmp_path / name, some)
        assert _train(tmp_path / f"gate {name}", "--data", str(data)).exit_code == 0
        gate, _ = read_evaluations(tmp_path / f"gate {name}" / "held-out.json")
        told.append({(row.trace, row.index): row for row in gate.rows})
    before, after = told
    (trace,) = {key[0] for key in before if before[key].label != after[key].label}
    moved = {key: abs((before[key].score or 0) - (after[key].score or 0)) for key in before}
    assert max(move for key, move in moved.items() if key[0] == trace) < 1e-9
    assert max(move for key, move in moved.items() if key[0] != trace) > 1e-3
    assert all(row.speaks == after[key].speaks for key, row in before.items() if key[0] == trace)


def test_what_was_not_trained_stays_as_it_ships(bench: Path, tmp_path: Path) -> None:
    """Sentences' labels say nothing of an editor's events: without activity, the editor's part must not change."""
    result = _train(tmp_path / "out", "--data", str(bench))
    assert "No --activity" in result.output
    trained, shipped = LearnedGate.load(tmp_path / "out").weights, LearnedGate.load().weights
    assert trained.live == shipped.live
    assert trained.told != shipped.told


def test_a_gate_learns_what_people_want(bench: Path, tmp_path: Path) -> None:
    assert _train(tmp_path / "out", "--data", str(bench)).exit_code == 0
    result = CliRunner().invoke(
        evaluate.app, ["need", "--data", str(bench), "--gate", str(tmp_path / "out" / "gate.json"), "--json"]
    )
    figures = json.loads(result.stdout.splitlines()[-1])
    assert figures["auc"] > 0.8  # on what it has seen: it can learn at all
    assert set(figures["domains"]) == {"code", "other"}
    assert figures["domains"]["code"]["n"] == 3
    assert figures["baselines"]["always"]["recall"] == 1


def test_the_shipped_gate_is_measured_by_default(bench: Path) -> None:
    result = CliRunner().invoke(evaluate.app, ["need", "--data", str(bench)])
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == ["all", "always", "never", "code", "other"]
    assert "false alarm" in lines[0]
    assert "trained on" not in result.output


def test_a_gate_is_said_to_have_seen_what_measures_it(bench: Path, tmp_path: Path) -> None:
    assert _train(tmp_path / "out", "--data", str(bench)).exit_code == 0
    gate = str(tmp_path / "out" / "gate.json")
    result = CliRunner().invoke(evaluate.app, ["need", "--data", str(bench), "--gate", gate])
    assert result.exit_code == 0, result.output
    assert "This gate was trained on 3 of these 3 traces" in result.output.replace("\n", " ")


def test_broken_lines_are_reported_and_the_rest_is_used(bench: Path) -> None:
    path = bench / "reward_data" / "train_data.jsonl"
    path.write_bytes(b"{broken\n" + path.read_bytes())
    result = CliRunner().invoke(evaluate.app, ["need", "--data", str(bench), "--json"])
    assert result.exit_code == 0
    figures = json.loads(result.stdout.splitlines()[-1])
    assert figures["n"] == 11
    assert figures["problems"][0].startswith("reward_data/train_data.jsonl:1: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "nothing to train on"),
        (["--data", "missing"], "ProactiveBench's published layout"),
        (["--activity", "missing"], "neither a project folder nor a git repository"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_sentence(tmp_path: Path, arguments: list[str], message: str) -> None:
    result = _train(tmp_path / "out", *arguments)
    assert result.exit_code == 1
    assert message in result.stderr
    assert not (tmp_path / "out").exists()


def test_answers_of_the_gate_before_do_not_stay_beside_a_new_one(project: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "held-out.json").write_text("{}")
    assert _train(out, "--activity", str(project), "--sittings", "1").exit_code == 0
    assert (out / "gate.json").exists() and not (out / "held-out.json").exists()


def test_a_place_that_cannot_be_written_is_refused_before_the_work(bench: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = _train(tmp_path / "file" / "out", "--data", str(bench))
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr and "--out" in result.stderr
    assert "Read 11 labelled events" not in result.output


def test_the_weights_tell_of_the_data_and_not_where_they_lay(
    bench: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["proactive", "train", "gate", f"--data={bench}"])
    assert _train(tmp_path / "out", f"--data={bench}").exit_code == 0
    assert LearnedGate.load(tmp_path / "out").weights.metadata["command"] == "proactive train gate --data=bench"


def test_a_foreign_gate_is_refused(bench: Path, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    result = CliRunner().invoke(evaluate.app, ["need", "--data", str(bench), "--gate", str(tmp_path / "x.json")])
    assert result.exit_code == 1
    assert "not a gate's weights file" in result.stderr


def test_help_teaches() -> None:
    told = CliRunner().invoke(train.app, ["gate", "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"}).output
    assert (
        "reward_data" in told and "throw-away copy" in told and "Example" in told and "the [local] extra" in told
    )
    told = CliRunner().invoke(evaluate.app, ["need", "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"}).output
    assert "false alarm" in told and "bootstrap" in told
