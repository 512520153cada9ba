"""Import of the published layout and export back, on a folder with everything in it, and on broken ones."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from proactive_collectors.events import Event, Observed, Source
from proactive_collectors.trace import Trace
from proactive_training.bench.dataset import Dataset, Record
from proactive_training.bench.dataset_writer import writing
from proactive_training.bench.example import Category, Example, Label, LabelSource, Sitting
from proactive_training.bench.importing import import_published
from proactive_training.bench.published import Layout, domain_of, split_of
from proactive_training.bench.published_files import parse_time
from proactive_training.bench.published_writer import export_published
from proactive_training.commands.bench import app
from proactive_training.proactivebench import read

TRAIN = "reward_data/train_data.jsonl"
TEST = "reward_data/test_data.jsonl"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def files_below(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def records(folder: Path, split: str) -> list[Record]:
    return list(Dataset.open(folder).records(split))


def examples(folder: Path, split: str) -> list[Example]:
    return [example for record in records(folder, split) for example in record.examples]


def back(published: Path, tmp_path: Path) -> tuple[dict[str, bytes], dict[str, Any]]:
    """What import and export make of a folder, and the export's report."""
    shutil.rmtree(tmp_path / "in", ignore_errors=True)
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
    result = run("import", "--from", published, "--out", tmp_path / "in")
    assert result.exit_code == 0, result.output
    result = run("export", "--data", tmp_path / "in", "--out", tmp_path / "out", "--json")
    assert result.exit_code == 0, result.output
    return files_below(tmp_path / "out"), json.loads(result.stdout.splitlines()[-1])


def test_what_is_imported_comes_back_equal_to_the_byte(published: Path, tmp_path: Path) -> None:
    found, report = back(published, tmp_path)
    assert found == files_below(published)
    assert sorted(report["equal"]) == sorted(found)
    assert report["differing"] == [] and report["missing"] == [] and report["left_out"] == {}


def test_labels_votes_and_tasks_are_in_the_columns(dataset: Path) -> None:
    found = examples(dataset, "train")
    assert len(found) == 10
    offered = next(e for e in found if e.offer and e.offer.task.startswith("Show how"))
    assert (offered.index, offered.label.need, offered.label.accepted) == (1, True, True)
    assert offered.label.votes == (True, True, True)
    assert offered.category is Category.CORRECT_DETECTION
    silent = next(e for e in found if e.offer is None and e.label.votes == (False, False, True))
    assert silent.category is Category.MISSED_NEED
    (table,) = [r.sitting for r in records(dataset, "train") if r.sitting.times[0] == "1717000000.5"]
    assert table.domain == "code" and table.licence == "Apache-2.0" and table.group == table.name
    assert [len(r.sitting.trace.events) for r in records(dataset, "test")] == [4, 4]


def test_answers_find_their_moments_though_events_were_merged(dataset: Path) -> None:
    answers = [a for r in records(dataset, "test") for a in r.answers if a.origin and "model-a" in a.origin.file]
    assert [(a.index, a.offer and (a.offer.proposer, a.offer.task)) for a in answers] == [
        (0, None),
        (2, ("model-a", "Explain sorting")),  # told of the search and the reading in one: after both
        (3, None),
    ]
    assert [a.label.need for a in answers] == [False, False, False]
    exact = [a for r in records(dataset, "test") for a in r.answers if a.origin and "model-b" in a.origin.file]
    assert [(a.index, a.label.need, bool(a.offer)) for a in exact] == [
        (0, False, False), (1, True, True), (2, False, False), (3, False, False),
    ]  # fmt: skip


def test_parts_can_be_given_one_by_one(published: Path, tmp_path: Path) -> None:
    result = run(
        "import", "--reward-data", published / "reward_data", "--test-data", published / "test_data",
        "--answers", published / "published_traces", "--scenes", published / "scenes.yaml",
        "--scenes", published / "seeds.yaml", "--out", tmp_path / "in", "--json",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout.splitlines()[-1])
    assert report["splits"]["train"]["examples"] == 10
    export_published(Dataset.open(tmp_path / "in"), tmp_path / "out")
    assert files_below(tmp_path / "out") == files_below(published)


