"""``proactive evaluate need`` in all its forms, on tiny data."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from typer.testing import CliRunner, Result

from command_reports import report_of
from proactive_inference.gate import LearnedGate
from proactive_training.bench.dataset import Dataset, Record
from proactive_training.bench.dataset_writer import writing
from proactive_training.bench.example import Example, Label, LabelSource, Sitting
from proactive_training.bench.importing import import_published
from proactive_training.bench.published import Layout
from proactive_training.bench.split import Plan, split_dataset
from proactive_training.commands import evaluate
from proactive_training.errors import DataError
from proactive_training.evaluation_file import Exposure, Task, read_evaluations
from proactive_training.judged_rows import read_judged
from proactive_training.metrics import steady_threshold
from proactive_training.need_data import read_need_data

KEYS = {"n", "recall", "precision", "accuracy", "false_alarm", "f1", "auc", "speaks", "ci", "baselines"}


def _need(*arguments: object) -> Result:
    return CliRunner().invoke(evaluate.app, ["need", *map(str, arguments)], env={"COLUMNS": "200"})


def _json(*arguments: object) -> dict[str, Any]:
    return report_of(evaluate.app, "need", *arguments)


@pytest.fixture
def dataset(bench: Path, tmp_path: Path) -> Path:
    """The published traces as a dataset."""
    import_published(Layout.of(bench), tmp_path / "dataset")
    return tmp_path / "dataset"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Answers of two models on the second and third of the traces."""
    root = tmp_path / "answers"
    _answers(
        root / "eager" / "code_7.json",
        [
            ("1717000000.5", "The user switches to the web browser.", ["Open it"]),
            ("1717000010", "The user looks for 'how to sort a table'.", ["Sort it"]),
            ("1717000020", "The user switches to another application.", ["null"]),
        ],
    )
    _answers(
        root / "quiet" / "other_1.json",
        [
            ("1718000000", "The user clicks the mouse.", []),
            ("1718000030", "The user runs the script and sees an error.", ["Mend it"]),
            ("1718000060", "The user scrolls through the page.", [None]),
        ],
    )
    return root


def _answers(file: Path, told: list[tuple[str, str, list[str | None]]]) -> None:
    file.parent.mkdir(parents=True)
    items = [{"observation": {"time": time, "event": event}, "agent_response": said} for time, event, said in told]
    file.write_bytes(orjson.dumps(items))


def test_a_gate_at_a_threshold(bench: Path, tmp_path: Path) -> None:
    whole = _json("--data", bench, "--threshold", 0, "--out", tmp_path / "e.json")
    assert whole.keys() >= KEYS
    assert (whole["n"], whole["recall"], whole["speaks"]) == (11, 1, 1)
    assert whole["f1"] == pytest.approx(whole["baselines"]["always"]["f1"])
    assert whole["threshold"] == 0
    assert [trace["n"] for trace in whole["traces"]] == [3, 4, 4]
    assert whole["domains"]["code"].keys() >= KEYS
    assert _json("--data", bench, "--threshold", 1)["speaks"] == 0

    (written,) = read_evaluations(tmp_path / "e.json")
    assert (written.task, written.kind, written.name) == (Task.NEED, "gate", "gate: shipped")
    assert written.exposure is Exposure.HELD_OUT  # its weights name the traces that they were trained on
    assert written.figures["f1"] == pytest.approx(whole["f1"])
    gate = LearnedGate.load()
    trace = read_need_data(bench).bench.traces[0]
    assert written.rows[1].score == pytest.approx(gate.need(trace.window(1)).probability)


def test_a_threshold_from_the_other_traces_knows_nothing_of_its_own(bench: Path, tmp_path: Path) -> None:
    found = _json("--data", bench, "--threshold", "others", "--out", tmp_path / "e.json")
    assert found["threshold"] is None
    (written,) = read_evaluations(tmp_path / "e.json")
    assert written.protocol == "threshold from the other traces"
    numbers = {name: n for n, name in enumerate(dict.fromkeys(row.trace for row in written.rows))}
    score, need, trace = (
        np.asarray(values)
        for values in zip(*((row.score, row.label, numbers[row.trace]) for row in written.rows), strict=True)
    )
    for number in numbers.values():
        out = trace == number
        expected = score[out] >= steady_threshold(score[~out], need[~out], trace[~out])
        assert [row.speaks for row, here in zip(written.rows, out, strict=True) if here] == expected.tolist()


