"""Measures how fast a language model answers here: alone and side by side, against the library's own loop.

    python benchmarks/generation.py --model SmolLM2-135M-Instruct [--dtype bfloat16] [--json]

Each figure is the best of a few runs, so that another program on the machine disturbs it less.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from proactive_collectors.events import Event, Observed, Source
from proactive_collectors.trace import Window
from proactive_inference.models.agent_answer import DECISION_SCHEMA
from proactive_inference.models.agent_prompt import agent_messages
from proactive_inference.models.chat_template import prompt_tokens
from proactive_inference.models.local import LocalModel
from proactive_inference.models.messages import Message

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
DOINGS = (
    "The user opens 'report.py' in the editor.",
    "The user types 'import pandas as pd' at the top of the file.",
    "The user runs the script; the terminal shows 'ModuleNotFoundError: No module named pandas'.",
    "The user searches for 'install pandas' in the web browser and reads the first page.",
)


def question(number: int, events: int) -> tuple[Message, ...]:
    told = (
        Event(START + timedelta(seconds=9 * n), Source.DATASET, Observed(f"{DOINGS[(n + number) % 4]}"))
        for n in range(events)
    )
    return agent_messages(Window(tuple(told)), most_events=events)


def best(run: Callable[[], Any], times: int) -> tuple[float, Any]:
    found, result = float("inf"), None
    for _ in range(times):
        start = time.perf_counter()
        result = run()
        found = min(found, time.perf_counter() - start)
    return found, result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="SmolLM2-135M-Instruct")
    parser.add_argument("--dtype", default=None)
    parser.add_argument("--events", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--times", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()

    import torch

    model = LocalModel.open(given.model, dtype=given.dtype)
    loaded = model._loaded
    prompt = prompt_tokens(loaded.tokenizer, question(0, given.events))
    figures: dict[str, Any] = {"prompt_tokens": len(prompt), "dtype": str(loaded.model.dtype)}

    settings = {"schema": DECISION_SCHEMA, "max_tokens": given.tokens}
    for count in (1, 4, 8, 16):
        many = [question(n, given.events) for n in range(count)]
        seconds, answers = best(lambda many=many: model.complete_many(many, **settings), given.times)
        tokens = sum(completion.tokens for (completion,) in answers)
        figures[f"side_by_side_{count}"] = {
            "seconds_each": round(seconds / count, 3),
            "tokens_per_second": round(tokens / seconds, 1),
        }
    tensor = torch.tensor([prompt])

    def library() -> int:
        with torch.inference_mode():
            found = loaded.model.generate(
                tensor, max_new_tokens=given.tokens, min_new_tokens=given.tokens, do_sample=False
            )
        return int(found.shape[1] - len(prompt))

    seconds, tokens = best(library, given.times)
    figures["library_alone"] = {
        "seconds_each": round(seconds, 3),
        "tokens_per_second": round(tokens / seconds, 1),
    }
    plain = {"max_tokens": given.tokens}
    seconds, (answer,) = best(lambda: model.complete(question(0, given.events), **plain), given.times)
    figures["ours_alone_without_schema"] = {
        "seconds_each": round(seconds, 3),
        "tokens_per_second": round(answer.tokens / seconds, 1),
    }
    print(json.dumps(figures) if given.json else json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
