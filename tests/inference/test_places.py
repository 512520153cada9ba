"""A task is shown where whoever writes it is told that it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from proactive_collectors.events import (
    DocumentFocused,
    EditBurst,
    Event,
    Failure,
    Payload,
    Source,
    TerminalRun,
    Where,
)
from proactive_collectors.text import Change, Range
from proactive_collectors.trace import Window
from proactive_inference.need import Need
from proactive_inference.places import Place, named, of_events, of_last_run, places
from proactive_inference.proposal import Anchor, Proposal
from proactive_inference.spots import spot
from proactive_inference.writing.concerned import concerns
from proactive_inference.writing.task import WritingTask

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
FAILED = TerminalRun(command="pytest", exit_code=1, failures=(Failure("assert 3 == 4", path="b.py", line=1),))
PASSED = TerminalRun(command="pytest", exit_code=0)
TYPED = EditBurst((Change(Range.of(1, 0, 1, 0), "", "three\nmore\nlines\n"),), keystrokes=17)
Workspaces = Callable[[dict[str, str]], Any]


@pytest.fixture
def workspace(memory_workspace: Workspaces) -> Any:
    return memory_workspace(dict.fromkeys(("a.py", "b.py", "data.py", "Makefile"), "line\n" * 9))


def happened(workspace: Any, *what: tuple[Payload, str | None]) -> Window:
    return Window(
        tuple(
            Event(NOW, Source.LSP, data, Where(uri=workspace.uri(path) if path is not None else None))
            for data, path in what
        )
    )


def shown(task: str, window: Window, workspace: Any) -> tuple[str, int]:
    """Where the task is shown, which is also the first place that its writer is told of, but for the anchor."""
    anchor = spot(task, window, Need(0.9), workspace)
    assert anchor is not None
    nowhere = Proposal("model.fix", "k", "", task, Anchor("", Range.of(0, 0, 0, 0)), on_demand=True)
    first = concerns(WritingTask(nowhere, window), workspace, 20)[0]
    found = anchor.uri.removeprefix(workspace.uri("")), anchor.range.start.line
    assert (first.uri.removeprefix(workspace.uri("")), first.line or 0) == found
    return found


def test_a_file_is_named_by_its_whole_name(workspace: Any) -> None:
    window = happened(workspace, (TYPED, "data.py"), (TYPED, "a.py"))
    assert shown("Mend the bug in data.py", window, workspace) == ("data.py", 4)
    assert shown("Mend the bug in a.py.", window, workspace) == ("a.py", 4)
    assert shown("Mend the bug in b.py", window, workspace) == ("b.py", 0), "nobody was there, but it is named"


def test_a_known_file_is_named_whatever_its_name_looks_like(workspace: Any) -> None:
    window = happened(workspace, (DocumentFocused(), "Makefile"), (TYPED, "a.py"))
    assert shown("Add a target to the Makefile", window, workspace) == ("Makefile", 0)
    assert shown("Add Makefiles", window, workspace) == ("a.py", 4)
    known = [Place(workspace.uri("b.py"), 3)]
    assert list(named("See old/b.py and b.py.bak", workspace, known)) == []


def test_what_failed_before_a_run_that_passed_is_past(workspace: Any) -> None:
    failed = happened(workspace, (TYPED, "a.py"), (FAILED, None))
    assert shown("Mend it", failed, workspace) == ("b.py", 1)
    passed = happened(workspace, (FAILED, None), (TYPED, "a.py"), (PASSED, None))
    assert shown("Go on", passed, workspace) == ("a.py", 4)
    assert list(of_last_run(passed.events, workspace)) == []


def test_an_edit_is_where_it_ended(workspace: Any) -> None:
    window = happened(workspace, (TYPED, "a.py"))
    assert list(of_events(window.events)) == [Place(workspace.uri("a.py"), 4)]
    assert shown("Mend it", window, workspace) == ("a.py", 4)


def test_each_file_stands_once_with_the_first_line_that_is_told(workspace: Any) -> None:
    window = happened(workspace, (TYPED, "a.py"), (FAILED, None), (DocumentFocused(), "a.py"))
    about = [Place(workspace.uri("data.py"), 2)]
    found = places("Mend a.py", window.events, workspace, about)
    assert [(place.uri.removeprefix(workspace.uri("")), place.line) for place in found] == [
        ("a.py", 4),
        ("data.py", 2),
        ("b.py", 1),
    ]
