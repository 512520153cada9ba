"""The settings in force: gathered from project files, initialization options and the editor."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from proactive_collectors.project_file import PROJECT_FILE, globs_seen_from, project_files
from proactive_collectors.uris import to_uri
from proactive_server.settings import LOCKED, Settings
from proactive_server.settings_values import Problem, Values, check, check_locks, join, merge, strictest

log = logging.getLogger(__name__)

SECTION = "proactive"
"""The name of the section in the editor's settings."""

_EXCLUDE = "exclude"
_MAX_FILE = 256 * 1024


class Configuration:
    """Keeps what each place says, and the settings that follow from it.

    Args:
        tell: shows a sentence to the user; called once for each different problem.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._told: set[str] = set()
        self._project: Values = {}
        self._by_folder: dict[Path, Values] = {}
        self._sound: dict[Path, tuple[Values, tuple[str, ...]]] = {}  # what each file said when it could be read
        self._locked: tuple[str, ...] = ()
        self._options: Values = {}
        self._editor: Values = {}
        self._subscribers: list[Callable[[Settings], None]] = []
        self.current = Settings()
        self.retention: Mapping[str | None, int] = {None: self.current.journal.retention_days}
        """Days that events are kept: of all workspaces (``None``), and by URI where a project wants it shorter.

        What a project says holds for its own events: a cloned repository has no say in those of another.
        """

    def subscribe(self, subscriber: Callable[[Settings], None]) -> None:
        """Call ``subscriber`` with the new settings whenever they change."""
        self._subscribers.append(subscriber)

    def load_project(self, folders: Sequence[Path]) -> None:
        """Read the project files of the workspace folders: their own, and those above them in their repository."""
        project: Values = {}
        locked: list[str] = []
        by_folder: dict[Path, Values] = {}
        for folder in folders:
            own: Values = {}
            for path in project_files(folder):
                values, locks = self._read(path)
                by_folder.setdefault(path.parent, values)
                locked += locks
                own = join(own, _seen_from(folder, path, values))
            by_folder[folder] = own
            project = join(project, own)
        self._project, self._locked, self._by_folder = project, tuple(locked), by_folder
        self._settle()

    def take_options(self, options: Any) -> None:
        """Take the editor's initialization options: the settings themselves, or under their section's name."""
        self._options = self._from_editor(options, "the initialization options")
        self._settle()

    def take_editor(self, section: Any) -> None:
        """Take the editor's section, as it answers ``workspace/configuration``."""
        self._editor = self._from_editor(section, "the editor's settings")
        self._settle()

    def _from_editor(self, plain: Any, origin: str) -> Values:
        if plain is None:
            return {}
        if isinstance(plain, Mapping) and isinstance(plain.get(SECTION), Mapping):
            plain = plain[SECTION]
        values, problems = check(plain, origin)
        self._report(problems)
        return values

    def _read(self, path: Path) -> tuple[Values, tuple[str, ...]]:
        """What a project file says, and what it locks; where it cannot be read now, what it said before."""
        import tomllib

        try:
            with path.open("rb") as file:
                plain = tomllib.loads(file.read(_MAX_FILE).decode("utf-8-sig"))
        except (FileNotFoundError, NotADirectoryError):
            self._sound.pop(path, None)
            return {}, ()
        except OSError as error:
            return self._as_before(path, f"cannot be read: {error.strerror}")
        except (ValueError, RecursionError) as error:
            return self._as_before(path, f"is not TOML: {error}")
        locks, lock_problems = check_locks(plain.pop(LOCKED, None))
        values, problems = check(plain, PROJECT_FILE)
        self._report([*lock_problems, *problems])
        self._sound[path] = values, locks
        return values, locks

    def _as_before(self, path: Path, trouble: str) -> tuple[Values, tuple[str, ...]]:
        """What holds while a project file is out of order: a slip of the pen must not undo a team's policy."""
        known = path in self._sound
        holds = "what it said before holds" if known else "nothing is suggested, kept or asked of a language model"
        self._report([Problem("", f"{path} {trouble}. Until it is mended, {holds}.")])
        return self._sound[path] if known else strictest()

    def report(self, message: str) -> None:
        """Tell the user of a wrong setting, once."""
        if message not in self._told:
            self._told.add(message)
            log.warning("%s", message)
            self._tell(message)

    def _report(self, problems: Sequence[Problem]) -> None:
        for problem in problems:
            self.report(problem.message)

    def _settle(self) -> None:
        user = {**self._options, **self._editor}
        days: dict[str | None, int] = {None: merge({}, user).journal.retention_days}
        for folder, values in self._by_folder.items():
            theirs = merge(values, user, self._locked).journal.retention_days
            if theirs < days[None]:
                days[to_uri(folder)] = theirs
        self.retention = days
        settings = merge(self._project, user, self._locked)
        if settings != self.current:
            self.current = settings
            for subscriber in self._subscribers:
                subscriber(settings)


def _seen_from(folder: Path, file: Path, values: Values) -> Values:
    """What a project file says, its globs as they read from a folder below it."""
    globs = values.get(_EXCLUDE)
    return {**values, _EXCLUDE: globs_seen_from(folder, file, globs)} if globs else values