def test_only_reward_data_is_enough(published: Path, tmp_path: Path) -> None:
    assert run("import", "--reward-data", published / "reward_data", "--out", tmp_path / "in").exit_code == 0
    export_published(Dataset.open(tmp_path / "in"), tmp_path / "out")
    assert set(files_below(tmp_path / "out")) == {TRAIN, TEST}
    assert (tmp_path / "out" / TRAIN).read_bytes() == (published / TRAIN).read_bytes()


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda raw: b"\xef\xbb\xbf" + raw,
        lambda raw: raw.replace(b"\n", b"\r\n"),
        lambda raw: raw.removesuffix(b"\n"),
        lambda raw: b"\n".join(json.dumps(json.loads(x)).encode() for x in raw.splitlines()) + b"\n",
        lambda raw: b"\n".join(orjson.dumps(orjson.loads(x)) for x in raw.splitlines()) + b"\n",
        lambda raw: raw.replace(b'{"obs": ', b'{ "more": [1e3, {}], "obs": '),
        lambda raw: raw + raw,  # every row twice
        lambda raw: raw.replace(b'"False-Alarm (FA)"', b'"odd"').replace(b'"valid": true', b'"valid": 1'),
        lambda raw: raw.replace(b'"pred_task": "Open a calculator"', b'"pred_task": ["Open", "it"]'),
        lambda raw: raw.replace(b'"1717000010"', b"1717000010"),
        lambda raw: raw.replace(b'"pred_task": "Open a calculator"', b'"pred_task": " "'),
        lambda raw: raw.replace(b'"valid": true, ', b"").replace(b'"help_needed": true', b'"help_needed": 1'),
    ],
    ids=[
        "bom", "crlf", "no last newline", "ascii", "compact", "more keys", "duplicates", "odd values",
        "a list of tasks", "a time as number", "a blank task", "labels left out or as numbers",
    ],
)  # fmt: skip
def test_other_ways_of_writing_come_back_as_well(published: Path, tmp_path: Path, rewrite: Any) -> None:
    before = files_below(published)
    for name in (TRAIN, TEST):
        (published / name).write_bytes(rewrite(before[name]))
    assert files_below(published)[TRAIN] != before[TRAIN]
    found, report = back(published, tmp_path)
    assert report["differing"] == []
    assert found == files_below(published)


@pytest.mark.parametrize("name", ["test_data/code_7.json", "published_traces/model-b/code_7.json"])
@pytest.mark.parametrize(
    "rewrite",
    [
        lambda value: json.dumps(value, indent=1).encode(),
        lambda value: b"\xef\xbb\xbf" + json.dumps(value, indent=4).replace("\n", "\r\n").encode(),
        lambda value: b"[ \n" + b" ,\n".join(orjson.dumps(item) for item in value) + b"\t]\n",
        lambda value: json.dumps([dict(reversed(item.items())) for item in value], indent=4).encode(),
    ],
    ids=["indent", "bom and crlf", "by hand", "other order"],
)
def test_traces_come_back_however_they_were_written(
    published: Path, tmp_path: Path, name: str, rewrite: Any
) -> None:
    (published / name).write_bytes(rewrite(json.loads((published / name).read_bytes())))
    found, report = back(published, tmp_path)
    assert report["differing"] == []
    assert found == files_below(published)


def test_files_that_the_system_does_not_give_are_set_aside(published: Path, tmp_path: Path) -> None:
    for name in ("reward_data/more_data.jsonl", "published_traces/model-a/code_9.json", "more.yaml"):
        (published / name).symlink_to("nowhere")
    report = import_published(Layout.of(published), tmp_path / "dataset")
    assert sorted(report["problems"]) == [
        f"{name}:1: cannot be read: No such file or directory"
        for name in ("more.yaml", "published_traces/model-a/code_9.json", "reward_data/more_data.jsonl")
    ]