def test_what_is_gained_over_another_evaluation(bench: Path, tmp_path: Path) -> None:
    before = _json("--data", bench, "--threshold", 0, "--out", tmp_path / "before.json")
    result = _need("--data", bench, "--threshold", 1, "--against", tmp_path / "before.json", "--json")
    found = json.loads(result.stdout.splitlines()[-1])
    assert found["gain"]["f1"] == pytest.approx(-before["f1"]) and found["gain"]["over"] == "gate: shipped"
    low, high = found["gain"]["ci"]
    assert -1 < low <= found["gain"]["f1"] <= high < 0
    assert f"F1 {-before['f1']:+.3f}" in result.stderr
    same = _json("--data", bench, "--threshold", 0, "--against", tmp_path / "before.json")
    assert same["gain"]["f1"] == 0 and same["gain"]["ci"] == [0, 0]
    _json("--data", bench, "--split", "test", "--out", tmp_path / "part.json")
    refused = _need("--data", bench, "--against", tmp_path / "part.json")
    assert refused.exit_code == 1 and "evaluate both on the same data" in refused.stderr.replace("\n", " ")


def test_the_shipped_gate_by_name_and_by_path(bench: Path, tmp_path: Path) -> None:
    LearnedGate.load().weights.save(tmp_path / "mine")
    by_name = _json("--data", bench, "--gate", "shipped")
    for path in (tmp_path / "mine", tmp_path / "mine" / "gate.json"):
        by_path = _json("--data", bench, "--gate", path)
        assert {key: by_path[key] for key in KEYS} == {key: by_name[key] for key in KEYS}
    assert by_path["evaluated"] == "gate: mine"


def test_a_dataset_gives_the_same_as_the_layout_it_was_imported_from(bench: Path, dataset: Path) -> None:
    one, two = _json("--data", bench), _json("--data", dataset)
    for found in (one, two):
        assert found.pop("data")["fingerprint"]
    (leak,) = two.pop("notes")
    assert leak.startswith("The split 'test' shares 2 traces with others") and "all splits are measured" in leak
    assert one.pop("notes") == []
    assert one == two


def test_a_split_is_measured_alone(bench: Path, dataset: Path, tmp_path: Path) -> None:
    assert _json("--data", bench, "--split", "train")["n"] == 8
    assert _json("--data", dataset, "--split", "train")["n"] == 8
    leaking = _json("--data", dataset, "--split", "test")
    assert leaking["n"] == 3 and "has seen it. 'proactive bench split'" in leaking["notes"][0]
    everything = _json("--data", dataset)
    assert (everything["n"], everything["data"]["split"]) == (
        11,
        "all",
    )  # its test split shares a trace with train

    for salt in "abcdefghijkl":
        try:
            split_dataset(Dataset.open(dataset), Plan(test=0.4, validation=0, salt=salt), tmp_path / "split")
            break
        except DataError as error:  # three traces: with some salts all fall to one side
            assert "too few" in str(error)
    apart = _json("--data", tmp_path / "split")
    assert apart["data"]["split"] == "test"
    assert apart["n"] < 11 and apart["notes"] == []
    assert _json("--data", tmp_path / "split", "--split", "all")["n"] == 11
    for data, has in ((bench, "train, test"), (dataset, "train, test, or give 'all'")):
        result = _need("--data", data, "--split", "dev")
        assert result.exit_code == 1
        assert f"no split 'dev'; it has {has}" in result.stderr


def test_moments_of_unknown_need_are_left_out_and_counted(bench: Path, tmp_path: Path) -> None:
    trace = read_need_data(bench).bench.traces[0].trace
    labels = [Label(LabelSource.HINDSIGHT, need=need) for need in (False, None, True)]
    with writing(tmp_path / "replayed") as writer:
        sitting = Sitting(trace, domain="code", source="replay", group="a-repository")
        examples = tuple(Example(trace.name, index, label) for index, label in enumerate(labels))
        writer.add(Record(sitting, examples), "train")
    found = _json("--data", tmp_path / "replayed")
    assert (found["n"], found["labels"], found["data"]["need_unknown"]) == (2, 1, 1)
    assert any("nobody knows" in note for note in found["notes"])
    assert any("All is of one repository" in note for note in found["notes"])


def test_published_answers_of_one_model(bench: Path, models: Path) -> None:
    found = _json("--data", bench, "--predictions", models / "eager")
    assert found.keys() >= KEYS
    assert (found["n"], found["recall"], found["precision"], found["false_alarm"]) == (3, 1, 0.5, 0.5)
    assert found["auc"] is None and "auc" not in found["ci"]
    assert found["baselines"]["always"]["speaks"] == 1
    assert found["predictions"]["matched"] == {"exact": 2, "same_time": 1, "between": 0}
    assert found["predictions"]["events_without_answer"] == 0
    assert len(found["predictions"]["traces_without_answers"]) == 2


