"""What a repository's own files say of its state.

The formats are those of gitrepository-layout(5): ``HEAD``, ``logs/HEAD``, refs and ``packed-refs``, and the
files that mark a merge, rebase, cherry-pick or revert in progress. Git itself is asked for one thing only, the
unmerged paths.

Where refs and reflogs are in the reftable format, the branch and the log are unknown.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

from attrs import frozen

GIT_SECONDS = 5.0
"""How long ``git`` may take to name the unmerged paths."""

LOG_ENTRIES = 64
"""How many of the newest reflog entries are kept in a state."""

CONFLICT_PATHS = 1000
"""How many unmerged paths are told at most."""

_TAIL = 64 * 1024  # bytes of a reflog that are read, from its end
_PACKED_REFS = 64 * 1024 * 1024  # bytes
_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_LOG_LINE = re.compile(r"([0-9a-f]{40,64}) ([0-9a-f]{40,64}) ([^\t\n]*)(?:\t([^\n]*))?")
_STEP = re.compile(r"(?:rebase|pull)\b.*\((\w+)\)")


@frozen
class Repository:
    """Where a repository keeps its files."""

    root: Path  #: the top of the work tree
    git_dir: Path  #: ``HEAD``, ``index`` and the like: of this work tree alone
    common_dir: Path  #: refs; shared by all work trees


@frozen
class LogEntry:
    """One line of the reflog."""

    old: str  #: full hexadecimal name
    new: str
    author: str  #: with the time; tells two equal moves apart
    action: str  #: ``commit (amend)``, ``checkout``, ``rebase (pick)``
    text: str  #: the commit's subject, or what git says of a move

    @property
    def step(self) -> str | None:
        """Which step of a rebase this is: ``start``, ``pick``, ``finish`` …"""
        match = _STEP.fullmatch(self.action)
        return match[1] if match else None


@frozen
class GitState:
    """What of a repository's state events are made of."""

    branch: str | None = None  #: short name; during a rebase the one being rebased; ``None`` on a detached head
    commit: str | None = None  #: ``None`` before the first commit
    log: tuple[LogEntry, ...] = ()  #: the newest reflog entries, oldest first
    operation: str | None = None  #: ``merge``, ``rebase``, ``cherry-pick`` or ``revert`` while it is in progress
    stopped_at: str | None = None  #: the commit that is being brought in by that operation
    conflicts: tuple[str, ...] = ()  #: unmerged paths, relative to the top of the work tree

    @property
    def unsettled(self) -> bool:
        """Whether this is a glimpse between two steps of a rebase, and no state to draw conclusions from."""
        step = self.log[-1].step if self.log else None
        return self.operation is None and step is not None and step not in ("finish", "abort")


def find_repository(folder: Path) -> Repository | None:
    """The repository that ``folder`` is in: its own, a linked work tree's, a submodule's, or none."""
    folder = folder.absolute()
    found = (repository_at(root) for root in (folder, *folder.parents))
    return next((repository for repository in found if repository is not None), None)


def repository_at(root: Path) -> Repository | None:
    """The repository whose work tree has its top at ``root``."""
    dot_git = root / ".git"
    git_dir = dot_git if _is_folder(dot_git) else _linked(dot_git)
    if git_dir is None or _read(git_dir / "HEAD") is None:
        return None
    common = (_read(git_dir / "commondir") or "").strip()
    return Repository(root, git_dir, git_dir / common if common else git_dir)


def read_state(repository: Repository) -> GitState | None:
    """The state from files alone, with no unmerged paths; ``None`` if ``HEAD`` makes no sense."""
    git_dir = repository.git_dir
    head = _head(git_dir)
    operation, stopped_at = _operation(git_dir)
    branch = commit = None
    if head.startswith("ref: "):
        ref = head[5:].strip()
        branch = _short(ref)
        commit = _resolve(repository, ref)
    elif _HASH.fullmatch(head):
        commit = head
    if branch is None and commit is None:
        return None
    if operation == "rebase":
        name = _read(git_dir / "rebase-merge/head-name") or _read(git_dir / "rebase-apply/head-name") or ""
        branch = _short(name.strip())
    return GitState(branch, commit, _log(git_dir / "logs/HEAD"), operation, stopped_at)