def test_broken_lines_are_set_aside_with_file_and_line(published: Path, tmp_path: Path) -> None:
    good = (published / TRAIN).read_bytes().split(b"\n")
    good[2:2] = [b"{not json", b"", b'{"obs": []}', b'\xff{"obs": 1}', b"7", b'{"obs": [{"time": "soon"}]}']
    (published / TRAIN).write_bytes(b"\n".join(good))
    (published / "test_data/code_9.json").write_text('[{"observation": 5}, \n {"broken')
    (published / "published_traces/model-a/code_1.json").write_bytes(b"\xff\xfe[")
    (published / "more.yaml").write_text("a: 1\nb: [\n")
    result = run("import", "--from", published, "--out", tmp_path / "in")
    assert result.exit_code == 0, result.output
    told = [line.removeprefix("Set aside: ").split(": ")[0] for line in result.stderr.splitlines()]
    assert told[:-1] == [
        *(f"{TRAIN}:{n}" for n in (3, 5, 6, 7, 8)),
        "test_data/code_9.json:1",
        "test_data/code_9.json:2",
        "published_traces/model-a/code_1.json:1",
        "more.yaml:3",
    ]
    broken = [orjson.loads(line) for line in (tmp_path / "in/broken.jsonl").read_bytes().splitlines()]
    assert [(b["file"], b["line"]) for b in broken] == [tuple(_at(place)) for place in told[:-1]]
    assert broken[0]["text"] == "{not json"
    assert len(examples(tmp_path / "in", "train")) == 10
    found, report = back(published, tmp_path)
    assert report["differing"] == [TRAIN] and report["missing"] == ["test_data/code_9.json"]
    assert found[TEST] == (published / TEST).read_bytes()
    assert found[TRAIN].split(b"\n") == good[:2] + good[8:]


def _at(place: str) -> tuple[str, int]:
    file, _, line = place.rpartition(":")
    return file, int(line)


def test_a_huge_line_is_read_or_set_aside(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = (published / TRAIN).read_bytes().splitlines()
    row = json.loads(rows[0])
    row["obs"][0]["event"] = "The user pastes " + "x" * 3_000_000
    huge = json.dumps(row, ensure_ascii=False).encode()
    (published / TRAIN).write_bytes(b"\n".join([huge, *rows[1:]]) + b"\n")
    found, report = back(published, tmp_path)
    assert report["differing"] == [] and found[TRAIN].startswith(huge)
    monkeypatch.setattr("proactive_training.bench.published_files.LONGEST_LINE", 2 * 2**20)
    result = run("import", "--from", published, "--out", tmp_path / "short")
    assert f"{TRAIN}:1: longer than 2 MiB" in result.stderr
    assert len(examples(tmp_path / "short", "train")) == 9


def test_rows_that_go_their_own_way_make_a_sitting_of_their_own(published: Path, tmp_path: Path) -> None:
    row = json.loads((published / TRAIN).read_bytes().splitlines()[1])
    row["obs"][1] = {"time": "1717000011", "event": "The user opens 'chairs.py'."}
    with (published / TRAIN).open("ab") as stream:
        stream.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    found, report = back(published, tmp_path)
    assert report["differing"] == [] and found == files_below(published)
    alike = [r.sitting for r in records(tmp_path / "in", "train") if r.sitting.times[0] == "1717000000.5"]
    assert [len(s.trace.events) for s in alike] == [4, 2]
    assert len({s.name for s in alike}) == 2 and len({s.together for s in alike}) == 1
    problems = read(published).problems  # for training a gate, only the trace itself counts
    assert [(p.file, p.line) for p in problems] == [(TRAIN, 11)]


def test_answers_to_an_unknown_trace_are_kept(published: Path, tmp_path: Path) -> None:
    item = {
        "observation": {"time": "5", "event": "Something new."},
        "agent_response": ["Help"],
        "task_status": True,
    }
    (published / "published_traces/model-a/math_1.json").write_text(json.dumps([item], indent=4))
    found, report = back(published, tmp_path)
    assert report["differing"] == [] and found == files_below(published)
    (record,) = [r for r in records(tmp_path / "in", "test") if r.sitting.domain == "math"]
    assert record.answers[0].label.need is None


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("reward_data/train_data.jsonl", "train"),
        ("reward_data/dev_data.jsonl", "validation"),
        ("reward_data/9 lives.jsonl", "split_9_lives"),
        ("reward_data/all.jsonl", "split_all"),
    ],
)
def test_a_file_names_its_split(name: str, split: str) -> None:
    assert split_of(name) == split


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("test_data/code_12.json", "code"),
        ("writing11.json", "writing"),
        ("daily_3.json", "daily"),
        ("daily_life_3.json", "daily"),
        ("customer_support_0.json", "customer_support"),
        ("data-science-1.json", "data-science"),
        ("3d_modelling_0.json", "3d_modelling"),
        ("model-a/code_7-2.json", "code"),
        ("code_67ca3a65ba70.json", "code"),
        ("notes.json", "notes"),
        ("12.json", "other"),
    ],
)
def test_a_file_names_its_domain(name: str, domain: str) -> None:
    assert domain_of(name) == domain


