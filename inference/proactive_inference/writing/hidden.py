"""Characters that nobody sees, or that turn the direction of text: they may hide what an edit or command does."""

from __future__ import annotations

import re
from collections import Counter

# Controls other than tab, line ends and form feed; soft hyphens; fillers that are letters and look like none;
# zero width; bidirectional marks; separators; lone surrogates; tags. The joiners that emoji and some scripts need
# are not among them.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_JOINERS = re.compile("[\u200c\u200d\ufe00-\ufe0f]")


def without_hidden(text: str) -> str:
    """The text without them."""
    return _HIDDEN.sub("", text)


def brings_hidden(old: str, new: str) -> bool:
    """Whether ``new`` has such characters that ``old`` has not, or more of them."""
    return bool(Counter(_HIDDEN.findall(new)) - Counter(_HIDDEN.findall(old)))


def plainly_shown(line: str) -> bool:
    """Whether a line looks on a screen like what it is."""
    return line.isprintable() and not _HIDDEN.search(line) and not _JOINERS.search(line)
