"""What can be said of a task at a moment without training: how like what was seen it is, and in which words.

A task is taken when it is about what has just come up: its likeness to the newest event counts, and how much
more that is than its likeness to all that went before. Rows are plain numbers in the order of :data:`NAMES`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_LIKENESS = (
    "task like newest",
    "task like newest three",
    "task like newest five, mean",
    "task like any",
    "task like all, mean",
    "task like newest more than all",
    "task like earlier ones",
    "newest like newest five",
    "newest like earlier ones",
)
_WORDS = (
    "words of task",
    "words of newest",
    "share of task's words in newest",
    "share of task's words in three before",
    "share of task's words in older",
    "share of task's words in none",
    "task's words in newest",
    "capitals in task",
    "quotes in newest",
    "new words of newest",
    "seconds since the event before, log",
    "whole minutes since the event before",
    "events before, log",
)
_EVENT = {
    "search": r"search|quer|look(s|ed)? up",
    "failure": r"error|fail|exception|crash|bug|not found|denied|invalid",
    "scroll": r"scroll",
    "click": r"click",
    "switch": r"switch|return|navigat|back to",
    "type": r"typ(es|ed|ing)|writ|enter",
    "copy": r"copy|copies|copied|paste|cmd|ctrl",
    "open": r"open|launch|new tab",
    "read": r"read|view|brows|review",
    "nothing done": r"without (performing|any)|not perform|no (specific )?action|remain|idle|stay",
    "save": r"sav(e|es|ed)|commit",
    "run": r"run(s|ning)?|execut|test",
    "code": r"code|\.py|\.js|\.java|function|import|print",
    "long quote": r"'[^']{8,}'",
}
"""Sorts of events, by words."""

_TASK = {
    "offer": r"^(offer|suggest|recommend|propose)",
    "provide": r"^(provide|give|show|present)",
    "help": r"^(help|assist|support)",
    "spoken": r"\b(i can|would you|shall|i could)\b",
    "search": r"search|find|look",
    "sum up": r"summar|key points|extract",
    "explain": r"explain|tutorial|guide|understand|learn|explanation",
    "code": r"code|snippet|example|implement",
    "mend": r"debug|fix|error|troubleshoot|resolv|solution",
    "order": r"organi|structure|categor|format|outline|template",
    "open": r"open|navigate|switch|bookmark",
    "more": r"more|additional|other|similar|related|further|alternative",
    "tool": r"tool|extension|plugin|shortcut",
    "check": r"check|test|run|verify|review",
    "write": r"write|draft|create|generate|compile|list",
    "advice": r"tips|best practices|advice|optimi",
    "remind": r"remind|break|schedule|track|save",
    "condition": r" if | in case|need",
}
"""Sorts of tasks, by words."""

NAMES = (
    *_LIKENESS,
    *_WORDS,
    *(f"newest event: {name}" for name in _EVENT),
    *(f"task: {name}" for name in _TASK),
)
"""What each number of a row is."""

_EVENT_PATTERNS = [re.compile(pattern) for pattern in _EVENT.values()]
_TASK_PATTERNS = [re.compile(pattern) for pattern in _TASK.values()]
_STEM = 6  # letters of a word that count: "research" and "researching" are the same
_WORD = re.compile(r"[a-z0-9]+")
_FREQUENT = frozenset(
    _WORD.findall(
        "a about an and any are as at based be by can do does for from here how i if in into is it its like me "
        "more my no not of on or our related s some t that the their them there these they this those to us use "
        "used user users using was what which will with would you your"
    )
)


def likeness_row(
    texts: Sequence[str], seconds: float, task: str | None, vectors: Floats, task_vector: Floats
) -> list[float]:
    """The numbers of one question.

    Args:
        texts: the sentences of the window's events, oldest first; at least one.
        seconds: between the last two events, 0 if there is one.
        task: what is offered; ``None``: silence.
        vectors: (events, dimensions) of the texts, each of length 1.
        task_vector: (dimensions,) of the task, of length 1; zeros for silence.
    """
    return [
        *_likeness(vectors, task_vector),
        *_word_counts(texts, seconds, task or ""),
        *(float(bool(pattern.search(texts[-1].lower()))) for pattern in _EVENT_PATTERNS),
        *(float(bool(pattern.search((task or "").lower()))) for pattern in _TASK_PATTERNS),
    ]


def _likeness(vectors: Floats, task: Floats) -> list[float]:
    import numpy as np

    to_task, to_newest = vectors @ task, vectors @ vectors[-1]
    middle = vectors[-5:].mean(axis=0)
    return [
        float(to_task[-1]),
        float(to_task[-3:].max()),
        float(to_task[-5:].mean()),
        float(to_task.max()),
        float(to_task.mean()),
        float(to_task[-1] - to_task.mean()),
        float(to_task[:-1].max(initial=0.0)),
        float(vectors[-1] @ middle / max(float(np.linalg.norm(middle)), 1e-9)),
        float(to_newest[:-1].max(initial=0.0)),
    ]


def _word_counts(texts: Sequence[str], seconds: float, task: str) -> list[float]:
    of_task, newest = _words(task), _words(texts[-1])
    before = set().union(*map(_words, texts[-4:-1]))
    every = set().union(newest, before, *map(_words, texts[:-4]))
    earlier = set().union(*map(_words, texts[:-1]))
    count = max(1, len(of_task))
    seconds = max(0.0, seconds)
    return [
        float(len(task.split())),
        float(min(60, len(texts[-1].split()))),
        len(of_task & newest) / count,
        len((of_task & before) - newest) / count,
        len((of_task & every) - newest - before) / count,
        len(of_task - every) / count,
        float(len(of_task & newest)),
        sum(word[0].isupper() for word in task.split()[1:]) / count,
        float(texts[-1].count("'")),
        len(newest - earlier) / max(1, len(newest)),
        math.log1p(seconds),
        float(seconds > 59 and seconds % 60 == 0),
        math.log1p(len(texts) - 1),
    ]


def _words(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(text.lower()) if len(word) > 1 and word not in _FREQUENT}
