"""The demo is the project's word: it must really fail, really be mended, and say so in figures."""

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from proactive_server.demo import project


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    picture = tmp_path_factory.mktemp("demo") / "demo.svg"
    run = subprocess.run(
        [sys.executable, "-m", "proactive_server", "demo", "--json", "--svg", str(picture)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return run, picture


def test_it_ends_with_its_figures(played):
    run, _ = played
    assert run.returncode == 0, run.stdout + run.stderr
    figures = json.loads(run.stdout.splitlines()[-1])
    assert figures["fixed"] is True
    assert figures["suggestions"] == figures["accepted"] == 2
    assert figures["silences"] >= 1
    assert figures["events"] > 10
    assert 0 < figures["decision_ms"]["p50"] <= figures["decision_ms"]["p99"]


def test_the_timeline_shows_events_need_silence_and_why(played):
    run, picture = played
    assert "NameError" in run.stdout
    assert "suggests: Import" in run.stdout
    assert "silent:" in run.stdout
    assert "pasted" not in run.stdout, "what an accepted suggestion wrote is not the person's own work"
    assert ElementTree.parse(picture).getroot().tag.endswith("svg")
    assert "url(http" not in picture.read_text()


def test_the_sample_project_fails_for_the_missing_import_alone(tmp_path: Path):
    """What is typed is right but for the import: with it, the tests pass; so the suggestion is what mends them."""

    def run():
        return subprocess.run(
            [sys.executable, *project.TEST_COMMAND], cwd=tmp_path, capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip

    project.write(tmp_path)
    cart = tmp_path / "shop/cart.py"
    cart.write_text(cart.read_text() + project.TOTAL)
    broken = run()
    assert broken.returncode != 0
    assert "name 'Decimal' is not defined" in broken.stderr
    cart.write_text(cart.read_text().replace("from dataclasses", "from decimal import Decimal\nfrom dataclasses"))
    assert run().returncode == 0
