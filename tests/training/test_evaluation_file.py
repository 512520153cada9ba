from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from proactive_training.errors import DataError
from proactive_training.evaluation_figures import answered, evaluation_figures
from proactive_training.evaluation_file import (
    Evaluation,
    Exposure,
    Row,
    Task,
    check_writable,
    read_evaluations,
    write_evaluations,
)
from proactive_training.need_rows import need_rows
from proactive_training.proactivebench import read

numbers = st.none() | st.floats(0, 1)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
any_row = st.builds(
    Row,
    trace=texts,
    index=st.integers(0, 2000),
    label=st.booleans(),
    speaks=st.booleans(),
    score=numbers,
    ranking=st.none() | st.floats(-30, 30),
    domain=texts,
    group=texts,
    time=st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    seconds=st.none() | st.floats(0, 600),
    votes=st.lists(st.booleans(), max_size=3).map(tuple),
    task=st.none() | texts,
    category=texts,
)

ROWS = [
    Row("a", 0, True, True, 0.9, domain="code", seconds=0),
    Row("a", 1, False, True, 0.6, domain="code", seconds=1800),
    Row("b", 0, False, False, 0.2, domain="writing", seconds=0),
    Row("b", 1, True, False, 0.4, domain="writing", seconds=1800),
]


def _evaluation(rows: list[Row]) -> Evaluation:
    return Evaluation(
        Task.NEED, "a gate", tuple(rows), {"n": len(rows)}, Exposure.HELD_OUT, kind="gate", protocol="by trace",
        threshold=0.25, data={"name": "bench"}, notes=("no hours",), problems=("x.jsonl:3: broken",),
        details={"seed": 4}, command="proactive train gate",
    )  # fmt: skip


@given(st.lists(any_row, max_size=6))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[Row]) -> None:
    path = tmp_path_factory.mktemp("evaluations") / "deep" / "one.json"
    whole = [_evaluation(rows), _evaluation(rows[:1])]
    write_evaluations(path, whole)
    assert read_evaluations(path) == whole
    assert [file.name for file in path.parent.iterdir()] == ["one.json"]


def test_the_figures_by_hand() -> None:
    found = evaluation_figures(ROWS, resamples=0)
    assert (found["n"], found["labels"]) == (4, 2)
    assert found["recall"] == found["precision"] == found["accuracy"] == found["false_alarm"] == 0.5
    assert found["auc"] == 0.75  # of the four pairs, 0.4 and 0.6 stand the wrong way round
    assert found["within_auc"] == 1
    assert found["hours"] == 1
    assert found["false_alarms_per_hour"] == 1
    assert found["calibration_error"] == pytest.approx((0.1 + 0.6 + 0.2 + 0.6) / 4)
    assert found["baselines"]["always"]["f1"] == pytest.approx(2 / 3)
    assert found["baselines"]["never"]["f1"] == 0
    assert found["domains"]["code"]["precision"] == 0.5
    assert found["domains"]["code"]["false_alarms_per_hour"] == 2
    assert found["domains"]["writing"]["speaks"] == 0
    assert [trace["trace"] for trace in found["traces"]] == ["a", "b"]
    assert found["traces"][0]["auc"] == 1
    assert found["traces"][1]["recall"] == 0


def test_a_ranking_ranks_where_probabilities_are_shifted() -> None:
    rows = answered(ROWS, [True] * 4, [0.5] * 4, rankings=[2, 1, -3, 0])
    found = evaluation_figures(rows, resamples=0)
    assert found["auc"] == 0.75
    assert found["calibration_error"] == 0


