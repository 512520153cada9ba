"""The audit finds leaks and measures agreement; splits are stable and cannot leak."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from command_reports import report_of
from proactive_collectors.events import Event, Observed, Source
from proactive_collectors.trace import Trace
from proactive_training.bench.agreement import Item, agreement, wilson
from proactive_training.bench.audit import audit
from proactive_training.bench.dataset import Dataset, Record
from proactive_training.bench.dataset_writer import writing
from proactive_training.bench.example import Example, Label, LabelSource, Sitting
from proactive_training.bench.near import NearDuplicates, UnionFind, shingles_of
from proactive_training.bench.published_forms import texts_of
from proactive_training.bench.split import By, Plan, assign, refuse_leaks
from proactive_training.commands.bench import app
from proactive_training.errors import DataError

START = datetime(2026, 1, 31, tzinfo=UTC)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "120"})


def record(name: str, *, words: str | None = None, at: int = 0, repository: str = "", group: str = "") -> Record:
    """A sitting of twelve events about ``words``, by default about nothing that another is about."""
    start = START + timedelta(days=at)
    events = tuple(
        Event(
            start + timedelta(seconds=n),
            Source.DATASET,
            Observed(f"{words or name} did thing{n} {words or name}{n}"),
        )
        for n in range(12)
    )
    found = Sitting(Trace(name, events), repository=repository, group=group)
    return Record(found, (Example(name, 11, Label(LabelSource.HINDSIGHT, need=at % 2 == 0)),))


def write(folder: Path, records: list[Record], split: str = "train") -> Dataset:
    with writing(folder) as writer:
        for one in records:
            writer.add(one, split)
    return Dataset.open(folder)


# --- the audit -------------------------------------------------------------------------------------------


def test_the_leak_is_found_in_the_published_layout_and_in_a_dataset(published: Path, dataset: Path) -> None:
    for folder in (published, dataset):
        found = report_of(app, "audit", "--data", folder)
        assert (found["test_contexts_in_train"], found["test_contexts"]) == (3, 3)
        assert (found["test_traces_in_train"], found["test_traces"]) == (2, 2)
        assert found["leaks"] == [{"splits": ["train", "test"], "contexts": 3, "traces": 2, "near_duplicates": 0}]
        assert found["baselines"]["need"]["table"]["accuracy"] == 1
        assert found["baselines"]["need"]["always"]["recall"] == 1
        assert found["baselines"]["accepted"]["n"] == 2


def test_strict_fails_on_a_leak_only(published: Path, tmp_path: Path) -> None:
    assert run("audit", "--data", published).exit_code == 0
    assert run("audit", "--data", published, "--strict").exit_code == 1
    with writing(tmp_path / "clean") as writer:
        writer.add(record("ape", at=0), "train")
        writer.add(record("bee", at=1), "test")
    result = run("audit", "--data", tmp_path / "clean", "--strict")
    assert result.exit_code == 0 and "No split leaks" in result.stdout


def test_the_tables_can_be_read(published: Path) -> None:
    result = run("audit", "--data", published)
    assert "3 of 3 test contexts and 2 of 2 test traces also stand in train." in result.stdout
    assert "The splits leak" in result.stdout
    for word in ("Fleiss' kappa", "Krippendorff's alpha", "train and test", "always", "code"):
        assert word in result.stdout


def test_balance_is_told_by_split_and_domain(published: Path) -> None:
    train = report_of(app, "audit", "--data", published)["balance"]["train"]
    assert train["all"]["moments"] == 9 and train["all"]["need"] == pytest.approx(4 / 9)
    assert train["all"]["offers"] == 6 and train["all"]["accepted"] == pytest.approx(3 / 6)
    assert train["code"]["moments"] == 8 and train["other"]["moments"] == 1
    assert sum(train["all"]["categories"].values()) == 10


def test_near_duplicates_across_splits_are_a_leak() -> None:
    one = record("ape", at=0)
    retold = evolve(record("bee", words="ape", at=9), examples=())
    found = audit([("train", one), ("test", retold)])
    assert found["leaks"] == [{"splits": ["train", "test"], "contexts": 0, "traces": 0, "near_duplicates": 1}]
    assert found["near_duplicates"]["named"] == [{"sittings": ["ape", "bee"], "similarity": 1.0}]
    assert not audit([("train", one), ("test", record("bee", at=9))])["leaking"]
    assert not audit([("train", one), ("train", retold)])["leaking"]


def test_broken_lines_are_told_and_the_rest_is_audited(published: Path) -> None:
    path = published / "reward_data/test_data.jsonl"
    path.write_bytes(b"{\n" + path.read_bytes())
    result = run("audit", "--data", published, "--json")
    assert "Set aside: reward_data/test_data.jsonl:1: " in result.stderr
    assert json.loads(result.stdout)["test_contexts"] == 3


def test_nothing_to_audit_is_said_in_one_sentence(tmp_path: Path) -> None:
    result = run("audit", "--data", tmp_path)
    assert (
        result.exit_code == 1
        and "neither a dataset nor data in ProactiveBench's published layout" in result.stderr
    )


# --- agreement -------------------------------------------------------------------------------------------


def test_agreement_is_what_the_books_say() -> None:
    # Fleiss' formula by hand: three items of three votes, (0,3) (1,2) (3,0).
    items = [Item((True,) * 3, "a"), Item((True, True, False), "b"), Item((False,) * 3, "c")]
    found = agreement(items, resamples=0)
    share = 5 / 9
    by_chance = share**2 + (1 - share) ** 2
    assert found["fleiss_kappa"] == pytest.approx(((1 + 1 / 3 + 1) / 3 - by_chance) / (1 - by_chance))
    assert found["pairwise"] == pytest.approx(14 / 18)
    assert found["unanimous"] == pytest.approx(2 / 3)
    # Krippendorff's by hand: observed over expected disagreement, with n − 1.
    observed, expected = (2 * 2 / 2) / 9, 2 * 5 * 4 / (9 * 8)
    assert found["krippendorff_alpha"] == pytest.approx(1 - observed / expected)
    assert found["ci"] == {}


@given(st.lists(st.tuples(st.lists(st.booleans(), max_size=4), st.sampled_from("abc")), max_size=20))
def test_agreement_of_anything(votes: list[tuple[list[bool], str]]) -> None:
    found = agreement([Item(tuple(v), trace) for v, trace in votes], resamples=5)
    assert found["items"] == sum(len(v) > 1 for v, _ in votes)
    for name in ("pairwise", "unanimous"):
        assert found[name] is None if not found["items"] else 0 <= found[name] <= 1
    for name in ("fleiss_kappa", "krippendorff_alpha"):
        assert found[name] is None or found[name] <= 1 + 1e-9
    if found["unanimous"] == 1 and found["fleiss_kappa"] is not None:
        assert found["fleiss_kappa"] == pytest.approx(1) and found["krippendorff_alpha"] == pytest.approx(1)


def test_intervals_are_over_traces() -> None:
    agreeing = [Item((True, True), f"t{n}") for n in range(10)] + [
        Item((False, False), f"t{n}") for n in range(10)
    ]
    mixed = agreeing + [Item((True, False), "one bad trace")] * 20
    low, high = agreement(mixed)["ci"]["pairwise"]
    assert low < 0.4 and high == 1  # with and without that one trace
    assert agreement([Item((True, False), "alone")])["ci"] == {}


def test_wilson() -> None:
    assert wilson(0, 0) is None
    low, high = wilson(54, 60) or (0, 0)
    assert (round(low, 3), round(high, 3)) == (0.799, 0.953)
    assert wilson(0, 5) == [0.0, pytest.approx(0.4345, abs=1e-4)]


# --- near duplicates -------------------------------------------------------------------------------------


def test_similar_sittings_of_other_groups_are_found() -> None:
    near = NearDuplicates()

    def alike(found: Record) -> list[str]:
        return [n.one for n in near.add(found.sitting, texts_of(found.sitting))]

    assert alike(record("ape", group="g")) == []
    assert alike(record("bee")) == []
    assert alike(record("cat", words="ape")) == ["ape"]
    assert alike(record("dog", words="ape", group="g")) == ["cat"]
    assert alike(record("dog", words="ape")) == []  # it is there already


def test_shingles_are_of_one_sentence_each() -> None:
    assert shingles_of(["A b c D.", "E!", "f g.", "…"]) == {"a b c", "b c d", "e", "f g"}


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=12))
def test_sets_grow_together(pairs: list[tuple[int, int]]) -> None:
    sets, plain = UnionFind(), {n: {n} for n in range(9)}
    for a, b in pairs:
        sets.join(str(a), str(b))
        joined = plain[a] | plain[b]
        for member in joined:
            plain[member] = joined
    for a in range(9):
        for b in range(9):
            assert (sets.find(str(a)) == sets.find(str(b))) == (b in plain[a])


# --- splits ----------------------------------------------------------------------------------------------


def test_a_leaking_dataset_is_split_anew_without_one(dataset: Path, tmp_path: Path) -> None:
    salt = next(
        s
        for s in map(str, range(50))
        if len(set(assign(Dataset.open(dataset), Plan(0.4, 0, salt=s)).values())) > 1
    )
    found = report_of(
        app, "split", "--data", dataset, "--out", tmp_path / "new",
        "--test", 0.4, "--validation", 0, "--salt", salt,
    )  # fmt: skip
    assert not found["leaking"] and found["test_contexts_in_train"] == 0 < found["test_contexts"]
    assert run("audit", "--data", tmp_path / "new", "--strict").exit_code == 0
    before, after = (
        sorted(
            (e.origin.file, e.origin.line)
            for _, r in Dataset.open(folder).every_record()
            for e in r.examples
            if e.origin
        )
        for folder in (dataset, tmp_path / "new")
    )
    assert before == after  # every example is there, and once
    assert (tmp_path / "new/README.md").read_text().count("| test |") > 1


def test_a_split_dataset_can_be_exported_and_imported_without_a_leak(dataset: Path, tmp_path: Path) -> None:
    plan = next(
        p
        for p in (Plan(0.4, 0, salt=str(n)) for n in range(50))
        if len(set(assign(Dataset.open(dataset), p).values())) > 1
    )
    assert (
        run(
            "split",
            "--data",
            dataset,
            "--out",
            tmp_path / "a",
            "--test",
            0.4,
            "--validation",
            0,
            "--salt",
            plan.salt,
        ).exit_code
        == 0
    )
    assert run("export", "--data", tmp_path / "a", "--out", tmp_path / "b").exit_code == 0
    assert run("import", "--from", tmp_path / "b", "--out", tmp_path / "c").exit_code == 0
    assert run("audit", "--data", tmp_path / "c", "--strict").exit_code == 0
    assert sum(len(r.examples) for _, r in Dataset.open(tmp_path / "c").every_record()) == 13


def test_new_data_moves_nothing(tmp_path: Path) -> None:
    old = [record(f"sitting{n}", at=n) for n in range(60)]
    plan = Plan(0.3, 0.2)
    before = assign(write(tmp_path / "old", old), plan)
    after = assign(write(tmp_path / "new", [record(f"more{n}", at=100 + n) for n in range(40)] + old[::-1]), plan)
    assert {name: after[name] for name in before} == before
    shares = [list(after.values()).count(name) / 100 for name in ("test", "validation", "train")]
    assert shares == pytest.approx([0.3, 0.2, 0.5], abs=0.15)
    assert assign(Dataset.open(tmp_path / "old"), Plan(0.3, 0.2, salt="other")) != before


def test_what_belongs_together_stays_together(tmp_path: Path) -> None:
    records = [
        *(record(f"a{n}", at=n, group="trace") for n in range(8)),
        *(record(f"b{n}", words=f"w{n // 2}", at=20 + n) for n in range(16)),  # pairs of near duplicates
        *(record(f"c{n}", at=50, words=None) for n in range(2)),
    ]
    found = assign(write(tmp_path / "data", records), Plan(0.4, 0.2))
    assert len({found[f"a{n}"] for n in range(8)}) == 1
    for n in range(0, 16, 2):
        assert found[f"b{n}"] == found[f"b{n + 1}"]
    assert len(set(found.values())) == 3


def test_sittings_that_start_alike_stay_together_whatever_their_group(tmp_path: Path) -> None:
    def same_start(name: str, rest: str) -> Record:
        first = Event(START, Source.DATASET, Observed("The user opens the editor."))
        return Record(Sitting(Trace(name, (first, *record(rest, at=1).sitting.trace.events))))

    data = write(tmp_path / "data", [same_start(f"s{n}", f"rest{n}") for n in range(12)])
    assert len(set(assign(data, Plan(0.4, 0.2)).values())) == 1


def test_by_repository(tmp_path: Path) -> None:
    records = [record(f"s{n}", at=n, repository=f"repo{n % 10}") for n in range(40)] + [record("alone", at=90)]
    records.append(record("fork", at=91, repository="repo0", group="shared"))
    records.append(record("forked", at=92, repository="repo1", group="shared"))
    found = assign(write(tmp_path / "data", records), Plan(0.4, 0.2, By.REPOSITORY))
    for repository in range(10):
        assert len({found[f"s{n}"] for n in range(repository, 40, 10)}) == 1
    assert found["s0"] == found["fork"] == found["forked"] == found["s1"]
    assert set(found.values()) == {"train", "validation", "test"}


def test_a_leaking_split_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    one = record("ape")
    with pytest.raises(DataError, match="would share 1 traces, 1 contexts"), writing(tmp_path / "data") as writer:
        writer.add(one, "train")
        writer.add(one, "test")
        refuse_leaks(writer)
    assert list(tmp_path.iterdir()) == []


def test_too_few_traces_are_said_so(tmp_path: Path) -> None:
    write(tmp_path / "data", [record("ape")])
    result = run("split", "--data", tmp_path / "data", "--out", tmp_path / "out")
    assert result.exit_code == 1 and "--salt" in result.stderr and not (tmp_path / "out").exists()
    result = run(
        "split", "--data", tmp_path / "data", "--out", tmp_path / "out", "--test", 0.7, "--validation", 0.5
    )
    assert result.exit_code == 1 and "less than 1" in result.stderr
    result = run("split", "--data", tmp_path / "data", "--out", tmp_path / "out", "--by", "moon")
    assert result.exit_code == 1 and "trace or repository" in result.stderr


def test_two_sittings_of_one_name_are_not_mixed(tmp_path: Path) -> None:
    with writing(tmp_path / "data") as writer:
        writer.add(record("ape", at=0), "train")
        writer.add(record("ape", at=1, words="other"), "test")
    result = run("split", "--data", tmp_path / "data", "--out", tmp_path / "out", "--test", 0, "--validation", 0)
    assert result.exit_code == 1 and "two different sittings are named 'ape'" in result.stderr
