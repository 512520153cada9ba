from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_collectors.events import Event, Observed, Source
from proactive_collectors.trace import Trace
from proactive_training.bench.published_files import parse_time
from proactive_training.errors import DataError
from proactive_training.predictions import BETWEEN, EXACT, SAME_TIME, model_folders, read_predictions
from proactive_training.proactivebench import Bench, Label, LabelledTrace

Told = list[tuple[str, str, Any]]  # time, text, response


def _bench(*lengths: int, unlabelled: int = -1) -> Bench:
    """Traces of events ``trace N event M``, a minute apart."""
    traces = []
    for number, length in enumerate(lengths):
        events = tuple(
            Event(time=parse_time(_time(number, n)), source=Source.DATASET, data=Observed(_text(number, n)))
            for n in range(length)
        )
        labels = tuple(None if n == unlabelled else Label(n % 2 == 0) for n in range(length))
        traces.append(LabelledTrace(Trace(f"t{number}", events), labels, (None,) * length))
    return Bench(tuple(traces), (), "")


def _time(trace: int, event: int) -> str:
    return str(1_717_000_000 + 100_000 * trace + 60 * event)


def _text(trace: int, event: int) -> str:
    return f"trace {trace} event {event}"


def _write(folder: Path, told: Told, name: str = "code_1.json", **more: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    items = [
        {"observation": {"time": time, "event": text}, "agent_response": response, **more}
        for time, text, response in told
    ]
    (folder / name).write_text(json.dumps(items, ensure_ascii=False), encoding="utf-8")
    return folder


@st.composite
def retellings(draw: st.DrawFn) -> tuple[int, Told, dict[int, str | None]]:
    """A trace's length, how a model's file tells it, and what the model said at which event."""
    length = draw(st.integers(1, 14))
    told: Told = []
    said: dict[int, str | None] = {}
    n, rough = 0, False
    while n < length:
        # An event told in other words and one dropped after it cannot be told from the two of them merged.
        ways = ["as it was", "reworded", "dropped", "merged"]
        way = draw(st.sampled_from([way for way in ways if not (rough and way == "dropped")]))
        answer = draw(st.sampled_from(["help", None]))
        response = [answer] if answer else draw(st.sampled_from([[], [None], None, "", ["null"], [" None. "]]))
        if way == "as it was":
            told.append((_time(0, n), _text(0, n), response))
            said[n] = answer
        elif way == "reworded":
            told.append((_time(0, n), f"in other words {n}", response))
            said[n] = answer
        elif way == "merged" and n + 1 < length:
            told.append((_time(0, n), f"{_text(0, n)} and {_text(0, n + 1)}", response))
            said[n + 1] = answer
            n += 1
        else:
            way = "dropped"
            if rough:
                continue
        rough = way in ("reworded", "merged")
        n += 1
    return length, told, said


@given(retellings())
def test_answers_find_their_events_among_reworded_merged_and_dropped_ones(
    tmp_path_factory: pytest.TempPathFactory, retelling: tuple[int, Told, dict[int, str | None]]
) -> None:
    length, told, said = retelling
    bench = _bench(length, 5)
    folder = _write(tmp_path_factory.mktemp("model"), told)
    kin = sum(time == _time(0, n) and text == _text(0, n) for time, text, _ in told for n in range(length))
    try:
        found = read_predictions(folder, bench)
    except DataError:
        assert not kin  # nothing told as it was, and too few times in common
        return
    assert {index: answer.task for (_, index), answer in found.answers.items()} == said
    assert {trace for trace, _ in found.answers} == {"t0"}
    assert sum(found.matched().values()) == len(told)
    assert found.left_over == 0 and not found.strangers


def test_how_each_event_was_found_is_counted(tmp_path: Path) -> None:
    told: Told = [
        (_time(0, 0), _text(0, 0), ["help"]),
        (_time(0, 1), "other words", []),
        (_time(0, 2), "two events in one", ["more help"]),
        (_time(0, 4), _text(0, 4), [None]),
    ]
    found = read_predictions(_write(tmp_path / "m", told), _bench(5))
    assert found.matched() == {EXACT: 2, SAME_TIME: 1, BETWEEN: 1}
    assert [index for _, index in found.answers] == [0, 1, 3, 4]
    assert found.answers["t0", 3].task == "more help"


def test_an_invented_event_does_not_disturb_its_neighbour(tmp_path: Path) -> None:
    told: Told = [
        (_time(0, 0), _text(0, 0), []),
        (_time(0, 0), "something that never was", ["help"]),
        (_time(0, 1), _text(0, 1), []),
    ]
    found = read_predictions(_write(tmp_path / "m", told), _bench(2))
    assert {index: answer.task for (_, index), answer in found.answers.items()} == {0: None, 1: None}
    assert found.left_over == 1


def test_what_has_no_label_strange_files_and_second_files_are_counted(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    whole: Told = [(_time(0, n), _text(0, n), ["help"]) for n in range(3)]
    _write(folder, whole)
    _write(folder, whole[:2], "code_2.json")
    _write(folder, [("1600000000", "elsewhere", [])], "other_1.json")
    _write(folder, [], "empty_1.json")
    (folder / "broken.json").write_bytes(b"\xff")
    found = read_predictions(folder, _bench(3, 4, unlabelled=1))
    assert sorted(found.answers) == [("t0", 0), ("t0", 2)]
    assert found.left_over == 1
    assert found.strangers == ["m/empty_1.json", "m/other_1.json"]
    reasons = [str(problem) for problem in found.problems]
    assert any("m/code_2.json:1: m/code_1.json answers the same trace" in reason for reason in reasons)
    assert any("m/broken.json:1: cannot be read" in reason for reason in reasons)


def test_a_clock_in_common_makes_no_file_one_of_the_trace(tmp_path: Path) -> None:
    told: Told = [(_time(0, n), f"elsewhere {n}", ["help"]) for n in range(3)]
    with pytest.raises(DataError, match="the same traces"):
        read_predictions(_write(tmp_path / "m", told, "a_other.json"), _bench(3))
    found = read_predictions(_write(tmp_path / "m", [(_time(0, n), _text(0, n), []) for n in range(3)]), _bench(3))
    assert found.matched() == {EXACT: 3, SAME_TIME: 0, BETWEEN: 0}
    assert [answer.task for answer in found.answers.values()] == [None] * 3
    assert found.strangers == ["m/a_other.json"] and not found.problems


def test_of_two_files_on_a_trace_the_one_that_shares_more_counts_whatever_its_name(tmp_path: Path) -> None:
    whole: Told = [(_time(0, n), _text(0, n), ["help"]) for n in range(4)]
    few: Told = [whole[0], *((_time(0, n), f"elsewhere {n}", []) for n in range(1, 4))]
    folder = _write(_write(tmp_path / "m", whole, "code_2.json"), few, "code_1.json")
    found = read_predictions(folder, _bench(4, 3))
    assert found.matched() == {EXACT: 4, SAME_TIME: 0, BETWEEN: 0}
    (problem,) = found.problems
    assert str(problem).startswith("m/code_1.json:1: m/code_2.json answers the same trace")


def test_scores_are_read_where_they_are(tmp_path: Path) -> None:
    told: Told = [(_time(0, n), _text(0, n), ["help"]) for n in range(2)]
    for score, read in ((0.7, 0.7), ("0.7", 0.7), (1, 1.0), (None, None)):
        found = read_predictions(_write(tmp_path / "a", told, score=score), _bench(2))
        assert [answer.score for answer in found.answers.values()] == [read, read]
        assert not found.problems
    for score in (7, "likely", True, "nan"):
        found = read_predictions(_write(tmp_path / "b", told, score=score), _bench(2))
        assert [answer.score for answer in found.answers.values()] == [None, None]
        (problem,) = map(str, found.problems)
        assert problem.startswith("b/code_1.json:1: 'score' is no number from 0 to 1")
        assert problem.endswith("; 1 more like it")


@pytest.mark.parametrize("response", [[["a"]], [{"task": "a"}], True, 7, {"task": "a"}])
def test_a_response_that_is_no_list_of_tasks_is_told_and_is_no_silence(tmp_path: Path, response: Any) -> None:
    told: Told = [(_time(0, 0), _text(0, 0), ["help"]), (_time(0, 1), _text(0, 1), response)]
    found = read_predictions(_write(tmp_path / "m", told), _bench(3))
    assert sorted(found.answers) == [("t0", 0)] and found.left_over == 0
    (problem,) = map(str, found.problems)
    assert problem == "m/code_1.json:1: 'agent_response' is no list of tasks; the answer is left out"


def test_an_answer_without_a_response_is_told(tmp_path: Path) -> None:
    told: Told = [(_time(0, n), _text(0, n), {"candidate_task": ["help"]}) for n in range(3)]
    folder = _write(tmp_path / "m", told)
    items = json.loads((folder / "code_1.json").read_text())
    del items[1]["agent_response"]
    (folder / "code_1.json").write_text(json.dumps(items, indent=0))
    found = read_predictions(folder, _bench(3))
    assert {index: answer.task for (_, index), answer in found.answers.items()} == {0: "help", 2: "help"}
    assert list(map(str, found.problems)) == ["m/code_1.json:13: no 'agent_response'; the answer is left out"]


def test_folders_of_models_are_found(tmp_path: Path) -> None:
    told: Told = [(_time(0, 0), _text(0, 0), [])]
    one = _write(tmp_path / "published_traces" / "model-a", told)
    two = _write(tmp_path / "published_traces" / "model-b", told)
    _write(tmp_path / "test_data", told)
    assert model_folders(one) == [one]
    assert model_folders(tmp_path / "published_traces") == [one, two]
    assert model_folders(tmp_path) == [one, two]
    (tmp_path / "nothing").mkdir()
    for path, message in ((tmp_path / "nothing", "no JSON files"), (tmp_path / "none", "does not exist")):
        with pytest.raises(DataError, match=f"{message}.*a JSON file for each trace"):
            model_folders(path)


def test_a_stray_file_beside_the_models_makes_no_model_of_them_all(tmp_path: Path) -> None:
    told: Told = [(_time(0, 0), _text(0, 0), [])]
    bench, answers = tmp_path / "bench", tmp_path / "bench" / "published_traces"
    one = _write(answers / "model-a", told)
    (answers / "info.json").write_text('{"models": 1}')
    assert model_folders(answers) == model_folders(bench) == [one]
    _write(one / "notes", told)
    assert model_folders(one) == [one]
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "code_1.json").write_text("{")
    assert model_folders(tmp_path / "m") == [tmp_path / "m"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[{"observation"', r"m/code_1.json:1: not a list of observations: .*; a trace's file is a JSON array"),
        ('{"items": []}', r"m/code_1.json:1: not a list of observations; a trace's file is a JSON array"),
        ('{"observation": {}}\n{"observation": {}}', r"code_1.json:1: not a list of observations; .* JSON array"),
        (b"\xff", "m/code_1.json:1: cannot be read: .*; a trace's file is a JSON array"),
        ("[]", "must tell of the same traces"),
    ],
)
def test_what_makes_a_whole_folder_useless_is_named(tmp_path: Path, content: str | bytes, message: str) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "code_1.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError, match=message):
        read_predictions(tmp_path / "m", _bench(3))


def test_answers_on_other_traces_are_refused(tmp_path: Path) -> None:
    folder = _write(tmp_path / "m", [("1600000000", "elsewhere", ["help"])])
    with pytest.raises(DataError, match="the same traces"):
        read_predictions(folder, _bench(3))
