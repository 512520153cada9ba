"""A small history, and what looks at it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from proactive_training.gym.git_objects import Git
from proactive_training.gym.history import History, open_history
from proactive_training.gym.linters import Linter
from proactive_training.gym.workers import linters
from small_history import Repository, fill


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    repo = Repository(tmp_path_factory.mktemp("history") / "tool")
    fill(repo)
    return repo.folder


@pytest.fixture
def history(repository: Path) -> Iterator[History]:
    git, name = open_history(repository)
    with git:
        yield History(git, name)


@pytest.fixture
def git(history: History) -> Git:
    return history.git


@pytest.fixture
def fresh(tmp_path: Path) -> Repository:
    """An empty repository to fill."""
    return Repository(tmp_path / "fresh")


@pytest.fixture(scope="session")
def linter() -> Iterator[Linter]:
    found = linters()
    yield found
    found.close()
