"""The gym as a Gymnasium environment, by Gymnasium's own checker, and trained on."""

from __future__ import annotations

import importlib.util
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from proactive_collectors.events import Event, Observed, Source
from proactive_collectors.trace import Trace
from proactive_training.bench.dataset import Record
from proactive_training.bench.dataset_writer import writing
from proactive_training.bench.example import Example, Label, LabelSource, Sitting
from proactive_training.errors import DataError
from small_scenes import STOP, Told, by_rule, came, did, do, scene

gymnasium = pytest.importorskip("gymnasium")

from gymnasium.utils.env_checker import check_env  # noqa: E402 - not before it is known to be there

from proactive_training.gym.gymnasium_env import ProactiveEnv, labelled_env, scene_env  # noqa: E402

HELP = "Look the cast up."


def _user(told: Told) -> Any:
    if "Offer" in told:
        good = "cast" in told["Offer"]
        return {"Thought": "", "Judgement": "accepted" if good else "rejected"}
    return do("telephone", "call", f"The user calls number {did(told)}.") if did(told) < 3 else STOP


def _keeper(told: Told) -> Any:
    return came(Events=["The assistant brings the cast."]) if "assistant" in told["Act"] else came()


def _scene_env(**settings: Any) -> ProactiveEnv:
    made = gymnasium.make(
        "proactive_training.gym.gymnasium_env:proactive/Scene-v0",
        scene=scene(mishaps=()),
        model=by_rule(_user),
        environment=by_rule(_keeper),
        **settings,
    )
    assert isinstance(made.unwrapped, ProactiveEnv)
    return made.unwrapped


def _record(name: str, needs: tuple[bool | None, ...]) -> Record:
    start = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    events = tuple(
        Event(
            start + timedelta(seconds=9 * index),
            Source.DATASET,
            Observed(f"The tests {'fail again' if need else 'pass'}, run {index}."),
        )
        for index, need in enumerate(needs)
    )
    examples = tuple(
        Example(name, index, Label(LabelSource.HINDSIGHT, need, None if need is None else not need))
        for index, need in enumerate(needs)
    )
    return Record(Sitting(Trace(name, events), domain="code"), examples)


RECORDS = [_record("one", (False, True, None, False)), _record("two", (True, True))]


class _Judge:
    """Would take whatever names the cast."""

    name = fingerprint = "by rule"

    def answer(self, questions: Any) -> list[float]:
        return [0.9 if "cast" in (question.task or "") else 0.1 for question in questions]


# --- Gymnasium's checker -------------------------------------------------------------------------------------


def test_gymnasiums_checker_passes_a_simulated_scene() -> None:
    check_env(_scene_env())


def test_gymnasiums_checker_passes_labelled_sittings() -> None:
    made = gymnasium.make("proactive_training.gym.gymnasium_env:proactive/Labelled-v0", dataset=RECORDS)
    check_env(made.unwrapped)


# --- a lived episode -----------------------------------------------------------------------------------------


def test_an_offer_is_worth_what_the_user_says_and_silence_nothing() -> None:
    env = _scene_env()
    seen, info = env.reset(seed=1)
    assert seen.endswith("The user calls number 0.")
    seen, reward, over, cut, info = env.step("")
    assert (reward, over, cut, info["reply"]) == (0.0, False, False, "")
    seen, reward, over, cut, info = env.step("Order a pizza.")
    assert (reward, info["reply"]) == (-0.25, "dismiss")
    assert "The user dismissed the offer" in seen
    seen, reward, over, cut, info = env.step(HELP)
    assert (reward, info["reply"]) == (0.75, "accept")
    assert "The assistant brings the cast." in seen
    while not over:
        seen, reward, over, cut, info = env.step("")
        assert reward == 0.0
    with pytest.raises(DataError, match="reset"):
        env.step("")


def test_a_judge_may_say_what_an_offer_is_worth() -> None:
    def refuses(told: Told) -> Any:
        return {"Thought": "", "Judgement": "rejected"} if "Offer" in told else _user(told)

    env = scene_env(scene(), by_rule(refuses), by_rule(_keeper), judge=_Judge())
    env.reset(seed=0)
    _, reward, _, _, info = env.step(HELP)
    assert (reward, info["reply"]) == (0.75, "dismiss")
    assert env.step("Order a pizza.")[1] == -0.25
    assert env.step("")[1] == 0.0


