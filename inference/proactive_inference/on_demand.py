"""A task that a language model put into a sentence, as a proposal whose edit is written once it is wanted."""

from __future__ import annotations

import hashlib
import re

from proactive_collectors.sentences import clean
from proactive_inference.inquiry import LONGEST_TASK, AdvisedTask
from proactive_inference.proposal import Anchor, Proposal

PLAY = "model"
"""The first part of the ``play`` of what a language model proposes."""

TITLE = 79
"""In characters, as code actions are listed."""

# By the sentence's first verb: to turn one down means to be spared others of its sort.
_SORTS = {
    "fix": "fix correct repair resolve debug handle replace rename",
    "write": "write add create implement complete generate insert extend finish fill draft",
    "run": "run rerun execute install start build commit push check verify test",
    "explain": "explain describe show tell summarize summarise list look search find",
    "improve": "refactor simplify improve clean optimize optimise format rewrite shorten polish",
}
_SORT_OF = {verb: sort for sort, verbs in _SORTS.items() for verb in verbs.split()}
_OPENERS = re.compile(
    r"^(?:(?:i can|i could|let me|shall i|should i|would you like me to|do you want me to|offer to|propose to"
    r"|help(?: you)?(?: to)?|assist(?: you)?(?: in| with)?|suggest to|please|the assistant can)\s+)+",
    re.IGNORECASE,
)


def on_demand(advised: AdvisedTask, anchor: Anchor, newest: int) -> Proposal:
    """The proposal of a task at a place; ``newest`` is the index of the window's last event, on which it rests."""
    task = clean(advised.task, LONGEST_TASK)
    plain = " ".join(re.findall(r"\w+", task.lower()))
    key = hashlib.blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return Proposal(
        play=f"{PLAY}.{sort_of(task)}",
        key=key,
        title=clean(_imperative(task).rstrip(".?!"), TITLE),
        task=task,
        anchor=anchor,
        on_demand=True,
        confidence=advised.acceptance,
        reason=advised.reason,
        evidence=(newest,),
    )


def sort_of(task: str) -> str:
    """``fix``, ``write``, ``run``, ``explain``, ``improve`` or ``other``."""
    first = re.search(r"[A-Za-z]+", _imperative(task))
    verb = first[0].lower() if first else ""
    return _SORT_OF.get(verb) or _SORT_OF.get(verb.removesuffix("ing")) or "other"


def _imperative(task: str) -> str:
    """The sentence without the courtesies before its verb."""
    bare = _OPENERS.sub("", task, count=1)
    return bare[:1].upper() + bare[1:] if bare else task
