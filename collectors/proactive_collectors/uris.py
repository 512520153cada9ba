"""Between file URIs and paths."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit


def to_path(uri: str) -> Path | None:
    """The path of a ``file:`` URI; ``None`` for any other scheme or a remote host."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        return None
    path = unquote(parts.path)
    if os.name == "nt" and len(path) > 2 and path[0] == "/" and path[2] == ":":
        path = path[1:]
    return Path(path) if path and "\0" not in path else None


def to_uri(path: str | os.PathLike[str]) -> str:
    """The ``file:`` URI of an absolute path."""
    posix = Path(path).as_posix()
    return "file://" + quote(posix if posix.startswith("/") else "/" + posix, safe="/~@:+,=!$&'()*;")


def canonical(uri: str) -> str:
    """One spelling for a file URI: editors escape differently (``%3A``, ``%40``) and send the same file."""
    path = to_path(uri)
    return uri if path is None else to_uri(path)


def folder_uri(text: str) -> str:
    """The URI of a folder that a person named, by its path or as a URI."""
    return canonical(text) if "://" in text else to_uri(Path(text).expanduser().resolve())


def name(uri: str) -> str:
    """The last part of a URI, for people."""
    return unquote(uri.rstrip("/").rsplit("/", 1)[-1])
