"""What a person set out to do: a commit's files before and after, and the commits of one sitting."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen


@frozen
class FileWork:
    """One file of a commit."""

    path: str  #: relative to the root, with ``/``
    before: str | None  #: its text in the parent; ``None``: it was not there
    after: str | None  #: its text in the commit; ``None``: it is deleted
    renamed_from: str | None = None  #: where its text stood in the parent, if elsewhere


@frozen
class CommitWork:
    """One commit: what was done, and what of it cannot be done again."""

    commit: str  #: full hexadecimal name
    parent: str
    subject: str
    time: datetime  #: of the author, in UTC
    files: tuple[FileWork, ...]
    unreadable: tuple[str, ...] = ()  #: paths that changed but are binary, too large or of broken encoding


@frozen
class SittingWork:
    """Commits that one author made in one go, oldest first, each the child of the one before."""

    repository: str
    name: str  #: unique: repository and first commit
    author: str  #: a hash of the author's address, for grouping alone
    commits: tuple[CommitWork, ...]
