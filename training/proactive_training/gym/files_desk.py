"""What a simulated user may choose in a real workspace: edits of its files and its test command, no more."""

from __future__ import annotations

from collections.abc import Mapping
from posixpath import normpath
from typing import Any

from proactive_collectors.events import TerminalRun
from proactive_collectors.text import Change, Range, position_at, split_lines
from proactive_training.gym.acts import Act, Open, Put, Rest, Run, Save, Type
from proactive_training.gym.asker import get, seconds, text
from proactive_training.gym.desk import LONGEST_ACT, SECONDS, STOP
from proactive_training.gym.real_workspace import RealWorkspace

LONGEST_EDIT = 4000
"""In characters, of each side of an edit."""

LONGEST_FILE = 6000
"""So many characters of an open file are seen."""

LONGEST_OUTPUT = 1500
"""So many of the last test run's output, from its end."""

TYPING = 0.12
"""Seconds a key."""

_SUFFIXES = (
    ".py",
    ".pyi",
    ".md",
    ".rst",
    ".txt",
    ".toml",
    ".json",
    ".yaml",
    ".yml",
    ".html",
    ".css",
    ".js",
    ".ts",
)


class FilesDesk:
    """In a real workspace.

    The choices are all that is possible: to open a file, replace one passage of a file or make a new one below the
    workspace folder, run the test command that the workspace was given, rest, stop. There is no command line.

    Args:
        environment: the workspace.
    """

    choices: Mapping[str, Any] = {
        "Act": {"enum": ["open", "edit", "test", "rest", STOP]},
        "Path": {"type": "string", "maxLength": 200},
        "Old": {"type": "string", "maxLength": LONGEST_EDIT},
        "New": {"type": "string", "maxLength": LONGEST_EDIT},
        "Seconds": SECONDS,
    }
    rules = (
        '"Act": "open" to read a file, "edit" to replace one passage of a file or make a new file, "test" to '
        'save all and run the tests, "rest" to pause, "stop" once the goal is reached or given up; '
        '"Path": of the file, as listed, else ""; '
        '"Old": for "edit", the passage as it stands, which must stand there exactly once; "" for a new file; '
        '"New": for "edit", what is to stand in its place, else ""; '
        '"Seconds": how long it takes.'
    )

    def __init__(self, environment: RealWorkspace) -> None:
        self._environment = environment

    def seen(self) -> dict[str, Any]:
        """The files, the text of those that are open, and how the last test run ended."""
        workspace, opened = self._environment.workspace, self._environment.opened
        paths = [document.uri.removeprefix(f"{workspace.folders()[0]}/") for document in workspace.documents()]
        last = self._environment.last_run
        run = last.data if last is not None and isinstance(last.data, TerminalRun) else None
        return {
            "Files": sorted(paths),
            "Open": {path: _shortened(workspace.text(path) or "") for path in sorted(opened)},
            "Not saved": sorted(self._environment.unsaved),
            **({"Last test": {"Exit code": run.exit_code, "Output": run.output[-LONGEST_OUTPUT:]}} if run else {}),
        }

    def acts(self, found: Mapping[str, Any]) -> tuple[Act, ...]:
        """An edit of a file that is not open opens it first; a test run saves first."""
        match get(found, "Act"):
            case "open":
                return (Open(path=self._existing(found), lasts=seconds(found, "Seconds", 5.0, LONGEST_ACT)),)
            case "edit":
                return self._edit(found)
            case "test":
                if not self._environment.command:
                    raise ValueError("there are no tests to run here")
                saves = [Save(path=path) for path in sorted(self._environment.unsaved)]
                return (*saves, Run(command=self._environment.command))
            case "rest":
                return (Rest(lasts=seconds(found, "Seconds", 30.0, LONGEST_ACT)),)
            case other:
                raise ValueError(f"'Act' {other!r} is none of 'open', 'edit', 'test', 'rest', 'stop'")

    def _edit(self, found: Mapping[str, Any]) -> tuple[Act, ...]:
        old, new = _passage(found, "Old"), _passage(found, "New")
        if old == new:
            raise ValueError("'Old' and 'New' are the same")
        if not old:
            path = self._new(found)
            change = Change(Range.of(0, 0, 0, 0), "", new)
            return (Put(path=path, text=""), Open(path=path), _typed(path, change))
        path = self._existing(found)
        whole = self._environment.workspace.text(path) or ""
        if whole.count(old) != 1:
            raise ValueError(
                f"'Old' stands {whole.count(old)} times in {path!r}; it must stand there exactly once"
            )
        at = whole.index(old)
        lines = split_lines(whole)
        change = Change(Range(position_at(lines, at), position_at(lines, at + len(old))), old, new)
        first = () if path in self._environment.opened else (Open(path=path),)
        return (*first, _typed(path, change))

    def _existing(self, found: Mapping[str, Any]) -> str:
        path = text(found, "Path", longest=200)
        if self._environment.workspace.text(path) is None:
            raise ValueError(f"'Path' {path!r} is none of the files")
        return path

    def _new(self, found: Mapping[str, Any]) -> str:
        path = text(found, "Path", longest=200)
        parts = path.split("/")
        if path != normpath(path) or "\\" in path or ":" in path or any(part.startswith(".") for part in parts):
            raise ValueError(f"'Path' {path!r} is no plain path below the folder")
        if path.startswith("/") or not path.endswith(_SUFFIXES):
            raise ValueError(f"'Path' {path!r} must end with one of {', '.join(_SUFFIXES)}")
        if self._environment.workspace.text(path) is not None:
            raise ValueError(f"{path!r} is there; 'Old' must say which passage of it is replaced")
        return path


def _passage(found: Mapping[str, Any], key: str) -> str:
    value = get(found, key)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST_EDIT:
        raise ValueError(f"{key!r} must be a string of at most {LONGEST_EDIT} characters")
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\r\n", "\n")


def _typed(path: str, change: Change) -> Type:
    keys = max(len(change.new_text), len(change.old_text), 1)
    return Type(path=path, changes=(change,), lasts=keys * TYPING, keystrokes=keys)


def _shortened(whole: str) -> str:
    return whole if len(whole) <= LONGEST_FILE else f"{whole[:LONGEST_FILE]}\n[…]"
