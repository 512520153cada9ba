"""In what order a person may have made a commit's hunks; the history keeps only the result.

Files: settings first, then code, then tests, then prose; where one file's new text uses a name that another's
defines, the definition comes first. Hunks of a file: from top to bottom, but an import is written when its name is
missed as often as before it is used. Each step says why it stands where it stands.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from enum import IntEnum
from graphlib import CycleError, TopologicalSorter
from pathlib import PurePosixPath

from attrs import frozen

from proactive_collectors.languages import language_of
from proactive_training.gym.hunks import Hunk

FORGOTTEN_IMPORT = 0.4
"""How often an import is written only after the code that needs it."""


class Role(IntEnum):
    """What a file is for, in the order in which a change goes through a project."""

    SETTINGS = 0
    CODE = 1
    TESTS = 2
    PROSE = 3


@frozen
class Step:
    """One hunk's turn."""

    path: str
    number: int  #: of the hunk in its file
    why: str


_PROSE = frozenset({"asciidoc", "latex", "markdown", "mdx", "org", "plaintext", "restructuredtext"})
_SETTINGS = frozenset({"ini", "toml", "yaml", "json", "jsonc", "makefile", "dockerfile", "go.mod", "properties"})
_GENERATED = frozenset({"package-lock.json", "go.sum", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock"})
_TEST = re.compile(
    r"(^|/)(tests?|testing|spec|__tests__)/|(^|/)test_|_test\.\w+$|\.(test|spec)\.\w+$|conftest\.py$"
)
_DEFINED = re.compile(
    r"^[ \t]*(?:export\s+|pub(?:\([^)]*\))?\s+|public\s+|private\s+|static\s+|async\s+|default\s+|abstract\s+)*"
    r"(?:def|class|func(?:\s*\([^)]*\))?|function|fn|interface|type|struct|enum|trait|module|const|let|var)\s+"
    r"([A-Za-z_]\w{2,})",
    re.MULTILINE,
)
_ASSIGNED = re.compile(r"^([A-Z_][A-Z0-9_]{2,})\s*[:=]", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z_]\w{2,}")
_IMPORT = re.compile(
    r"\s*(?:import\b|from\s+\S+\s+import\b|use\s|#include\b|require\b|const .*= require\(|export .* from )"
)


def role_of(path: str) -> Role:
    """What a file is for, by its name."""
    language = language_of(path)
    name = PurePosixPath(path).name.lower()
    if language in _PROSE or name.startswith(("changelog", "readme", "changes", "news", "authors", "history")):
        return Role.PROSE
    if _TEST.search(path):
        return Role.TESTS
    return Role.SETTINGS if language in _SETTINGS else Role.CODE


def is_generated(path: str) -> bool:
    """Whether a tool writes the file, by its name: nobody types a lock file."""
    name = PurePosixPath(path).name.lower()
    return name in _GENERATED or name.endswith((".lock", ".min.js", ".min.css", ".map", ".snap"))


def ordered(files: Mapping[str, Sequence[Hunk]], rng: random.Random) -> list[Step]:
    """Every hunk of every file, in a plausible order.

    Args:
        files: by path, the hunks from top to bottom.
        rng: draws where people differ.
    """
    steps: list[Step] = []
    paths, reasons = _file_order(files)
    for path in paths:
        hunks = files[path]
        imports = [number for number, hunk in enumerate(hunks) if _is_import(hunk)]
        rest = [number for number in range(len(hunks)) if number not in imports]
        late = bool(rest) and rng.random() < FORGOTTEN_IMPORT
        first = [Step(path, number, "an import, before it is used") for number in imports]
        if late:
            first = [Step(path, number, "an import that was forgotten") for number in imports]
        body = [Step(path, number, "from top to bottom") for number in rest]
        if body:
            body[0] = Step(path, body[0].number, reasons[path])
        steps += [*body[:1], *first, *body[1:]] if late else [*first, *body]
    return steps


def _file_order(files: Mapping[str, Sequence[Hunk]]) -> tuple[list[str], dict[str, str]]:
    defined: dict[str, set[str]] = {}
    used: dict[str, set[str]] = {}
    for path, hunks in files.items():
        new = "\n".join(hunk.new for hunk in hunks)
        old = "\n".join(hunk.old for hunk in hunks)
        defined[path] = _definitions(new) - _definitions(old)
        used[path] = set(_NAME.findall(new)) - set(_NAME.findall(old))
    by_role = sorted(files, key=lambda path: (role_of(path), path))
    reasons = {
        path: f"{role_of(path).name.lower()} {'first' if path == by_role[0] else 'next'}" for path in by_role
    }
    before: dict[str, set[str]] = {path: set() for path in by_role}
    for path in by_role:
        for other in by_role:
            shared = defined[other] & used[path] - defined[path]
            if other != path and shared and role_of(other) <= role_of(path):
                before[path].add(other)
                reasons[path] = f"after the definition of {min(shared)} in {PurePosixPath(other).name}"
    for path in by_role:
        before[path].update(other for other in by_role if role_of(other) < role_of(path))
    sorter = TopologicalSorter(before)
    try:
        sorter.prepare()
    except CycleError:
        return by_role, reasons
    found: list[str] = []
    ready: list[str] = []
    while sorter.is_active():
        ready = sorted([*ready, *sorter.get_ready()], key=by_role.index)
        path = ready.pop(0)
        found.append(path)
        sorter.done(path)
    return found, reasons


def _definitions(text: str) -> set[str]:
    return set(_DEFINED.findall(text)) | set(_ASSIGNED.findall(text))


def _is_import(hunk: Hunk) -> bool:
    """Whether a hunk does nothing but add imports."""
    lines = [line for line in hunk.new.splitlines() if line.strip()]
    return not hunk.old.strip() and bool(lines) and all(_IMPORT.match(line) for line in lines)
