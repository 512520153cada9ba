"""The rule that anybody would write first, and the agent that follows it: what a play has to be better than.

Two equal replacements of a word by hand, and all of that word that is left in the files edited so far is offered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from proactive_collectors.events import EditBurst, Manner
from proactive_collectors.text import Range, TextEdit, position_at, split_lines
from proactive_collectors.trace import Window
from proactive_inference.agent import Agent
from proactive_inference.embedded import embedded_plays
from proactive_inference.need import Need
from proactive_inference.plays import Moment
from proactive_inference.proposal import Anchor, FileEdit, Proposal

Pair = tuple[str, str]

_WORD = re.compile(r"\w+")


class NaiveRule:
    """Two equal replacements of a word, so all of it that is left in the changed files: a play."""

    name = "naive"

    def propose(self, moment: Moment) -> Sequence[Proposal]:
        """At most one proposal: the newest such pair of words that has anything left."""
        done: dict[Pair, int] = {}
        uris: dict[str, None] = {}
        for event in moment.window.events:
            if not isinstance(event.data, EditBurst) or event.data.manner is Manner.APPLIED:
                continue
            uris[event.where.uri or ""] = None
            for change in event.data.changes:
                for pair in replaced(change.old_text, change.new_text):
                    done[pair] = done.pop(pair, 0) + 1  # the newest last
        for old, new in reversed([pair for pair, count in done.items() if count >= 2]):
            edits = tuple(edit for uri in uris if (edit := _left(old, new, uri, moment)).edits)
            if edits:
                anchor = Anchor(edits[0].uri, edits[0].edits[0].range)
                return (Proposal("naive", f"{old}→{new}", f"Replace {old} with {new}", "", anchor, edits),)
        return ()


class EagerGate:
    """A gate that always sees a need."""

    def need(self, window: Window) -> Need:
        """Help is wanted, whatever happened."""
        return Need(1.0)


def naive_agent() -> Agent:
    """The naive rule under the same policy as the agent that ships."""
    return Agent(EagerGate(), (NaiveRule(),))


def always_agent() -> Agent:
    """The plays that ship, with nothing but the policy to hold them back."""
    return Agent(EagerGate(), embedded_plays())


def replaced(old: str, new: str) -> list[Pair]:
    """The words replaced on lines that otherwise keep their shape."""
    before, after = old.splitlines(), new.splitlines()
    pairs = []
    for was, now in zip(before, after, strict=True) if len(before) == len(after) else ():
        if was != now and _WORD.split(was) == _WORD.split(now):
            words = zip(_WORD.findall(was), _WORD.findall(now), strict=True)
            pairs += [pair for pair in words if _telling(*pair)]
    return pairs


def _telling(old: str, new: str) -> bool:
    return old != new and len(old) >= 3 and any(map(str.isalpha, old)) and any(map(str.isalpha, new))


def _left(old: str, new: str, uri: str, moment: Moment) -> FileEdit:
    document = moment.workspace.document(uri)
    text = document.text if document else ""
    lines = split_lines(text)
    spans = [match.span() for match in re.finditer(rf"\b{re.escape(old)}\b", text)]
    return FileEdit(
        uri, tuple(TextEdit(Range(position_at(lines, a), position_at(lines, b)), new) for a, b in spans)
    )