def test_intervals_draw_what_belongs_together() -> None:
    """A repository whose two traces are both perfect, and one that is all wrong: never one trace alone."""
    grouped = [
        Row(t, n, n == 0, (n == 0) == (t != "c"), group="bad" if t == "c" else "good")
        for t in "abc"
        for n in (0, 1)
    ]
    assert evaluation_figures(grouped)["ci"]["accuracy"] == [0, 1]
    drawn = {evaluation_figures(grouped, seed=seed, resamples=1)["ci"]["accuracy"][0] for seed in range(40)}
    assert sorted(drawn) == [0, pytest.approx(2 / 3), 1]
    one = [evolve(row, group="one repository") for row in ROWS]
    assert evaluation_figures(one)["ci"] == evaluation_figures(ROWS)["ci"]  # its traces are drawn
    assert evaluation_figures(ROWS[:2])["ci"] == {}
    apart = evaluation_figures(ROWS, seed=5)
    assert apart == evaluation_figures(ROWS, seed=5)
    for key in ("f1", "auc", "calibration_error", "false_alarms_per_hour"):
        low, high = apart["ci"][key]
        assert low <= high
    assert apart["ci"]["f1"] == [0, pytest.approx(2 / 3)]


def test_what_cannot_be_known_is_none() -> None:
    unscored = evaluation_figures(answered(ROWS, [True] * 4, [0.1, 0.2, None, 0.4]), resamples=0)
    assert unscored["auc"] is None and unscored["calibration_error"] is None
    asked_twice = evaluation_figures([*ROWS, ROWS[0]], resamples=0)
    assert asked_twice["hours"] is None and asked_twice["false_alarms_per_hour"] is None
    agent = evaluation_figures(ROWS, Task.AGENT, resamples=0)
    assert agent["auc"] is None and agent["baselines"] == {}
    assert agent["f1"] == 0.5
    with pytest.raises(ValueError, match="no rows"):
        evaluation_figures([])


def test_a_bench_becomes_rows(bench: Path) -> None:
    rows = need_rows(read(bench))
    assert len(rows) == 11
    assert not any(row.speaks for row in rows)
    of_code = [row for row in rows if row.domain == "code"]
    assert [row.seconds for row in of_code] == [0, pytest.approx(9.5), 10]
    assert [row.label for row in of_code] == [False, True, False]
    assert of_code[1].votes == (True, True, True)  # the fixture's third annotator always wants help
    day = [row for row in rows if row.time and row.time.year == 2024 and row.time.month == 1]
    assert [row.seconds for row in day] == [0, 0, 0, 0]  # twenty minutes and more are breaks


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "is no JSON"),
        (b"[]", "is no evaluation file"),
        (b'{"format": "proactive-gate"}', "is no evaluation file"),
        (b'{"format": "proactive-evaluation", "version": 2, "evaluations": []}', "update proactive-lsp"),
        (b'{"format": "proactive-evaluation", "version": 1, "evaluations": [{}]}', "is damaged"),
        (b'{"format": "proactive-evaluation", "version": 1}', "is damaged"),
    ],
)
def test_what_is_no_evaluation_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_evaluations(tmp_path / "x.json")


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan")])
def test_a_score_is_a_probability(score: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        Row("a", 0, True, True, score)


def test_a_label_that_is_no_truth_is_damage(tmp_path: Path) -> None:
    write_evaluations(tmp_path / "x.json", [_evaluation(ROWS)])
    whole = orjson.loads((tmp_path / "x.json").read_bytes())
    whole["evaluations"][0]["rows"][0]["label"] = "yes"
    (tmp_path / "x.json").write_bytes(orjson.dumps(whole))
    with pytest.raises(DataError, match="not true or false"):
        read_evaluations(tmp_path / "x.json")


def test_missing_files_and_places_are_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="proactive evaluate"):
        read_evaluations(tmp_path / "none.json")
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="another place with --out"):
        write_evaluations(tmp_path / "file" / "x.json", [])


def test_whether_a_file_can_be_written_is_known_before(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"y\.json cannot be written: Not a directory; .* with --review"):
        check_writable(tmp_path / "file" / "y.json", "--review")
    with pytest.raises(DataError, match="it is a folder; give another place with --out"):
        check_writable(tmp_path)
    write_evaluations(tmp_path / "new" / "x.json", [_evaluation(ROWS)])
    before = (tmp_path / "new" / "x.json").read_bytes()
    check_writable(tmp_path / "new" / "x.json")
    assert [path.read_bytes() for path in (tmp_path / "new").iterdir()] == [before]
