"""Trains a language model by GRPO (TRL) to speak when help is wanted, on the moments of a labelled dataset.

::

    pip install 'proactive-lsp[gym,train]'
    proactive bench replay --repo ~/src/click --out replayed
    python examples/train_on_gym.py --dataset replayed --model Qwen/Qwen2.5-0.5B-Instruct --out trained

Each prompt is a moment of the gym; each answer that the model draws is played there, and the environment says
what it is worth. Silence at every moment earns nothing, an offer at every moment what the share of needed moments
is worth: what lies above both was learned.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gymnasium

from proactive_inference.errors import AnswerError
from proactive_inference.models.agent_answer import read_agent_answer
from proactive_training.gym.courses import LabelledCourse
from proactive_training.gym.gymnasium_env import ProactiveEnv

UNREADABLE = -0.5
"""What an answer is worth in which there is no decision."""


def make(dataset: Path, split: str) -> ProactiveEnv:
    """The environment."""
    env = gymnasium.make(
        "proactive_training.gym.gymnasium_env:proactive/Labelled-v0", dataset=dataset, split=split
    ).unwrapped
    assert isinstance(env, ProactiveEnv)
    return env


def moments(env: ProactiveEnv, most: int) -> list[dict[str, Any]]:
    """A prompt for each moment, with the place where its answers are played."""
    course = env.course
    assert isinstance(course, LabelledCourse)
    rows = []
    for sitting, at in course.places()[:most]:
        env.reset(options={"sitting": sitting, "at": at})
        prompt = [message.as_dict() for message in env.messages()]
        rows.append({"prompt": prompt, "sitting": sitting, "at": at})
    return rows


def rewarding(env: ProactiveEnv) -> Callable[..., list[float]]:
    """TRL's reward function: plays each answer at its moment."""

    def reward(completions: Sequence[Any], sitting: Sequence[str], at: Sequence[int], **_: Any) -> list[float]:
        return [
            _played(env, completion[-1]["content"], name, place)
            for completion, name, place in zip(completions, sitting, at, strict=True)
        ]

    return reward


def _played(env: ProactiveEnv, answer: str, sitting: str, at: int) -> float:
    try:
        task = read_agent_answer(answer).task
    except AnswerError:
        return UNREADABLE
    env.reset(options={"sitting": sitting, "at": at})
    return float(env.step(task or "")[1])


def train(
    env: ProactiveEnv, model: str | Path, out: Path, *, most: int = 1000, steps: int = 200, **grpo: Any
) -> Any:
    """Train, and save the model in ``out``; the trainer, with what was logged."""
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    settings: dict[str, Any] = {
        "max_steps": steps,
        "per_device_train_batch_size": 8,
        "num_generations": 8,
        "max_completion_length": 200,
        "logging_steps": 1,
        "save_strategy": "no",
        "report_to": [],
    }
    trainer = GRPOTrainer(
        model=str(model),
        reward_funcs=rewarding(env),
        args=GRPOConfig(output_dir=str(out), **(settings | grpo)),
        train_dataset=Dataset.from_list(moments(env, most)),
    )
    trainer.train()
    trainer.save_model(str(out))
    return trainer


def main() -> None:
    """Read the arguments, train, print how the reward went."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--split", default="train")
    parser.add_argument("--model", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=200)
    arguments = parser.parse_args()
    trainer = train(
        make(arguments.dataset, arguments.split), arguments.model, arguments.out, steps=arguments.steps
    )
    rewards = [row["reward"] for row in trainer.state.log_history if "reward" in row]
    print(json.dumps({"first": rewards[:5], "last": rewards[-5:]}))


if __name__ == "__main__":
    main()
