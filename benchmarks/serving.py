"""Measures a language model as editors use it: what asking costs, and the memory and the speed of the worker.

    python benchmarks/serving.py --model SmolLM2-135M-Instruct --rounds 3 [--json]

The worker answers the same prompt with the same number of tokens as plain ``transformers`` ``generate`` does in
this process, with as many threads, and llama.cpp where the package xllamacpp is installed and the model is a GGUF
file. In each round all take their turn, so that what else the machine does disturbs all alike; a speed is of the
best round, and all are given. The worker is held to a JSON schema, as in the editor, the others are not;
unlike there, it has the priority of the others. Nothing stays behind: the worker has a state folder of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from proactive_inference.models.asking import Asking
from proactive_inference.models.messages import Message
from proactive_inference.models.model_files import find_model
from proactive_inference.models.shared.limits import Limits
from proactive_inference.models.shared.model import SharedModel
from proactive_inference.models.shared.running import running_workers, stop_worker

TEXT = (
    "The user ran 'pytest -q'; 1 test failed in tests/test_api.py: NameError: name 'np' is not defined. "
    "The user opened src/api.py and typed 'import numpy'. The user searched for 'numpy mean of empty slice'. "
)
CLIENT = """
import resource, sys, time
start = time.perf_counter()
from proactive_inference.models.resolve import open_served_model
from proactive_inference.models.shared.model import SharedModel
from proactive_inference.models.messages import Message
imported = time.perf_counter() - start
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
model = open_served_model(sys.argv[1])
model.complete([Message("user", sys.argv[2])], max_tokens=8)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(imported, before, after)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="SmolLM2-135M-Instruct")
    parser.add_argument("--repeat", type=int, default=8, help="of the text, to make a longer prompt")
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=0, help="0: half of the cores, as in the editor")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    threads = Limits(threads=given.threads).threads_used
    messages = [Message("user", TEXT * given.repeat)]
    with tempfile.TemporaryDirectory() as state:
        os.environ["PROACTIVE_STATE_DIR"] = state
        model = SharedModel(given.model, Limits(threads=threads, niceness=0))
        try:
            figures = measured(model, given, messages, threads)
        finally:
            for one in running_workers():
                stop_worker(one)
    print(json.dumps(figures) if given.json else json.dumps(figures, indent=2))


def measured(model: SharedModel, given: Any, messages: list[Message], threads: int) -> dict[str, Any]:
    start = time.perf_counter()
    model.complete(messages, max_tokens=2)
    loaded = time.perf_counter() - start
    figures: dict[str, Any] = {
        "model": model.name,
        "threads": threads,
        "seconds_to_first_answer": round(loaded, 1),
    }
    client = subprocess.run(
        [sys.executable, "-c", CLIENT, given.model, TEXT], capture_output=True, text=True, check=True
    )
    imported, before, after = map(float, client.stdout.split())
    figures["asking_process"] = {
        "import_seconds": round(imported, 3),
        "memory_mb": round(after / 1e3),
        "of_it_for_asking_mb": round((after - before) / 1e3, 1),
    }
    (worker,) = running_workers()
    assert worker.status is not None
    figures["worker_memory_mb"] = round(worker.status["memory"] / 1e6)
    ways = {
        "worker": of_worker(model, messages, given.tokens),
        "transformers": of_library(model, messages, given, threads),
    }
    if (llama := of_llama(model, messages, given.tokens, threads)) is not None:
        ways["llama.cpp"] = llama
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
    for way in ways.values():
        way()  # to warm up
    for _ in range(given.rounds):
        for name, way in ways.items():
            rounds[name].append(way())
    for name, found in rounds.items():
        figures[name] = {
            "tokens_per_second": round(max(one["tokens"] / one["seconds"] for one in found), 2),
            "each_round": [round(one["tokens"] / one["seconds"], 2) for one in found],
            "seconds_to_first_token": round(min(one["first"] for one in found), 3),
            "prompt_tokens": int(found[0]["prompt"]),
        }
    for name in list(ways)[1:]:
        figures[f"worker_to_{name}"] = round(
            statistics.median(
                (one["tokens"] / one["seconds"]) / (other["tokens"] / other["seconds"])
                for one, other in zip(rounds["worker"], rounds[name], strict=True)
            ),
            3,
        )
    (worker,) = running_workers()
    assert worker.status is not None
    figures["worker_memory_after_mb"] = round(worker.status["memory"] / 1e6)
    return figures


