"""What is said of figures on traces that training had seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from proactive_training.evaluation_file import Exposure
from proactive_training.exposure import exposure, learned_by


def test_one_trace_that_was_seen_is_enough() -> None:
    found, (sentence,) = exposure({"a", "b", "c"}, ["c", "d"], "gate")
    assert found is Exposure.SEEN
    assert "1 of these 3 traces" in sentence


def test_other_traces_are_held_out_and_unknown_ones_unknown() -> None:
    assert exposure({"a"}, ["b"], "judge") == (Exposure.HELD_OUT, ())
    assert exposure({"a"}, [], "judge") == (Exposure.HELD_OUT, ())
    assert exposure({"a"}, None, "judge") == (Exposure.UNKNOWN, ())


def run(folder: Path, model: str, **data: object) -> str:
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps({"base": model, "data": data}))
    return str(folder)


def test_a_run_has_seen_what_chose_its_threshold_and_what_its_base_had_seen(tmp_path: Path) -> None:
    base = run(tmp_path / "base", "some/model", learned_from=["a"], held_out=["b"])
    assert learned_by(base) == ["a", "b"]
    fold = run(tmp_path / "fold", base, learned_from=["c"], threshold_from=["d"], left_out=["e"])
    assert sorted(learned_by(fold) or ()) == ["a", "b", "c", "d"]
    assert sorted(learned_by(fold, weights=True) or ()) == ["a", "c"]
    voted = run(tmp_path / "voted", "some/model", source="journal")
    assert learned_by(run(tmp_path / "further", voted, learned_from=["f"])) is None


def test_of_a_run_whose_base_is_gone_nothing_is_known(tmp_path: Path) -> None:
    base = run(tmp_path / "base", "some/model", learned_from=["a"], held_out=["b"])
    further = run(tmp_path / "further", base, learned_from=["c"], held_out=[])
    (tmp_path / "base").rename(tmp_path / "moved")
    assert learned_by(further) is None


@pytest.mark.parametrize("text", ["", "[]", '{"data": null}', '{"base": "m", "data": {"learned_from": 3}}'])
def test_what_does_not_say_is_not_known(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    assert learned_by(str(tmp_path)) is None
    assert learned_by("http://localhost:1/v1#m") is None
