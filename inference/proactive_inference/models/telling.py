"""Tells an answer's text while it is written: only what is new, and only whole characters."""

from __future__ import annotations

from collections.abc import Callable

_NOT_WHOLE = "\ufffd"
"""What stands for a character of which some bytes are missing."""


class Teller:
    """Turns the growing text of one answer into pieces; together they are the text."""

    def __init__(self, told: Callable[[str], None]) -> None:
        self._tell = told
        self._told = ""

    def upto(self, text: str, *, whole: bool = False) -> None:
        """Tell what is new in the text so far, without its last character if that may still change.

        Once a text does not begin with what was told, nothing more is told.
        """
        if not whole:
            text = text.rstrip(_NOT_WHOLE)
        if len(text) > len(self._told) and text.startswith(self._told):
            piece, self._told = text[len(self._told) :], text
            self._tell(piece)
