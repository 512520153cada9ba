"""Puts what was observed into a prompt, as JSON out of which no text can break.

What people type, what terminals print and what pages are called is untrusted: it may imitate the marks by which a
chat template begins a turn (``<|im_start|>``, ``</s>``, ``[INST]``), which a tokenizer would take for real ones.
JSON's own escapes keep such text readable and harmless.
"""

from __future__ import annotations

import json
import re
from typing import Any

from proactive_collectors.sentences import clean, sentence
from proactive_collectors.trace import Window
from proactive_inference.untrusted import LEFT_OUT, defused, suspicious

MOST_EVENTS = 16
"""How many events of a window are told to a language model, the last ones."""

# The marks of turns begin with "<" and a sign or a letter, or stand in brackets in capitals.
_MARK = re.compile(r"<(?=[|｜/_A-Za-z])|\[(?=/?[A-Z_]{3,}\])")


def quoted(value: Any) -> str:
    """The value as JSON on one line; what looks like a mark of a turn is escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return _MARK.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def observations(
    window: Window, most_events: int = MOST_EVENTS, longest: int | None = None
) -> list[dict[str, str]]:
    """The last ``most_events`` events, oldest first: ``Time`` (hours, minutes, seconds; UTC) and ``Event``.

    Sentences of more than ``longest`` characters are shortened in the middle.

    A window reaches less than an hour back, so that the day says nothing and would cost a small model's attention.
    What addresses a model is left out (:mod:`proactive_inference.untrusted`).
    """
    chosen = defused(Window(window.events[-most_events:] if most_events > 0 else ()))
    return [{"Time": f"{event.time:%H:%M:%S}", "Event": _told(sentence(event), longest)} for event in chosen]


def _told(text: str, longest: int | None) -> str:
    """A sentence, unless its parts make one that addresses a model."""
    if suspicious(text, command=True):
        text = f"Something happened: {LEFT_OUT}."
    if longest is None or len(text) <= longest:
        return text
    shortened = clean(text, longest)  # whose ends may make another one
    return f"Something happened: {LEFT_OUT}."[:longest] if suspicious(shortened, command=True) else shortened
