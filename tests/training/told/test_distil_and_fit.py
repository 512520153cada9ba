"""Word scores out of a tiny real encoder, and the told head with and without them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from proactive_inference.gate import LearnedGate
from proactive_training.calibration import platt
from proactive_training.commands import train
from proactive_training.errors import DataError
from proactive_training.leaving_out import own_scores, without_each
from proactive_training.logistic import sigmoid
from proactive_training.proactivebench import Label, read
from proactive_training.told.distil import agreement, distil
from proactive_training.told.examples import ToldExamples, common_words, scene_examples, soft_label, trace_examples
from proactive_training.told.fit import Scale, ToldRecipe, fit, fitted_without, told_head
from proactive_training.told.pool import sentence_pool
from proactive_training.told.scenes import read_scenes
from proactive_training.told.sentence_model import SentenceModel
from tiny_models import tiny_bert

SCENES = read_scenes()[:12]


def _held_out(scenes: ToldExamples, traces: ToldExamples, recipe: ToldRecipe) -> NDArray[np.float64]:
    return own_scores(traces.trace, without_each(traces.trace, fitted_without(scenes, traces, recipe)))


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> SentenceModel:
    return SentenceModel(tiny_bert(tmp_path_factory.mktemp("bert")))


def test_the_student_comes_near_the_teacher(teacher: SentenceModel) -> None:
    sentences = [text for scene in SCENES for text in scene.sentences]
    pool = sentence_pool(sentences, 1500)
    seen: list[int] = []
    targets = teacher.sentences(pool, seen.append)
    assert seen[-1] == len(pool)
    assert np.linalg.norm(targets, axis=1) == pytest.approx(1.0, abs=1e-5)
    student = distil(teacher.vocabulary, teacher.pieces(), pool, targets)
    assert agreement(student, sentences, teacher.sentences(sentences)) > 0.6


def test_folding_the_words_into_scores_changes_no_answer(
    teacher: SentenceModel, bench: Path, tmp_path: Path
) -> None:
    """What the gate says of a window in plain Python is what the fit says of the same window in matrices."""
    sentences = [text for scene in SCENES for text in scene.sentences]
    pool = sentence_pool(sentences, 600)
    student = distil(teacher.vocabulary, teacher.pieces(), pool, teacher.sentences(pool))
    labelled, common, recipe = read(bench), common_words(SCENES), ToldRecipe(penalty=1.0)
    scenes = scene_examples(SCENES, common, student)
    traces = trace_examples(labelled, common, student, recipe.softness)
    scores = _held_out(scenes, traces, recipe)
    head = told_head(scenes, traces, common, student, recipe, scores)

    shipped = LearnedGate.load().weights
    type(shipped)(shipped.live, head).save(tmp_path)
    gate = LearnedGate.load(tmp_path)
    found = [gate.need(t.window(i)).probability for t in labelled.traces for i in t.labelled]
    slope, intercept = platt(scores, traces.need.astype(float))
    scale = Scale.of(scenes, recipe)
    wanted = sigmoid(slope * (scale.design(traces) @ fit(scenes, traces, scale, recipe)) + intercept)
    assert found == pytest.approx(wanted.tolist(), abs=2e-4)
    assert len({round(p, 4) for p in found}) > 5


def test_held_out_scores_do_not_depend_on_the_trace_asked_about(bench: Path) -> None:
    """Turning a trace's own labels round must not move its held-out scores."""
    common, recipe = common_words(SCENES), ToldRecipe()
    scenes = scene_examples(SCENES, common, None)
    traces = trace_examples(read(bench), common, None, recipe.softness)
    before = _held_out(scenes, traces, recipe)
    own = traces.trace == 1
    traces.y[own] = 1 - traces.y[own]
    after = _held_out(scenes, traces, recipe)
    assert after[own] == pytest.approx(before[own], abs=1e-5)
    assert np.abs(after[~own] - before[~own]).max() > 1e-4


def test_soft_labels_are_the_votes_where_there_are_some() -> None:
    assert soft_label(Label(True), 0.5) == 1
    assert soft_label(Label(True, (), (True, True, True, False)), 0.5) == 0.875
    assert soft_label(Label(False, (), (True, False)), 1.0) == 0.5


def test_the_command_distils(
    teacher: SentenceModel, bench: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from proactive_training import gate_run

    monkeypatch.setattr(gate_run, "POOL", 4000)
    folder = tiny_bert(tmp_path / "bert")
    arguments = [
        "gate",
        "--data",
        str(bench),
        "--sentence-model",
        str(folder),
        "--out",
        str(tmp_path / "out"),
        "--json",
    ]
    result = CliRunner().invoke(train.app, arguments)
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout.splitlines()[-1])
    assert 0 <= report["traces"]["scenes_alone"]["f1"] <= 1
    metadata = LearnedGate.load(tmp_path / "out").weights.metadata
    assert metadata["student"]["teacher"] == "bert"
    assert metadata["scenes"]["scenes"] == sum(scene.domain in ("code", "writing") for scene in read_scenes())
    assert "The sentence model has seen" in result.stderr


def test_what_is_no_sentence_model_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no config\.json"):
        SentenceModel(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(DataError, match="cannot be loaded"):
        SentenceModel(tmp_path)