def unmerged_paths(root: Path) -> tuple[str, ...] | None:
    """The paths in conflict, by ``git ls-files``; ``None`` if git is missing, refuses, or takes too long.

    Nothing in the repository's configuration that names a program is honoured: no hook, pager, monitor or
    filter runs.
    """
    git = shutil.which("git")
    if git is None:
        return None
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}
    command = [git, "--no-pager", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}"]
    try:
        run = subprocess.run(
            [*command, "ls-files", "--unmerged", "-z"],
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=GIT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    entries = run.stdout.decode("utf-8", "replace").split("\0")
    paths = dict.fromkeys(entry.partition("\t")[2] for entry in entries if "\t" in entry)
    return tuple(paths)[:CONFLICT_PATHS]


def _read(path: Path, tail: int | None = None) -> str | None:
    """A small file's text, or the last ``tail`` bytes of a large one; ``None`` if not a readable plain file."""
    try:
        info = path.stat()
        if not stat.S_ISREG(info.st_mode):
            return None  # opening a named pipe would wait for ever
        with path.open("rb") as file:
            if tail is not None and info.st_size > tail:
                file.seek(-tail, os.SEEK_END)
                file.readline()
            return file.read(tail if tail is not None else _TAIL).decode("utf-8", "replace")
    except (OSError, ValueError):
        return None


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a folder on the way may not be looked into
        return False


def _linked(dot_git: Path) -> Path | None:
    text = _read(dot_git)
    if text is None or not text.startswith("gitdir:"):
        return None
    target = text[len("gitdir:") :].strip()
    return dot_git.parent / target if target and "\0" not in target else None


def _head(git_dir: Path) -> str:
    head = git_dir / "HEAD"
    try:
        if head.is_symlink():  # how the oldest repositories name their branch
            return f"ref: {head.readlink().as_posix()}"
    except OSError:
        return ""
    return (_read(head) or "").strip()


def _short(ref: str) -> str | None:
    """``main`` for ``refs/heads/main``; reftable's ``refs/heads/.invalid`` names no branch."""
    name = _clean(ref.removeprefix("refs/heads/"))
    return name if name != ref and name and not name.startswith(".") else None


def _resolve(repository: Repository, ref: str) -> str | None:
    if ".." in ref.split("/") or not ref.startswith("refs/") or "\0" in ref:
        return None
    loose = (_read(repository.common_dir / ref) or "").strip()
    if _HASH.fullmatch(loose):
        return loose
    packed = _read(repository.common_dir / "packed-refs", _PACKED_REFS) or ""
    match = re.search(rf"^([0-9a-f]{{40,64}}) {re.escape(ref)}\r?$", packed, re.MULTILINE)
    return match[1] if match else None


def _log(path: Path) -> tuple[LogEntry, ...]:
    entries: list[LogEntry] = []
    for line in (_read(path, _TAIL) or "").split("\n")[-LOG_ENTRIES - 1 :]:
        if match := _LOG_LINE.fullmatch(line):
            action, _, text = (match[4] or "").partition(": ")
            entries.append(LogEntry(match[1], match[2], match[3], _clean(action), _clean(text)))
    return tuple(entries[-LOG_ENTRIES:])


def _operation(git_dir: Path) -> tuple[str | None, str | None]:
    def commit(name: str) -> str | None:
        text = (_read(git_dir / name) or "").strip()
        return text.split("\n")[0] or None

    if _is_folder(git_dir / "rebase-merge") or _is_folder(git_dir / "rebase-apply"):
        return "rebase", commit("REBASE_HEAD") or commit("rebase-apply/next")
    marks = (("MERGE_HEAD", "merge"), ("CHERRY_PICK_HEAD", "cherry-pick"), ("REVERT_HEAD", "revert"))
    for mark, operation in marks:
        if found := commit(mark):
            return operation, found
    return None, None


def _clean(text: str) -> str:
    """Without control characters, which a name or a subject has no use for."""
    return "".join(character for character in text if character.isprintable())
