"""How a JSON text was written, found out by trying, so that the same values can be written the same way again.

The published files are what Python's ``json.dumps`` makes of them: one row a line, or an array with
an indentation.
"""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import orjson
from attrs import asdict, frozen


@frozen
class JsonStyle:
    """The arguments of ``json.dumps``, and what stands around its text."""

    ensure_ascii: bool = False
    indent: int | None = None
    compact: bool = False  #: no blank after ``,`` and ``:``
    newline: str = "\n"  #: at the ends of lines
    end: str = "\n"  #: after the last line
    bom: bool = False  #: whether the file begins with a byte order mark

    def dumps(self, value: Any) -> str:
        """The text of a value, without what stands around it."""
        separators = (",", ":" if self.indent is None else ": ") if self.compact or self.indent else None
        text = json.dumps(value, ensure_ascii=self.ensure_ascii, indent=self.indent, separators=separators)
        return text if self.newline == "\n" else text.replace("\n", self.newline)

    def to_json(self) -> str:
        """Itself, as JSON."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def from_json(cls, text: str) -> JsonStyle:
        """Read what :meth:`to_json` gave; the default for what is not that."""
        try:
            return cls(**orjson.loads(text))
        except (ValueError, TypeError):
            return cls()


LINE_STYLES = tuple(
    JsonStyle(ensure_ascii=ascii, compact=compact) for compact, ascii in product((False, True), (False, True))
)
"""How one line may be written; the published way first."""


def style_of_line(text: str, value: Any) -> JsonStyle | None:
    """The style in which ``value`` gives ``text``; ``None`` if there is none."""
    return next((style for style in LINE_STYLES if _gives(style, value, text)), None)


def style_of_file(text: str, value: Any, *, bom: bool = False) -> JsonStyle | None:
    """The style in which ``value`` gives the whole ``text`` of a file; ``None`` if there is none."""
    body = text.rstrip("\r\n")
    newline = "\r\n" if "\r\n" in body else "\n"
    shapes = [(indent, False) for indent in (4, 2, 1)] + [(None, False), (None, True)]
    for (indent, compact), ascii in product(shapes, (False, True)):
        style = JsonStyle(ascii, indent, compact, newline, text[len(body) :], bom)
        if _gives(style, value, body):
            return style
    return None


def _gives(style: JsonStyle, value: Any, text: str) -> bool:
    try:
        return style.dumps(value) == text
    except (ValueError, RecursionError):
        return False
