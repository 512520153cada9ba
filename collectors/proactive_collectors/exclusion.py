"""Which files are never read: credentials, what git ignores, the user's globs, and all outside the folders.

The answer depends on the path alone and on the ignore files, so it can be had for a file that does not exist yet.
What git ignores follows git: nested ``.gitignore`` files, the repository's ``info/exclude``, the user's own ignore
file, and no way back in below an ignored directory. Ignore files are read again when their time or size changes.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define, frozen

from proactive_collectors.credentials import holds_credentials
from proactive_collectors.git_excludes import exclude_files
from proactive_collectors.gitignore import (
    Ignore,
    ignored_by,
    read_spec,
    relative_to,
    spec_of,
    touches_of,
)

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

STALE_AFTER = 1.0
"""Seconds for which a directory's ignore files are taken as they were before looking at their time again."""

CACHE_LIMIT = 20_000
"""Answers and directories remembered; beyond it the memory starts anew."""


@frozen
class _Answer:
    """What was answered, when, and for which path, link, and sort of file."""

    checked: float
    excluded: bool
    asked: tuple[str, str, bool] | None = None


@define
class _Level:
    """The ignore files of one directory, as last seen."""

    stamp: tuple[object, ...]
    checked: float
    ignores: tuple[Ignore, ...]


