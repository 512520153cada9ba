"""The files of a replayed sitting: a commit's tree, and over it what has been changed since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from posixpath import join, normpath

from proactive_collectors.languages import language_of
from proactive_collectors.workspace import Document
from proactive_training.gym.git_objects import Git

FOLDER = "file:///w"
"""The workspace folder's URI: replayed files stand in no real folder."""


def uri_of(path: str) -> str:
    """The URI of a path relative to the workspace folder."""
    return f"{FOLDER}/{path}"


def path_of(uri: str) -> str:
    """The path of a URI, relative to the workspace folder."""
    return uri.removeprefix(FOLDER + "/")


class ReplayWorkspace:
    """A view of the files as they stand now; the tree is listed only when it is first asked for.

    Args:
        git: the repository, entered; ``None``: there is none.
        commit: whose tree it is; empty for an empty one.
    """

    def __init__(self, git: Git | None = None, commit: str = "") -> None:
        self._git = git
        self._commit = commit
        self._listed: dict[str, str] | None = None
        self._order: list[str] | None = None
        self._put: dict[str, str | None] = {}
        self._open: dict[str, int] = {}

    @property
    def _tree(self) -> dict[str, str]:
        if self._listed is None:
            self._listed = self._git.tree(self._commit) if self._git is not None and self._commit else {}
        return self._listed

    # --- what is done to the files ----------------------------------------------------------------------

    def open(self, path: str) -> None:
        """An editor opens it."""
        self._open.setdefault(path, 1)

    def close(self, path: str) -> None:
        """An editor closes it."""
        self._open.pop(path, None)

    def put(self, path: str, text: str | None) -> None:
        """Have a file stand so; ``None``: it is gone."""
        if (path in self._put or path in self._tree) is not (text is not None) or path not in self._put:
            self._order = None
        self._put[path] = text
        if path in self._open:
            self._open[path] += 1

    def text(self, path: str) -> str | None:
        """A file's text; ``None`` if there is none or it cannot be read."""
        if path in self._put:
            return self._put[path]
        blob = self._tree.get(path)
        return self._git.text(blob) if self._git is not None and blob is not None else None

    def standing(self) -> tuple[dict[str, str | None], dict[str, int]]:
        """What was put, and the versions of the open documents: all that :meth:`stand` needs."""
        return dict(self._put), dict(self._open)

    def stand(self, put: Mapping[str, str | None], versions: Mapping[str, int]) -> None:
        """Have the files stand as they did elsewhere."""
        self._put, self._open, self._order = dict(put), dict(versions), None

    # --- WorkspaceView ----------------------------------------------------------------------------------

    def folders(self) -> tuple[str, ...]:
        """The workspace folder."""
        return (FOLDER,)

    def document(self, uri: str) -> Document | None:
        """The file at ``uri``."""
        path = path_of(uri)
        text = self.text(path) if path != uri else None
        return None if text is None else Document(uri, text, self._open.get(path), language_of(uri))

    def resolve(self, path: str, *, cwd: str | None = None) -> str | None:
        """The URI of a path that a tool printed."""
        relative = normpath(join(cwd or "", path)).lstrip("/").removeprefix("w/")
        return uri_of(relative) if self.text(relative) is not None else None

    def documents(self, *suffixes: str) -> Iterator[Document]:
        """Every readable file: open ones first, then by path."""
        if self._order is None:
            there = {*self._tree, *self._put}
            self._order = sorted(path for path in there if self._put.get(path, "") is not None)
        wanted = suffixes or ("",)
        opened = list(self._open)
        for path in [*opened, *(path for path in self._order if path not in self._open)]:
            if path.endswith(wanted):
                document = self.document(uri_of(path))
                if document is not None:
                    yield document
