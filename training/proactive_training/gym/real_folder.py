"""A throw-away copy of a real folder, in which one given test command really runs, and nothing else."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import define, evolve, field

from proactive_training.errors import DataError
from proactive_training.gym.checkout import nameless, put_file
from proactive_training.throwaway import RUN_LIMIT, Outcome, run_python

MOST_FILES = 200
LARGEST_FILE = 100_000
"""A file of more bytes is there, but not shown."""

NOT_ALLOWED = 126
"""The exit code of any other command, as a shell has it of what may not be run."""


@define
class RealFolder:
    """Files and a test command; the folder itself is never changed.

    What runs there is the project's own code, and that which a model wrote into it, with this user's rights: see
    :mod:`proactive_training.throwaway`.

    Args:
        source: the folder that is copied; links and hidden files are left out.
        command: the only command that is ever run: ``python -m pytest -q``.
        python: the interpreter.
        limit: seconds that a run may take.
    """

    source: Path
    command: str
    python: Path = field(factory=lambda: Path(sys.executable))
    limit: float = RUN_LIMIT
    written: dict[str, str | None] = field(factory=dict)  #: what was changed in the copy, by path
    _folder: TemporaryDirectory[str] | None = None

    def texts(self) -> dict[str, str]:
        """The readable files by path, as they stand in the folder that is copied.

        Raises:
            DataError: it is no folder.
        """
        found = {}
        for path, file in self._files():
            if file.stat().st_size <= LARGEST_FILE:
                try:
                    found[path] = file.read_bytes().decode()
                except UnicodeDecodeError:
                    continue
        return found

    def write(self, path: str, text: str | None) -> None:
        """Have a file of the copy stand so; a path that leads out of it is passed over."""
        put_file(self._root, path, text)
        self.written[path] = text

    def run(self, command: str) -> Outcome:
        """Run the test command; any other is refused with :data:`NOT_ALLOWED`."""
        if command != self.command:
            return Outcome(NOT_ALLOWED, f"{command}: only '{self.command}' may be run here", ())
        first, *arguments = shlex.split(command)
        if first not in ("python", "python3"):
            return Outcome(NOT_ALLOWED, f"{command}: a test command begins with 'python'", ())
        if arguments[:2] == ["-m", "pytest"]:
            arguments += ["-p", "no:cacheprovider"]
        plugins = self.python != Path(sys.executable)  # those beside this program are not the project's
        outcome = run_python(arguments, self._root, python=self.python, plugins=plugins, limit=self.limit)
        outcome = nameless(outcome, self._root, self.python)
        return evolve(outcome, work=0.0)

    def close(self) -> None:
        """Throw the copy away."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    @property
    def _root(self) -> Path:
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="proactive-gym-", ignore_cleanup_errors=True)
            root = Path(self._folder.name).resolve() / "project"
            root.mkdir()
            for path, file in self._files():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, root / path)
        return Path(self._folder.name).resolve() / "project"

    def _files(self) -> Iterator[tuple[str, Path]]:
        if not self.source.is_dir():
            raise DataError(f"{self.source} is no folder; name one with the files that are worked on")
        count = 0
        for file in sorted(self.source.rglob("*")):
            parts = file.relative_to(self.source).parts
            hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
            linked = any((self.source / Path(*parts[:depth])).is_symlink() for depth in range(1, len(parts) + 1))
            if hidden or linked or not file.is_file():
                continue
            count += 1
            if count > MOST_FILES:
                raise DataError(f"{self.source} has more than {MOST_FILES} files; name a smaller folder")
            yield "/".join(parts), file
