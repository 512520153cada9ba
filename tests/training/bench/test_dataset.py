"""Dataset folders: ``datasets`` opens them, the card tells what is in them, broken ones are refused in words."""

from __future__ import annotations

import os
import subprocess
import sys
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pyarrow.parquet as pq
import pytest
import yaml
from typer.testing import CliRunner

from proactive_collectors.events import Event, Observed, Source
from proactive_collectors.trace import Trace
from proactive_training.bench import dataset_writer as module
from proactive_training.bench import rows
from proactive_training.bench.dataset import Dataset, Record
from proactive_training.bench.dataset_writer import writing
from proactive_training.bench.example import Example, Label, LabelSource, Offer, Sitting
from proactive_training.commands.bench import app
from proactive_training.errors import DataError

START = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


def sitting(name: str, events: int = 3, text: str = "The user saved a file.") -> Sitting:
    told = (Event(START + timedelta(seconds=n), Source.DATASET, Observed(f"{text} {n}")) for n in range(events))
    return Sitting(Trace(name, tuple(told)), domain="code", repository="shop", source="replay", licence="MIT")


def record(name: str, events: int = 3, text: str = "The user saved a file.") -> Record:
    label = Label(LabelSource.HINDSIGHT, need=True, accepted=True, rule="confirmed")
    return Record(
        sitting(name, events, text), tuple(Example(name, n, label, Offer(f"Do {n}")) for n in range(events))
    )


LOAD = """
import sys, datasets, orjson
found = {}
for name in ("events", "sittings", "examples", "answers", "files", None):
    loaded = datasets.load_dataset(*[v for v in (sys.argv[1], name) if v], cache_dir=sys.argv[2])
    found[name or "default"] = {split: table.num_rows for split, table in loaded.items()}
streamed = datasets.load_dataset(sys.argv[1], "examples", split="train", streaming=True)
row = next(iter(streamed))
print(orjson.dumps({"rows": found, "row": row, "columns": streamed.column_names}).decode())
"""


def test_datasets_opens_every_configuration(dataset: Path, tmp_path: Path) -> None:
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(tmp_path / "hf")}
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(dataset), str(tmp_path / "cache")],
        env={**os.environ, **offline}, capture_output=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    found = orjson.loads(done.stdout.splitlines()[-1])
    assert found["rows"] == {
        "events": {"train": 11, "test": 8},
        "sittings": {"train": 3, "test": 2},
        "examples": {"train": 10, "test": 3},
        "answers": {"test": 16},
        "files": {"imported": 8},
        "default": {"train": 10, "test": 3},
    }
    assert found["row"]["label_source"] == "human" and found["row"]["edits"] == []
    assert found["columns"] == rows.schemas()["examples"].names


def test_the_card_counts_and_names_the_files(dataset: Path) -> None:
    text = (dataset / "README.md").read_text()
    front = yaml.safe_load(text.split("---\n")[1])
    assert front["license"] == ["apache-2.0"] and front["size_categories"] == ["n<1K"]
    for config in front["configs"]:
        for files in config["data_files"]:
            assert sorted(dataset.glob(files["path"])), files
    lines = text.splitlines()
    assert "| train | 11 | 3 | 10 | 0 |" in lines and "| test | 8 | 2 | 3 | 16 |" in lines
    assert "13 items of 3 traces, intervals over traces." in lines
    assert any(line.startswith("| Fleiss' kappa | ") for line in lines)


def test_the_card_is_written_anew(dataset: Path) -> None:
    before = (dataset / "README.md").read_text()
    (dataset / "README.md").unlink()
    assert CliRunner().invoke(app, ["card", "--data", str(dataset)]).exit_code == 0
    assert (dataset / "README.md").read_text() == before


def test_names_do_not_become_markdown_in_the_card(tmp_path: Path) -> None:
    from attrs import evolve

    made = record("one")
    odd = evolve(made.sitting, domain="a|b <img src=x>", repository="[x](y)\n# h")
    with writing(tmp_path / "data") as writer:
        writer.add(evolve(made, sitting=odd), "train")
    text = (tmp_path / "data/README.md").read_text()
    assert "\\|b \\<img" in text and "<img" not in text.replace("\\<img", "")
    assert "\n# h" not in text and "\\[x\\](y)" in text


def test_large_datasets_are_cut_into_files_and_read_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FLUSH_ROWS", 10)
    monkeypatch.setattr(module, "SHARD_ROWS", 30)
    made = [record(f"s{n}", 7) for n in range(20)]
    with writing(tmp_path / "data") as writer:
        for one in made:
            writer.add(one, "train")
    assert len(list((tmp_path / "data/events").iterdir())) == 5
    found = Dataset.open(tmp_path / "data")
    assert found.count("events", "train") == 140
    assert list(found.records("train")) == made


