"""A run of the whole chain on a made-up moment, so that the first real decision does not pay for imports.

Patterns are compiled, tables read and grammars loaded where they are first needed; a failed test run would need
many of them at once, just when the user waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from proactive_collectors.events import EditBurst, Event, Source, Where
from proactive_collectors.exclusion import Exclusion
from proactive_collectors.notification import parse
from proactive_collectors.redaction import Redactor
from proactive_collectors.symbols import in_comment, symbol_at
from proactive_collectors.text import Change, Position, Range, split_lines
from proactive_collectors.uris import to_path, to_uri
from proactive_collectors.workspace import Document
from proactive_inference.agent import Agent
from proactive_inference.policy import PolicySettings

_FOLDER = Path("/rehearsal").absolute()
_URI = to_uri(_FOLDER / "test_rehearsal.py")

_TEXT = """\
import os


def test_rehearsal():
    assert Path(os.sep).is_dir()
"""

_OUTPUT = """\
=================================== FAILURES ===================================
________________________________ test_rehearsal ________________________________

    def test_rehearsal():
>       assert Path(os.sep).is_dir()
E       NameError: name 'Path' is not defined

test_rehearsal.py:5: NameError
=========================== short test summary info ============================
FAILED test_rehearsal.py::test_rehearsal - NameError: name 'Path' is not defined
1 failed in 0.01s
"""


class _Stage:
    """A workspace of one file that is on no disk."""

    def folders(self) -> tuple[str, ...]:
        return (to_uri(_FOLDER),)

    def document(self, uri: str) -> Document | None:
        return Document(_URI, _TEXT, 1, "python") if uri == _URI else None

    def resolve(self, path: str, *, cwd: str | None = None) -> str | None:
        return _URI if to_path(_URI) == _FOLDER / path else None

    def documents(self, *suffixes: str) -> Iterator[Document]:
        if not suffixes or _URI.endswith(suffixes):
            yield Document(_URI, _TEXT, 1, "python")


def rehearse(agent: Agent) -> None:
    """Let ``agent``, which is of no use afterwards, live through an edit and a failed run."""
    now = datetime.now(UTC)
    agent.configure(PolicySettings(interruption_cost=0.0))
    lines = split_lines(_TEXT)
    end = Position(4, 10)
    symbol_at(_TEXT, "python", end)
    in_comment(_TEXT, "python", end)
    Exclusion([_FOLDER]).excluded(_FOLDER / "test_rehearsal.py")
    where = Where(uri=_URI, language="python")
    burst = EditBurst((Change(Range.of(4, 4, 4, 4), "", "assert value"),), keystrokes=12)
    redactor = Redactor()
    stage = _Stage()
    agent.observe(redactor.burst(Event(now, Source.LSP, burst, where), lines), stage)
    data = {"command": "pytest", "cwd": str(_FOLDER), "exit_code": 1, "output": _OUTPUT}
    run = parse({"kind": "terminal.run", "data": data}, received=now)
    if isinstance(run, Event):
        agent.observe(redactor.event(run), stage)
    agent.tick(now.replace(year=now.year + 1), stage)