@pytest.mark.parametrize("name", ["shop", "shop-3", "sitting_12", "2024-06-10", "a b", "7"])
def test_no_name_of_a_sitting_becomes_part_of_its_domain(tmp_path: Path, name: str) -> None:
    event = Event(time=parse_time("1717000000"), source=Source.DATASET, data=Observed("The user waits."))
    sitting = Sitting(Trace(name, (event,)), domain="code", source="replay")
    label = Label(LabelSource.HINDSIGHT, need=False)
    with writing(tmp_path / "made") as writer:
        writer.add(Record(sitting, (Example(name, 0, label),)), "test")
    export_published(Dataset.open(tmp_path / "made"), tmp_path / "out")
    import_published(Layout.of(tmp_path / "out"), tmp_path / "again")
    (record,) = records(tmp_path / "again", "test")
    assert record.sitting.domain == "code"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "missing"], "missing does not exist"),
        ([], "nothing to import"),
        (["--from", ".", "--reward-data", "."], "not both"),
        (["--from", "."], "no trace could be read"),
    ],
)
def test_what_cannot_be_imported_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    result = run("import", *arguments, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert message in result.stderr and result.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def test_what_is_there_is_never_overwritten(published: Path, dataset: Path, tmp_path: Path) -> None:
    before = files_below(dataset)
    result = run("import", "--from", published, "--out", dataset)
    assert result.exit_code == 1 and "exists already" in result.stderr
    result = run("export", "--data", dataset, "--out", published)
    assert result.exit_code == 1 and "exists already" in result.stderr
    assert files_below(dataset) == before


def test_a_name_in_a_dataset_cannot_lead_out_of_the_folder(published: Path, tmp_path: Path) -> None:
    from attrs import evolve

    from proactive_training.bench.dataset_writer import writing
    from proactive_training.bench.rows import SourceFile

    import_published(Layout.of(published), tmp_path / "in")
    with writing(tmp_path / "bad") as writer:
        writer.add_file(SourceFile("../../escaped.yaml", "scenes", "", text="x"))
        for split, record in Dataset.open(tmp_path / "in").every_record():
            moved = [
                evolve(e, origin=e.origin and evolve(e.origin, file=f"../{e.origin.file}"))
                for e in record.examples
            ]
            answers = [
                evolve(e, origin=e.origin and evolve(e.origin, file="/tmp/../escaped.json"))
                for e in record.answers
            ]
            writer.add(Record(record.sitting, tuple(moved), tuple(answers)), split)
    export_published(Dataset.open(tmp_path / "bad"), tmp_path / "out")
    assert set(files_below(tmp_path / "out")) == {TRAIN, TEST}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad", "in", "out", "published"]
