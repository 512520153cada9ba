"""Whether a text that a model wrote may go into a file: nothing hidden in it, and nobody else's orders."""

from __future__ import annotations

import re

from proactive_collectors.trace import Window
from proactive_inference.untrusted.finding import Sort, suspicious
from proactive_inference.untrusted.forms import SHELL
from proactive_inference.untrusted.phrases import compiled
from proactive_inference.untrusted.provenance import Provenance, longest_run, word_list
from proactive_inference.untrusted.unmasking import hidden_characters, mixed_words

HOSTILE_RUN = 6
"""From how many words in a row on a text repeats one that addresses a model."""

_URL = re.compile(r"\bhttps?://[^\s'\"`<>)\]]+", re.IGNORECASE)


def _newly(new: str, before: str) -> Sort | None:
    """What gives the new text away; of a file that has such text itself, only lines that it did not have count."""
    sort = suspicious(new)
    if sort is None or suspicious(before) is None:
        return sort
    had = set(before.splitlines())
    return next((found for line in new.splitlines() if line not in had and (found := suspicious(line))), None)


def text_refusal(new: str, before: str, window: Window) -> str | None:
    """Why a text must not be written, in a few words; ``None`` if it may.

    Args:
        new: what is to be written: the whole file after the edit, or the part that replaces ``before``.
        before: what stands there now, the whole file or more of it; what it has may stay.
        window: what the model was asked about, as it was observed.
    """
    if hidden := hidden_characters(new) - hidden_characters(before):
        named = ", ".join(f"U+{ord(character):04X}" for character in sorted(hidden)[:3])
        return f"the edit would write characters that do not show ({named})"
    if mixed_words(new) - mixed_words(before):
        return "the edit would write words of look-alike letters"
    if sort := _newly(new, before):
        return f"the edit is suspicious: {sort}"
    for needles, pattern in SHELL:
        if any(needle in new for needle in needles):
            had = {match[0] for match in compiled(pattern).finditer(before)}
            if any(match[0] not in had for match in compiled(pattern).finditer(new)):
                return "the edit would write a command that runs what it fetches, or deletes"
    provenance = Provenance.of(window)
    old = " ".join(word_list(before))
    for text in provenance.hostile:
        for line in new.splitlines():
            said = word_list(line)
            start, count = longest_run(said, text)
            if count >= HOSTILE_RUN and " ".join(said[start : start + count]) not in old:
                return "the edit would write what a text that addresses a model says"
        for url in _URL.findall(text):
            if url in new and url not in before and not any(url in own for own in provenance.own):
                return f"the edit would write an address that was only read: {url[:60]}"
    return None
