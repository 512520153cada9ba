"""What stands in directories and may be read, kept while neither the directory nor the rules change."""

from __future__ import annotations

import os
from itertools import islice

from attrs import define

from proactive_collectors.exclusion import Exclusion
from proactive_collectors.stamps import Stamp, settled, stamp_of

HEAVY = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", ".tox", ".nox", ".mypy_cache"})
"""Directories that are generated whoever forgot to ignore them; never walked into, yet readable by name."""

MAX_KEPT = 10_000
"""Directories remembered; beyond it the memory starts anew."""

_RULES = frozenset({".gitignore", ".git"})


@define
class Listing:
    """The entries of one directory that are not excluded, by name."""

    files: tuple[tuple[str, bool], ...] = ()  #: the name, and whether it is a link (which may lead to anything)
    directories: tuple[str, ...] = ()
    size: int = 0  #: how many files were looked at, those left out included
    ruled: bool = False  #: whether it has ignore files of its own
    stamp: Stamp | None = None  #: ``None`` where it must be listed again
    generation: int = 0
    most: int = 0
    excluded: frozenset[tuple[str, bool]] = frozenset()  #: the rest: the name, and whether it is a directory


_NOTHING = Listing()


class Listings:
    """Lists directories, and again only when something was added, taken away, or is to be ignored by now."""

    def __init__(self, exclusion: Exclusion) -> None:
        self._exclusion = exclusion
        self._kept: dict[str, Listing] = {}

    def of(self, directory: str, most: int, *, folder: bool = False) -> Listing:
        """What may be read in a directory: absolute, no link in its path, not itself excluded.

        Args:
            directory: the path.
            most: so many of its files are looked at, at most.
            folder: whether it is a workspace folder, so that rules from above it may have changed.
        """
        kept = self._kept.get(directory)
        try:
            stamp = stamp_of(os.stat(directory))
            still = settled(stamp)
        except OSError:
            self._kept.pop(directory, None)
            return _NOTHING
        same = kept is not None and kept.stamp == stamp and (kept.most >= kept.size <= most or kept.most == most)
        if folder or (kept is not None and kept.ruled):
            self._exclusion.refresh(directory, at_once=not same)
        if same and kept is not None and kept.generation == self._exclusion.generation:
            return kept
        listing = self._list(directory, most, stamp if still else None, kept)
        if len(self._kept) >= MAX_KEPT:
            self._kept.clear()
        self._kept[directory] = listing
        return listing

    def _list(self, directory: str, most: int, stamp: Stamp | None, before: Listing | None) -> Listing:
        try:
            with os.scandir(directory) as entries:
                # A directory of a million entries is not read to its end.
                listed = sorted((entry.name, *_kind(entry)) for entry in islice(entries, most + MAX_KEPT))
        except OSError:
            return _NOTHING
        ruled = any(name in _RULES for name, _, _ in listed)
        if ruled:
            self._exclusion.refresh(directory, at_once=True)
        size = 0
        plain: list[tuple[str, bool]] = []
        links: list[tuple[str, bool]] = []
        for name, is_directory, is_link in listed:
            if is_directory:
                if name not in HEAVY:
                    plain.append((name, True))
                continue
            size += 1
            if size <= most:
                (links if is_link else plain).append((name, is_link))
        fine, excluded = self._sorted_out(directory, plain, before)
        readable = [entry for entry in plain if entry in fine]
        return Listing(
            tuple(sorted([*(entry for entry in readable if not entry[1]), *links])),
            tuple(name for name, is_directory in readable if is_directory),
            size,
            ruled,
            stamp,
            self._exclusion.generation,
            most,
            frozenset(excluded),
        )

    def _sorted_out(
        self, directory: str, entries: list[tuple[str, bool]], before: Listing | None
    ) -> tuple[set[tuple[str, bool]], set[tuple[str, bool]]]:
        """Those that may be read, and the others; asks only after those that were not there before."""
        fine: set[tuple[str, bool]] = set()
        excluded: set[tuple[str, bool]] = set()
        if before is not None and before.generation == self._exclusion.generation:
            fine = {(name, False) for name, link in before.files if not link}
            fine |= {(name, True) for name in before.directories}
            excluded = set(before.excluded)
        new = [entry for entry in entries if entry not in fine and entry not in excluded]
        generation = self._exclusion.generation
        answers = self._exclusion.among(directory, new)
        if self._exclusion.generation != generation and len(new) < len(entries):
            return self._sorted_out(directory, entries, None)
        for entry, out in zip(new, answers, strict=True):
            (excluded if out else fine).add(entry)
        here = set(entries)
        return fine & here, excluded & here


def _kind(entry: os.DirEntry[str]) -> tuple[bool, bool]:
    """Whether it is a directory, and whether a link."""
    try:
        return entry.is_dir(follow_symlinks=False), entry.is_symlink() or _is_junction(entry)
    except OSError:
        return False, True


def _is_junction(entry: os.DirEntry[str]) -> bool:
    return bool(getattr(entry, "is_junction", bool)())
