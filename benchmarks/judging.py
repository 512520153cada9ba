"""Measures what a judge costs: a new event comes, and so many tasks are judged at it.

    python benchmarks/judging.py --judge my-judge [--judge another] [--tasks 1 8] [--threads 2] [--json]

A judge is a folder that ``proactive train reward`` wrote. In each round every judge and, beside them, the encoder
``--beside`` as transformers runs it by itself (in float32, over the same pairs of task and events, cut at as many
tokens) take their turn at the same moment, so that what else the machine does disturbs all alike. No moment comes
twice: nothing of it has been read before. Figures are the median over the rounds, in milliseconds of time as it
passes.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

from attrs import evolve

from proactive_collectors.events import Observed
from proactive_collectors.trace import Window
from proactive_inference.judge.judge import Question
from proactive_inference.judge.loading import load_encoder
from proactive_inference.judge.pair_encoding import padded, pair_tokens
from proactive_inference.judge.resolve import load_judge
from proactive_training.stages.reward_recipe import RewardRecipe
from proactive_training.told.scenes import read_scenes

RECIPE = RewardRecipe()
"""How a cross-encoder is trained by default: how much of a pair it reads."""

OFFERS = (
    "Explain the last error and how to mend it",
    "Offer to look for the place where this is configured and open it",
    "Summarize what has been read so far in three points",
    "Suggest a test for the function that was just changed, with the case that failed",
    "Draft the reply that the user has begun, in the tone of the earlier ones",
    "Provide the command that installs the missing package",
    "Recommend an extension of the editor for this sort of file",
    "Set a reminder to come back to this after the meeting",
)


def moments(count: int) -> list[Window]:
    """Windows of shipped scenes; the newest event of each is told in words that were not told before."""
    found: list[Window] = []
    while True:
        for scene in read_scenes():
            events = scene.trace.events
            for at in range(8, len(events)):
                newest = events[at]
                data = evolve(newest.data, sentence=f"{newest.data.sentence} ({len(found)})")
                assert isinstance(data, Observed)
                found.append(Window((*events[:at], evolve(newest, data=data))))
                if len(found) == count:
                    return found


def plainly(name: str) -> Callable[[Sequence[Question]], object]:
    """The encoder as it comes, over pairs."""
    import torch

    encoder = load_encoder(name)

    def run(questions: Sequence[Question]) -> object:
        tokens = pair_tokens(encoder.tokenizer, questions, RECIPE.most_events, RECIPE.most_tokens)
        with torch.inference_mode():
            return encoder(padded(encoder.tokenizer, tokens)).last_hidden_state.float()

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--judge", action="append", required=True, help="May be given several times.")
    parser.add_argument("--beside", default="all-MiniLM-L6-v2")
    parser.add_argument("--tasks", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()

    import torch

    torch.set_num_threads(given.threads)
    ways = {name: load_judge(name).answer for name in given.judge} | {"beside": plainly(given.beside)}
    figures: dict[str, Any] = {"threads": given.threads, "beside": given.beside}
    left = iter(moments((given.rounds + 5) * len(given.tasks)))
    for count in given.tasks:
        took: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(given.rounds + 5):
            window = next(left)
            questions = [Question(window, f"{OFFERS[at % len(OFFERS)]} ({number}.{at})") for at in range(count)]
            for name, way in ways.items():
                start = time.perf_counter()
                way(questions)
                took[name].append(time.perf_counter() - start)
        middle = {name: statistics.median(each[5:]) for name, each in took.items()}  # the first ones warm up
        figures[f"tasks_{count}"] = {
            name: {
                "ms": round(1e3 * seconds, 2),
                "ms_each": round(1e3 * seconds / count, 2),
                "share_of_beside": round(seconds / middle["beside"], 3),
            }
            for name, seconds in middle.items()
        }
    print(json.dumps(figures) if given.json else json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
