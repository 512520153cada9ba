"""A judge that is no language model, held by the process that holds models."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from model_workers import the_worker
from proactive_collectors.events import Event, Observed, Source
from proactive_collectors.trace import Window
from proactive_inference.errors import ModelError
from proactive_inference.judge.as_model import JudgeModel, question_of
from proactive_inference.judge.judge import Question, rank
from proactive_inference.judge.resolve import load_judge, open_served_judge
from proactive_inference.judge.settings import Kind
from proactive_inference.models.agent_prompt import agent_messages
from proactive_inference.models.judge_prompt import judge_messages
from tiny_models import tiny_bert

EVENING = datetime(2024, 6, 1, 23, 59, 30, tzinfo=UTC)
TOLD = ("The user opens a page.", "The user sees an error.", "The user searches the web.")
WINDOW = Window(
    tuple(
        Event(EVENING + timedelta(seconds=20 * n), Source.DATASET, Observed(text)) for n, text in enumerate(TOLD)
    )
)


def test_a_question_survives_its_way_over_midnight() -> None:
    found = question_of(judge_messages(WINDOW, "Mend it"))
    assert found.task == "Mend it"
    assert [event.data for event in found.window] == [Observed(text) for text in TOLD]
    times = [event.time for event in found.window]
    assert [(time - times[0]).total_seconds() for time in times] == [0, 20, 40]
    assert question_of(judge_messages(WINDOW, None)).task is None


@pytest.mark.usefixtures("state")
def test_it_judges_there_as_it_does_here(tmp_path: Path) -> None:
    folder = tiny_bert(tmp_path / "judge", labels=2)
    here, there = load_judge(folder), open_served_judge(str(folder))
    assert there.settings.kind is Kind.CLASSIFIER
    questions = [Question(WINDOW, "Mend it"), Question(WINDOW, None), Question(WINDOW, "Sing a song")]
    assert there.answer(questions) == pytest.approx(here.answer(questions), abs=1e-4)
    assert [task for task, _ in rank(there, WINDOW, ["Mend it", "Sing"])] == [
        task for task, _ in rank(here, WINDOW, ["Mend it", "Sing"])
    ]
    assert the_worker().announced.model == "judge"


def test_it_answers_nothing_but_what_judges_are_asked(tmp_path: Path) -> None:
    model = JudgeModel(load_judge(tiny_bert(tmp_path / "judge", labels=2)))
    with pytest.raises(ModelError, match="asked something else than to judge"):
        model.complete(agent_messages(WINDOW))
