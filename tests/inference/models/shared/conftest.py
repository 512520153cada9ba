"""Real workers, in state folders of their own; all of them are ended after each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from model_workers import Editor, own_state


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The state folder, this process's and that of those it starts."""
    with own_state(tmp_path / "state", monkeypatch) as folder:
        yield folder


@pytest.fixture
def editors(tiny_model: Path, state: Path) -> Iterator[Callable[..., Editor]]:
    """Makes processes that ask the tiny model."""
    made: list[Editor] = []

    def make(**limits: Any) -> Editor:
        made.append(Editor(tiny_model, **limits))
        return made[-1]

    yield make
    for one in made:
        if one.process.poll() is None:
            one.kill()
