"""What gives a text away that wants to be obeyed by a model."""

from __future__ import annotations

from enum import StrEnum


class Sort(StrEnum):
    """What gives a text away."""

    OVERRIDE = "it tells a model to drop its instructions"
    ROLE = "it gives a model another role"
    ADDRESS = "it addresses a model"
    OFFER = "it says what is to be offered or told to the user"
    FORM = "it imitates an answer, a tool call or a turn of a conversation"
    SHELL = "it urges a command that runs what it fetches, or deletes"
    HIDDEN = "it hides words in a code"