class Exclusion:
    """Decides which paths are never read. Safe to call often: repeated questions cost a dictionary lookup.

    ``globs`` are gitignore patterns relative to each folder. Folders inside one another are fine. ``clock`` gives
    seconds that never go back.
    """

    def __init__(
        self, folders: Sequence[Path], globs: Sequence[str] = (), clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._folders = tuple(dict.fromkeys(os.path.realpath(folder) for folder in folders))
        self._globs = tuple(globs)
        self._levels: dict[str, _Level] = {}
        self._answers: dict[str, _Answer] = {}
        self._tops: dict[str, tuple[float, str]] = {}
        self._reals: dict[str, tuple[float, str]] = {}
        self._generation = 0

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders, links followed."""
        return tuple(Path(folder) for folder in self._folders)

    def excluded(self, path: Path) -> bool:
        """Whether ``path`` (absolute; file or directory, existing or not) must not be read."""
        return self._answer(os.fspath(path)).excluded

    def real(self, path: Path) -> str:
        """The path with links followed, as it was when `excluded` was last decided for it."""
        key = os.fspath(path)
        asked = self._answer(key).asked
        return asked[0] if asked is not None else key

    def _answer(self, key: str) -> _Answer:
        now = self._clock()
        known = self._answers.get(key)
        if known is not None and now - known.checked < STALE_AFTER:
            return known
        answer = self._decide(key, now, known)
        if len(self._answers) >= CACHE_LIMIT:
            self._answers.clear()
        self._answers[key] = answer
        return answer

    @property
    def generation(self) -> int:
        """Grows when an ignore file is found to have changed: answers from before no longer hold."""
        return self._generation

    def refresh(self, directory: str, *, at_once: bool = False) -> None:
        """Look at a directory's ignore files again, at a folder also at those above it.

        Unless ``at_once``, what was looked at within `STALE_AFTER` is taken as it was.
        """
        now = self._clock()
        for folder in self._folders:
            if folder == directory:
                top = self._top(folder, now)
                while len(top) < len(directory):
                    self._ignores_of(top, now)
                    top = os.path.join(top, relative_to(directory, top).split("/", 1)[0])
        if at_once and (level := self._levels.get(directory)) is not None:
            level.checked = now - STALE_AFTER
        self._ignores_of(directory, now)

    def among(self, directory: str, entries: Sequence[tuple[str, bool]]) -> list[bool]:
        """Which entries (name, whether it is a directory) of a directory are excluded: `excluded`, many at a time.

        ``directory`` is absolute, has no link in its path and is not itself excluded; no entry is a link.
        """
        inside = [folder for folder in self._folders if _below(directory, folder)]
        if not inside:
            return [True] * len(entries)
        ignores: list[Ignore] = []
        now = self._clock()
        outermost = min(inside, key=len)
        current = self._top(outermost, now)
        ignores += self._ignores_of(current, now)
        for part in filter(None, relative_to(directory, current).split("/")):
            current = os.path.join(current, part)
            ignores += self._ignores_of(current, now)
        answers = []
        for name, is_directory in entries:
            path = os.path.join(directory, name)
            answers.append(
                name == ".git"
                or holds_credentials(path, is_directory)
                or (
                    self._user is not None and any(self._unwanted(path, folder, is_directory) for folder in inside)
                )
                or ignored_by(ignores, path, is_directory)
            )
        return answers

    def _unwanted(self, path: str, folder: str, directory: bool) -> bool:
        """Whether the user's globs leave a path below a folder out."""
        relative = relative_to(path, folder)
        shown = relative + "/" if directory else relative
        return bool(relative and self._user is not None and self._user.match_file(shown))

    def _top(self, folder: str, now: float) -> str:
        """The root of the repository around a workspace folder, or the folder itself."""
        known = self._tops.get(folder)
        if known is not None and now - known[0] < STALE_AFTER:
            return known[1]
        top = _repository(folder) or folder
        if known is not None and known[1] != top:
            self._forget_answers()
        self._tops[folder] = now, top
        return top

    def _forget_answers(self) -> None:
        self._answers.clear()
        self._generation += 1

    def _decide(self, path: str, now: float, known: _Answer | None) -> _Answer:
        if not os.path.isabs(path) or "\0" in path:
            return _Answer(now, True)
        plain = os.path.normpath(path)
        folder, name = os.path.split(plain)
        try:
            named = os.path.join(self._real(folder, now), name)
            mode = _mode(named)
            link = stat.S_ISLNK(mode)
            # `link/..` is where the link leads to, not where it stands.
            real = os.path.realpath(path) if link or plain != path else named
        except (OSError, ValueError):
            return _Answer(now, True)
        directory = os.path.isdir(real) if real != named else stat.S_ISDIR(mode)
        asked = real, named, directory
        if known is not None and known.asked == asked and self._rules_stand(asked, now):
            return _Answer(now, known.excluded, asked)
        # A link's own name counts as well as its target's: `a.txt -> .env` and `.env -> a.txt` are both out.
        excluded = any(self._decide_real(spelling, directory, now) for spelling in {real, named})
        return _Answer(now, excluded, asked)

    def _rules_stand(self, asked: tuple[str, str, bool], now: float) -> bool:
        """Whether all ignore files that had a say are as they were."""
        generation = self._generation
        for path in set(asked[:2]):
            for folder in self._folders:
                if _below(path, folder):
                    top = self._top(folder, now)
                    directory = os.path.dirname(path)
                    while len(directory) >= len(top):
                        self._ignores_of(directory, now)
                        directory = os.path.dirname(directory)
        return generation == self._generation

    def _real(self, folder: str, now: float) -> str:
        known = self._reals.get(folder)
        if known is not None and now - known[0] < STALE_AFTER:
            return known[1]
        if len(self._reals) >= CACHE_LIMIT:
            self._reals.clear()
        real = os.path.realpath(folder)
        self._reals[folder] = now, real
        return real

    def _decide_real(self, path: str, directory: bool, now: float) -> bool:
        inside = [folder for folder in self._folders if _below(path, folder)]
        if not inside:
            return True
        if holds_credentials(path, directory):
            return True
        for folder in inside:
            relative = relative_to(path, folder)
            if ".git" in relative.split("/"):
                return True
            if self._unwanted(path, folder, directory):
                return True
        return self._gitignored(path, min(inside, key=len), directory, now)

    @cached_property
    def _user(self) -> GitIgnoreSpec | None:
        return spec_of(self._globs) if self._globs else None

    # -- git

    def _gitignored(self, path: str, folder: str, directory: bool, now: float) -> bool:
        """Walk down from the repository's root: the first ignored directory on the way decides, as in git."""
        top = self._top(folder, now)
        relative = relative_to(path, top)
        if relative == "":
            return False
        parts = relative.split("/")
        ignores: list[Ignore] = []
        current = top
        for number, part in enumerate(parts):
            ignores += self._ignores_of(current, now)
            current = os.path.join(current, part)
            last = number == len(parts) - 1
            if ignored_by(ignores, current, directory or not last):
                return True
        return False

    def _ignores_of(self, directory: str, now: float) -> tuple[Ignore, ...]:
        level = self._levels.get(directory)
        if level is not None and now - level.checked < STALE_AFTER:
            return level.ignores
        files: list[str] = []
        if os.path.lexists(os.path.join(directory, ".git")):
            files += [os.fspath(file) for file in exclude_files(Path(directory))]
        files.append(os.path.join(directory, ".gitignore"))
        stamp = tuple((file, _stamp(file)) for file in files)
        if level is not None and level.stamp == stamp:
            level.checked = now
            return level.ignores
        ignores = tuple(
            Ignore(directory, spec, touches_of(spec))
            for file, seen in stamp
            if seen is not None and (spec := read_spec(file)) is not None
        )
        if len(self._levels) >= CACHE_LIMIT:
            self._levels.clear()
            self._forget_answers()
        self._levels[directory] = _Level(stamp, now, ignores)
        if level is not None:
            self._forget_answers()
        return ignores


def _mode(path: str) -> int:
    try:
        return os.lstat(path).st_mode
    except OSError:
        return 0  # not there yet


def _stamp(file: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(file)
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _repository(folder: str) -> str | None:
    """The root of the repository that ``folder`` lies in: ignore files above the folder count, too."""
    current = folder
    while True:
        if os.path.exists(os.path.join(current, ".git")):
            return current
        parent = os.path.dirname(current)
        if parent == current:
            return None
        current = parent


def _below(path: str, folder: str) -> bool:
    path, folder = os.path.normcase(path), os.path.normcase(folder)
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
