"""Where the words of a window come from: the person's own hand, elsewhere, or text that addresses a model."""

from __future__ import annotations

from functools import lru_cache

from attrs import frozen

from proactive_collectors.events import EditBurst, Event, Manner, SuggestionEvent, TerminalRun, WebSearched
from proactive_collectors.trace import Window
from proactive_inference.untrusted.defusing import defused, parted, strings
from proactive_inference.untrusted.finding import readings
from proactive_inference.untrusted.unmasking import SENTENCE_END, unmasked, words

_NAMES = frozenset({"commit", "language", "suggestion", "play", "key", "workspace"})


@frozen
class Provenance:
    """The texts of a window by where they come from."""

    own: tuple[str, ...]  #: typed, run or searched for by the person
    elsewhere: tuple[str, ...]  #: messages, names, titles, output, what was pasted
    hostile: tuple[str, ...]  #: what is left out of what a model is told, and what its codes say
    names: tuple[str, ...]  #: of files, tests and symbols
    messages: tuple[str, ...]  #: of failures and diagnostics, and what runs printed, without what is hostile
    commands: tuple[str, ...]  #: that the person ran, oldest first, without what is hostile

    @classmethod
    def of(cls, window: Window) -> Provenance:
        """Sort the texts of a window."""
        return _sorted(window)


@lru_cache(8)  # one window is asked about several answers
def _sorted(window: Window) -> Provenance:
    kept = defused(window)
    own: list[str] = []
    elsewhere: list[str] = []
    hostile: list[str] = []
    names: list[str] = []
    messages: list[str] = []
    commands: list[str] = []
    for event, clean in zip(window.events, kept.events, strict=True):
        for (name, text), (_, left) in zip(strings(event), strings(clean), strict=True):
            if left != text:
                kept_part, gone = parted(text) if "\n" in text else ("", text)
                hostile += readings(gone or text)
                text = kept_part if gone else ""
            if name in _NAMES or not text or isinstance(event.data, SuggestionEvent):
                continue  # what was offered before is neither the user's own nor from elsewhere
            (own if _is_own(event, name) else elsewhere).append(text)
            if name in ("uri", "path", "paths", "test", "symbol", "name"):
                names.append(text)
            elif name in ("message", "output", "hint"):
                messages.append(text)
            elif name == "command" and isinstance(event.data, TerminalRun):
                commands.append(text)
    return Provenance(
        *(tuple(dict.fromkeys(texts)) for texts in (own, elsewhere, hostile, names, messages, commands))
    )


def _is_own(event: Event, name: str) -> bool:
    match event.data:
        case EditBurst(manner=Manner.TYPED):
            return name in ("new_text", "old_text")
        case TerminalRun():
            return name == "command"
        case WebSearched():
            return name == "query"
    return False


@lru_cache(512)
def word_list(text: str) -> tuple[str, ...]:
    """The words of a text, small, names taken apart; ends of sentences do not count."""
    return tuple(word for word in words(unmasked(text)).split() if word != SENTENCE_END)


def longest_run(some: tuple[str, ...], text: str) -> tuple[int, int]:
    """The longest run of words that ``text`` has as well: where it begins in ``some``, and its length."""
    joined = f" {' '.join(word_list(text))} "
    best = (0, 0)
    first = 0
    for start in range(len(some)):
        first = max(first, start)
        while first < len(some) and f" {' '.join(some[start : first + 1])} " in joined:
            first += 1
        if first - start > best[1]:
            best = (start, first - start)
    return best


def first_run(some: tuple[str, ...], text: str) -> int:
    """How many of the first words ``text`` has in a row as well."""
    joined = f" {' '.join(word_list(text))} "
    count = 0
    while count < len(some) and f" {' '.join(some[: count + 1])} " in joined:
        count += 1
    return count
