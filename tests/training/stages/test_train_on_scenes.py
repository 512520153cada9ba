"""Agents learn the decision from judged scenes: alone, or beside people's labels."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from proactive_inference.models.local import LocalModel
from proactive_training.commands.train import app
from proactive_training.exposure import learned_by
from proactive_training.run_directory import RunDirectory
from proactive_training.stages.scene_examples import SHIPPED, read_scene_data
from proactive_training.told.scenes import read_scenes
from small_traces import NEEDY, QUIET
from training_processes import losses

pytestmark = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing.*:FutureWarning")

OPTIONS = ["--precision", "float32", "--sharing", "--batch", "2", "--micro-batch", "1", "--json"]


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten scenes in which help is welcome after errors; one of them of another sort of work."""
    path = tmp_path_factory.mktemp("scenes") / "mine.jsonl"
    lines = []
    for number in range(10):
        pools = [(NEEDY, 8) if (number + at) % 3 == 2 else (QUIET, 1) for at in range(6)]
        events = [[10, pool[(number + at) % len(pool)], level] for at, (pool, level) in enumerate(pools)]
        domain = "daily" if number == 9 else "code"
        lines.append(json.dumps({"scene": f"scene-{number}", "domain": domain, "topic": "shop", "events": events}))
    path.write_text("\n".join(lines) + "\n")
    return path


def train(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["agent", *map(str, arguments), *OPTIONS])


def test_both_ways_are_taught_with_their_probability(scenes: Path) -> None:
    data = read_scene_data(str(scenes), most_events=4)
    assert data.groups == [f"scene-{number}" for number in range(9)]
    moment = [example for example in data.examples if example.trace == "scene-0" and example.index == 2]
    assert [(one.speaks, one.weight, one.right) for one in moment] == [
        (True, 0.8, True),
        (False, pytest.approx(0.2), False),
    ]
    assert all(example.alone for example in data.examples)
    assert sum(example.right for example in data.examples) == 9 * 6
    first = [json.loads(one.messages[1].content)["Observations"] for one in data.examples if one.index == 1]
    assert (
        len({told[0]["Time"] for told in first}) == 9
    )  # each scene at an hour of its own, as fast as it was told
    times = [[datetime.strptime(one["Time"], "%H:%M:%S") for one in told] for told in first]
    assert {(later - earlier).seconds for earlier, later in times} == {10}


def test_the_scenes_that_ship_are_those_of_the_work_that_this_is_for() -> None:
    data = read_scene_data(SHIPPED, most_events=24)
    shipped = [scene for scene in read_scenes() if scene.domain in ("code", "writing")]
    assert len(data.groups) == len(shipped) > 100
    assert sum(example.right for example in data.examples) == sum(len(scene.levels) for scene in shipped)


def test_a_model_learns_the_decision_from_scenes_alone(scenes: Path, tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    given = ["--scenes", scenes, "--most-events", 1, "--full", "--learning-rate", 0.005, "--epochs", 30]
    done = train("--model", tiny, "--out", out, "--held-out", "scene-0,scene-1", *given)
    assert done.exit_code == 0, (done.output, done.exception)
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["held_out"]["auc"] == 1 and told["held_out"]["moments"] == 12
    # The entropy of what was judged is left: nobody is certain.
    assert losses(out)[-1] < losses(out)[0] / 3
    assert RunDirectory(out).description["data"]["name"] == "mine scenes"
    assert "scene-8" in (learned_by(str(out)) or ())
    settings = LocalModel.open(out).settings
    assert settings.most_events == 1 and settings.speaking_threshold == pytest.approx(told["threshold"])


def test_scenes_stand_beside_peoples_traces_which_alone_are_held_out(
    scenes: Path, published: Path, tiny: Path, tmp_path: Path
) -> None:
    given = ["--model", tiny, "--data", published, "--scenes", scenes, "--epochs", 0.2, "--most-events", 4]
    assert (done := train("--out", tmp_path / "run", *given)).exit_code == 0, (done.output, done.exception)
    data = RunDirectory(tmp_path / "run").description["data"]
    assert {f"scene-{number}" for number in range(9)} < set(data["learned_from"]) and len(data["held_out"]) == 1
    assert not any(name.startswith("scene") for name in data["held_out"])
    done = train("--out", tmp_path / "cv", *given, "--folds", 3, "--fold", 2)
    assert done.exit_code == 0, (done.output, done.exception)
    data = RunDirectory(tmp_path / "cv" / "fold-2").description["data"]
    assert len(data["learned_from"]) == 2 + 9 and len(data["left_out"]) == len(data["threshold_from"]) == 2


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ([], "give --data, --scenes, or both"),
        (["--scenes", "missing.jsonl"], "missing.jsonl cannot be read"),
        (["--scenes", "shipped", "--folds", "3"], "give --data"),
        (["--scenes", "shipped", "--packing"], "leave --packing out"),
    ],
)
def test_what_cannot_be_learned_from_is_said(tiny: Path, tmp_path: Path, more: list[str], words: str) -> None:
    done = train("--model", tiny, "--out", tmp_path / "run", *more)
    assert done.exit_code == 1 and words in done.output.replace("\n", " ")
    assert not (tmp_path / "run").exists()
