"""What the doctor finds, and that each finding says what to do."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from proactive_collectors.events import DocumentSaved, Event, Source
from proactive_collectors.journal import FILE_NAME, Journal


@pytest.fixture
def examine(tmp_path):
    home = tmp_path / "home"
    folder = tmp_path / "project"
    for path in (home, folder):
        path.mkdir()

    def run():
        made = subprocess.run(
            [sys.executable, "-m", "proactive_server", "doctor", str(folder), "--json"],
            env={**os.environ, "PROACTIVE_STATE_DIR": str(home / "state"), "XDG_RUNTIME_DIR": str(home)},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        report = json.loads(made.stdout.splitlines()[-1])
        return made, report["problems"], {check["name"]: check for check in report["checks"]}

    run.folder, run.state = folder, home / "state"
    return run


def test_a_fresh_machine_is_healthy(examine):
    made, problems, checks = examine()
    assert made.returncode == 0, made.stdout + made.stderr
    assert problems == 0
    assert checks["gate"]["state"] == "ok"
    assert "empty" in checks["journal"]["found"]
    assert str(examine.state) in checks["journal"]["found"].replace("\n", "")
    assert "not seen" in checks["activitywatch"]["found"]
    assert "offline" in checks["model"]["found"]


def test_a_wrong_setting_is_named(examine):
    (examine.folder / ".proactive.toml").write_text("quietSeconds = 'long'\n")
    made, problems, checks = examine()
    assert made.returncode == 1
    assert problems == 1
    assert "quietSeconds" in checks["settings"]["found"]


def test_what_the_project_forbids_to_keep_is_said(examine):
    assert "in the journal" in examine()[2]["terminal"]["found"]
    (examine.folder / ".proactive.toml").write_text("[journal]\nenabled = false\n")
    checks = examine()[2]
    assert "switched off" in checks["journal"]["found"]
    assert "keeps nothing" in checks["terminal"]["found"]


def test_a_journal_that_others_can_read_is_a_problem(examine):
    path = examine.state / FILE_NAME
    journal = Journal.open(path)
    journal.append(Event(datetime.now(UTC), Source.LSP, DocumentSaved()))
    journal.close()
    assert examine()[2]["journal"]["found"].startswith("1 events")
    path.chmod(0o644)
    _, problems, checks = examine()
    assert problems == 1
    assert checks["journal"]["todo"].startswith("chmod 600")
