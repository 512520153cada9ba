"""A decision's own view of the workspace: each question asked once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from proactive_collectors.workspace import Document, WorkspaceView
from proactive_inference.still import StillWorkspace

Make = Callable[[dict[str, str]], WorkspaceView]


class Counting:
    """Passes questions on, and counts them."""

    def __init__(self, view: WorkspaceView) -> None:
        self.view = view
        self.asked: Counter[str] = Counter()

    def folders(self) -> tuple[str, ...]:
        self.asked["folders"] += 1
        return self.view.folders()

    def document(self, uri: str) -> Document | None:
        self.asked["document"] += 1
        return self.view.document(uri)

    def resolve(self, path: str, *, cwd: str | None = None) -> str | None:
        self.asked["resolve"] += 1
        return self.view.resolve(path, cwd=cwd)

    def documents(self, *suffixes: str) -> Iterator[Document]:
        for document in self.view.documents(*suffixes):
            self.asked["documents"] += 1
            yield document


@pytest.fixture
def counting(memory_workspace: Make) -> Counting:
    return Counting(memory_workspace({"a.py": "a", "b.py": "b", "c.md": "c"}))


def test_the_answers_are_those_of_the_workspace_each_asked_for_once(counting: Counting) -> None:
    still, view = StillWorkspace(counting), counting.view
    for _ in range(2):
        assert still.folders() == view.folders()
        assert still.document("file:///project/a.py") == view.document("file:///project/a.py")
        assert still.document("file:///project/no.py") is None
        assert still.resolve("b.py") == view.resolve("b.py") is not None
        assert still.resolve("no.py") is None
        assert [*still.documents()] == [*view.documents()]
        assert [*still.documents(".py")] == [*view.documents(".py")]
    assert counting.asked == {"folders": 1, "document": 2, "resolve": 2, "documents": 5}


def test_walks_are_no_longer_than_needed_and_may_cross(counting: Counting) -> None:
    still = StillWorkspace(counting)
    one, other = still.documents(), still.documents()
    assert next(one) == next(other)
    assert counting.asked["documents"] == 1
    assert [*one] == [*other]
    assert counting.asked["documents"] == 3
    first = next(still.documents())
    assert still.document(first.uri) is first
    assert counting.asked["document"] == 0
