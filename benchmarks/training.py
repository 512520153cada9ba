"""Measures how fast an agent learns here, beside TRL's own loop on the same work, and what of the machine it uses.

    python benchmarks/training.py --model SmolLM2-135M-Instruct [--examples 32] [--rounds 2] [--json]
    python benchmarks/training.py --sittings 4

Both learn the same conversations with the same adapters, batches, precision and number of steps. They take
turns, each time in a process of its own, and the best of the rounds counts, so that another program on the
machine disturbs it less. Tokens are those of the conversations, without padding. The share of the matrix rate
is the arithmetic that the work needs at least (two operations for each weight and token, forward and again for
the gradients of what a layer read; logits of the answers alone), over what the machine does in a large product
of bfloat16 matrices.

With ``--sittings`` all moments of so many judged scenes are learned, and ``--sharing``, which reads once what the
moments of a sitting have in common, stands beside the two; a step of it is one sitting. Its tokens are those of
the conversations as well, however few of them it reads.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import evolve
from generation import question

from proactive_inference.models.agent_answer import AgentAnswer
from proactive_inference.models.loading import load_tokenizer
from proactive_inference.models.model_files import find_model
from proactive_training.run_directory import RunDirectory
from proactive_training.stages.adapters import lora_config
from proactive_training.stages.agent_examples import AgentExample
from proactive_training.stages.answer_tokens import TokenRow, agent_decider, token_rows
from proactive_training.stages.learning import common_arguments, learn, trainable_model
from proactive_training.stages.memory import peak_memory
from proactive_training.stages.quiet import quiet
from proactive_training.stages.recipe import Recipe
from proactive_training.stages.scene_examples import SHIPPED, read_scene_data

OFFER = AgentAnswer(
    purpose="The user wants the script to run.",
    thoughts="The script fails because a package is missing, and the user looks for how to install it.",
    task="Install pandas into the project's environment and run the script again.",
    response="pandas is missing in this environment; shall I install it and run the script again?",
)
SIDE = 2048  #: rows and columns of the matrices that tell the machine's rate


def examples(count: int, seed: int = 0) -> tuple[AgentExample, ...]:
    """Moments of one to sixteen events, half of them with an offer."""
    draw = random.Random(seed)
    return tuple(
        AgentExample(
            "benchmark", "benchmark", n, question(n, draw.randint(1, 16)), OFFER if n % 2 else AgentAnswer()
        )
        for n in range(count)
    )


def moments(sittings: int) -> tuple[AgentExample, ...]:
    """All moments of some judged scenes, with an offer where help was rather wanted."""
    scenes = read_scene_data(SHIPPED, most_events=24)
    chosen = [one for one in scenes.of(scenes.groups[:sittings]) if one.right]
    return tuple(
        evolve(one, answer=OFFER if one.speaks else one.answer, weight=1.0, alone=False) for one in chosen
    )


def ours(recipe: Recipe, taught: tuple[AgentExample, ...], folder: str) -> dict[str, Any]:
    """One pass of ``proactive train agent``."""
    files = find_model(recipe.model)
    tokenizer = load_tokenizer(files)
    run = RunDirectory.create(Path(folder), {"kind": "benchmark"})
    rows = token_rows(tokenizer, taught)
    which = agent_decider(tokenizer, taught[0].messages)
    model = trainable_model(files, half=recipe.half)
    return learn(recipe, which, run, model, tokenizer, rows, [], lambda _: None)


def plain(recipe: Recipe, taught: tuple[AgentExample, ...], folder: str) -> dict[str, Any]:
    """The same pass by TRL's trainer as it comes, told the conversations."""
    from datasets import Dataset
    from transformers import PrinterCallback
    from trl import SFTConfig, SFTTrainer

    files = find_model(recipe.model)
    tokenizer = load_tokenizer(files)
    model = trainable_model(files, half=recipe.half)
    conversations = [
        {
            "prompt": [{"role": m.role, "content": m.content} for m in one.messages],
            "completion": [{"role": "assistant", "content": one.answer.to_json()}],
        }
        for one in taught
    ]
    run = RunDirectory.create(Path(folder), {"kind": "benchmark"})
    arguments = SFTConfig(**common_arguments(SFTConfig, recipe, run, len(taught)), max_length=None)
    with quiet():
        trainer = SFTTrainer(
            model=model,
            args=arguments,
            train_dataset=Dataset.from_list(conversations),
            processing_class=tokenizer,
            peft_config=lora_config(model, recipe),
        )
        trainer.remove_callback(PrinterCallback)
        seconds = float(trainer.train().metrics["train_runtime"])
    tokens = sum(map(len, token_rows(tokenizer, taught)))
    return {"tokens_per_second": tokens / seconds, "seconds": seconds, "peak_memory": peak_memory()}


