"""The settings in force: gathered from project files, initialization options and the editor."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from proactive_collectors.uris import to_uri
from proactive_server.settings import LOCKED, PROJECT_FILE, Settings
from proactive_server.settings_values import Problem, Values, check, check_locks, merge

log = logging.getLogger(__name__)

SECTION = "proactive"
"""The name of the section in the editor's settings."""

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
        self._by_folder: list[tuple[Path, Values]] = []
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
        """Read the project files of the workspace folders."""
        project: Values = {}
        locked: list[str] = []
        self._by_folder = []
        for folder in folders:
            values, locks = self._read(folder / PROJECT_FILE)
            self._by_folder.append((folder, values))
            locked += locks
            for key, value in values.items():
                if isinstance(value, tuple):
                    project[key] = (*project.get(key, ()), *value)
                else:
                    project.setdefault(key, value)
        self._project, self._locked = project, tuple(locked)
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
        try:
            with path.open("rb") as file:
                content = file.read(_MAX_FILE)
        except OSError:
            return {}, ()
        import tomllib

        try:
            plain = tomllib.loads(content.decode())
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            self._report([Problem("", f"{path} is not used, since it is not TOML: {error}")])
            return {}, ()
        locks, lock_problems = check_locks(plain.pop(LOCKED, None))
        values, problems = check(plain, PROJECT_FILE)
        self._report([*lock_problems, *problems])
        return values, locks

    def _report(self, problems: Sequence[Problem]) -> None:
        for problem in problems:
            if problem.message not in self._told:
                self._told.add(problem.message)
                log.warning("%s", problem.message)
                self._tell(problem.message)

    def _settle(self) -> None:
        user = {**self._options, **self._editor}
        days: dict[str | None, int] = {None: merge({}, user).journal.retention_days}
        for folder, values in self._by_folder:
            days[to_uri(folder)] = merge(values, user, self._locked).journal.retention_days
        self.retention = days
        settings = merge(self._project, user, self._locked)
        if settings != self.current:
            self.current = settings
            for subscriber in self._subscribers:
                subscriber(settings)
