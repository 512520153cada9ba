from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import evolve

from proactive_training.evaluation_file import Evaluation, Exposure, Task
from proactive_training.report.canvas import runs
from proactive_training.report.groups import groups
from proactive_training.report.tables import tables
from proactive_training.report.words import gaps, signed, verdict

Maker = Callable[..., Evaluation]


def test_tasks_and_data_stand_apart_and_numbers_go_through(make: Maker) -> None:
    other = evolve(make("elsewhere"), data={"name": "another bench"})
    found = groups([make("judge", Task.REWARD), make("weak", skill=0.0), other, make("strong", skill=0.9)])
    told = [(group.task, group.data, [(e.number, e.evaluation.name) for e in group.entries]) for group in found]
    assert told == [
        (Task.NEED, "small bench", [(1, "strong"), (2, "weak")]),
        (Task.NEED, "another bench", [(3, "elsewhere")]),
        (Task.REWARD, "small bench", [(4, "judge")]),
    ]
    assert len({group.slug for group in found}) == 3


def test_what_was_seen_in_training_stands_last_however_good(make: Maker) -> None:
    (group,) = groups([make("seen", skill=0.9, exposure=Exposure.SEEN), make("fair", skill=0.2)])
    assert [entry.evaluation.name for entry in group.entries] == ["fair", "seen"]
    assert "seen" not in verdict(group)
    assert "2: Fitted to these very rows: no measure of new data." in gaps(group)


def test_evaluations_of_different_events_are_compared_on_those_of_all(make: Maker) -> None:
    """Three traces of five have few needs: whoever is measured on these alone looks worse for it."""
    whole, part = make("good on all", skill=0.9), make("poor on some", skill=0.1, traces=3)
    (group,) = groups([part, whole])
    assert [entry.evaluation.name for entry in group.compared] == ["good on all", "poor on some"]
    assert [entry.evaluation.figures["n"] for entry in group.compared] == [36, 36]
    assert [entry.evaluation.figures["n"] for entry in group.entries] == [60, 36]
    (alike,) = groups([part])
    assert alike.common == () and alike.compared is alike.entries


def test_missing_figures_are_made_and_others_kept(make: Maker) -> None:
    whole = make()
    (group,) = groups([evolve(whole, figures={"pred@3": 0.7})])
    found = group.entries[0].evaluation.figures
    assert found["pred@3"] == 0.7
    assert found["f1"] == whole.figures["f1"]


def test_the_verdict_names_what_is_surely_above_always(make: Maker) -> None:
    (sure,) = groups([make("sharp", skill=0.95), make("blunt", skill=0.0, threshold=0.0)])
    assert "the best is sharp (number 1)" in verdict(sure)
    assert verdict(sure).endswith("The whole interval is above zero for 1.")
    (unsure,) = groups([make("blunt", skill=0.0, threshold=0.0)])
    assert verdict(unsure).endswith(
        "blunt (number 1), 0.00 (0.00 to 0.00). The whole interval is above zero for none."
    )
    (agent,) = groups([make("agent", Task.AGENT)])
    assert verdict(agent) == ""


def test_what_could_not_be_measured_is_said_once_with_its_numbers(make: Maker) -> None:
    noted = [make(f"model {n}", scored=False, seed=n, notes=("Four events have no answer.",)) for n in range(3)]
    (group,) = groups([make("gate", skill=0.9), *noted])
    assert gaps(group) == [
        "2–4: Four events have no answer.",
        "2–4: Not every row has a score: no AUC, curves or calibration.",
    ]
    (single,) = groups([make(traces=1, problems=("x.jsonl:3: broken",))])
    told = " ".join(gaps(single))
    assert "no intervals" in told and "x.jsonl:3: broken" in told
    rows = tuple(evolve(row, seconds=None) for row in make().rows)
    (unclocked,) = groups([evolve(make(), rows=rows, figures={})])
    assert any("no false alarms per hour" in gap for gap in gaps(unclocked))


def test_parts_that_were_measured_by_themselves_are_shown(make: Maker) -> None:
    judge = make("judge", Task.REWARD)
    part = {**judge.figures, "f1": 0.625, "baselines": {"table": {"f1": 0.906}}}
    (group,) = groups(
        [evolve(judge, figures={**judge.figures, "published_split": part}), make("other", Task.REWARD)]
    )
    (table,) = [table for table in tables(group) if table.title == "On parts of it"]
    assert table.headings == ("", "published split, F1", "published split, AUC")
    told = {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}
    assert told.pop("table") == ["0.91", "–"]
    assert sorted(cells[0] for cells in told.values()) == ["0.62", "–"]
    assert len({len(row) for row in table.rows}) == 1


@pytest.mark.parametrize(
    ("numbers", "told"), [([], ""), ([4], "4"), ([1, 2], "1, 2"), ([1, 2, 3, 7, 9, 10], "1–3, 7, 9, 10")]
)
def test_numbers_are_told_as_people_do(numbers: list[int], told: str) -> None:
    assert runs(numbers) == told


def test_signs() -> None:
    assert [signed(x) for x in (0.123, -0.5, -0.001, 0.0)] == ["+0.12", "−0.50", "0.00", "0.00"]


def test_always_and_never_stand_once_beside_agents_that_were_asked_about_the_same_events(make: Maker) -> None:
    """How often speaking was right depends on what an agent proposed; what always speaking comes to does not."""
    baselines = make("a gate").figures["baselines"]
    found = [make(f"agent {n}", Task.AGENT, scored=False, seed=n) for n in range(3)]
    agents = [
        evolve(one, figures={**one.figures, "labels": n, "baselines": baselines}) for n, one in enumerate(found)
    ]
    (group,) = groups(agents)
    assert [row[0].text for row in tables(group)[0].rows][3:] == ["always", "never"]
    fewer = make("fewer events", Task.AGENT, scored=False, traces=3)
    other = evolve(fewer, figures={**fewer.figures, "baselines": make("a gate", traces=3).figures["baselines"]})
    (group,) = groups([*agents, other])
    assert [row[0].text for row in tables(group)[0].rows][4:] == ["always", "never"] * 2
