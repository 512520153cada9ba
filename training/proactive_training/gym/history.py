"""A repository's history as sittings to be done again: commits that one author made in one go.

One pass of ``git log`` tells all commits, oldest first; texts are read as they are needed, so memory does not grow
with the history. What cannot be done again (merges, binary files, submodules, commits of hundreds of files) is
skipped and counted.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from attrs import define, field, frozen

from proactive_training.errors import DataError
from proactive_training.gym.git_objects import Git
from proactive_training.gym.hunks import comparable
from proactive_training.gym.work import CommitWork, FileWork, SittingWork

SITTING_GAP = timedelta(hours=2)
"""Commits of one author further apart belong to two sittings."""

SITTING_COMMITS = 6
"""How many commits a sitting has at most."""

MAX_FILES = 40
"""Commits that change more files are left out: nobody types them."""

MAX_NEW_LINES = 3_000
"""Commits that add or change more lines are left out as well: what is imported or generated is not typed."""

_MARK = b"\x01"
_FORMAT = "--format=%x01%H%x00%P%x00%ae%x00%at%x00%s"


@frozen
class _Entry:
    """A commit as ``git log --raw`` tells it."""

    commit: str
    parents: tuple[str, ...]
    author: str
    time: datetime
    subject: str
    raw: tuple[tuple[str, tuple[str, ...]], ...]  # ":modes blobs status" and its paths


@define
class History:
    """Reads a repository's sittings.

    Args:
        git: the repository, entered.
        name: what to call it.
        head: the newest commit to read, or a range of commits (``A..B``).
        passed: so many commits are passed over unread, from the oldest.

    Attributes:
        skipped: why commits and files were left out, and how often, as far as has been read.
        read: how many commits have been read.
        began: how many had been before the sitting that was given last.
    """

    git: Git
    name: str
    head: str = "HEAD"
    passed: int = 0
    skipped: Counter[str] = field(factory=Counter)
    read: int = 0
    began: int = 0
    _shallow: frozenset[str] = frozenset()

    def sittings(self) -> Iterator[SittingWork]:
        """Every sitting, oldest first.

        Raises:
            DataError: it is no repository, or has no commit.
        """
        try:
            self.git.run("rev-list", "--max-count=1", self.head, "--")
        except DataError as error:
            raise DataError(f"{self.git.folder} has no commit {self.head}; name one that it has") from error
        self._shallow = self._shallow_commits()
        going: list[CommitWork] = []
        author = ""
        first = 0
        for entry in self._entries():
            self.read += 1
            if self.read <= self.passed:
                continue
            work = self._work(entry)
            if work is None:
                continue
            before = going[-1] if going else None
            goes_on = (
                before is not None
                and len(going) < SITTING_COMMITS
                and author == entry.author
                and work.parent == before.commit
                and timedelta(0) <= work.time - before.time <= SITTING_GAP
            )
            if going and not goes_on:
                self.began = first
                yield self._sitting(going, author)
                going = []
            if not going:
                first = self.read - 1
            going.append(work)
            author = entry.author
        if going:
            self.began = first
            yield self._sitting(going, author)

    def count(self) -> int:
        """How many commits there are to read, merges included."""
        return int(self.git.run("rev-list", "--count", self.head))

    def _sitting(self, commits: list[CommitWork], author: str) -> SittingWork:
        hidden = hashlib.blake2b(author.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
        return SittingWork(self.name, f"{self.name}@{commits[0].commit[:12]}", hidden, tuple(commits))

    def _shallow_commits(self) -> frozenset[str]:
        """The commits whose parents a shallow clone lacks: they seem to add every file."""
        file = self.git.folder / self.git.run("rev-parse", "--git-path", "shallow").strip()
        return frozenset(file.read_text("ascii").split()) if file.is_file() else frozenset()

    # --- git log ----------------------------------------------------------------------------------------

    def _entries(self) -> Iterator[_Entry]:
        pieces = self.git.stream(
            "log", "--topo-order", "--reverse", "--no-abbrev", "--raw", "-r", "-M50%", "-z", _FORMAT, self.head,
            end=_MARK,
        )  # fmt: skip
        for piece in pieces:
            if piece:
                try:
                    yield _entry(piece)
                except (ValueError, IndexError, OverflowError):
                    self.skipped["commits that git tells of in an unknown form"] += 1

    def _work(self, entry: _Entry) -> CommitWork | None:
        if len(entry.parents) > 1:
            return self._skip("merges")
        if entry.commit in self._shallow:
            return self._skip("commits at the edge of a shallow clone")
        if len(entry.raw) > MAX_FILES:
            return self._skip("commits of too many files")
        files: list[FileWork] = []
        unreadable: list[str] = []
        for head, paths in entry.raw:
            made = self._file(head, paths)
            if isinstance(made, FileWork):
                files.append(made)
            elif made is not None:
                unreadable.append(paths[-1])
                self.skipped[made] += 1
        if not files:
            return self._skip("commits without a readable text file")
        lines = sum(_changed_lines(file) for file in files)
        if lines > MAX_NEW_LINES:
            return self._skip("commits of too many lines")
        parent = entry.parents[0] if entry.parents else ""
        return CommitWork(entry.commit, parent, entry.subject, entry.time, tuple(files), tuple(unreadable))

    def _skip(self, why: str) -> CommitWork | None:
        self.skipped[why] += 1
        return None

    def _file(self, head: str, paths: tuple[str, ...]) -> FileWork | str | None:
        """What was done to a file; or why it cannot be told; or ``None`` if nothing a person types was done."""
        old_mode, new_mode, old, new, status = head.removeprefix(":").split()
        path = paths[-1]
        if "160000" in (old_mode, new_mode):
            return "submodules"
        if "120000" in (old_mode, new_mode):
            return "symbolic links"
        if not path.isprintable():
            return "files of unreadable names"
        if old == new and status[0] == "M":
            return None  # only its mode
        before = None if status[0] == "A" else self.git.text(old)
        after = None if status[0] == "D" else self.git.text(new)
        if (before is None and status[0] != "A") or (after is None and status[0] != "D"):
            return "binary, missing, too large or wrongly encoded files"
        if not comparable(before or "", after or ""):
            return "files too long to compare, or with lone carriage returns"
        moved = status[0] in "RC"
        if moved and not paths[0].isprintable():
            return "files of unreadable names"
        # A copy's original stays where it is: the copy is a new file.
        return FileWork(
            path,
            None if status[0] == "C" else before,
            after,
            paths[0] if status[0] == "R" else None,
        )


def open_history(folder: Path) -> tuple[Git, str]:
    """The repository at ``folder`` (not entered yet) and a name for it: its folder's, without ``.git``.

    Raises:
        DataError: there is no repository.
    """
    real = folder.expanduser().resolve()
    if not real.is_dir():
        raise DataError(f"{folder} is no folder; give a git repository")
    inner = real.name in ("repo", ".git")
    name = (real.parent if inner else real).name.removesuffix(".git").replace("+", "/")
    git = Git(real)
    git.run("rev-parse", "--git-dir")
    return git, name


def _entry(piece: bytes) -> _Entry:
    tokens = piece.decode("utf-8", "surrogateescape").split("\0")
    commit, parents, author, seconds, subject = tokens[:5]
    raw: list[tuple[str, tuple[str, ...]]] = []
    rest = iter(tokens[5:])
    for token in rest:
        token = token.lstrip("\n")
        if not token.startswith(":"):
            continue
        paths = (next(rest), next(rest)) if token.split()[-1][0] in "RC" else (next(rest),)
        raw.append((token, paths))
    time = datetime.fromtimestamp(int(seconds), UTC)
    readable = subject.encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip()
    return _Entry(commit.strip(), tuple(parents.split()), author, time, readable, tuple(raw))


def _changed_lines(file: FileWork) -> int:
    """About how many lines have to be typed."""
    before, after = (file.before or "").splitlines(), (file.after or "").splitlines()
    if file.after is None:
        return 0
    if not before:
        return len(after)
    known = Counter(before)
    return sum((Counter(after) - known).values())
