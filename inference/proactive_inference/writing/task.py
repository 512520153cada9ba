"""What is to be written, and within which bounds."""

from __future__ import annotations

from attrs import frozen

from proactive_collectors.trace import Window
from proactive_inference.models.quoting import MOST_EVENTS
from proactive_inference.proposal import Proposal
from proactive_inference.untrusted.command_check import LONGEST


@frozen
class WritingTask:
    """A proposal that the user wants, and what had happened before it was made."""

    proposal: Proposal
    window: Window


@frozen
class WritingSettings:
    """How much a model is told, and how much it may change."""

    most_events: int = MOST_EVENTS  #: how many events are told, the last ones
    most_files: int = 4  #: how many files are shown
    most_characters: int = 16_000  #: of files, all together; fewer where the model says that it takes less
    most_tokens: int = 1024  #: of one answer
    answers: int = 1  #: how many are drawn at once; the first that can be verified counts
    retries: int = 1  #: how often the model is told what was wrong with its answer, and asked again
    most_changed_files: int = 3
    most_changed_lines: int = 120  #: taken away and added, in all files
    most_replaced_share: float = 0.7  #: of a file's lines, where it has more than `short_file` of them
    most_removed_share: float = 0.5  #: of a file's lines that nothing stands for afterwards
    short_file: int = 20  #: lines of a file that may be replaced altogether, but not deleted
    longest_command: int = LONGEST  #: characters
    longest_answer: int = 8_000  #: characters of an answer's text