def test_equal_seeds_and_actions_give_equal_episodes() -> None:
    def episode() -> list[Any]:
        env = _scene_env()
        return [env.reset(seed=5), *(env.step(task) for task in ("", HELP, ""))]

    assert episode() == episode()


# --- labelled sittings ---------------------------------------------------------------------------------------


def test_an_offer_at_a_labelled_moment_is_worth_what_hindsight_says() -> None:
    env = labelled_env(RECORDS)
    seen, info = env.reset(options={"sitting": "one"})
    assert info == {"sitting": "one", "at": 0}
    assert seen == "09:00:00 The tests pass, run 0."
    assert env.step("Mend it.")[1] == -0.25
    assert env.step("Mend it.")[1] == 0.75
    _, reward, over, _, _ = env.step("")
    assert (reward, over) == (0.0, True), "the moment of which nothing is known is none"
    with pytest.raises(DataError, match="reset"):
        env.step("")


def test_the_seed_chooses_a_sitting_and_options_a_moment() -> None:
    env = labelled_env(RECORDS)
    assert {env.reset(seed=seed)[1]["sitting"] for seed in range(8)} == {"one", "two"}
    assert env.reset(options={"sitting": "two", "at": 1})[0].endswith("run 1.")
    with pytest.raises(DataError, match="no sitting 'three'"):
        env.reset(options={"sitting": "three"})
    with pytest.raises(DataError, match="moments 0 to 1"):
        env.reset(options={"sitting": "two", "at": 2})
    with pytest.raises(DataError, match="label some"):
        labelled_env([_record("none", (None,))])


def test_any_script_is_observed_and_offered() -> None:
    space = labelled_env(RECORDS).action_space
    assert space.contains("写一个测试")
    assert space.contains("")
    assert not space.contains("x" * 401)
    assert not space.contains(None)


# --- trained on ----------------------------------------------------------------------------------------------


@pytest.fixture
def example() -> Any:
    path = Path(__file__).parents[3] / "examples" / "train_on_gym.py"
    spec = importlib.util.spec_from_file_location("train_on_gym", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["train_on_gym"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    folder = tmp_path / "labelled"
    with writing(folder) as writer:
        for record in RECORDS:
            writer.add(record, "train")
    return folder


def test_the_example_plays_every_answer_at_its_moment(example: Any, dataset: Path) -> None:
    env = example.make(dataset, "train")
    rows = example.moments(env, 100)
    assert [(row["sitting"], row["at"]) for row in rows] == [
        ("one", 0),
        ("one", 1),
        ("one", 2),
        ("two", 0),
        ("two", 1),
    ]
    assert "run 1." in rows[4]["prompt"][1]["content"]
    said = ['{"Proactive Task": "Mend it."}', '{"Proactive Task": null}', "Hm."]
    completions = [[{"role": "assistant", "content": text}] for text in said]
    rewards = example.rewarding(env)(completions=completions, sitting=["two"] * 3, at=[0] * 3, prompts=[])
    assert rewards == [0.75, 0.0, -0.5]


@pytest.mark.filterwarnings("ignore:.*gradient_checkpointing.*:FutureWarning")
def test_trls_grpo_trains_on_it(example: Any, dataset: Path, tmp_path: Path) -> None:
    import torch

    from tiny_models import tiny_llama

    torch.set_num_threads(1)
    out = tmp_path / "trained"
    trainer = example.train(
        example.make(dataset, "train"),
        tiny_llama(tmp_path / "tiny"),
        out,
        steps=2,
        num_generations=2,
        per_device_train_batch_size=2,
        max_completion_length=8,
        use_cpu=True,
        disable_tqdm=True,
    )
    rewards = [row["reward"] for row in trainer.state.log_history if "reward" in row]
    assert len(rewards) == 2
    assert (out / "model.safetensors").exists()
