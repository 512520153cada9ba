"""What a command tells a program: with ``--json``, one object as its last line."""

from __future__ import annotations

import json
from typing import Any

from typer import Typer
from typer.testing import CliRunner


def report_of(app: Typer, *arguments: object) -> dict[str, Any]:
    """Run a command that must end well; the object that it prints."""
    done = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    assert done.exit_code == 0, (done.output, done.exception)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
