"""Which tests a person would run while at a sitting: those nearest to what changes, if they run here at all."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from attrs import define, field, frozen

from proactive_training.errors import DataError
from proactive_training.gym.checkout import Checkout, Known
from proactive_training.gym.git_objects import Git
from proactive_training.gym.order import Role, role_of
from proactive_training.gym.work import SittingWork
from proactive_training.python_modules import dotted, imported
from proactive_training.throwaway import GAVE_UP

QUICK = 10.0
"""Tests that take more work (CPU seconds) before anything is changed are not run."""

RUN_LIMIT = 60.0
"""After so many seconds a run is stopped, as by hand."""

TRIED = 2
"""How many test files are tried in a sitting."""

READ = 60
"""How many test files are read to see what they import."""

Read = Callable[[str], str | None]


@frozen
class Chosen:
    """What is run in a sitting, or why nothing is."""

    why: str  #: for the figures
    command: str = ""  #: as a person types it
    checkout: Checkout | None = None


@define
class TestRunner:
    """Chooses and runs the tests of sittings; keeps what runs came to. One for each process.

    Args:
        python: the interpreter that has pytest and what the projects need.
    """

    __test__ = False  # pytest: no class of tests

    python: Path
    _known: Known = field(factory=Known)

    def choose(self, git: Git, work: SittingWork) -> Chosen:
        """The tests for a sitting: the nearest that pass on the files as they stand before it."""
        parent = work.commits[0].parent
        if not parent:
            return Chosen("there is nothing before the first commit")
        if not any(True for _ in _changed(work)):
            return Chosen("no Python is changed")
        tree = git.tree(parent)
        tests = list(nearest(work, list(tree), lambda path: git.text(tree[path])))
        if not tests:
            return Chosen("no tests are near")
        checkout = Checkout(git, parent, self.python, RUN_LIMIT, self._known)
        why = ""
        try:
            for test in tests[:TRIED]:
                command = f"python -m pytest -q -x {shlex.quote(test)}"
                outcome = checkout.run(command)
                slow = outcome.exit_code == GAVE_UP or outcome.work > QUICK
                if outcome.exit_code == 0 and not slow:
                    return Chosen("run", command, checkout)
                why = "tests are too slow" if slow else "tests do not pass before the sitting"
        except (DataError, OSError):
            why = "the files cannot be written out"
        checkout.close()
        return Chosen(why)


def nearest(work: SittingWork, paths: Sequence[str], read: Read) -> Iterator[str]:
    """The test files nearest to what a sitting changes, nearest first.

    Those that it changes itself, then those named after a module that it changes, then those that import one; of
    equals the one whose folder is nearest.

    Args:
        work: the sitting.
        paths: of the files before it.
        read: the text of one of them.
    """
    changed = list(_changed(work))
    tests = sorted(path for path in paths if _is_test_file(path))
    code = [path for path in changed if role_of(path) is Role.CODE]
    yield from (found := [path for path in changed if path in set(tests)])
    named = {PurePosixPath(path).stem.strip("_") for path in code} - {"", "init", "main"}

    def far(path: str) -> int:
        return min((_apart(path, other) for other in code), default=0)

    rest = sorted((path for path in tests if path not in found), key=lambda path: (far(path), path))
    yield from (same := [path for path in rest if _about(path) in named])
    modules = {dotted(path) for path in code} - {""}
    for path in [path for path in rest if path not in same][:READ]:
        if not modules.isdisjoint(imported(read(path) or "")):
            yield path


def _changed(work: SittingWork) -> Iterator[str]:
    """The Python files that are worked on, in order, each once."""
    seen: set[str] = set()
    for commit in work.commits:
        for file in commit.files:
            if file.path.endswith(".py") and file.after is not None and file.path not in seen:
                seen.add(file.path)
                yield file.path


def _is_test_file(path: str) -> bool:
    name = PurePosixPath(path).name
    return name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py"))


def _about(test: str) -> str:
    return PurePosixPath(test).stem.removeprefix("test_").removesuffix("_test").strip("_")


def _apart(one: str, other: str) -> int:
    """How many folders lie between two files."""
    a, b = PurePosixPath(one).parts[:-1], PurePosixPath(other).parts[:-1]
    same = 0
    while same < min(len(a), len(b)) and a[same] == b[same]:
        same += 1
    return len(a) + len(b) - 2 * same
