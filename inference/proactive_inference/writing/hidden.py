"""Characters that nobody sees, or that turn the direction of text: they may hide what an edit or command does."""

from __future__ import annotations

import re

from proactive_inference.untrusted.unmasking import hidden_characters

# Lines that no editor counts as such, and halves of characters.
_MORE = re.compile("[\u2028\u2029\ud800-\udfff]")


def hidden(text: str) -> set[str]:
    """Those that are in the text."""
    return hidden_characters(text) | set(_MORE.findall(text))


def without_hidden(text: str) -> str:
    """The text without them."""
    return text.translate(dict.fromkeys(map(ord, hidden(text))))


def plainly_shown(line: str) -> bool:
    """Whether a line looks on a screen like what it is."""
    return line.isprintable() and not hidden(line)
