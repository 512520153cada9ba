"""How a file of the workspace is imported: its dotted name, from its packages and from where Python looks."""

from __future__ import annotations

import re
import shlex
from pathlib import PurePosixPath

from attrs import frozen

from proactive_collectors.uris import to_uri
from proactive_collectors.workspace import WorkspaceView

DEEPEST = 12
"""Directories between a folder and a module; deeper ones are not looked at."""

_TEST = re.compile(r"^(?:test_.*|.*_test|conftest|setup|__main__)$")


@frozen
class Place:
    """A file's place in the workspace."""

    uri: str
    folder: str  #: the URI of its workspace folder, without a slash at the end
    directories: tuple[str, ...]  #: from the folder down, as they stand in the URI
    stem: str  #: the file's name without ``.py``
    package: int  #: how many of ``directories``, counted from the end, are packages with an ``__init__.py``

    @property
    def root(self) -> str:
        """The URI of the directory that the package (or lone module) lies in."""
        return "/".join((self.folder, *self.directories[: len(self.directories) - self.package]))

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages around it, outermost first."""
        return self.directories[len(self.directories) - self.package :]

    @property
    def parts(self) -> tuple[str, ...]:
        """The dotted name below `root`, in parts."""
        return self.packages if self.stem == "__init__" else (*self.packages, self.stem)

    @property
    def path(self) -> tuple[str, ...]:
        """The dotted name below the folder, if every directory were a package."""
        return self.directories if self.stem == "__init__" else (*self.directories, self.stem)

    @property
    def is_test(self) -> bool:
        """Whether it is a test, a ``conftest`` or the like, from which nobody imports."""
        return _TEST.match(self.stem) is not None


class Layout:
    """The places of a workspace's files; asks the workspace for each ``__init__.py`` but once."""

    def __init__(self, workspace: WorkspaceView) -> None:
        self._workspace = workspace
        self._folders = tuple(folder.rstrip("/") for folder in workspace.folders())
        self._packages: dict[str, bool] = {}

    def place(self, uri: str, *, importable: bool = True) -> Place | None:
        """The place of a Python file; ``None`` outside the folders, or where its name cannot be imported."""
        folder = max((f for f in self._folders if uri.startswith(f + "/")), key=len, default=None)
        if folder is None or not uri.endswith(".py"):
            return None
        *directories, name = uri[len(folder) + 1 :].split("/")
        stem = name.removesuffix(".py")
        if (importable and not stem.isidentifier()) or len(directories) > DEEPEST:
            return None
        package = 0
        while package < len(directories) and self._is_package(folder, directories[: len(directories) - package]):
            package += 1
        return Place(uri, folder, tuple(directories), stem, package)

    def _is_package(self, folder: str, directories: list[str]) -> bool:
        if not directories[-1].isidentifier():
            return False
        uri = "/".join((folder, *directories, "__init__.py"))
        if uri not in self._packages:
            self._packages[uri] = self._workspace.document(uri) is not None
        return self._packages[uri]


def search_roots(user: Place, command: str, cwd: str | None) -> tuple[str, ...]:
    """The URIs of the directories that Python surely looks in for modules when ``command`` runs ``user``'s code.

    For a script that is its own directory; otherwise the working directory, the folder, its ``src``, and, as
    pytest has it, the directory of the file's outermost package.
    """
    here = to_uri(cwd) if cwd else user.folder
    script = script_of(command)
    if script is not None:
        if script.startswith("/"):
            return (to_uri(str(PurePosixPath(script).parent)),)
        return ("/".join((here, *(p for p in PurePosixPath(script).parent.parts if p != "."))),)
    return (here, user.folder, user.folder + "/src", user.root)


def script_of(command: str) -> str | None:
    """The path of the script in ``python x.py``; ``None`` for any other command."""
    try:
        # A backslash is a path's on Windows and an escape elsewhere; only before a space can it be told.
        words = shlex.split(command if "\\ " in command else command.replace("\\", "/"))
    except ValueError:
        return None
    while words and re.fullmatch(r"\w+=.*", words[0]):
        words = words[1:]
    if words[:2] in (["uv", "run"], ["poetry", "run"], ["pdm", "run"], ["hatch", "run"]):
        words = words[2:]
    if not words or not re.fullmatch(r"(?:.*[/\\])?(?:python|pypy)[\d.]*(?:\.exe)?", words[0]):
        return None
    for word in words[1:]:
        if word in ("-m", "-c"):
            return None
        if not word.startswith("-"):
            return word if word.endswith((".py", ".pyw")) else None
    return None
