"""A git directory read object by object, and its commits' files as hunks that can be made one at a time."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections import Counter
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path

from attrs import define, field, frozen

from proactive_collectors.text import split_lines

MAX_BYTES = 500_000
"""Larger files are not read."""

MAX_MODIFIED = 200_000
"""Nor are longer ones (code points) cut into hunks."""

LONE = re.compile(r"\r(?!\n)")
"""Next to another line's end, which hunks may put there, such a return is no line end of its own any more."""


@frozen
class Hunk:
    """Whole lines that differ: ``start`` to ``end`` are lines of the text that ``old`` stands in."""

    start: int
    end: int
    old: str
    new: str


@define
class Modified:
    """A file of a commit between its parent's state and its own."""

    lines: list[str]  #: of the parent
    hunks: list[Hunk]  #: in the parent's lines, from top to bottom
    made: set[int] = field(factory=set)
    text: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.text = "".join(self.lines)

    def make(self, number: int) -> tuple[int, str, str]:
        """Make a hunk; returns its first line as the text stood before, and the texts before and after."""
        hunk = self._shifted(number)
        lines = split_lines(self.text)
        assert "".join(lines[hunk.start : hunk.end]) == hunk.old
        self.text = "".join([*lines[: hunk.start], hunk.new, *lines[hunk.end :]])
        self.made.add(number)
        return hunk.start, hunk.old, hunk.new

    def pending(self) -> list[Hunk]:
        """The hunks not made yet, in lines of the text as it stands."""
        return [self._shifted(number) for number in range(len(self.hunks)) if number not in self.made]

    def _shifted(self, number: int) -> Hunk:
        above = [self.hunks[other] for other in self.made if other < number]
        by = sum(hunk.new.count("\n") - hunk.old.count("\n") for hunk in above)
        hunk = self.hunks[number]
        return Hunk(hunk.start + by, hunk.end + by, hunk.old, hunk.new)


def hunks(old: list[str], new: list[str]) -> list[Hunk]:
    """The lines that differ."""
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [Hunk(a, b, "".join(old[a:b]), "".join(new[c:d])) for tag, a, b, c, d in codes if tag != "equal"]


class Git:
    """Reads with plumbing commands only; ``reading`` counts the CPU seconds that this process spent on blobs."""

    def __init__(self, folder: Path) -> None:
        self._command = ["git", "-C", str(folder)]
        self._env = {**os.environ, "GIT_NO_LAZY_FETCH": "1", "GIT_NO_REPLACE_OBJECTS": "1"}
        self.reading = 0.0
        self._read = lru_cache(maxsize=10_000)(self._blob)

    def __enter__(self) -> Git:
        self._cat = subprocess.Popen(
            [*self._command, "cat-file", "--batch"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self._env,
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        self._cat.communicate()

    def _run(self, *arguments: str) -> str:
        done = subprocess.run([*self._command, *arguments], capture_output=True, env=self._env)
        if done.returncode:
            raise SystemExit(f"git {arguments[0]}: {done.stderr.decode('utf-8', 'replace').strip()}")
        return done.stdout.decode("utf-8", "surrogateescape")

    def commits(self) -> list[str]:
        """All but merges and first commits, newest first."""
        listed = [line.split() for line in self._run("rev-list", "--parents", "HEAD").splitlines()]
        return [line[0] for line in listed if len(line) == 2]

    def merges(self) -> int:
        """How many merges there are."""
        return int(self._run("rev-list", "--count", "--merges", "HEAD"))

    def tree(self, commit: str) -> dict[str, str]:
        """The regular files of a commit: path to blob."""
        found = {}
        for entry in self._run("ls-tree", "-r", "-z", commit).split("\0")[:-1]:
            mode, path = entry.split("\t", 1)
            if mode.startswith("100"):
                found[path] = mode.split()[2]
        return found

    def text(self, blob: str) -> str | None:
        """A file's text, ``None`` if it is missing, too large, binary or not UTF-8."""
        begun = time.process_time()
        try:
            return self._read(blob)
        finally:
            self.reading += time.process_time() - begun

    def _blob(self, blob: str) -> str | None:
        assert self._cat.stdin and self._cat.stdout
        self._cat.stdin.write(blob.encode() + b"\n")
        self._cat.stdin.flush()
        header = self._cat.stdout.readline().split()
        if len(header) < 3:
            return None
        data = self._cat.stdout.read(int(header[2]) + 1)[:-1]
        try:
            return data.decode("utf-8") if len(data) <= MAX_BYTES and b"\0" not in data else None
        except UnicodeDecodeError:
            return None

    def modified(self, commit: str) -> tuple[dict[str, Modified], set[str], Counter[str]]:
        """The files that a commit modifies, the paths that cannot be judged, and why and how often."""
        parts = iter(self._run("diff-tree", "-r", "-M", "-z", "--no-commit-id", "--raw", commit).split("\0")[:-1])
        files: dict[str, Modified] = {}
        lost: set[str] = set()
        skipped: Counter[str] = Counter()
        for part in parts:
            old_mode, _, old, new, status = part.removeprefix(":").split()
            path = next(parts)
            if status[0] in "RC":
                next(parts)
            if status[0] in "RD":
                lost.add(path)
                skipped["renamed files" if status[0] == "R" else "deleted files"] += 1
            elif status == "M" and old_mode.startswith("100"):
                texts = self.text(old), self.text(new)
                if texts[0] is None or texts[1] is None or max(len(texts[0]), len(texts[1])) > MAX_MODIFIED:
                    lost.add(path)
                    skipped["binary or too large files"] += 1
                elif any(LONE.search(text) for text in texts if text):
                    lost.add(path)
                    skipped["files with lone carriage returns"] += 1
                else:
                    lines = split_lines(texts[0])
                    files[path] = Modified(lines, hunks(lines, split_lines(texts[1])))
        return files, lost, skipped
