"""``proactive events`` over a real journal."""

import json
import resource
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from proactive_collectors.event_json import from_json
from proactive_collectors.events import DocumentSaved, Event, Source, TerminalRun, Where
from proactive_collectors.journal import Journal
from proactive_collectors.uris import to_uri
from proactive_server.commands.events import app, moment

NOW = datetime.now(UTC)
SILENCE = {"time": f"{NOW:%Y-%m-%dT%H:%M:%S.%fZ}", "boundary": "quiet", "ms": 1.0, "reason": "no_proposal"}


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal with four events in two workspaces and one decision, found through the environment."""
    monkeypatch.setenv("PROACTIVE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "200")
    journal = Journal.open()
    for hours, name in ((50, "app"), (3, "app"), (2, "lib"), (1, "app")):
        where = Where(workspace=to_uri(tmp_path / name), uri=to_uri(tmp_path / name / "a.py"))
        journal.append(Event(NOW - timedelta(hours=hours), Source.LSP, DocumentSaved(), where))
    journal.append(Event(NOW, Source.EXEC, TerminalRun("pytest [bold]-q\x1b[31m", exit_code=1)))
    journal.append_decision(NOW, to_uri(tmp_path / "app"), SILENCE)
    journal.close()
    return journal.path


def run(*arguments: str, answer: str = "", code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments), input=answer)
    assert result.exit_code == code, result.output
    return result.output


def figures(*arguments: str) -> dict[str, object]:
    loaded = json.loads(run(*arguments, "--json").splitlines()[-1])
    assert isinstance(loaded, dict)
    return loaded


def test_list_shows_time_kind_and_sentence(path: Path) -> None:
    output = run("list")
    assert output.count("document.saved") == 4
    assert "pytest [bold]-q" in output, "markup in events is text"
    assert "\x1b" not in output, "escape sequences of a terminal do not reach this one"


def test_list_narrows(path: Path, tmp_path: Path) -> None:
    assert figures("list", "--since", "2h")["count"] == 2
    assert figures("list", "--since", "1d")["count"] == 4
    assert figures("list", "--kind", "terminal.run")["count"] == 1
    assert figures("list", "--kind", "terminal.run", "--kind", "document.saved")["count"] == 5
    assert figures("list", "--workspace", str(tmp_path / "lib"))["count"] == 1
    assert figures("list", "--workspace", to_uri(tmp_path / "lib"))["count"] == 1
    (event,) = figures("list", "--limit", "1")["events"]  # type: ignore[misc]
    assert event["kind"] == "terminal.run"
    assert "pytest" in event["sentence"]
    assert "widen" in run("list", "--workspace", "/nowhere")


def test_stats_say_what_since_when_how_big_and_where(path: Path) -> None:
    output = run("stats").replace("\n", "")
    for part in ("5 events and 1 decisions", "document.saved", "MB in", str(path)):
        assert part in output
    stats = figures("stats")
    assert (stats["events"], stats["decisions"], stats["path"]) == (5, 1, str(path))
    assert stats["kinds"] == {"document.saved": 4, "terminal.run": 1}


def test_export_is_json_lines_that_read_back(path: Path, tmp_path: Path) -> None:
    lines = run("export").splitlines()
    assert [from_json(line) for line in lines] == list(Journal.open(path).events())
    out = tmp_path / "out.jsonl"
    assert figures("export", "--kind", "document.saved", "--out", str(out)) == {"exported": 4, "out": str(out)}
    assert len(out.read_text().splitlines()) == 4
    assert out.stat().st_mode & 0o077 == 0, "as private as the journal"
    assert "cannot be written" in run("export", "--out", str(tmp_path / "no" / "x"), code=2).replace("\n", "")


def test_decisions_are_shown_and_exported_too(path: Path, tmp_path: Path) -> None:
    output = run("list", "--decisions")
    assert "quiet" in output
    assert "silent: no_proposal" in output
    assert figures("list", "--decisions", "--workspace", str(tmp_path / "lib")) == {"count": 0, "decisions": []}
    assert [json.loads(line) for line in run("export", "--decisions").splitlines()] == [SILENCE]
    out = tmp_path / "out.jsonl"
    assert figures("export", "--decisions", "--out", str(out)) == {"exported": 1, "out": str(out)}
    assert "no kind" in run("list", "--decisions", "--kind", "terminal.run", code=2)


def test_purge_asks_first(path: Path) -> None:
    run("purge", "--all", answer="n\n", code=1)
    assert figures("stats")["events"] == 5
    run("purge", "--all", answer="y\n")
    assert figures("stats")["events"] == 0


def test_purge_narrows(path: Path, tmp_path: Path) -> None:
    assert figures("purge", "--before", "1d", "--yes") == {"deleted": 1}
    assert figures("purge", "--workspace", str(tmp_path / "app"), "--yes") == {"deleted": 3}
    assert figures("purge", "--all", "--yes") == {"deleted": 2}
    assert "nothing to delete" in run("purge", "--all", "--yes")


def test_where_nothing_can_be_written_everything_can_still_be_deleted(path: Path) -> None:
    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    def purge(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "proactive_server", "events", "purge", "--yes", *arguments]
        return subprocess.run(command, capture_output=True, text=True, preexec_fn=no_room, check=False)

    some = purge("--before", "1d")
    assert some.returncode == 1
    assert "cannot be written" in some.stderr
    assert "free some space" in some.stderr.replace("\n", " ")
    assert figures("stats")["events"] == 5
    everything = purge("--all")
    assert (everything.returncode, everything.stderr) == (0, "")
    assert "Deleted" in everything.stdout
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [["purge"], ["purge", "--all", "--before", "7d"], ["purge", "--before", "soon"], ["list", "--kind", "no"],
     ["list", "--since", "99999999999w"], ["list", "--limit", "0"]],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_deletes_nothing(path: Path, arguments: list[str]) -> None:
    run(*arguments, code=2)
    assert figures("stats")["events"] == 5


def test_an_empty_journal_is_friendly(tmp_path: Path) -> None:
    option = ["--journal", str(tmp_path / "none" / "journal.sqlite3")]
    assert "Nothing is kept yet" in run("list", *option)
    assert "Nothing is kept yet" in run("stats", *option)
    assert run("export", *option) == ""
    assert "nothing to delete" in run("purge", "--all", "--yes", *option)
    assert figures("list", *option) == {"count": 0, "events": []}
    assert not (tmp_path / "none").exists()


def test_times_are_ages_or_dates() -> None:
    now = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert moment("90m", now) == datetime(2026, 1, 31, 10, 30, tzinfo=UTC)
    assert moment("1.5h", now) == moment("90m", now)
    assert moment("1w", now) == datetime(2026, 1, 24, 12, tzinfo=UTC)
    assert moment("2026-01-31T09:30+02:00") == datetime(2026, 1, 31, 7, 30, tzinfo=UTC)
    for text in ("", "h", "-1h", "tomorrow", "99999999w"):
        with pytest.raises(typer.BadParameter):
            moment(text, now)


def test_the_installed_command_has_it(path: Path) -> None:
    code = "from proactive_server.cli import main; main()"
    said = subprocess.run(
        [sys.executable, "-c", code, "events", "stats", "--json"], capture_output=True, text=True, check=True
    )
    assert json.loads(said.stdout.splitlines()[-1])["events"] == 5


def test_a_file_that_is_no_journal_is_left_alone(path: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("Milk, bread, and a longer list of other things.\n")
    for arguments in (["list"], ["stats"], ["export"], ["purge", "--all", "--yes"]):
        run(*arguments, "--journal", str(notes), code=2)
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["notes.txt"]
    assert notes.read_text().startswith("Milk")


def test_no_answer_deletes_nothing_and_says_how(path: Path) -> None:
    assert "--yes" in run("purge", "--all", answer="", code=1)
    assert figures("stats")["events"] == 5
