"""Estimates how many tokens a text has where no tokenizer is at hand: rather too many than too few.

Tokenizers of small models cut finer than those of large ones; the estimate goes by the former: four letters of a
word, each digit, each sign, each byte of another script.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from proactive_inference.models.messages import Message

TURN_TOKENS = 6
"""What the marks of a turn take: who speaks, and where it ends."""

_PIECES = re.compile(r"([A-Za-z]+)|(\s+)|([^\x00-\x7f]+)|[\x00-\x7f]")
_LETTERS = 4


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has, at most."""
    total = 0
    for word, blank, foreign in _PIECES.findall(text):
        if word:
            total += -(-len(word) // _LETTERS)
        elif foreign:
            total += len(foreign.encode(errors="replace"))
        elif blank:
            total += blank not in (" ", "\n")  # a single one belongs to the word after it
        else:
            total += 1
    return total


def estimated_prompt_tokens(messages: Iterable[Message]) -> int:
    """About how many tokens a question has, at most."""
    return TURN_TOKENS + sum(TURN_TOKENS + estimated_tokens(message.content) for message in messages)
