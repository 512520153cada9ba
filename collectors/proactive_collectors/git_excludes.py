"""Where git finds what to ignore beside ``.gitignore`` files: the user's own file, and the repository's.

Which file is the user's, ``core.excludesFile`` says (gitignore(5)), looked for as in git-config(1) but without
running git: in the system's, the user's and the repository's configuration and what they include outright.
Conditional includes and values that are set in the environment (``GIT_CONFIG_COUNT``) are not followed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from proactive_collectors.git_files import repository_at

_MAX_CONFIG = 1_000_000  # characters
_DEPTH = 10  # of includes within includes, as in git
_SECTION = re.compile(r"""\[\s*([-.\w]+)\s*("(?:[^"\\]|\\.)*")?\s*\]""")
_VARIABLE = re.compile(r"([a-zA-Z][-\w]*)\s*=\s*(.*)")
_VALUE = re.compile(r"""\\(.)|(["])|([#;])|(.)""")
_ESCAPES = {"n": "\n", "t": "\t", "b": "\b"}


def exclude_files(root: Path) -> tuple[Path, ...]:
    """The ignore files of the work tree with its top at ``root``, those with less of a say first.

    None where there is no repository. All work trees of one share its ``info/exclude``.
    """
    repository = repository_at(root)
    if repository is None:
        return ()
    xdg = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    users = _path(f"{xdg}/git/ignore", root)
    system = Path(os.environ.get("GIT_CONFIG_SYSTEM") or "/etc/gitconfig")
    configs = [system, _path(f"{xdg}/git/config", root), _path("~/.gitconfig", root)]
    if os.environ.get("GIT_CONFIG_NOSYSTEM"):
        del configs[0]
    if instead := os.environ.get("GIT_CONFIG_GLOBAL"):
        configs[-2:] = [Path(instead)]
    for config in (*configs, repository.common_dir / "config"):
        for value in _excludes_files(config):
            users = _path(value, root)
    files = (users, repository.common_dir / "info" / "exclude")
    return tuple(file for file in files if file is not None and _is_file(file))


def _excludes_files(config: Path | None, depth: int = 0) -> Iterator[str]:
    """The values of ``core.excludesFile`` in a configuration file, the last of which counts."""
    if config is None or depth > _DEPTH or not _is_file(config):
        return
    try:
        if config.stat().st_size > _MAX_CONFIG:
            return
        text = config.read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):
        return
    if not re.search(r"excludesfile|\[\s*include\s*\]", text, re.IGNORECASE):
        return
    for section, variable, value in _variables(text):
        if (section, variable) == ("core", "excludesfile"):
            yield value
        elif (section, variable) == ("include", "path"):
            yield from _excludes_files(_path(value, config.parent), depth + 1)


def _variables(text: str) -> Iterator[tuple[str, str, str]]:
    """Section, name and value of each variable that has a value; those of subsections are left out."""
    section = ""
    for line in re.sub(r"\\\r?\n", "", text).splitlines():
        rest = line.strip()
        if (header := _SECTION.match(rest)) is not None:
            section = "" if header[2] else header[1].lower()
            rest = rest[header.end() :].strip()
        if section and (variable := _VARIABLE.match(rest)) is not None:
            yield section, variable[1].lower(), _value(variable[2])


def _value(text: str) -> str:
    """A value without its quotes, escapes and comment."""
    found, quoted, end = "", False, 0  # `end`: beyond it stands nothing but blanks outside quotes
    for escaped, quote, comment, plain in _VALUE.findall(text):
        if quote:
            quoted = not quoted
        elif comment and not quoted:
            break
        else:
            found += _ESCAPES.get(escaped, escaped) or comment or plain
        if quoted or not plain.isspace():
            end = len(found)
    return found[:end]


def _path(value: str, base: Path) -> Path | None:
    """The file that a value names: below the home folder, absolute, or from ``base``; ``None`` for no file."""
    if not value or "\0" in value or value.startswith("%(prefix)"):
        return None
    try:
        return base / Path(value).expanduser()
    except RuntimeError:  # nobody knows whose home that would be
        return None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder on the way may not be looked into
        return False
