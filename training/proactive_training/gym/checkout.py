"""A sitting's files written out, so that its tests really run; thrown away when the sitting is over."""

from __future__ import annotations

import hashlib
import re
import shlex
import sys
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import define, evolve, field

from proactive_training.gym.git_objects import Git
from proactive_training.gym.replay_workspace import FOLDER
from proactive_training.throwaway import Outcome, fill, run_python

Known = OrderedDict[tuple[str, ...], Outcome]

_KEPT = 256
_SHOWN = FOLDER.removeprefix("file://")


@define
class Checkout:
    """A commit's tree in a folder of its own, which is made when something is first run in it.

    Args:
        git: the repository.
        commit: whose tree it is.
        python: the interpreter.
        limit: seconds that a run may take.
        known: what runs on the same files came to before.
    """

    git: Git
    commit: str
    python: Path
    limit: float
    known: Known = field(factory=OrderedDict)
    _tree: str = ""
    _changed: dict[str, str | None] = field(factory=dict)
    _unwritten: set[str] = field(factory=set)
    _folder: TemporaryDirectory[str] | None = None

    def write(self, path: str, text: str | None) -> None:
        """Have a file stand so on disk; ``None``: it is gone."""
        self._changed[path] = text
        self._unwritten.add(path)

    def run(self, command: str) -> Outcome:
        """Run what a person would type: ``python …``. The same run of the same files is made once.

        Raises:
            DataError: the tree cannot be written out.
        """
        key = (str(self.python), self._tree_name(), self._state(), command)
        if key not in self.known:
            self.known[key] = self._run(command)
            if len(self.known) > _KEPT:
                self.known.popitem(last=False)
        return self.known[key]

    def close(self) -> None:
        """Throw it away."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _run(self, command: str) -> Outcome:
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="proactive-replay-", ignore_cleanup_errors=True)
            fill(self._root, self.git.folder, self.commit, self.git.environment)
        for path in sorted(self._unwritten):
            put_file(self._root, path, self._changed[path])
        self._unwritten.clear()
        arguments = [*shlex.split(command)[1:], "-p", "no:cacheprovider"]
        plugins = self.python != Path(sys.executable)  # those beside this program are not the project's
        outcome = run_python(arguments, self._root, python=self.python, plugins=plugins, limit=self.limit)
        return nameless(outcome, self._root, self.python)

    @property
    def _root(self) -> Path:
        assert self._folder is not None
        return Path(self._folder.name).resolve() / "project"

    def _tree_name(self) -> str:
        if not self._tree:
            self._tree = self.git.run("rev-parse", f"{self.commit}^{{tree}}").strip()
        return self._tree

    def _state(self) -> str:
        whole = hashlib.blake2b(digest_size=16)
        for path, text in sorted(self._changed.items()):
            whole.update(repr((path, text)).encode("utf-8", "surrogatepass"))
        return whole.hexdigest()


_TOOK = re.compile(r" in \d+\.\d+s(?: \(\d+:\d\d:\d\d\))?")
"""Of pytest's last line."""


def put_file(root: Path, path: str, text: str | None) -> None:
    """Have a file stand so below ``root``, never outside of it; ``None``: it is gone."""
    file = root / path
    # A link in there must not lead what is written out of the folder.
    if not file.parent.resolve().is_relative_to(root) or file.is_symlink():
        return
    if text is None:
        file.unlink(missing_ok=True)
    elif not file.is_dir():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())


def nameless(outcome: Outcome, root: Path, python: Path) -> Outcome:
    """What a run below ``root`` came to, without the folders and the time of this machine."""

    def named(printed: str) -> str:
        printed = _TOOK.sub("", printed)
        own = ((str(root), _SHOWN), (str(root.parent), "/home"))
        for folder, shown in (*own, *_libraries(python)):
            printed = printed.replace(folder, shown)
        return printed

    failures = tuple(
        evolve(one, path=named(one.path) if one.path else None, message=named(one.message))
        for one in outcome.failures
    )
    return evolve(outcome, output=named(outcome.output), failures=failures)


def _libraries(python: Path) -> Iterator[tuple[str, str]]:
    """Where an interpreter's own files and packages stand, and how that is told."""
    for program in (python.absolute(), python.resolve()):
        yield str(program.parent.parent / "lib"), "/python/lib"