def sharing(recipe: Recipe, taught: tuple[AgentExample, ...], folder: str) -> dict[str, Any]:
    """The same pass with ``--sharing``, sitting by sitting."""
    found = ours(evolve(recipe, sharing=True, packing=False, batch=1, micro_batch=1), taught, folder)
    tokens = sum(map(len, token_rows(load_tokenizer(find_model(recipe.model)), taught)))
    return {**found, "tokens_per_second": tokens / found["seconds"]}


LOOPS = {"ours": ours, "plain_trl": plain, "sharing": sharing}


def in_a_process(name: str, recipe: Recipe, taught: tuple[AgentExample, ...]) -> dict[str, Any]:
    """Run a loop where nothing else has taken memory before."""
    with TemporaryDirectory() as folder, multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(LOOPS[name], (recipe, taught, f"{folder}/run"))


def matrix_rate() -> float:
    """Operations a second in a product of bfloat16 matrices; the best of ten."""
    import torch

    left, right = (torch.randn(SIDE, SIDE).to(torch.bfloat16) for _ in range(2))
    best = float("inf")
    for _ in range(10):
        start = time.perf_counter()
        left @ right
        best = min(best, time.perf_counter() - start)
    return 2 * SIDE**3 / best


def operations(recipe: Recipe, rows: list[TokenRow]) -> float:
    """What a pass needs at least: of the frozen layers, and of the logits of the answers."""
    import torch

    model = trainable_model(find_model(recipe.model), half=recipe.half)
    head = model.get_output_embeddings()
    linear = [m for m in model.modules() if isinstance(m, torch.nn.Linear)]
    layers = sum(m.weight.numel() for m in linear if m is not head)
    answers = sum(len(row.weights) for row in rows)
    return 4.0 * (layers * sum(map(len, rows)) + head.weight.numel() * answers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="SmolLM2-135M-Instruct")
    parser.add_argument("--examples", type=int, default=32)
    parser.add_argument("--sittings", type=int, default=0, help="Instead: all moments of so many judged scenes.")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--precision", default="bfloat16", choices=("bfloat16", "float32"))
    parser.add_argument("--packing", action="store_true", help="Ours without padding, in one row.")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()

    recipe = Recipe(
        given.model, epochs=1, batch=given.batch, micro_batch=given.batch, precision=given.precision,
        packing=given.packing,
    )  # fmt: skip
    taught = moments(given.sittings) if given.sittings else examples(given.examples)
    rows = token_rows(load_tokenizer(find_model(given.model)), taught)
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in LOOPS if given.sittings or name != "sharing"}
    rate = 0.0
    for _ in range(given.rounds):
        for name in runs:
            runs[name].append(in_a_process(name, recipe, taught))
            rate = max(rate, matrix_rate())
    per_token = operations(recipe, rows) / sum(map(len, rows))
    figures: dict[str, Any] = {
        "tokens": sum(map(len, rows)),
        "longest": max(map(len, rows)),
        "median": statistics.median(map(len, rows)),
        "matrix_gigaflops": round(rate / 1e9, 1),
    }
    for name, found in runs.items():
        speed = max(one["tokens_per_second"] for one in found)
        figures[name] = {
            "tokens_per_second": round(speed, 1),
            "all_rounds": [round(one["tokens_per_second"], 1) for one in found],
            "share_of_matrix_rate": round(speed * per_token / rate, 3),
            "peak_memory_megabytes": round(max(one["peak_memory"] for one in found) / 1e6),
        }
    for name, key in (("ours", "ratio"), ("sharing", "ratio_sharing")):
        if name in figures:
            plainly = figures["plain_trl"]["tokens_per_second"]
            figures[key] = round(figures[name]["tokens_per_second"] / plainly, 2)
    print(json.dumps(figures) if given.json else json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
