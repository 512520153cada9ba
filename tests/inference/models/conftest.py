"""Shared by the tests of language models: a tiny one, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tiny_models import tiny_llama


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny language model with random weights."""
    return tiny_llama(tmp_path_factory.mktemp("models") / "tiny-llama")
