"""Small labelled data and a tiny model to teach."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from small_traces import reward_rows, write_published
from tiny_models import tiny_llama


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """Threads that wait for one another spin: tests run side by side, and the models are tiny."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_published(tmp_path_factory.mktemp("data") / "bench", reward_rows())


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = [json.dumps(row["obs"]) for row in reward_rows()]
    return tiny_llama(tmp_path_factory.mktemp("tiny") / "model", texts=[*texts, *_ANSWERS], width=32)


_ANSWERS = (
    '{"Purpose": "", "Thoughts": "", "Proactive Task": null, "Response": ""}',
    '{"Purpose": "", "Thoughts": "", "Proactive Task": "Fix the error", "Response": "Fix the error"}',
)
