"""What a play may read: the current text of the workspace's files, unsaved changes included.

`WorkspaceView` is all that inference knows of files. The server, replay and the tests each bring one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from attrs import frozen


@frozen
class Document:
    """A file as it stands now."""

    uri: str
    text: str
    version: int | None = None  #: the editor's version number; ``None`` where no editor has it open
    language: str | None = None  #: the editor's language identifier, or one guessed from the file's name


class WorkspaceView(Protocol):
    """The readable files below the workspace folders.

    Files that are excluded (secrets, gitignored, the user's globs), binary, over the size limit or outside every
    folder once links are followed do not exist as far as a view is concerned.
    """

    def folders(self) -> tuple[str, ...]:
        """The URIs of the workspace folders."""

    def document(self, uri: str) -> Document | None:
        """The file at ``uri``, as the editor shows it if open there, else as on disk; ``None`` if not readable."""

    def resolve(self, path: str, *, cwd: str | None = None) -> str | None:
        """The URI of the file that a tool printed as ``path``, looked for in ``cwd`` and the folders."""

    def documents(self, *suffixes: str) -> Iterator[Document]:
        """Every readable file whose name ends so (all, without an argument): open ones first, then by path.

        Each file comes once, whatever links lead to it. The number of files is bounded; take what you need and
        stop.
        """
