"""Which kept events are about files that today's rules leave out: rules may have been added since."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from proactive_collectors.credentials import holds_credentials
from proactive_collectors.events import Event, GitConflicted, RunEvent, TerminalRun
from proactive_collectors.exclusion import Exclusion
from proactive_collectors.gitignore import relative_to, spec_of
from proactive_collectors.project_file import globs_seen_from, project_files
from proactive_collectors.uris import to_path
from proactive_training.errors import DataError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_MOST_WORDS = 200  # of a command


class LeftOut:
    """Tells which events not to hand on. ``globs`` are the user's own, relative to each workspace folder.

    Beside events about an excluded file, those runs are left out that name one that holds credentials, or one of
    the globs': what ``cat .env`` printed is what stands in it. What git ignores may be named, for it is
    ``.venv/bin/pytest`` as well.
    """

    def __init__(self, globs: Sequence[str] = ()) -> None:
        self._globs = tuple(globs)
        self._rules: dict[Path, tuple[Exclusion, GitIgnoreSpec | None]] = {}

    def __call__(self, event: Event, workspace: str | None) -> bool:
        """Whether to leave out an event of a workspace, given as a URI.

        Raises:
            DataError: the project's own list of exclusions cannot be read.
        """
        folder = to_path(workspace) if workspace else None
        if event.where.uri is not None and self.file(event.where.uri, workspace):
            return True
        data = event.data
        if isinstance(data, GitConflicted) and folder is not None:
            return any(self._private(folder / path, folder) for path in data.paths)
        if isinstance(data, RunEvent):
            cwd = Path(data.cwd) if data.cwd else folder
            named = [failure.path for failure in data.failures if failure.path]
            named += _words(data.command if isinstance(data, TerminalRun) else data.name)
            return any(self._private(cwd / one if cwd else Path(one), folder) for one in named if one)
        return False

    def file(self, uri: str, workspace: str | None) -> bool:
        """Whether a file is excluded; of a file of no workspace its own folder is one, as in the server.

        Raises:
            DataError: the project's own list of exclusions cannot be read.
        """
        path = to_path(uri)
        folder = to_path(workspace) if workspace else None
        return path is None or self._of(folder or path.parent)[0].excluded(path)

    def _private(self, path: Path, folder: Path | None) -> bool:
        if "\0" in str(path):
            return False
        if holds_credentials(str(path), False):
            return True
        spec = self._of(folder)[1] if folder is not None else None
        if spec is None or folder is None or not path.is_relative_to(folder):
            return False
        return bool(spec.match_file(relative_to(str(path), str(folder))))

    def _of(self, folder: Path) -> tuple[Exclusion, GitIgnoreSpec | None]:
        if folder not in self._rules:
            globs = (*self._globs, *project_globs(folder))
            self._rules[folder] = Exclusion([folder], globs), spec_of(globs) if globs else None
        return self._rules[folder]


def project_globs(folder: Path) -> tuple[str, ...]:
    """What the project's own settings exclude, in the folder and above it in its repository, if anything.

    Raises:
        DataError: one cannot be read; what it excludes is not known then.
    """
    files = project_files(folder)
    return tuple(glob for file in files for glob in globs_seen_from(folder, file, _excluded_by(file)))


def _excluded_by(path: Path) -> tuple[str, ...]:
    import tomllib

    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("exclude", [])
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except (OSError, ValueError) as error:
        raise DataError(
            f"{path} cannot be read ({error}); what it excludes is not known, so mend it first"
        ) from error
    if not isinstance(found, list) or not all(isinstance(glob, str) for glob in found):
        raise DataError(f"'exclude' in {path} must be a list of globs; mend it first")
    return tuple(found)


def _words(command: str) -> Iterator[str]:
    try:
        words = shlex.split(command[:10_000])
    except ValueError:
        words = command[:10_000].split()
    for word in words[:_MOST_WORDS]:
        yield word
        if "=" in word:  # --env-file=.env
            yield word.partition("=")[2]
        yield from (part for part in word.lstrip("<>@").split(":") if part != word)