def test_memory_does_not_grow_with_the_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FLUSH_BYTES", 200_000)
    long = "The user reads a page. " * 20

    def peak(count: int) -> int:
        folder = tmp_path / str(count)
        tracemalloc.start()
        with writing(folder) as writer:
            for n in range(count):
                writer.add(record(f"s{n}", 20, long), "train")
        assert sum(1 for _ in Dataset.open(folder).records("train")) == count
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(10)  # what is imported and cached once is not what is measured
    assert peak(400) < 2 * peak(100)


def test_a_dataset_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), writing(tmp_path / "data") as writer:
        writer.add(record("one"), "train")
        raise RuntimeError
    with pytest.raises(DataError, match="no sitting to write"), writing(tmp_path / "data"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    one = record("one")
    for wrong, split, message in (
        (
            Record(one.sitting, (Example("two", 0, Label(LabelSource.HUMAN)),)),
            "train",
            "stands with sitting 'one'",
        ),
        (Record(one.sitting, (Example("one", 3, Label(LabelSource.HUMAN)),)), "train", "which has 3 events"),
        (one, "all", "no name for a split"),
        (one, "../x", "no name for a split"),
    ):
        with pytest.raises(DataError, match=message), writing(tmp_path / "data") as writer:
            writer.add(wrong, split)
    with pytest.raises(DataError, match="two sittings are named 'one'"), writing(tmp_path / "data") as writer:
        writer.add(one, "train")
        writer.add(one, "train")
    assert list(tmp_path.iterdir()) == []


def test_half_a_surrogate_pair_is_replaced(tmp_path: Path) -> None:
    broken = Example("one", 0, Label(LabelSource.HUMAN, rule="\ud800"), Offer("a\udfffb"))
    with writing(tmp_path / "data") as writer:
        writer.add(Record(sitting("one"), (broken,)), "train")
    ((found,),) = [r.examples for r in Dataset.open(tmp_path / "data").records("train")]
    assert found.offer and found.offer.task == "a\ufffdb" and found.label.rule == "\ufffd"


def test_a_folder_that_is_no_dataset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is no dataset"):
        Dataset.open(tmp_path)
    with pytest.raises(DataError, match="is no dataset"):
        Dataset.open(tmp_path / "missing")


def test_broken_newer_and_foreign_files_are_refused(dataset: Path) -> None:
    path = dataset / "examples/train-00000.parquet"
    table, raw = pq.read_table(path), path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])
    with pytest.raises(DataError, match="is no Parquet file"):
        Dataset.open(dataset)
    newer = table.replace_schema_metadata({rows.VERSION_KEY: b"99"}).drop_columns(["task"])
    pq.write_table(newer, path)
    with pytest.raises(DataError, match=r"version 99.*update proactive-lsp"):
        Dataset.open(dataset)
    pq.write_table(table.drop_columns(["task"]), path)
    with pytest.raises(DataError, match="lacks task"):
        Dataset.open(dataset)


def test_rows_that_were_taken_out_or_shuffled_are_noticed(dataset: Path) -> None:
    path = dataset / "events/train-00000.parquet"
    table = pq.read_table(path)
    pq.write_table(table.slice(1), path)
    with pytest.raises(DataError, match="missing or out of order"):
        list(Dataset.open(dataset).records("train"))
    pq.write_table(table, path)
    other = dataset / "examples/train-00000.parquet"
    examples = pq.read_table(other)
    pq.write_table(examples.sort_by([("index", "ascending")]), other)
    with pytest.raises(DataError, match="out of order"):
        list(Dataset.open(dataset).records("train"))


def test_unknown_values_are_refused(dataset: Path) -> None:
    path = dataset / "examples/train-00000.parquet"
    table = pq.read_table(path)
    column = table.schema.get_field_index("label_source")
    odd = table.set_column(column, "label_source", [["oracle"] * table.num_rows])
    pq.write_table(odd.cast(table.schema), path)
    with pytest.raises(DataError, match="oracle"):
        list(Dataset.open(dataset).records("train"))


def test_a_light_install_says_what_is_missing(dataset: Path) -> None:
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from proactive_training.commands.bench import app\n"
        "app(['card', '--data', sys.argv[1]])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(dataset)], capture_output=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr.decode().splitlines() == [
        "Error: this needs the package 'pyarrow'; install it with pip install 'proactive-lsp[bench]'"
    ]
