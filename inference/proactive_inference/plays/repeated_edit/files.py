"""Which files a repeated edit never reaches: history, law, locks, and what tools or other people wrote."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath

from proactive_collectors.workspace import Document
from proactive_inference.plays.repeated_edit.tokens import words

MAX_TEXT = 400_000
"""Longer texts (code points) are generated, data, or too slow to look through between two keystrokes."""

_FOLDERS = words(
    "node_modules vendor vendored _vendor third_party third-party external dist build target out site-packages "
    ".git .hg .svn .tox .venv venv __pycache__ __snapshots__ snapshots cassettes testdata fixtures generated gen "
    "migrations locale locales changelog.d newsfragments changes.d .changeset"
)
_STEMS = re.compile(
    r"(?:change[-_]?log|changes|history|news|release[-_]?notes?|releases|licen[cs]e|copying|notice|authors|"
    r"contributors|credits|package-lock|npm-shrinkwrap|pnpm-lock|go)(?:[-._].*)?$",
    re.I,
)
_GO_FILES = frozenset({"go.mod", "go.sum", "go.work"})
_NAMES = re.compile(
    r"\.(?:lock|lockb|min\.\w+|bundle\.\w+|map|snap|svg|csv|tsv|po|pot|ipynb|jsonl|log|patch|diff|orig|rej|bak)$"
    r"|_pb2(?:_grpc)?\.pyi?$|\.pb(?:\.gw)?\.go$|\.g\.(?:dart|cs)$|_generated?\.\w+$|\.gen\.\w+$|lock\.ya?ml$|"
    r"^uv\.lock$|^flake\.lock$",
    re.I,
)
_MARK = re.compile(r"@generated\b|\bDO NOT EDIT\b|\b[Aa]uto-?generated (?:by|from|file|code)\b")
_HEAD = 1_000


@lru_cache(maxsize=4_096)
def untouchable_name(uri: str, folders: tuple[str, ...] = ()) -> bool:
    """Whether a file of this name or folder (below the workspace ``folders``) is left alone."""
    inside = next((uri[len(folder) :] for folder in folders if uri.startswith(folder.rstrip("/") + "/")), uri)
    path = PurePosixPath(inside.rstrip("/"))
    name = path.name
    if name.lower() in _GO_FILES or _NAMES.search(name):
        return True
    stem = _STEMS.match(name)
    if stem and not name.lower().startswith("go") and not _is_code(path.suffix):
        return True
    return any(part.lower() in _FOLDERS for part in path.parts[:-1])


def untouchable(document: Document, folders: tuple[str, ...] = ()) -> bool:
    """Whether the file is history, law, a lock, generated, vendored, minified or too long."""
    text = document.text
    if len(text) > MAX_TEXT or untouchable_name(document.uri, folders):
        return True
    if _MARK.search(text, 0, _HEAD):
        return True
    return len(text) > 20_000 and len(text) > 400 * (text.count("\n") + 1)  # minified


def _is_code(suffix: str) -> bool:
    return suffix.lower() in {
        ".py",
        ".pyi",
        ".js",
        ".ts",
        ".tsx",
        ".jsx",
        ".go",
        ".rs",
        ".c",
        ".h",
        ".java",
        ".lua",
    }
