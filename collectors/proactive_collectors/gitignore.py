"""The patterns of one ignore file, read and asked as git would; which files have a say is the asker's to know."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_NAMED_GROUP = re.compile(r"\(\?P<\w+>")


@frozen
class Ignore:
    """The patterns of one ignore file, relative to ``base``."""

    base: str
    spec: GitIgnoreSpec
    touches: re.Pattern[str] | None  # what any pattern of it says something about; ``None`` if that cannot be told

    def verdict(self, path: str, directory: bool) -> bool | None:
        """Whether it ignores a path, ``None`` if it says nothing of it."""
        relative = relative_to(path, self.base)
        if directory:
            relative += "/"
        if self.touches is not None and self.touches.match(relative) is None:
            return None  # most files: one search instead of one for each pattern
        return self.spec.check_file(relative).include


def ignored_by(ignores: Sequence[Ignore], path: str, directory: bool) -> bool:
    """Whether ignore files, the outermost first, ignore a path; those above it are not asked about."""
    for ignore in reversed(ignores):  # the nearest file has the last word
        verdict = ignore.verdict(path, directory)
        if verdict is not None:
            return verdict
    return False


def seen_from(patterns: Sequence[str], folder: Sequence[str]) -> tuple[str, ...]:
    """The patterns of an ignore file as they read from a folder below it, given by its path's parts.

    Some become several; one that takes in the folder itself, or a folder on the way to it, becomes ``/**``.
    """
    found: list[str] = []
    for pattern in patterns:
        sign, body = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
        path = body.rstrip().rstrip("/")
        if not path or path.startswith("#"):
            continue
        if "/" not in path:  # a name, wherever it stands
            found.append(pattern)
            if any(_matches(path, part) for part in folder):
                found.append(f"{sign}/**")
            continue
        end = "/" if body.rstrip().endswith("/") else ""
        for rest in _rests(path.lstrip("/").split("/"), folder):
            found.append(sign + "/" + ("/".join(rest) + end if rest != ["**"] else "**"))
    return tuple(dict.fromkeys(found))


def _rests(segments: list[str], folder: Sequence[str]) -> list[list[str]]:
    """What is left of a pattern's segments below a folder; ``**`` where the folder itself is taken in."""
    if not segments or segments == ["**"]:
        return [["**"]]
    if not folder:
        return [segments]
    if segments[0] == "**":
        return _rests(segments[1:], folder) + _rests(segments, folder[1:])
    return _rests(segments[1:], folder[1:]) if _matches(segments[0], folder[0]) else []


def _matches(segment: str, name: str) -> bool:
    return spec_of([f"/{segment}"]).match_file(name)


def spec_of(lines: Sequence[str]) -> GitIgnoreSpec:
    """The patterns of an ignore file's lines."""
    from pathspec import GitIgnoreSpec

    usable: list[str] = []
    for line in lines:
        try:
            GitIgnoreSpec.from_lines([line])
        except ValueError:  # git passes over a pattern that makes no sense, and so do we
            continue
        usable.append(line)
    return GitIgnoreSpec.from_lines(usable)


def touches_of(spec: GitIgnoreSpec) -> re.Pattern[str] | None:
    """One expression for all patterns of a specification; ``None`` where they cannot be joined."""
    parts: list[str] = []
    for pattern in spec.patterns:
        regex = getattr(pattern, "regex", None)
        if isinstance(regex, re.Pattern):
            if regex.flags & ~re.UNICODE or "\\1" in regex.pattern or "(?P=" in regex.pattern:
                return None
            part = _NAMED_GROUP.sub("(?:", regex.pattern)
            parts.append(part if part.startswith("^") else f"(?s:.*?){part}")
    try:
        return re.compile("|".join(f"(?:{part})" for part in parts)) if parts else re.compile(r"(?!)")
    except re.error:
        return None


def read_spec(file: str) -> GitIgnoreSpec | None:
    """The patterns of an ignore file; ``None`` if it cannot be read."""
    try:
        text = Path(file).read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return None
    return spec_of(text.splitlines())


def relative_to(path: str, folder: str) -> str:
    """A path below a folder as patterns see it: relative, with slashes; nothing for the folder itself."""
    return path[len(folder) :].lstrip(os.sep).replace(os.sep, "/")