Way = Callable[[], dict[str, float]]
"""Answers once; seconds in all and to the first token, and tokens."""


def of_worker(model: SharedModel, messages: list[Message], tokens: int) -> Way:
    # So that no answer ends long before its tokens, and none is cut off long before it may end: it would be closed
    # as the schema wants it, letter by letter, which is no reading of the model.
    schema = {"type": "string", "minLength": 3 * tokens}

    def way() -> dict[str, float]:
        start = time.perf_counter()
        first: list[float] = []
        asking = Asking(told=lambda piece: first.append(time.perf_counter() - start))
        (found,) = model.complete(messages, max_tokens=tokens, schema=schema, asking=asking)
        seconds = time.perf_counter() - start
        return {"seconds": seconds, "first": first[0], "tokens": found.tokens, "prompt": found.prompt_tokens}

    return way


def of_library(model: SharedModel, messages: list[Message], given: Any, threads: int) -> Way:
    import torch
    from transformers.generation.streamers import BaseStreamer

    from proactive_inference.models.chat_template import prompt_tokens
    from proactive_inference.models.loading import load

    torch.set_num_threads(threads)
    loaded = load(find_model(given.model))
    prompt = torch.tensor([prompt_tokens(loaded.tokenizer, messages)])

    class First(BaseStreamer):  # type: ignore[misc]
        def __init__(self) -> None:
            self.times: list[float] = []

        def put(self, value: object) -> None:
            self.times.append(time.perf_counter())

        def end(self) -> None:
            pass

    def way() -> dict[str, float]:
        start = time.perf_counter()
        streamer = First()
        with torch.inference_mode():
            found = loaded.model.generate(
                prompt,
                attention_mask=torch.ones_like(prompt),
                max_new_tokens=given.tokens,
                min_new_tokens=given.tokens,
                do_sample=False,
                streamer=streamer,
            )
        seconds = time.perf_counter() - start
        length = prompt.shape[1]
        first = streamer.times[1] - start  # the prompt itself comes before
        return {"seconds": seconds, "first": first, "tokens": found.shape[1] - length, "prompt": length}

    return way


def of_llama(model: SharedModel, messages: list[Message], tokens: int, threads: int) -> Way | None:
    """llama.cpp with the file as it is: numbers of four bits where ours are unpacked."""
    files = find_model(model.name)
    try:
        import xllamacpp
    except ImportError:
        return None
    if files.gguf is None:
        return None
    from proactive_inference.models.chat_template import prompt_tokens
    from proactive_inference.models.loading import load_tokenizer

    wanted = xllamacpp.CommonParams()
    wanted.model.path = str(Path(files.place) / files.gguf)
    wanted.n_ctx, wanted.n_parallel, wanted.n_gpu_layers = 4096, 1, 0
    wanted.cpuparams.n_threads = wanted.cpuparams_batch.n_threads = threads
    server = xllamacpp.Server(wanted)
    asked = {
        "prompt": prompt_tokens(load_tokenizer(files), messages),
        "n_predict": tokens,
        "temperature": 0.0,
        "ignore_eos": True,
        "cache_prompt": False,
    }

    def way() -> dict[str, float]:
        start = time.perf_counter()
        found = server.handle_completions(asked)
        seconds = time.perf_counter() - start
        timings = found["timings"]
        read, written = timings["prompt_n"], timings["predicted_n"]
        return {"seconds": seconds, "first": timings["prompt_ms"] / 1e3, "tokens": written, "prompt": read}

    return way


if __name__ == "__main__":
    main()
