"""What several reporters tell of is one happening."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from proactive_collectors.events import (
    DocumentSaved,
    Event,
    GitCommitted,
    GitConflicted,
    GitSwitched,
    Payload,
    Source,
    TerminalRun,
    Where,
)
from proactive_collectors.twice import Reports

NOW = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
APP = "file:///home/ada/app"
NAME = "3f2a9c1d" * 5


def told(
    reports: Reports, data: Payload, source: Source, seconds: float = 0.0, workspace: str | None = APP
) -> bool:
    where = Where(workspace=workspace)
    return not reports.repeated(Event(NOW + timedelta(seconds=seconds), source, data, where))


@pytest.mark.parametrize(("first", "second"), [(Source.GIT, Source.CLIENT), (Source.CLIENT, Source.GIT)])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        (GitCommitted(NAME, "Fix it", "main"), GitCommitted(NAME, "Fix it", None)),
        (GitCommitted(NAME, "Fix it", "main"), GitCommitted(NAME[:10].upper(), "Fix", "main")),
        (GitCommitted(NAME, "Fix it", "main"), GitCommitted("", "Fix it", "main")),
        (GitSwitched("side", "main"), GitSwitched("side", "main")),
        (GitSwitched("side", "main"), GitSwitched("side", None)),
        (GitConflicted("merge", ("a.py",)), GitConflicted("merge", ("a.py", "b.py"))),
    ],
)
def test_what_the_files_and_the_editor_tell_of_is_news_once(
    one: Payload, other: Payload, first: Source, second: Source
) -> None:
    reports = Reports()
    assert told(reports, one, first)
    assert not told(reports, other, second, 4)


def test_another_commit_or_switch_is_news() -> None:
    reports = Reports()
    assert told(reports, GitCommitted(NAME, "Fix it"), Source.GIT)
    assert told(reports, GitCommitted("0" * 40, "Fix it"), Source.CLIENT, 1)
    assert told(reports, GitSwitched("side", "main"), Source.GIT, 2)
    assert told(reports, GitSwitched("main", "side"), Source.CLIENT, 3)
    assert told(reports, GitSwitched("side", "main"), Source.CLIENT, 60, "file:///home/ada/other")
    assert told(reports, GitSwitched("side", "main"), Source.CLIENT, 60)


def test_there_and_back_and_there_again_is_three_switches_whoever_tells_of_them() -> None:
    reports = Reports()
    there, back = GitSwitched("side", "main"), GitSwitched("main", "side")
    assert [told(reports, switch, Source.GIT, at) for at, switch in enumerate((there, back, there))] == [True] * 3
    late = [told(reports, switch, Source.CLIENT, 5 + at) for at, switch in enumerate((there, back, there))]
    assert late == [False] * 3
    assert told(reports, back, Source.CLIENT, 9)


def test_a_commit_seen_from_two_folders_of_one_repository_is_one() -> None:
    reports = Reports()
    assert told(reports, GitCommitted(NAME, "Fix it"), Source.GIT, 0, APP + "/server")
    assert not told(reports, GitCommitted(NAME, "Fix it"), Source.GIT, 0.1, APP + "/client")
    assert told(reports, GitSwitched("side", "main"), Source.GIT, 0, APP)
    assert not told(reports, GitSwitched("side", "main"), Source.GIT, 0, APP + "/client")


def run(command: str = "pytest -q", cwd: str | None = "/home/ada/app", code: int | None = 1, **more: Any) -> Any:
    return TerminalRun(command, cwd, code, **{"seconds": 2.0, **more})


@pytest.mark.parametrize(
    "other",
    [
        run(),
        run(seconds=None),
        run(code=None),
        run("proactive exec -- pytest -q"),
        run("time .venv/bin/proactive exec pytest  '-q'"),
        run(cwd="/home/ada/./app/"),
        run(cwd=None),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_a_wrapped_run_that_the_editor_sees_too_is_one(other: TerminalRun, order: int) -> None:
    reports = Reports()
    pair = [(run(output="E   boom"), Source.EXEC), (other, Source.CLIENT)][::order]
    assert [told(reports, data, source, at) for at, (data, source) in enumerate(pair)] == [True, False]


@pytest.mark.parametrize(
    ("other", "seconds"),
    [
        (run("pytest -x"), 0.2),
        (run(cwd="/home/ada/other"), 0.2),
        (run(code=2), 0.2),
        (run(), 9.0),
        (run("pytest 'unfinished"), 0.2),
    ],
)
def test_another_run_is_another(other: TerminalRun, seconds: float) -> None:
    reports = Reports()
    assert told(reports, run(), Source.EXEC)
    assert told(reports, other, Source.CLIENT, seconds)


def test_a_run_ended_by_a_signal_is_the_same_as_the_shell_tells_of_it() -> None:
    reports = Reports()
    assert told(reports, run(code=-2), Source.EXEC)
    assert not told(reports, run(code=130), Source.CLIENT, 0.2)


def test_one_source_that_tells_twice_has_seen_two_runs() -> None:
    reports = Reports()
    assert [told(reports, run(), Source.CLIENT, at) for at in (0, 1)] == [True, True]
    assert [told(reports, run(), Source.EXEC, at) for at in (1, 2, 3)] == [False, False, True]


def test_a_long_run_is_known_by_its_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    reports = Reports()
    assert told(reports, run(cwd=str(tmp_path)), Source.EXEC)
    assert not told(reports, run(cwd=str(tmp_path / "link")), Source.CLIENT)


def test_everything_else_is_news_and_memory_is_bounded() -> None:
    reports = Reports()
    assert told(reports, DocumentSaved(), Source.LSP)
    assert told(reports, DocumentSaved(), Source.CLIENT)
    for number in range(200):
        assert told(reports, GitCommitted(f"{number:040x}"), Source.GIT)
    assert told(reports, GitCommitted(f"{0:040x}"), Source.CLIENT), "long forgotten"