def test_published_answers_of_many_models(bench: Path, models: Path, tmp_path: Path) -> None:
    found = _json("--data", bench, "--predictions", models, "--out", tmp_path / "all.json")["models"]
    assert found.keys() == {"eager", "quiet"}
    assert (found["quiet"]["f1"], found["quiet"]["n"]) == (1, 3)
    assert found["quiet"]["predictions"]["events_without_answer"] == 1
    written = read_evaluations(tmp_path / "all.json")
    assert [one.name for one in written] == ["eager", "quiet"]
    assert [row.task for row in written[0].rows] == ["Open it", "Sort it", None]
    assert [row.speaks for row in written[1].rows] == [False, True, False]

    result = _need("--data", bench, "--predictions", models)
    names = [line.split()[0] for line in result.stdout.splitlines()[1:]]
    assert names == ["quiet", "eager", "always", "never"]  # the best first
    assert "quiet: 1 labelled events have no answer" in result.stderr


def test_useless_answers_of_one_model_leave_the_others_be(bench: Path, models: Path) -> None:
    alone = _json("--data", bench, "--predictions", models)["models"]
    _answers(models / "foreign" / "code_1.json", [("1600000000", "elsewhere", ["Help"])])
    (models / "broken").mkdir()
    (models / "broken" / "code_1.json").write_text("{")
    (models / "info.json").write_text("{}")
    found = _json("--data", bench, "--predictions", models)["models"]
    assert found.keys() == {"eager", "quiet"}
    for name, report in found.items():
        assert report["f1"] == alone[name]["f1"]
        broken, foreign = (note for note in report["notes"] if note.startswith("Not evaluated: "))
        assert "broken/code_1.json:1: not a list of observations" in broken
        assert "in foreign belongs to a labelled event" in foreign
    for name in ("eager", "quiet"):
        (file,) = (models / name).iterdir()
        file.unlink()
    result = _need("--data", bench, "--predictions", models)
    assert result.exit_code == 1
    assert "none of 2 models can be evaluated; the first: no answer in broken" in result.stderr


def test_folders_are_named_wherever_one_stands(bench: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(models / "eager")
    assert _json("--data", bench, "--predictions", ".")["evaluated"] == "eager"
    monkeypatch.chdir(bench)
    assert _json("--data", ".")["data"]["name"] == bench.name
    monkeypatch.chdir(bench / "test_data")
    assert _json("--data", "..")["data"]["name"] == bench.name
    assert read_judged(Path("..")).name == bench.name


def test_names_that_are_no_utf_8_are_told_all_the_same(bench: Path, models: Path, tmp_path: Path) -> None:
    odd, data = models / os.fsdecode(b"b\xffd"), tmp_path / os.fsdecode(b"d\xff")
    try:
        (models / "eager").rename(odd)
    except OSError:
        pytest.skip("this file system holds UTF-8 names alone")
    bench.rename(data)
    (odd / "code_7.json").rename(odd / os.fsdecode(b"\xfe.json"))
    (odd / os.fsdecode(b"\xfd.json")).write_text("{")
    found = _json("--data", data, "--predictions", models, "--out", tmp_path / "e.json")["models"]
    assert found.keys() == {"b\\xffd", "quiet"}
    report = found["b\\xffd"]
    assert report["n"] == 3 and report["data"]["name"] == "d\\xff"
    assert report["problems"][0].startswith("b\\xffd/\\xfd.json:1: not a list")
    assert [one.name for one in read_evaluations(tmp_path / "e.json")] == ["b\\xffd", "quiet"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "missing"], "missing does not exist; give a folder in ProactiveBench's published layout"),
        (["--data", "."], "has neither reward_data/*.jsonl nor sittings/*.parquet"),
        (["--data", "BENCH", "--gate", "shipped", "--predictions", "x"], "--gate and --predictions are different"),
        (["--data", "BENCH", "--predictions", "x"], "x does not exist; give a model's folder"),
        (["--data", "BENCH", "--predictions", "BENCH/test_data", "--threshold", "0.5"], "answers are as they are"),
        (["--data", "BENCH", "--threshold", "1.5"], "give a number from 0 to 1, or 'others'"),
        (["--data", "BENCH", "--threshold", "best"], "give a number from 0 to 1, or 'others'"),
        (["--data", "BENCH", "--gate", "shiped"], "train one with 'proactive train gate'"),
        (["--data", "BENCH", "--out", "BENCH/reward_data/train_data.jsonl/x.json"], "another place with --out"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_sentence(
    bench: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    result = _need(*(one.replace("BENCH", str(bench)) for one in arguments))
    assert result.exit_code == 1
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_dataset_without_its_extra_names_the_remedy(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = _need("--data", dataset)
    assert result.exit_code == 1
    assert result.stderr.strip().endswith("pip install 'proactive-lsp[bench]'")


def test_help_teaches() -> None:
    told = _need("--help").output
    for word in ("reward_data", "--predictions", "test_data", "bootstrap", "Example"):
        assert word in told
