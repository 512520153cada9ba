"""Configuration blocks taken out of the documentation, so that what is written there is what is tested."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"

_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.S | re.M)
_NAMED = re.compile(r"\S+ (~/\S+)[^\n]*\n(.*)", re.S)


def fenced(page: str, language: str) -> list[str]:
    """The page's blocks of a language."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return [block for of, block in _FENCED.findall(text) if of == language]


def blocks(page: str, language: str) -> dict[str, str]:
    """The page's blocks of a language by the file that the comment in their first line names: ``~/.vimrc``."""
    named = (_NAMED.match(block) for block in fenced(page, language))
    return {found[1]: found[2] for found in named if found}


def write_blocks(page: str, language: str, home: Path, change: tuple[str, str] | None = None) -> None:
    """Write the page's blocks of a language to the files that they name, with ``home`` for the tilde.

    Args:
        page: its file's name.
        language: as named behind the fence.
        home: the user's folder.
        change: what a user might change in a block, and to what; it must be there.
    """
    for name, text in blocks(page, language).items():
        path = home / name.removeprefix("~/")
        path.parent.mkdir(parents=True, exist_ok=True)
        if change:
            assert change[0] in text, f"{page} has no {change[0]!r} in {name}"
            text = text.replace(*change)
        path.write_text(text, encoding="utf-8")
