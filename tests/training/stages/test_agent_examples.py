from __future__ import annotations

from pathlib import Path

import pytest

from proactive_training.errors import DataError
from proactive_training.stages.agent_examples import read_agent_data, with_silences
from proactive_training.stages.holding_out import check_apart, folds, hold_out
from small_traces import reward_rows, write_published


def test_accepted_tasks_and_silences_are_taught(published: Path) -> None:
    data = read_agent_data([published])
    assert len(data.examples) == 36 and len(data.groups) == 6
    spoken = [example for example in data.examples if example.speaks]
    assert {example.answer.task for example in spoken} == {"Fix the error"}
    assert all(example.answer.response == example.answer.task for example in spoken)
    assert len(spoken) == 12
    assert all(len(example.messages) == 2 for example in data.examples)


def test_fewer_events_are_told_where_that_is_asked(published: Path) -> None:
    few = read_agent_data([published], most_events=2)
    assert max(example.messages[1].content.count('"Time"') for example in few.examples) == 2
    assert few.fingerprint != read_agent_data([published]).fingerprint


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_silences_get_their_share_of_the_weight(published: Path, share: float) -> None:
    weighted = with_silences(read_agent_data([published]).examples, share)
    whole = sum(example.weight for example in weighted)
    assert whole == pytest.approx(len(weighted))
    assert sum(e.weight for e in weighted if not e.speaks) / whole == pytest.approx(share)


def test_fewer_examples_are_drawn_to_the_share(published: Path) -> None:
    drawn = with_silences(read_agent_data([published]).examples, 0.5, most=10, seed=3)
    assert sum(example.speaks for example in drawn) == 5 and len(drawn) == 10
    assert drawn == with_silences(read_agent_data([published]).examples, 0.5, most=10, seed=3)
    assert drawn != with_silences(read_agent_data([published]).examples, 0.5, most=10, seed=4)


def test_a_moment_whose_need_nobody_met_is_left_out(tmp_path: Path, published: Path) -> None:
    rows = reward_rows()
    unmet = next(row for row in rows if row["pred_task"] == "Fix the error")
    unmet.update(valid=False, annotation=[False] * 3, category="False-Alarm (FA)")
    data = read_agent_data([write_published(tmp_path / "d", rows)])
    assert data.left_out == 1 and len(data.examples) == 35


def test_data_without_tasks_are_refused(tmp_path: Path) -> None:
    rows = [row for row in reward_rows() if row["pred_task"] is None]
    with pytest.raises(DataError, match="accepted tasks and silences"):
        read_agent_data([write_published(tmp_path / "d", rows)])


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="published layout"):
        read_agent_data([tmp_path])
    with pytest.raises(DataError, match="does not exist"):
        read_agent_data([tmp_path / "nothing"])


def test_whole_traces_are_held_out(published: Path) -> None:
    data = read_agent_data([published])
    held_out = hold_out(data, "0.34", seed=1)
    assert len(held_out) == 2 and held_out == hold_out(data, "0.34", seed=1)
    assert hold_out(data, held_out[0]) == held_out[:1]
    assert hold_out(data, "0") == []
    with pytest.raises(DataError, match="smaller --held-out"):
        hold_out(data, "0.95")
    with pytest.raises(DataError, match="no trace 'nobody'"):
        hold_out(data, "nobody")


def test_held_out_data_that_were_learned_from_are_refused(tmp_path: Path, published: Path) -> None:
    data = read_agent_data([published])
    leaking = read_agent_data([write_published(tmp_path / "d", reward_rows()[:12])])
    with pytest.raises(DataError, match="split by trace with 'proactive bench split'"):
        check_apart(data, leaking, tmp_path / "d")


def test_folds_share_no_trace_and_leave_none_out() -> None:
    dealt = folds([f"t{n}" for n in range(10)], 5, seed=2)
    assert sorted(name for part in dealt for name in part) == sorted(f"t{n}" for n in range(10))
    assert {len(part) for part in dealt} == {2}
    with pytest.raises(DataError, match="--folds between 3 and 10"):
        folds([f"t{n}" for n in range(10)], 11)
