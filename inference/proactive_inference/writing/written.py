"""What came of a task: an edit, a command or an answer, or the reason why there is none."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

from proactive_collectors.errors import ProactiveError
from proactive_collectors.sentences import clean
from proactive_inference.proposal import FileEdit


@frozen
class WrittenEdit:
    """Edits that were verified against the texts whose digests they carry."""

    edits: tuple[FileEdit, ...]
    summary: str  #: what they do, one line


@frozen
class WrittenCommand:
    """A command to show; it runs only by the user's own action."""

    command: str  #: one line for a shell
    why: str  #: one line


@frozen
class WrittenAnswer:
    """A text to read."""

    title: str  #: one line, plain
    text: str  #: Markdown without HTML, links and images


Written = WrittenEdit | WrittenCommand | WrittenAnswer


class UnwrittenReason(StrEnum):
    """Why nothing was written that could be offered."""

    UNREADABLE = "unreadable"  #: neither edit, command nor answer can be read from what the model said
    CUT_OFF = "cut_off"  #: the answer broke off in an edit or a command
    NOTHING = "nothing"  #: an empty answer, or an edit that changes nothing
    NOT_FOUND = "not_found"  #: the text to replace does not stand where the model was shown
    AMBIGUOUS = "ambiguous"  #: it stands there more than once
    OVERLAPPING = "overlapping"  #: two replacements of one place
    NOT_CONCERNED = "not_concerned"  #: a file that task and events are not about
    NEW_FILE = "new_file"  #: a file to make, move or delete
    OUTSIDE = "outside"  #: a place outside the workspace
    TOO_MUCH = "too_much"  #: more files or lines than one task takes
    DELETES = "deletes"  #: most of a file would be gone
    ELIDED = "elided"  #: "… rest of the code …" in place of the code
    BREAKS_SYNTAX = "breaks_syntax"  #: the file parses worse than before
    REDACTED = "redacted"  #: a secret that was kept from the model would be touched
    HIDDEN = "hidden"  #: invisible characters, or such that turn the direction of text
    STEERING = "steering"  #: a file that makes other programs run something, and is not what the task is about
    CHANGED = "changed"  #: the file was changed while the model wrote
    BAD_COMMAND = "bad_command"  #: more than one line, too long, or not to be shown as it is
    UNSAFE_COMMAND = "unsafe_command"  #: what it does or where it comes from speaks against it
    UNSAFE_TEXT = "unsafe_text"  #: the same of what is to be written or told


@frozen
class Unwritten:
    """Nothing that could be offered."""

    reason: UnwrittenReason
    sentence: str  #: for the user, with the next step


class RefusedError(ProactiveError):
    """What the model wrote cannot be offered; caught inside of this package."""

    def __init__(self, reason: UnwrittenReason, sentence: str) -> None:
        super().__init__(sentence)
        self.unwritten = Unwritten(reason, sentence)


def told(text: str) -> str:
    """A model's or a file's words in a sentence: quoted, short, on one line."""
    return f"'{clean(text, 60)}'"
